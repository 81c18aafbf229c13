"""Registering whom to pay: the one moment at which a payee is in clear, in the memory of one request.

Needs public keys only, so that the public process can do it; nothing it writes here can it read back.
"""

from __future__ import annotations

import hashlib

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.actors import REPORTER, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.rows import insert_rows, new
from portal.kernel.shred import create_shred_key
from portal.kernel.site import site
from portal.kernel.values import Fen, Id, new_id
from portal.ledger.book import append
from portal.payments.events import PayeeSealed
from portal.payments.models import PayeeRecord, PayeeShare, Payment
from portal.payments.rules import checked_payee
from portal.payments.sealing import binding, seal_payee
from portal.payments.values import Payee, PaymentState, new_payment_number
from portal.routing.choose import Directory, directory
from portal.routing.rules import board_of, superiors_of
from portal.routing.values import BoardInfo


def register(
    session: Session,
    claim_id: Id,
    office_id: Id,
    year: int,
    amount_fen: Fen,
    payee: Payee,
    now: Utc,
    actor: Actor = REPORTER,
) -> Payment:
    """Seal *payee* to the payer's payment board and make the payment, which waits for a batch.

    ``office_id`` pays *amount_fen* (fen, above 0) out of its budget of *year*. The payment is returned as it was
    written; the session does not know it. Raises Refused for what :func:`portal.payments.rules.checked_payee` refuses,
    "payment_amount", or "payee_there" when the claim has a payment that waits, is under way or paid; Unavailable
    ("no_payment_board") when no board of the payer, its superiors or the site could open it. Nothing is stored then.
    """
    checked = checked_payee(payee, day_of(now))
    if amount_fen <= 0:
        raise Refused("payment_amount", "没有可以支付的金额。")
    known = directory(session, now, site().checkpoint_vkey)
    board = payment_board(known, office_id)
    payment = Payment(
        id=new_id(),
        number=new_payment_number(),
        claim_id=claim_id,
        office_id=office_id,
        board_id=board.id,
        year=year,
        amount_fen=amount_fen,
        state=PaymentState.SEALED.value,
        made_on=day_of(now),
    )
    _seal(session, payment, checked, known, board, actor, now)
    return payment


def payment_board(known: Directory, office: Id) -> BoardInfo:
    """:func:`board_in_reach`. Raises Unavailable ("no_payment_board") when there is none."""
    found = board_in_reach(known, office)
    if found is None:
        raise Unavailable(
            "no_payment_board", "现在还不能登记收款信息：付款保管组没有准备好。什么也没有存下，请过几天再来。"
        )
    return found


def board_in_reach(known: Directory, office: Id) -> BoardInfo | None:
    """The board that keeps the payees of an office: its own, else the nearest superior's, else the site's."""
    if office not in known.offices:
        return None
    near = {office, *superiors_of(office, known.offices), None}
    return board_of(office, known.offices, [one for one in known.payment_boards.values() if one.office_id in near])


def _seal(
    session: Session, payment: Payment, payee: Payee, known: Directory, board: BoardInfo, actor: Actor, now: Utc
) -> None:
    """Write payment, sealed payee and shares, and bind them in the book."""
    seats = known.board_seats(board.id)
    shred_key = create_shred_key(payment.id, day_of(now))
    sealed = seal_payee(payee, [public for _, public in seats], board.k, payment.id.bytes, shred_key)
    try:
        with session.begin_nested():
            insert_rows(session, payment)
    except IntegrityError as error:
        raise Refused("payee_there", "这笔奖励已经登记过收款信息，不能再登记一次。") from error
    insert_rows(
        session,
        new(PayeeRecord, payment_id=payment.id, k=board.k, sealed=sealed.body),
        *(
            new(
                PayeeShare,
                id=new_id(),
                payment_id=payment.id,
                seat_id=seat,
                key_id=share.seat,
                position=share.index,
                sealed=share.sealed,
                digest=share.digest,
            )
            for (seat, _), share in zip(seats, sealed.shares, strict=True)
        ),
    )
    digests = tuple(share.digest.hex() for share in sealed.shares)
    body = hashlib.sha256(sealed.body).hexdigest()
    append(session, PayeeSealed(binding(payment), str(board.id), body, digests), actor, now)
