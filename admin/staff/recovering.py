"""From paper back to people, for the day nobody can open an office's key; and new sheets before the old are lost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.staff.enrolling import activate_if_ready
from admin.staff.founding import Paper, new_paper
from admin.staff.granting import add_grant
from admin.staff.membership import count_members
from admin.staff.models import KeyGrant, Staff, StaffRole
from admin.staff.roles import KEYED
from crypto import opening, recovery
from crypto.keys import InnerKey, PublicKey, Purpose, inner_from_seed, scrub
from portal.directory.keys import proven_keys, publish_key
from portal.directory.models import CustodyBoard, Office, SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import NotFound, Refused
from portal.kernel.site import site
from portal.kernel.values import Id


def ceremony(session: Session, owner: Office | CustodyBoard, actor: Actor, now: Utc) -> Paper:
    """New sheets for an office or board: the public half is published, the words are in what is returned, once.

    Keys are sealed to the new sheets from the next change of the office's or seat's key on; until then the old sheets
    are the ones that open, and must be kept.
    """
    purpose = Purpose.OFFICE_RECOVERY if isinstance(owner, Office) else Purpose.BOARD_RECOVERY
    highest = session.scalar(
        select(func.max(SealingKey.generation)).where(
            SealingKey.owner_id == owner.id, SealingKey.purpose == purpose.value
        )
    )
    paper = new_paper(owner.name, purpose)
    publish_key(session, owner.id, paper.public, actor, now, (highest or 0) + 1)
    return paper


def recover_office(
    session: Session, office: Office, sheets: Sequence[str], staff: Staff, actor: Actor, now: Utc
) -> int:
    """Grant the office's keys to *staff* out of what was sealed to the sheets; returns how many generations.

    Raises Malformed or QuorumNotMet for wrong sheets, Refused for sheets of another office, or a person without a role
    that reads there, not enrolled, or whose key no checkpoint covers yet.
    """
    to = _reader(session, office, staff)
    seed = recovery.from_words(sheets)
    try:
        with inner_from_seed(Purpose.OFFICE_RECOVERY, seed) as paper:
            given = _grant_from_paper(session, office.id, paper, staff, to, actor, now)
    finally:
        scrub(seed)
    if not given:
        raise Refused("other_paper", "these sheets are not of this office")
    session.flush()
    count_members(session, [office.id])
    activate_if_ready(session, staff, actor, now)
    return given


def find_owner(session: Session, office: str | None, board: str | None) -> Office | CustodyBoard:
    """The office of a code, or the board of a name. NotFound when there is none."""
    found = (
        session.scalar(select(Office).where(Office.code == office))
        if office
        else session.scalar(select(CustodyBoard).where(CustodyBoard.name == board))
    )
    if found is None:
        raise NotFound("no_owner", "there is no such office or board")
    return found


def _reader(session: Session, office: Office, staff: Staff) -> PublicKey:
    role = session.scalar(
        select(StaffRole.id).where(
            StaffRole.staff_id == staff.id,
            StaffRole.office_id == office.id,
            StaffRole.role.in_([role.value for role in KEYED]),
        )
    )
    if role is None or staff.state == "left" or staff.must_change:
        raise Refused("no_reader", "this person has no role that reads there, or has not signed in for the first time")
    proven = proven_keys(session, Purpose.STAFF.value, [staff.id], site().checkpoint_vkey).get(staff.id)
    if proven is None or proven[0].id != staff.key_id:
        raise Refused("key_not_proven", "no checkpoint covers this person's key yet; is the worker running?")
    return proven[1]


def _grant_from_paper(
    session: Session, office: Id, paper: InnerKey, staff: Staff, to: PublicKey, actor: Actor, now: Utc
) -> int:
    rows = session.execute(
        select(KeyGrant.sealed, SealingKey.public)
        .join(SealingKey, SealingKey.id == KeyGrant.key_id)
        .where(
            KeyGrant.holder_key_id == paper.public.key_id,
            SealingKey.owner_id == office,
            SealingKey.purpose == Purpose.OFFICE.value,
            SealingKey.retired_on.is_(None),
        )
    ).all()
    for row in rows:
        with opening.open_grant(row.sealed, paper, PublicKey(Purpose.OFFICE, row.public), office.bytes) as key:
            add_grant(session, key, office, to, staff, actor, now)
    return len(rows)
