"""What the queue shows beside its rows: who works on them, which have a letter waiting, and a person's saved views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.tips.models import SavedView
from portal.kernel.values import Id
from portal.mailbox.models import Letter

# Made once: building a statement anew for each page costs more than running it.
_PEOPLE = select(Staff.id, Staff.name).where(Staff.id.in_(bindparam("ids", expanding=True)))
_UNREAD = select(Letter.tip_id).where(
    Letter.tip_id.in_(bindparam("ids", expanding=True)),
    Letter.direction == "in",
    Letter.read_by_office.is_(False),
)
_VIEWS = select(SavedView).where(SavedView.staff_id == bindparam("staff")).order_by(SavedView.name)


def names(session: Session, rows: Sequence[Any]) -> dict[Id, str]:
    """Names of those to whom *rows* are assigned, by id."""
    ids = {row.assignee_id for row in rows} - {None}
    return {row.id: row.name for row in session.execute(_PEOPLE, {"ids": list(ids)})} if ids else {}


def with_letters(session: Session, rows: Sequence[Any]) -> frozenset[Id]:
    """Which of *rows* have a letter that the office has not read."""
    ids = [row.id for row in rows]
    return frozenset(session.scalars(_UNREAD, {"ids": ids})) if ids else frozenset()


def saved_views(session: Session, staff: Id) -> Sequence[SavedView]:
    """A person's own saved filters, by name."""
    return session.scalars(_VIEWS, {"staff": staff}).all()


def keep_view(session: Session, staff: Id, name: str, query: str) -> None:
    """Keep filters under a name; the same name again replaces them."""
    session.execute(delete(SavedView).where(SavedView.staff_id == staff, SavedView.name == name))
    session.add(SavedView(staff_id=staff, name=name, query=query))


def drop_view(session: Session, staff: Id, view: Id) -> None:
    """Forget one of a person's own saved filters; one that is gone is no error."""
    session.execute(delete(SavedView).where(SavedView.id == view, SavedView.staff_id == staff))
