"""Published bulletins, for everybody: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.statistics.models import PublishedBulletin
from portal.statistics.values import is_month


def months(session: Session, limit: int = 120, before: str = "") -> Sequence[PublishedBulletin]:
    """The newest version of each month, the latest month first; *before*: only months before that one."""
    later = aliased(PublishedBulletin)
    newer = select(later.id).where(later.month == PublishedBulletin.month, later.version > PublishedBulletin.version)
    wanted = select(PublishedBulletin).where(~newer.exists())
    if before:
        wanted = wanted.where(PublishedBulletin.month < before)
    return session.scalars(wanted.order_by(PublishedBulletin.month.desc()).limit(limit)).all()


def versions(session: Session, month: str) -> Sequence[PublishedBulletin]:
    """Every version of a month, the newest first; none when it is not published, or no month at all."""
    if not is_month(month):
        return ()
    wanted = select(PublishedBulletin).where(PublishedBulletin.month == month)
    return session.scalars(wanted.order_by(PublishedBulletin.version.desc())).all()


def neighbours(session: Session, month: str) -> tuple[str, str]:
    """The published months before and after, each "" when there is none."""
    before = session.scalar(select(func.max(PublishedBulletin.month)).where(PublishedBulletin.month < month))
    after = session.scalar(select(func.min(PublishedBulletin.month)).where(PublishedBulletin.month > month))
    return before or "", after or ""


def last_change(session: Session) -> date | None:
    """When anything of it was published last."""
    return session.scalar(select(func.max(PublishedBulletin.published_on)))
