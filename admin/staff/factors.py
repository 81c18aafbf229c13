"""The second factor: one-time codes, passkeys, and recovery codes for the day the telephone is lost.

Both are under the person's own key: the database alone tells neither the TOTP secret nor whether a guessed recovery
code is right.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from admin.staff.models import RecoveryCode, Staff
from admin.staff.passkeys import take_passkey
from crypto import own
from crypto.errors import CryptoError
from crypto.sealing import Padding, derive, seal
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id
from portal.signin import totp
from portal.signin.passkeys import Answer, RelyingParty

PURPOSE = "totp"
CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


@dataclass(slots=True)
class Given:
    """What somebody gave as second factor: a code as typed, or the answer of a passkey to a fresh challenge.

    ``answer`` None with ``by_passkey``: it could not be read, or was no answer to a question of ours.
    """

    code: str = field(repr=False)
    party: RelyingParty | None = None
    by_passkey: bool = False
    answer: Answer | None = field(default=None, repr=False)


def take_given(session: Session, staff: Staff, seed: bytes, given: Given, now: Utc) -> bool:
    """Whether *given* is a second factor of this person, who is locked; it is used up by this."""
    if not given.by_passkey:
        return take_second_factor(session, staff, seed, given.code, now)
    if given.answer is None or given.party is None:
        return False
    return take_passkey(session, staff, seed, given.party, given.answer, now)


def new_codes() -> list[str]:
    """Ten recovery codes of 15 letters and digits (73 bits), in groups of five."""
    drawn = ["".join(secrets.choice(_ALPHABET) for _ in range(15)) for _ in range(CODES)]
    return [f"{one[:5]}-{one[5:10]}-{one[10:]}" for one in drawn]


def lock_totp(secret: bytes, seed: bytes, staff_id: Id) -> bytes:
    """The TOTP secret sealed under the person's seed."""
    return seal(secret, derive(seed, b"", PURPOSE, staff_id.bytes), PURPOSE, staff_id.bytes, Padding.FILE)


def store_codes(session: Session, staff_id: Id, seed: bytes, codes: list[str]) -> None:
    """Replace the person's recovery codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, digest=_digest(seed, staff_id, code)) for code in codes)


def codes_left(session: Session, staff_id: Id) -> int:
    """How many recovery codes are unused."""
    rows = session.scalars(
        select(RecoveryCode.id).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_on.is_(None))
    )
    return len(rows.all())


def take_second_factor(session: Session, staff: Staff, seed: bytes, typed: str, now: Utc) -> bool:
    """Whether *typed* is a one-time code not used before, or an unused recovery code; it is used up by this."""
    if staff.totp_locked is None:
        return False
    try:
        key = derive(seed, b"", PURPOSE, staff.id.bytes)
        secret = own.open_sealed(staff.totp_locked, key, PURPOSE, staff.id.bytes)
    except CryptoError:
        return False
    step = totp.matching_step(secret, typed, now, staff.last_totp_step)
    if step is not None:
        return _use_step(session, staff.id, step)
    return _use_code(session, staff.id, seed, typed, now)


def _use_step(session: Session, staff_id: Id, step: int) -> bool:
    """Move the last step on; False when another request was faster with the same code."""
    done: CursorResult[tuple[()]] = session.execute(  # type: ignore[assignment]  # an UPDATE gives a cursor result
        update(Staff)
        .where(Staff.id == staff_id, or_(Staff.last_totp_step.is_(None), Staff.last_totp_step < step))
        .values(last_totp_step=step)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount == 1


def _use_code(session: Session, staff_id: Id, seed: bytes, typed: str, now: Utc) -> bool:
    done: CursorResult[tuple[()]] = session.execute(  # type: ignore[assignment]  # as above
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.digest == _digest(seed, staff_id, typed),
            RecoveryCode.used_on.is_(None),
        )
        .values(used_on=day_of(now))
        .execution_options(synchronize_session=False)
    )
    return done.rowcount == 1


def _digest(seed: bytes, staff_id: Id, code: str) -> bytes:
    plain = "".join(c for c in unicodedata.normalize("NFKC", code[:64]).lower() if c.isalnum())
    key = derive(seed, b"", "recovery-code", staff_id.bytes)
    return hmac.digest(key, plain.encode(errors="replace"), hashlib.sha256)
