"""The first sign-in: a new key, passphrase, authenticator and recovery codes; what the set-up passphrase opened ends.

What is new is made once and kept, sealed, in the session, so that reloading the page shows the same. Nothing of it
holds until the person has typed the passphrase and a code back.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff import factors
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import Role, needs_key
from admin.staff.vault import Vault
from crypto import opening, passphrase
from crypto.keys import InnerKey, PublicKey, Purpose, generate_inner, inner_from_seed
from portal.directory.keys import publish_key, retire_key
from portal.directory.models import SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.ledger.book import append
from portal.ledger.events import GrantMade, StaffChanged
from portal.signin import totp


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person is shown once."""

    seed: bytes = field(repr=False)
    passphrase: str = field(repr=False)
    totp_secret: bytes = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)

    def to_bytes(self) -> bytes:
        """For the sealed session."""
        values = [base64.b64encode(self.seed).decode(), self.passphrase, totp.as_text(self.totp_secret), self.codes]
        return json.dumps(values).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Enrolment:
        seed, words, secret, codes = json.loads(data)
        return cls(base64.b64decode(seed), words, base64.b32decode(secret), tuple(codes))

    @property
    def public(self) -> PublicKey:
        """The public half of the new key: its fingerprint is what a colleague compares by voice."""
        with inner_from_seed(Purpose.STAFF, self.seed) as key:
            return key.public


def begin() -> Enrolment:
    """Make everything new."""
    with generate_inner(Purpose.STAFF) as key:
        return Enrolment(key.seed, passphrase.generate(), totp.new_secret(), tuple(factors.new_codes()))


def check_typed_back(enrolment: Enrolment, words: str, code: str, now: Utc) -> int:
    """The time step of the code, once passphrase and code were typed back right. Raises Refused otherwise."""
    if " ".join(words.lower().split()) != enrolment.passphrase:
        raise Refused("passphrase_not_kept", "您输入的口令和上面的新口令不一样。请照着抄下来的口令再输入一次。")
    step = totp.matching_step(enrolment.totp_secret, code, now, None)
    if step is None:
        raise Refused("code_not_right", "验证码不对。请用验证器扫描二维码，输入它现在显示的六位数字。")
    return step


def finish(
    session: Session,
    staff: Staff,
    old_seed: bytes,
    enrolment: Enrolment,
    locked: bytes,
    step: int,
    actor: Actor,
    now: Utc,
) -> None:
    """Put the new key in force, pass on what the old one was granted, and forget the old one.

    ``locked``: the new seed under the new passphrase, made before the transaction. Raises Refused when somebody else
    finished first.
    """
    if not staff.must_change:
        raise Refused("already_enrolled", "这个账号已经设置好了，请用新口令登录。")
    with inner_from_seed(Purpose.STAFF, old_seed) as old, inner_from_seed(Purpose.STAFF, enrolment.seed) as new:
        generations = session.scalars(select(SealingKey.generation).where(SealingKey.owner_id == staff.id)).all()
        publish_key(session, staff.id, new.public, actor, now, max(generations, default=0) + 1)
        session.flush()
        _pass_on(session, staff, old, new.public, actor, now)
    retired = session.get(SealingKey, staff.key_id) if staff.key_id else None
    if retired is not None and retired.retired_on is None:
        retire_key(session, retired, actor, now)
    staff.key_id = enrolment.public.key_id
    staff.locked_seed, staff.must_change = locked, False
    staff.totp_locked = factors.lock_totp(enrolment.totp_secret, enrolment.seed, staff.id)
    staff.last_totp_step = step
    factors.store_codes(session, staff.id, enrolment.seed, list(enrolment.codes))
    append(session, StaffChanged(str(staff.id), "enrolled"), actor, now)
    activate_if_ready(session, staff, actor, now)


def change_passphrase(session: Session, staff: Staff, locked: bytes, actor: Actor, now: Utc) -> None:
    """The same key under another passphrase. Refused when the account was reset or closed meanwhile: a session that is
    about to end must not bring back what it opened."""
    if staff.must_change or staff.state == "left":
        raise Refused("was_reset", "这个账号刚刚被重新设置或者停用，新口令没有生效。请联系系统管理员。")
    staff.locked_seed = locked
    append(session, StaffChanged(str(staff.id), "passphrase-changed"), actor, now)


def activate_if_ready(session: Session, staff: Staff, actor: Actor, now: Utc) -> None:
    """Active: enrolled, and either no role needs a key or some key has been granted."""
    if staff.state != "pending" or staff.must_change:
        return
    roles = session.scalars(select(StaffRole.role).where(StaffRole.staff_id == staff.id))
    granted = session.scalar(
        select(KeyGrant.id).where(KeyGrant.staff_id == staff.id, KeyGrant.holder_key_id == staff.key_id).limit(1)
    )
    if granted is not None or not needs_key(Role(one) for one in roles):
        staff.state = "active"
        append(session, StaffChanged(str(staff.id), "activated"), actor, now)


def _pass_on(session: Session, staff: Staff, old: InnerKey, to: PublicKey, actor: Actor, now: Utc) -> None:
    """Re-seal every grant of the old key to the new one and delete the old grants."""
    rows = session.execute(
        select(KeyGrant, SealingKey)
        .join(SealingKey, SealingKey.id == KeyGrant.key_id)
        .where(KeyGrant.staff_id == staff.id, KeyGrant.holder_key_id == old.public.key_id)
    ).all()
    for grant, key in rows:
        public = PublicKey(Purpose(key.purpose), key.public)
        record = key.owner_id.bytes
        with opening.open_grant(grant.sealed, old, public, record) as granted:
            sealed = opening.seal_grant(granted, to, record)
        session.delete(grant)
        session.add(
            KeyGrant(
                key_id=key.id,
                holder_key_id=to.key_id,
                staff_id=staff.id,
                sealed=sealed,
                made_on=day_of(now),
                made_by=staff.id,
            )
        )
        append(session, GrantMade(key.id.hex(), str(staff.id), key.purpose), actor, now)


def relock(vault: Vault, seed: bytes) -> tuple[str, bytes]:
    """A fresh passphrase and the seed under it."""
    words = passphrase.generate()
    return words, vault.lock(seed, words)
