"""Reads for the queue: a page, the counts, and what else stands on it. The statements are in
:mod:`admin.tips.branches`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from admin.tips.beside import names, with_letters
from admin.tips.branches import (
    ACCUSED,
    COUNTED_TO,
    Order,
    Scope,
    alerts_statement,
    counts_statement,
    rows_statement,
    scope_of,
)
from admin.tips.filters import Filters, Place
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id

PAGE = 50
Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue. ``next`` is the place after which the following one starts, None at the end; ``previous``
    the place ahead of which the one before it ends, None on the first."""

    rows: Rows
    next: Place | None
    previous: Place | None
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


def page(
    session: Session,
    actor: Actor,
    filters: Filters,
    today: date,
    after: Place | None,
    size: int = PAGE,
    before: Place | None = None,
) -> Page:
    """The reports that *actor* may see under these filters: from *after* on, or the last ones ahead of *before*."""
    scope = scope_of(actor)
    if before is not None:
        found = _ahead(session, scope, filters, today, before, size + 1)
        if len(found) > size:
            shown = found[:size][::-1]
            return _made(session, filters, shown, earlier=True, later=True)
        after = None  # the very first page, and a full one
    rows = _following(session, scope, filters, today, after, size + 1)
    return _made(session, filters, rows[:size], earlier=after is not None, later=len(rows) > size)


def _following(
    session: Session, scope: Scope, filters: Filters, today: date, after: Place | None, wanted: int
) -> list[Any]:
    if not filters.by_due:
        return list(_run(session, rows_statement(scope, filters, today, Order.ARRIVAL, after, wanted)))
    rows: list[Any] = []
    if after is None or after.day is not None:
        rows += _run(session, rows_statement(scope, filters, today, Order.DUE, after, wanted))
    if len(rows) < wanted and not filters.dated:
        place = after if after is not None and after.day is None else None
        rows += _run(session, rows_statement(scope, filters, today, Order.UNDATED, place, wanted - len(rows)))
    return rows


def _ahead(session: Session, scope: Scope, filters: Filters, today: date, before: Place, wanted: int) -> list[Any]:
    """The same backwards: the nearest first."""
    if not filters.by_due:
        return list(_run(session, rows_statement(scope, filters, today, Order.ARRIVAL, before, wanted, True)))
    rows: list[Any] = []
    if before.day is None and not filters.dated:
        rows += _run(session, rows_statement(scope, filters, today, Order.UNDATED, before, wanted, True))
    if len(rows) < wanted:
        place = before if before.day is not None else None
        rows += _run(session, rows_statement(scope, filters, today, Order.DUE, place, wanted - len(rows), True))
    return rows


def _made(session: Session, filters: Filters, shown: list[Any], *, earlier: bool, later: bool) -> Page:
    return Page(
        shown,
        _place(filters, shown[-1]) if shown and later else None,
        _place(filters, shown[0]) if shown and earlier else None,
        names(session, shown),
        with_letters(session, shown),
    )


def _place(filters: Filters, row: Any) -> Place:
    return Place(row.due_on if filters.by_due else row.received_on, row.id)


def counted_scope(session: Session, actor: Actor) -> Scope:
    """The scope of what *actor* may read, for counting: without their own offices when no report in these queues is
    about one of them, so that an index is enough. Else each row is looked at, and those are left out."""
    scope = scope_of(actor)
    accused = session.scalar(ACCUSED, {"own": scope.own, "offices": scope.offices})
    return scope if accused is not None else replace(scope, own=())


def count(session: Session, actor: Actor, filters: Filters, today: date) -> Count:
    """How many there are, counted no further than needed to say 1,000+."""
    return counts(session, actor, [filters], today)[0]


def counts(session: Session, actor: Actor, wanted: Sequence[Filters], today: date) -> list[Count]:
    """The same for several sets of filters.

    A count reads an index alone, unless reports about an office of the person lie in one of their queues.
    """
    scope = counted_scope(session, actor)
    statement = counts_statement(scope, tuple(wanted), today)
    found = {place: number for number, place in session.execute(statement)} if statement is not None else {}
    return [Count(found.get(place, 0)) for place in range(len(wanted))]


def offices_of(session: Session, actor: Actor) -> dict[Id, Office]:
    """The offices whose queue *actor* reads, by id."""
    return {office.id: office for office in offices_where(session, actor, Permission.READ_QUEUE)}


def pressured_below(session: Session, actor: Actor) -> Rows:
    """Reports of offices under *actor*'s own whose reporter is under pressure: number, office and state, no words."""
    return session.execute(alerts_statement(scope_of(actor))).all()


def _run(session: Session, statement: Select[*tuple[Any, ...]] | None) -> Rows:
    return [] if statement is None else session.execute(statement).all()
