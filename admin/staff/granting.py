"""Passing an office's key to a colleague: what ends the waiting of a new account. Only a holder of the key can."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.enrolling import activate_if_ready
from admin.staff.membership import count_members
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.queries import colleagues
from admin.staff.roles import KEYED, Permission
from crypto import opening
from crypto.keys import InnerKey, PublicKey, Purpose
from portal.directory.keys import proven_keys
from portal.directory.models import SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import GrantMade
from portal.ledger.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class Waiting:
    """A colleague without the key of an office where they have a role. ``fingerprint`` is "" until they enrolled."""

    staff_id: Id
    name: str
    office: Id
    fingerprint: str


def waiting_for(session: Session, offices: list[Id]) -> list[Waiting]:
    """Who waits for the key of one of *offices*."""
    found = []
    for colleague in colleagues(session, offices):
        staff = colleague.staff
        if staff.state == "left":
            continue
        key = session.get(SealingKey, staff.key_id) if staff.key_id and not staff.must_change else None
        shown = PublicKey(Purpose.STAFF, key.public).fingerprint if key else ""
        found += [Waiting(staff.id, staff.name, office, shown) for office in colleague.lacking() if office in offices]
    return found


def grant_office_key(
    session: Session,
    staff: Staff,
    office: Id,
    office_key: InnerKey,
    fingerprint: str,
    vkey: str,
    actor: Actor,
    now: Utc,
) -> None:
    """Seal the office's key to a colleague's key, whose *fingerprint* the two have compared by voice.

    Raises Refused when the colleague's key is not the one that was shown, or not yet under a checkpoint.
    """
    actor.must(Permission.GRANT_KEY, office)
    role = session.scalar(
        select(StaffRole.id).where(
            StaffRole.staff_id == staff.id, StaffRole.office_id == office, StaffRole.role.in_([r.value for r in KEYED])
        )
    )
    if role is None or staff.state == "left" or staff.must_change or staff.id == actor.id:
        raise NotFound("nobody_waits", "没有等待授予的同事。")
    proven = proven_keys(session, "staff", [staff.id], vkey).get(staff.id)
    if proven is None or proven[0].id != staff.key_id:
        raise Refused("key_not_proven", "这位同事的密钥还没有记入记录簿的检查点。请过一会儿再试。")
    if proven[1].fingerprint != fingerprint:
        raise Refused("fingerprint_changed", "指纹和刚才显示的不一样。请重新核对，不要继续。")
    add_grant(session, office_key, office, proven[1], staff, actor, now)
    count_members(session, [office])
    activate_if_ready(session, staff, actor, now)


def add_grant(
    session: Session, key: InnerKey, owner: Id, to: PublicKey, staff: Staff | None, actor: Actor, now: Utc
) -> None:
    """Seal the key of an office or seat to a person's key, or (``staff`` None) to a key on paper. Once is enough."""
    key_id = key.public.key_id
    there = select(KeyGrant.id).where(KeyGrant.key_id == key_id, KeyGrant.holder_key_id == to.key_id)
    if session.scalar(there) is not None:
        return
    session.add(
        KeyGrant(
            key_id=key_id,
            holder_key_id=to.key_id,
            staff_id=staff.id if staff else None,
            sealed=opening.seal_grant(key, to, owner.bytes),
            made_on=day_of(now),
            made_by=actor.id,
        )
    )
    append(session, GrantMade(key_id.hex(), str(staff.id) if staff else "paper", key.purpose.value), actor, now)


def granted(session: Session, key_id: bytes) -> frozenset[str]:
    """To whom a key was granted, as the book says: ids of staff, and "paper"."""
    entries = select(LedgerEntry.payload).where(LedgerEntry.kind == GrantMade.kind, LedgerEntry.subject == key_id.hex())
    return frozenset(json.loads(payload)["event"]["staff"] for payload in session.scalars(entries))
