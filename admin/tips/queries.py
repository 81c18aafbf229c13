"""Reads for the queue. The cost of a page does not grow with the number of reports: every order stands in an index.

A person may have several offices, and "open" is several states. Each combination is a branch of its own that reads an
index from where the page starts and stops after a page; the branches are then merged. An ``IN`` over the first column
of an index would sort everything instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from admin.tips.filters import OPEN, Filters, Place, Whose
from admin.tips.models import SavedView
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.mailbox.models import Letter
from portal.tips.models import Tip
from portal.tips.states import OPEN_STATES, State

PAGE = 50
COUNTED_TO = 1_000
ALERTS = 50

COLUMNS = (
    Tip.id,
    Tip.number,
    Tip.received_on,
    Tip.due_on,
    Tip.provisional,
    Tip.state,
    Tip.office_id,
    Tip.region,
    Tip.subject_type,
    Tip.conduct,
    Tip.channel,
    Tip.named,
    Tip.assignee_id,
    Tip.pressured,
    Tip.withdrawn_on,
    Tip.attachments,
)
Branch = list[ColumnElement[bool]]
Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue. ``next`` is where the following one starts, None at the end."""

    rows: Rows
    next: Place | None
    people: Mapping[Id, str]  # assignee id -> name
    with_letters: frozenset[Id]  # reports with a letter that the office has not read


@dataclass(frozen=True, slots=True)
class Count:
    """A number of reports, counted up to COUNTED_TO."""

    number: int

    @property
    def capped(self) -> bool:
        return self.number > COUNTED_TO

    def __str__(self) -> str:
        return f"{COUNTED_TO:,}+" if self.capped else f"{self.number:,}"


def page(session: Session, actor: Actor, filters: Filters, today: date, after: Place | None, size: int = PAGE) -> Page:
    """The reports that *actor* may see under these filters, from *after* on."""
    rows: list[Any] = []
    if filters.by_due:
        if after is None or after.day is not None:
            rows += _read(session, _due_branches(actor, filters, today), _DUE, after, size + 1)
        if len(rows) <= size and not filters.overdue:
            place = after if after is not None and after.day is None else None
            branches = _undated_branches(actor, filters)
            rows += _read(session, branches, _UNDATED, place, size + 1 - len(rows))
    else:
        rows += _read(session, _arrival_branches(actor, filters, today), _ARRIVAL, after, size + 1)
    shown, more = rows[:size], len(rows) > size
    last = shown[-1] if more else None
    place = None if last is None else Place(last.due_on if filters.by_due else last.received_on, last.id)
    return Page(shown, place, _names(session, shown), _with_letters(session, shown))


def count(session: Session, actor: Actor, filters: Filters, today: date) -> Count:
    """How many there are, counted no further than needed to say 1,000+."""
    if filters.by_due:
        branches = _due_branches(actor, filters, today)
        branches += [] if filters.overdue else _undated_branches(actor, filters)
    else:
        branches = _arrival_branches(actor, filters, today)
    if not branches:
        return Count(0)
    limited = [select(literal(1)).select_from(Tip).where(*branch).limit(COUNTED_TO + 1) for branch in branches]
    together = union_all(*(select(one.subquery()) for one in limited)).limit(COUNTED_TO + 1).subquery()
    return Count(session.scalar(select(func.count()).select_from(together)) or 0)


def offices_of(session: Session, actor: Actor) -> dict[Id, Office]:
    """The offices whose queue *actor* reads, by id."""
    ids = actor.offices_with(Permission.READ_QUEUE)
    return {office.id: office for office in session.scalars(select(Office).where(Office.id.in_(ids)))}


def pressured_below(session: Session, actor: Actor) -> Rows:
    """Reports of offices under *actor*'s own whose reporter is under pressure: number, office and state, no words."""
    below = select(Office.id).where(Office.superior_id.in_(actor.offices_with(Permission.READ_QUEUE)))
    return session.execute(
        select(Tip.number, Tip.state, Tip.due_on, Office.name)
        .join(Office, Office.id == Tip.office_id)
        .where(Tip.pressured, Tip.office_id.in_(below), *_outside_accused(actor))
        .order_by(Tip.due_on, Tip.id)
        .limit(ALERTS)
    ).all()


def saved_views(session: Session, staff: Id) -> Sequence[SavedView]:
    """A person's own saved filters, by name."""
    return session.scalars(select(SavedView).where(SavedView.staff_id == staff).order_by(SavedView.name)).all()


# --- branches

_DUE: tuple[Any, ...] = (Tip.due_on, Tip.id)
_UNDATED: tuple[Any, ...] = (Tip.id,)
_ARRIVAL: tuple[Any, ...] = (Tip.received_on, Tip.id)


def _due_branches(actor: Actor, filters: Filters, today: date) -> list[Branch]:
    """What has a running clock, whatever its state: a decision may be made and its telling still be owed."""
    dated = Tip.due_on < today if filters.overdue else Tip.due_on.is_not(None)
    states: Iterable[State | None] = (None,) if filters.show == OPEN else filters.states or (None,)
    return [[*one, dated] for one in _branches(actor, filters, states)]


def _undated_branches(actor: Actor, filters: Filters) -> list[Branch]:
    """What is open without a running clock: suspended, with the police, under an agreement."""
    states = OPEN_STATES if filters.show == OPEN else filters.states or OPEN_STATES
    return [[*one, Tip.due_on.is_(None)] for one in _branches(actor, filters, sorted(states))]


def _arrival_branches(actor: Actor, filters: Filters, today: date) -> list[Branch]:
    dated: Branch = [] if filters.received is None else [Tip.received_on == filters.received]
    if filters.overdue:
        dated.append(Tip.due_on < today)
    states = filters.states
    return [[*one, *dated] for one in _branches(actor, filters, (None,) if states is None else sorted(states))]


def _branches(actor: Actor, filters: Filters, states: Iterable[State | None]) -> list[Branch]:
    offices = [one for one in actor.offices_with(Permission.READ_QUEUE) if filters.office in ("", one.hex)]
    shared = [*_narrowed(actor, filters), *_outside_accused(actor)]
    return [
        [Tip.office_id == office, *([] if state is None else [Tip.state == state.value]), *shared]
        for office, state in product(offices, states)
    ]


def _narrowed(actor: Actor, filters: Filters) -> Branch:
    wanted: Branch = []
    if filters.whose is Whose.MINE:
        wanted.append(Tip.assignee_id == actor.id)
    elif filters.whose is Whose.NOBODY:
        wanted.append(Tip.assignee_id.is_(None))
    for column, value in (
        (Tip.subject_type, filters.subject),
        (Tip.conduct, filters.conduct),
        (Tip.region, filters.region),
        (Tip.channel, filters.channel),
    ):
        if value:
            wanted.append(column == value)
    return wanted


def _outside_accused(actor: Actor) -> Branch:
    """Nobody sees a report about an office they belong to, wherever it lies."""
    return [or_(Tip.against_office_id.is_(None), Tip.against_office_id.not_in(own_offices(actor)))]


def _read(session: Session, branches: list[Branch], key: tuple[Any, ...], after: Place | None, limit: int) -> Rows:
    """The first *limit* rows of all branches in the order of *key*: ascending, but the latest arrival first."""
    if not branches:
        return []
    newest_first = key is _ARRIVAL
    limited = [_branch(branch, key, after, limit, newest_first) for branch in branches]
    if len(limited) == 1:
        return session.execute(limited[0]).all()
    merged = union_all(*(select(one.subquery()) for one in limited)).subquery()
    order = [merged.c[column.key] for column in key]
    statement = select(merged).order_by(*(one.desc() if newest_first else one for one in order)).limit(limit)
    return session.execute(statement).all()


def _branch(
    branch: Branch, key: tuple[Any, ...], after: Place | None, limit: int, newest_first: bool
) -> Select[*tuple[Any, ...]]:
    statement = select(*COLUMNS).where(*branch)
    if after is not None:
        values = (after.id,) if key is _UNDATED else (after.day, after.id)
        mine, theirs = tuple_(*key), tuple_(*values)
        statement = statement.where(mine < theirs if newest_first else mine > theirs)
    return statement.order_by(*(one.desc() if newest_first else one for one in key)).limit(limit)


# --- what a page shows beside its rows


def _names(session: Session, rows: Rows) -> dict[Id, str]:
    ids = {row.assignee_id for row in rows} - {None}
    if not ids:
        return {}
    named = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in named}


def _with_letters(session: Session, rows: Rows) -> frozenset[Id]:
    ids = [row.id for row in rows]
    if not ids:
        return frozenset()
    unread = select(Letter.tip_id).where(
        Letter.tip_id.in_(ids), Letter.direction == "in", Letter.read_by_office.is_(False)
    )
    return frozenset(session.scalars(unread))
