"""Passkeys of staff: a second factor that neither a copied page nor somebody on the telephone can ask for.

A row counts only with its proof, which is keyed with the person's seed: whoever writes a row into the database has not
given anybody a passkey.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from admin.staff.models import Passkey, Staff
from crypto.sealing import derive
from portal.kernel.actors import Actor, ActorKind
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import StaffChanged
from portal.signin.challenges import Ceremony, use_challenge
from portal.signin.passkeys import Answer, BadPasskey, Registered, RelyingParty, read_answer, signed, went_back

MOST = 10
"""Passkeys a person: more is a sign that something is wrong."""
NAME_LIMIT = 40


def passkeys_of(session: Session, staff_id: Id) -> Sequence[Passkey]:
    """The person's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.made_on, Passkey.id)
    return session.scalars(query).all()


def usable(session: Session, staff_id: Id) -> list[bytes]:
    """The credential ids that a step-up may ask for."""
    return [one.credential_id for one in passkeys_of(session, staff_id) if one.stopped_on is None]


def add_passkey(
    session: Session, staff: Staff, seed: bytes, made: Registered, name: str, actor: Actor, now: Utc
) -> Passkey:
    """Take a passkey that the person's device has just made. Raises Refused: too many, no name, or made before."""
    shown = " ".join(name.split())[:NAME_LIMIT]
    if not shown:
        raise Refused("no_passkey_name", "请给通行密钥起个名字，比如“办公室电脑”。")
    held = session.scalar(select(func.count()).where(Passkey.staff_id == staff.id)) or 0
    if held >= MOST:
        raise Refused("too_many_passkeys", f"最多登记 {MOST} 个通行密钥。请先删除不用的。")
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise Refused("passkey_known", "这个通行密钥已经登记过了。")
    row = Passkey(
        staff_id=staff.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        proof=_proof(seed, staff.id, made.credential_id, made.public_key),
        sign_count=made.sign_count,
        name=shown,
        made_on=day_of(now),
    )
    session.add(row)
    said = mark(row.credential_id, row.public_key)
    append(session, StaffChanged(str(staff.id), "passkey-added", role=said), actor, now)
    return row


def find_passkey(session: Session, staff_id: Id, passkey_id: Id) -> Passkey:
    """One of the person's own; NotFound otherwise."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.staff_id != staff_id:
        raise NotFound("no_passkey", "没有这个通行密钥。")
    return row


def remove_passkey(session: Session, staff_id: Id, passkey_id: Id, actor: Actor, now: Utc) -> None:
    """Take a passkey of the person's own back, at once. Raises NotFound."""
    row = find_passkey(session, staff_id, passkey_id)
    said = mark(row.credential_id, row.public_key)
    session.delete(row)
    append(session, StaffChanged(str(staff_id), "passkey-removed", role=said), actor, now)


def mark(credential_id: bytes, public_key: bytes) -> str:
    """SHA-256, in hex, by which the book knows a passkey: a row that was written by hand is missed there."""
    return hashlib.sha256(_framed(credential_id) + public_key).hexdigest()


def forget_passkeys(session: Session, staff_id: Id) -> None:
    """With the seed that proved them they all end (a reset, a departure)."""
    session.execute(delete(Passkey).where(Passkey.staff_id == staff_id))


def fresh_answer(store: Session, text: str, ceremony: Ceremony, bound: bytes, now: Utc) -> Answer | None:
    """The answer of a browser, if its challenge was given for this and is used up by it; None otherwise.

    ``store``: a session of the session store; commit it whatever comes of the answer.
    """
    try:
        answer = read_answer(text)
    except BadPasskey:
        return None
    return answer if use_challenge(store, answer.challenge, ceremony, bound, now) else None


def take_passkey(session: Session, staff: Staff, seed: bytes, party: RelyingParty, answer: Answer, now: Utc) -> bool:
    """Whether *answer* is of a passkey of this person. The caller has used up its challenge and locked the person.

    A count that went back stops the passkey and is recorded: the caller must let this transaction end well.
    """
    row = session.scalar(select(Passkey).where(Passkey.credential_id == answer.credential_id))
    if row is None or row.staff_id != staff.id or row.stopped_on is not None:
        return False
    if answer.user and answer.user != staff.id.bytes:
        return False
    if not hmac.compare_digest(row.proof, _proof(seed, staff.id, row.credential_id, row.public_key)):
        return False
    try:
        count = signed(party, answer, row.public_key)
    except BadPasskey:
        return False
    if went_back(count, row.sign_count):
        row.stopped_on = day_of(now)
        append(session, StaffChanged(str(staff.id), "passkey-copied"), Actor(ActorKind.STAFF, staff.id), now)
        return False
    row.sign_count, row.last_used_on = count, day_of(now)
    return True


def _proof(seed: bytes, staff_id: Id, credential_id: bytes, public_key: bytes) -> bytes:
    key = derive(seed, b"", "passkey", staff_id.bytes)
    return hmac.digest(key, _framed(credential_id) + public_key, hashlib.sha256)


def _framed(credential_id: bytes) -> bytes:
    return len(credential_id).to_bytes(4, "big") + credential_id
