"""Which days are working days, counted the way a deadline in law is counted. Pure.

Three sources, the first that knows the day decides: overrides that an administrator entered (the caller hands them
in), the State Council's yearly notices with their make-up workdays (``chinesecalendar``), and for a year whose notice
is not out an estimate: weekends and statutory holidays (全国年节及纪念日放假办法 as amended for 2025). An estimate is
always said to be *provisional*: make-up days are unknown until the notice comes, usually in November.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from types import MappingProxyType

from portal.kernel.errors import Refused

FIRST_DAY = date(2004, 1, 1)
LAST_DAY = date(2060, 12, 31)
"""The calendar answers between these two days (the library starts with 2004, the festival table ends with 2060)."""

MOST_DAYS = 3_660
_ONE = timedelta(days=1)


@lru_cache(maxsize=1)
def _published() -> tuple[frozenset[date], frozenset[date], frozenset[int]]:
    """Holidays, make-up workdays and covered years of the installed ``chinesecalendar``."""
    from chinese_calendar import constants

    off, on = frozenset(constants.holidays), frozenset(constants.workdays)
    return off, on, frozenset(day.year for day in off)


@lru_cache(maxsize=1)
def _statutory() -> frozenset[date]:
    """Statutory holidays of the years in the festival table: thirteen days a year, fewer where two fall together."""
    text = (files("portal.workdays") / "data" / "festivals.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line[:1].isdigit()]
    days: set[date] = set()
    for year, *moving in rows:
        spring, *single = (date.fromisoformat(day) for day in moving)
        days.update(spring + timedelta(days=offset) for offset in range(-1, 3))  # New Year's Eve to the third day
        days.update(single)
        days.update(date(int(year), month, day) for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)))
    return frozenset(days)


@cache  # asking the installation reads files
def library_version() -> str:
    """The shipped calendar's name and version, e.g. ``chinesecalendar 1.11.0``."""
    return f"chinesecalendar {version('chinesecalendar')}"


class Calendar:
    """Working days of China under a set of overrides (day → is a working day)."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        self._overrides = MappingProxyType(dict(overrides or {}))
        self._years: dict[int, Sequence[date]] = {}  # the working days of each year that was counted in

    @property
    def calendar_version(self) -> str:
        """Names the tables used, so that a stored deadline says how it was computed."""
        if not self._overrides:
            return library_version()
        lines = "".join(f"{day}={working:d};" for day, working in sorted(self._overrides.items()))
        return f"{library_version()}+{hashlib.sha256(lines.encode()).hexdigest()[:8]}"

    def is_workday(self, day: date) -> tuple[bool, bool]:
        """(is a working day, is only an estimate). Raises Refused ("date_out_of_range") outside 2004-2060."""
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Refused("date_out_of_range", f"日期要在 {FIRST_DAY} 和 {LAST_DAY} 之间。")
        override = self._overrides.get(day)
        if override is not None:
            return override, False
        off, on, years = _published()
        weekday = day.weekday() < 5
        if day.year in years:
            return day in on or (weekday and day not in off), False
        return weekday and day not in _statutory(), True

    def add_workdays(self, start: date, n: int) -> tuple[date, bool]:
        """The *n*-th working day after *start*, and whether an estimated day was counted on the way.

        The day of the event is not counted (Order 4 art. 58; 行政处罚法 art. 85). ``n == 0`` gives *start* itself.
        Raises ValueError when *n* is negative or above 3,660.
        """
        if not 0 <= n <= MOST_DAYS:
            raise ValueError("n")
        day, provisional = start, False
        for passed, _working, estimated in self.days_after(start, n):
            day, provisional = passed, provisional or estimated
        return day, provisional

    def days_after(self, start: date, workdays: int) -> Iterator[tuple[date, bool, bool]]:
        """Each day after *start* with its answer, up to and including the *workdays*-th working day."""
        day = start
        while workdays > 0:
            day += _ONE
            working, estimated = self.is_workday(day)
            workdays -= working
            yield day, working, estimated

    def next_workday(self, day: date) -> tuple[date, bool]:
        """*day* itself when it is a working day, else the next one (Order 4 art. 58); with the estimate mark."""
        working, provisional = self.is_workday(day)
        while not working:
            day += _ONE
            working, estimated = self.is_workday(day)
            provisional = provisional or estimated
        return day, provisional

    def count_workdays(self, start: date, end: date) -> int:
        """Working days after *start* up to and including *end*; 0 when *end* is not after *start*."""
        if end <= start:
            return 0
        first = start + _ONE
        years = [self._workdays_of(year) for year in range(first.year, end.year + 1)]
        return sum(map(len, years[:-1])) + bisect_right(years[-1], end) - bisect_left(years[0], first)

    def _workdays_of(self, year: int) -> Sequence[date]:
        if year not in self._years:
            days = (date(year, 1, 1) + _ONE * offset for offset in range(365 + isleap(year)))
            self._years[year] = [day for day in days if self.is_workday(day)[0]]
        return self._years[year]
