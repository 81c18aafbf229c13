"""What a person wants to see of the queue: filters, order and place, read from an address and written back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from portal.kernel.values import Id
from portal.tips.states import FINAL, OPEN_STATES, State
from portal.tips.values import Channel, SubjectType


class Sort(StrEnum):
    DUE = "due"
    ARRIVAL = "arrival"


class Within(StrEnum):
    """By when the nearest clock runs out."""

    ANY = ""
    TODAY = "today"
    WEEK = "week"  # today and the six days after it


class Whose(StrEnum):
    ANY = ""
    MINE = "mine"
    NOBODY = "nobody"


OPEN, ENDED, ALL = "open", "ended", "all"
"""What ``show`` may be besides a state."""


MONTH = "2[0-9]{3}-(0[1-9]|1[0-2])"
YEAR = "year"
"""The twelve months up to today's, that one included, as ``missed`` has it."""


def days_of(month: str) -> tuple[date, date]:
    """The first day of 2026-09 and the first day of the month after it."""
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def period_words(period: str) -> str:
    """A month or YEAR in words."""
    if period == YEAR:
        return "近 12 个月"
    year, month = period.split("-")
    return f"{year} 年 {int(month)} 月"


def missed_days(period: str, today: date) -> tuple[date, date]:
    """The first due day of a month or YEAR, and the first one after it."""
    if period != YEAR:
        return days_of(period)
    last = days_of(f"{today:%Y-%m}")[1]
    return last.replace(year=last.year - 1), last


@dataclass(frozen=True, slots=True)
class Place:
    """After which row the page starts: its day (None: it has no due day) and id."""

    day: date | None
    id: Id

    def __str__(self) -> str:
        return f"{self.day.isoformat() if self.day else '-'}_{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """What ``str`` wrote; None for anything else."""
        day, _, row = text.partition("_")
        try:
            return cls(None if day == "-" else date.fromisoformat(day), Id(row))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Filters:
    """The default is what is open in all offices of the person, the nearest deadline first."""

    show: str = OPEN
    overdue: bool = False
    whose: Whose = Whose.ANY
    subject: str = ""
    conduct: str = ""
    region: str = ""  # and what lies in it
    alone: bool = False  # only what names that region and no part of it
    channel: str = ""
    office: str = ""  # id, hex
    received: date | None = None
    sort: Sort = Sort.DUE
    within: Within = Within.ANY
    month: str = ""  # of arrival: 2026-09
    decided: str = ""  # the month of the last decision
    missed: str = ""  # the month in which a clock of the office ran out unmet, or YEAR

    @property
    def by_due(self) -> bool:
        """Whether the order is by due day: what has ended, or is of one day or month, is ordered by arrival."""
        of_a_time = self.received is not None or self.month or self.decided or self.missed
        return self.sort is Sort.DUE and self.show not in (ENDED, ALL) and not of_a_time

    @property
    def dated(self) -> bool:
        """Whether only reports with a running clock are asked for."""
        return self.overdue or self.within is not Within.ANY

    def due_between(self, today: date) -> tuple[date | None, date | None]:
        """The first and the last due day asked for; None where that end is open."""
        if self.within is not Within.ANY:
            return today, today + timedelta(days=6 if self.within is Within.WEEK else 0)
        return None, today - timedelta(days=1) if self.overdue else None

    @property
    def months_days(self) -> tuple[date, date] | None:
        """The first day of the month of arrival and the first day of the next one."""
        return days_of(self.month) if self.month else None

    @property
    def states(self) -> frozenset[State] | None:
        """The states to show; None for all."""
        if self.show == ALL:
            return None
        return {OPEN: OPEN_STATES, ENDED: FINAL}.get(self.show) or frozenset({State(self.show)})

    def query(self) -> dict[str, Any]:
        """The parameters that differ from the default, in a fixed order: one set of filters has one address."""
        plain = Filters()
        written: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value != getattr(plain, name):
                written[name] = "1" if value is True else str(value)
        return written

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Filters:
        """What an address asks for; whatever is not understood is left out, never an error."""
        return cls(
            show=_one_of(given.get("show"), [OPEN, ENDED, ALL, *State], OPEN),
            overdue=given.get("overdue") == "1",
            whose=Whose(_one_of(given.get("whose"), list(Whose), "")),
            subject=_one_of(given.get("subject"), list(SubjectType), ""),
            conduct=_matching(given.get("conduct"), r"[\w.-]{1,40}"),
            region=_matching(given.get("region"), "[0-9]{6}"),
            alone=given.get("alone") == "1",
            channel=_one_of(given.get("channel"), list(Channel), ""),
            office=_matching(given.get("office"), "[0-9a-f]{32}"),
            received=_day(given.get("received")),
            sort=Sort(_one_of(given.get("sort"), list(Sort), Sort.DUE)),
            within=Within(_one_of(given.get("within"), list(Within), "")),
            month=_matching(given.get("month"), MONTH),
            decided=_matching(given.get("decided"), MONTH),
            missed=_matching(given.get("missed"), f"{MONTH}|{YEAR}"),
        )


def _one_of(text: str | None, allowed: Iterable[str], otherwise: str) -> str:
    return next((str(one) for one in allowed if text == str(one)), otherwise)


def _matching(text: str | None, pattern: str) -> str:
    return text if text and re.fullmatch(pattern, text) else ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def day_in(text: str) -> date | None:
    """A day as people type it into the search: 2026-10-08, 2026.10.8, 2026年10月8日, 20261008. None for other words."""
    found = re.fullmatch(r"\s*([0-9]{4})\s*[-./年]?\s*([0-9]{1,2})\s*[-./月]?\s*([0-9]{1,2})\s*日?\s*", text)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None
