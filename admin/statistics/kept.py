"""Bulletins under way and published, months that have none: read-only questions of the verbs and pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.statistics.models import Bulletin, BulletinStep, PublishedBulletin
from portal.statistics.queries import versions
from portal.statistics.values import Month

MAY_SEE = (Permission.READ_FIGURES, Permission.EDIT_BULLETIN, Permission.PUBLISH_BULLETIN)
OPEN = ("draft", "approved")
COUNTING = frozenset({"count", "count-again"})
"""Steps of whoever has a bulletin counted."""


def offices_of(actor: Actor) -> set[Id]:
    """Offices whose bulletins this person may look at."""
    return {office for permission in MAY_SEE for office in actor.offices_with(permission)}


def highest_for(session: Session, actor: Actor) -> Sequence[Office]:
    """The bureaus with nobody above them for which this person may have a month counted: the site speaks as a whole."""
    wanted = select(Office).where(
        Office.id.in_(actor.offices_with(Permission.EDIT_BULLETIN)), Office.active, Office.superior_id.is_(None)
    )
    return session.scalars(wanted.where(Office.kind == "bureau").order_by(Office.code)).all()


def bulletins_of(session: Session, actor: Actor, limit: int = 200) -> Sequence[Bulletin]:
    """Those of this person's offices, the latest month first, and of a month the newest."""
    wanted = select(Bulletin).where(Bulletin.office_id.in_(offices_of(actor)), Bulletin.state != "dropped")
    return session.scalars(wanted.order_by(Bulletin.month.desc(), Bulletin.version.desc()).limit(limit)).all()


def shown(session: Session, bulletin_id: Id, actor: Actor, *, lock: bool = False) -> Bulletin:
    """One to look at. NotFound when it is none of theirs."""
    found = session.get(Bulletin, bulletin_id, populate_existing=lock, with_for_update=lock)
    if found is None or found.office_id not in offices_of(actor):
        raise NotFound("no_bulletin", "没有找到这份月报。")
    return found


def locked(session: Session, bulletin_id: Id, actor: Actor) -> Bulletin:
    """The same as it is now, locked until the transaction ends."""
    return shown(session, bulletin_id, actor, lock=True)


def steps_of(session: Session, bulletin: Bulletin) -> list[tuple[BulletinStep, str]]:
    """The history with the names of those who acted."""
    wanted = select(BulletinStep, func.coalesce(Staff.name, "")).outerjoin(Staff, Staff.id == BulletinStep.actor_id)
    of_it = wanted.where(BulletinStep.bulletin_id == bulletin.id).order_by(BulletinStep.position)
    return [(step, who) for step, who in session.execute(of_it)]


def is_another(session: Session, bulletin: Bulletin, actor: Actor) -> bool:
    """Whether *actor* never had it counted, under whatever account."""
    counted = select(BulletinStep.actor_id).where(
        BulletinStep.bulletin_id == bulletin.id, BulletinStep.action.in_(COUNTING)
    )
    makers = {bulletin.made_by, *session.scalars(counted.distinct())}
    return not any(is_own(session, maker, actor) for maker in makers if maker is not None)


def months_without(session: Session, today: date, most: int = 24) -> list[Month]:
    """Months to be counted, since the book began, of which no bulletin is published or under way; the latest first."""
    first = session.scalar(select(func.min(LedgerEntry.day)))
    if first is None:
        return []
    known = set(session.scalars(select(Bulletin.month).where(Bulletin.state != "dropped").distinct()))
    found: list[Month] = []
    day = today.replace(day=1) - timedelta(days=1)
    while day >= first and len(found) < most:
        month = Month(day.year, day.month)
        if str(month) not in known and today >= month.settled:
            found.append(month)
        day = month.first - timedelta(days=1)
    return found


def waiting_for(session: Session, actor: Actor) -> int:
    """How many bulletins wait for this person: to be approved or published, or drafts sent back to their maker."""
    of = Bulletin.office_id.in_(actor.offices_with(Permission.PUBLISH_BULLETIN))
    rows = session.scalars(select(Bulletin).where(Bulletin.state.in_(OPEN), of))
    return sum(is_another(session, one, actor) for one in rows)


def under_way(session: Session, month: str) -> bool:
    """Whether somebody is preparing a bulletin of the month."""
    wanted = select(func.count()).select_from(Bulletin).where(Bulletin.month == month, Bulletin.state.in_(OPEN))
    return bool(session.scalar(wanted))


def newest_published(session: Session, month: str) -> PublishedBulletin | None:
    """What the month says to the public now."""
    return next(iter(versions(session, month)), None)
