"""What came in month by month, what was decided, and after how long. Each number is read from an index alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from admin.dashboard.values import MonthLine
from admin.tips.branches import KEPT, Scope, outside_accused
from admin.tips.filters import days_of
from portal.tips.models import Tip

MONTHS = 13
"""This month, which is not over, and the twelve before it."""


def months(session: Session, seen: Scope, names: tuple[str, ...], missed: Mapping[str, int]) -> list[MonthLine]:
    """The months of these *names*; *missed*: the clocks that ran out unmet in each.

    A report counts as decided in the month of its last decision. The median is exact, the lower one of two.
    """
    received, decided = _counts(session, seen, names)
    middle = {f"skip{place}": (number - 1) // 2 for place, number in decided.items() if number}
    every = {f"skip{place}": middle.get(f"skip{place}", 0) for place in range(len(names))}
    days: dict[int, int] = {row[0]: row[1] for row in session.execute(_medians_statement(seen, names), every)}
    return [
        MonthLine(name, received[place], decided[place], days.get(place), missed[name])
        for place, name in enumerate(names)
    ]


def _counts(session: Session, seen: Scope, names: tuple[str, ...]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    received, decided = dict.fromkeys(range(len(names)), 0), dict.fromkeys(range(len(names)), 0)
    for place, came, number in session.execute(_counts_statement(seen, names)):
        (received if came else decided)[place] = number
    return received, decided


@lru_cache(maxsize=KEPT)
def _counts_statement(seen: Scope, names: tuple[str, ...]) -> CompoundSelect[Any]:
    """A row for each month and each of the two, with the place of the month among *names*."""
    parts: list[Select[*tuple[Any, ...]]] = []
    for place, name in enumerate(names):
        first, end = days_of(name)
        for came, period in ((1, [Tip.received_on >= first, Tip.received_on < end]), (0, [Tip.decided_month == name])):
            parts.append(
                select(literal(place), literal(came), func.count()).where(
                    Tip.office_id.in_(seen.offices), *period, *outside_accused(seen)
                )
            )
    return union_all(*parts)


@lru_cache(maxsize=KEPT)
def _medians_statement(seen: Scope, names: tuple[str, ...]) -> CompoundSelect[Any]:
    """The days to a decision of the report in the middle of each month: as many as ``skip`` says come before it."""
    return union_all(*(select(_middle(seen, place, name).subquery()) for place, name in enumerate(names)))


def _middle(seen: Scope, place: int, name: str) -> Select[*tuple[Any, ...]]:
    return (
        select(literal(place), Tip.decided_after)
        .where(Tip.office_id.in_(seen.offices), Tip.decided_month == name, *outside_accused(seen))
        .order_by(Tip.decided_after)
        .limit(1)
        .offset(bindparam(f"skip{place}"))
    )
