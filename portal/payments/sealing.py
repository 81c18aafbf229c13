"""How a payee is sealed to a payment board, and what binds a payment to its entry in the book.

The payee's key is random, split over the seats, and mixed with a shred key of its own: with either gone nothing opens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from crypto.errors import Malformed
from crypto.keys import PublicKey
from crypto.sealing import QuorumSealed, seal_for_quorum
from portal.kernel.errors import Refused
from portal.ledger.events import canonical
from portal.payments.batch_models import PaymentBatch
from portal.payments.models import Payment
from portal.payments.values import Payee

PAYEE = "payee"


def seal_payee(payee: Payee, seats: Sequence[PublicKey], k: int, payment: bytes, shred_key: bytes) -> QuorumSealed:
    """Whom to pay, so that k seats must act together. Exactly 1 KiB, whoever it is."""
    try:
        return seal_for_quorum(payee.to_json().encode(), seats, k, PAYEE, payment, shred_key)
    except Malformed as error:
        raise Refused("payee_too_long", "姓名和开户银行合起来太长，请写短一些。") from error


def binding(payment: Payment) -> str:
    """160 bits of SHA-256, in hex, of what a payment says: what its entry in the book is found by, from the row alone.

    The random ids keep it from being guessed; a row that was altered has none that stands in the book.
    """
    said = {
        "payment": str(payment.id),
        "number": payment.number,
        "claim": str(payment.claim_id),
        "office": payment.office_id.hex,
        "board": payment.board_id.hex,
        "year": payment.year,
        "amount_fen": payment.amount_fen,
    }
    return hashlib.sha256(canonical(said)).hexdigest()[:40]


def content_of(batch: PaymentBatch, rows: Sequence[tuple[Payment, bytes]]) -> str:
    """SHA-256, in hex, of what a release of *batch* lets go: each payment with the sealed payee, by number."""
    said = {
        "batch": str(batch.id),
        "number": batch.number,
        "office": batch.office_id.hex,
        "board": batch.board_id.hex,
        "payments": [
            [binding(payment), hashlib.sha256(sealed).hexdigest()]
            for payment, sealed in sorted(rows, key=lambda row: row[0].number)
        ],
    }
    return hashlib.sha256(canonical(said)).hexdigest()
