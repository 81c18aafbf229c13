"""The statements of the queue. The cost of a page does not grow with the number of reports: every order stands in an
index.

A person may have several offices, and "open" is several states. Each combination is a branch of its own that reads an
index from where the page starts and stops after a page; the branches are then merged. An ``IN`` over the first column
of an index would sort everything instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from admin.tips.filters import OPEN, Filters, Place, Whose, missed_days
from portal.directory.models import Office
from portal.directory.regions import regions, span
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.tips.clocks import missed_before
from portal.tips.models import Clock, Tip
from portal.tips.states import OPEN_STATES, State

COUNTED_TO = 1_000
MOST_BRANCHES = 200
"""SQLite merges at most 500."""
ALERTS = 50

COLUMNS = (
    Tip.id,
    Tip.number,
    Tip.received_on,
    Tip.due_on,
    Tip.provisional,
    Tip.state,
    Tip.office_id,
    Tip.against_office_id,
    Tip.region,
    Tip.subject_type,
    Tip.conduct,
    Tip.channel,
    Tip.named,
    Tip.assignee_id,
    Tip.pressured,
    Tip.withdrawn_on,
    Tip.attachments,
    Tip.destroyed_on,
)
Branch = list[ColumnElement[bool]]


KEPT = 512
"""Statements kept by scope and filters: building one costs more than running it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose queue it is: the person, the offices whose queue they read, and the offices they belong to."""

    person: Id | None
    offices: tuple[Id, ...]
    own: tuple[Id, ...]


class Order(Enum):
    """The three orders in which branches are read; the latest arrival comes first."""

    DUE = (Tip.due_on, Tip.id)
    UNDATED = (Tip.id,)
    ARRIVAL = (Tip.received_on, Tip.id)


def scope_of(actor: Actor) -> Scope:
    """The scope of what *actor* may read."""
    return Scope(actor.id, tuple(actor.offices_with(Permission.READ_QUEUE)), tuple(own_offices(actor)))


def _due_branches(scope: Scope, filters: Filters, today: date) -> list[Branch]:
    """What has a running clock, whatever its state: a decision may be made and its telling still be owed."""
    dated = _dated(filters, today) or [Tip.due_on.is_not(None)]
    states: Iterable[State | None] = (None,) if filters.show == OPEN else filters.states or (None,)
    return [[*one, *dated] for one in _branches(scope, filters, states, today, by_area=True)]


def _dated(filters: Filters, today: date) -> Branch:
    first, last = filters.due_between(today)
    since: Branch = [] if first is None else [Tip.due_on >= first]
    return since if last is None else [*since, Tip.due_on <= last]


def _undated_branches(scope: Scope, filters: Filters, today: date) -> list[Branch]:
    """What is open without a running clock: suspended, with the police, under an agreement."""
    states = OPEN_STATES if filters.show == OPEN else filters.states or OPEN_STATES
    return [[*one, Tip.due_on.is_(None)] for one in _branches(scope, filters, sorted(states), today)]


def _arrival_branches(scope: Scope, filters: Filters, today: date) -> list[Branch]:
    dated: Branch = [] if filters.received is None else [Tip.received_on == filters.received]
    if filters.months_days is not None:
        first, end = filters.months_days
        dated += [Tip.received_on >= first, Tip.received_on < end]
    dated += _dated(filters, today)
    states = filters.states
    return [[*one, *dated] for one in _branches(scope, filters, (None,) if states is None else sorted(states), today)]


def _branches(
    scope: Scope, filters: Filters, states: Iterable[State | None], today: date, *, by_area: bool = False
) -> list[Branch]:
    """``by_area``: every division of the area that is asked for is a branch of its own, as every state is, as long as
    there are few."""
    offices = [one for one in scope.offices if filters.office in ("", one.hex)]
    named = [state.value for state in states if state is not None]
    most = MOST_BRANCHES // max(1, len(offices))
    in_states = _each(Tip.state, named, most) if named else [[]]
    places = _places(filters, most // len(in_states) if by_area else 1)
    shared = [*_narrowed(scope, filters), *outside_accused(scope)]
    return [
        [Tip.office_id == office, *state, *place, *_missed(office, filters, today), *shared]
        for office, state, place in product(offices, in_states, places)
    ]


def _each(column: InstrumentedAttribute[str], values: Sequence[str], most: int) -> list[Branch]:
    """A branch for each of *values*; where they are more than *most*, one that sorts the rows of them all."""
    return [[column == one] for one in values] if len(values) <= most else [[column.in_(values)]]


def _places(filters: Filters, most: int) -> list[Branch]:
    """A branch for each of at most *most* divisions: its rows stand in the index by due day; else one for them all.

    A province has too many. Most of what its offices hold lies in it, so it is a condition on the rows in their order.
    """
    code, known = filters.region, regions()
    if not code:
        return [[]]
    if code.endswith("0000") and not filters.alone:
        first, last = span(code)
        return [[Tip.region >= first, Tip.region <= last]]
    parts = known.parts(code) if code in known and not filters.alone else ()
    return _each(Tip.region, [code, *(one.code for one in parts)], most)


def _missed(office: Id, filters: Filters, today: date) -> Branch:
    """Reports of which the office, while they were with it, missed a clock that ran out in the period asked for."""
    if not filters.missed:
        return []
    return [Tip.id.in_(select(Clock.tip_id).where(Clock.office_id == office, *missed_in(filters.missed, today)))]


def missed_in(period: str, today: date) -> Branch:
    """The clocks that ran out unmet in a month or YEAR. The states only lead the index to what may be missed."""
    first, end = missed_days(period, today)
    may_be = Clock.state.in_(("missed", "running"))
    return [may_be, Clock.due_on >= first, Clock.due_on < end, missed_before(today)]


def _narrowed(scope: Scope, filters: Filters) -> Branch:
    wanted: Branch = []
    if filters.whose is Whose.MINE:
        wanted.append(Tip.assignee_id == scope.person)
    elif filters.whose is Whose.NOBODY:
        wanted.append(Tip.assignee_id.is_(None))
    for column, value in (
        (Tip.subject_type, filters.subject),
        (Tip.conduct, filters.conduct),
        (Tip.channel, filters.channel),
        (Tip.decided_month, filters.decided),
    ):
        if value:
            wanted.append(column == value)
    return wanted


def outside_accused(scope: Scope) -> Branch:
    """Nobody sees a report about an office they belong to, wherever it lies."""
    if not scope.own:
        return []
    return [or_(Tip.against_office_id.is_(None), Tip.against_office_id.not_in(scope.own))]


@lru_cache(maxsize=KEPT)
def rows_statement(
    scope: Scope,
    filters: Filters,
    today: date,
    order: Order,
    after: Place | None,
    limit: int,
    backwards: bool = False,
) -> Select[*tuple[Any, ...]] | None:
    """The statement for the first *limit* rows of all branches in order (or against it, away from *after*); None when
    there is nothing to read."""
    branches = _branches_of(scope, filters, today, order)
    if not branches:
        return None
    falling = (order is Order.ARRIVAL) is not backwards  # the latest arrival comes first
    limited = [_branch(branch, order, after, limit, falling) for branch in branches]
    if len(limited) == 1:
        return limited[0]
    merged = union_all(*(select(one.subquery()) for one in limited)).subquery()
    keys = [merged.c[column.key] for column in order.value]
    return select(merged).order_by(*(one.desc() if falling else one for one in keys)).limit(limit)


def _branches_of(scope: Scope, filters: Filters, today: date, order: Order) -> list[Branch]:
    if order is Order.DUE:
        return _due_branches(scope, filters, today)
    if order is Order.UNDATED:
        return _undated_branches(scope, filters, today)
    return _arrival_branches(scope, filters, today)


def _branch(branch: Branch, order: Order, after: Place | None, limit: int, falling: bool) -> Select[*tuple[Any, ...]]:
    statement = select(*COLUMNS).where(*branch)
    if after is not None:
        values = (after.id,) if order is Order.UNDATED else (after.day, after.id)
        mine, theirs = tuple_(*order.value), tuple_(*values)
        statement = statement.where(mine < theirs if falling else mine > theirs)
    return statement.order_by(*(one.desc() if falling else one for one in order.value)).limit(limit)


ACCUSED = (
    select(Tip.id)
    .where(
        Tip.against_office_id.in_(bindparam("own", expanding=True)),
        Tip.office_id.in_(bindparam("offices", expanding=True)),
    )
    .limit(1)
)
"""Whether there is a report about one of the offices ``own`` in the queues of ``offices``."""


@lru_cache(maxsize=KEPT)
def counts_statement(
    scope: Scope, wanted: tuple[Filters, ...], today: date
) -> Select[int, int] | CompoundSelect[int, int] | None:
    """One statement for all counts: a row for each, with its place among *wanted*. None when nothing is to be read."""
    counts = [
        select(func.count(), literal(place)).select_from(counted)
        for place, filters in enumerate(wanted)
        if (counted := _counted(scope, filters, today)) is not None
    ]
    return union_all(*counts) if len(counts) > 1 else counts[0] if counts else None


def _counted(scope: Scope, filters: Filters, today: date) -> Subquery | None:
    if filters.by_due:
        branches = _due_branches(scope, filters, today)
        branches += [] if filters.dated else _undated_branches(scope, filters, today)
    else:
        branches = _arrival_branches(scope, filters, today)
    if not branches:
        return None
    limited = [select(literal(1)).select_from(Tip).where(*branch).limit(COUNTED_TO + 1) for branch in branches]
    return union_all(*(select(one.subquery()) for one in limited)).limit(COUNTED_TO + 1).subquery()


@lru_cache(maxsize=KEPT)
def alerts_statement(scope: Scope) -> Select[str, str, date | None, str]:
    """Reports of offices below whose reporter is under pressure, the nearest due day first."""
    below = select(Office.id).where(Office.superior_id.in_(scope.offices))
    return (
        select(Tip.number, Tip.state, Tip.due_on, Office.name)
        .join(Office, Office.id == Tip.office_id)
        .where(Tip.pressured == true(), Tip.office_id.in_(below), *outside_accused(scope))
        .order_by(Tip.due_on, Tip.id)
        .limit(ALERTS)
    )
