"""Whether what was promised was kept: for every period that has ended, the day it was due and the day it came. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Every(StrEnum):
    """How often an edition is promised."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """The length of a period."""
        return {"month": 1, "quarter": 3, "year": 12}[self.value]

    def first_day(self, end: date) -> date:
        """Of the period that *end* lies in."""
        return date(end.year, (end.month - 1) // self.months * self.months + 1, 1)


class Kept(StrEnum):
    """What became of one period."""

    OPEN = "open"  # not there, and not due yet
    KEPT = "kept"
    LATE = "late"
    OVERDUE = "overdue"  # due, and still not there


@dataclass(frozen=True, slots=True)
class Promise:
    """Within ``days`` calendar days of the last day of every period that ends on ``since`` or later."""

    days: int
    since: date


@dataclass(frozen=True, slots=True)
class Due:
    """One period. ``late``: days after the due day on which it came, or that have passed until today."""

    start: date
    end: date
    due: date
    came: date | None
    kept: Kept
    late: int = 0


def dues(every: Every, promises: Sequence[Promise], came: Mapping[date, date], today: date) -> list[Due]:
    """Every period under promise that has ended by *today*, the newest first.

    *promises*: of one office, place and edition; for a period the latest counts whose day has come when it ends.
    *came*: last day of a period → day on which its first figure was published.
    """
    if not promises:
        return []
    ordered = sorted(promises, key=lambda one: one.since)
    found = []
    for start, end in _periods(every, ordered[0].since, today):
        days = [one.days for one in ordered if one.since <= end][-1]
        found.append(_due(start, end, end + timedelta(days=days), came.get(end), today))
    return found[::-1]


def _due(start: date, end: date, due: date, came: date | None, today: date) -> Due:
    if came is not None:
        late = max((came - due).days, 0)
        return Due(start, end, due, came, Kept.LATE if late else Kept.KEPT, late)
    late = max((today - due).days, 0)
    return Due(start, end, due, None, Kept.OVERDUE if late else Kept.OPEN, late)


def _periods(every: Every, since: date, today: date) -> Iterator[tuple[date, date]]:
    """First and last day of every period that ends between the two days, in their order."""
    year, month = since.year, (since.month - 1) // every.months * every.months + 1
    while True:
        last = month + every.months - 1
        end = date(year, last, calendar.monthrange(year, last)[1])
        if end > today:
            return
        if end >= since:
            yield date(year, month, 1), end
        year, month = (year + 1, 1) if last == 12 else (year, last + 1)
