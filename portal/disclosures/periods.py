"""Periods as sources write them (全年, 1-9月, 上半年, 2季度) and back. Pure."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta

from portal.disclosures.values import Period

INFERRED = "(推定)"
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_RANGE = re.compile(r"([0-9]{1,2})月?[-–—~至到]([0-9]{1,2})月")
_MONTH = re.compile(r"([0-9]{1,2})月")
_QUARTER = re.compile(r"第?([1-4一二三四])季度")
_WORDS = {"全年": (1, 12), "年度": (1, 12), "上半年": (1, 6), "下半年": (7, 12)}


def read_period(year: int, text: str) -> Period | None:
    """The period of *year* that *text* names; None when it names none."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    inferred = plain.endswith(INFERRED)
    months = _months(plain.removesuffix(INFERRED))
    if months is None or not 1 <= months[0] <= months[1] <= 12:
        return None
    return between(year, *months, inferred=inferred)


def between(year: int, first: int, last: int, *, inferred: bool = False) -> Period:
    """From the first day of one month to the last day of another; cumulative when the year begins with it."""
    end = date(year, last, calendar.monthrange(year, last)[1])
    return Period(start=date(year, first, 1), end=end, cumulative=first == 1, inferred=inferred)


def label(period: Period) -> str:
    """How the period is written in Chinese, without its year; days where it is no whole months."""
    first, last = period.start.month, period.end.month
    whole = period.start.day == 1 and period.end.day == calendar.monthrange(period.end.year, last)[1]
    if not whole or period.start.year != period.end.year:
        text = f"{period.start.isoformat()}至{period.end.isoformat()}"
    elif (first, last) == (1, 12):
        text = "全年"
    else:
        text = f"{last}月" if first == last else f"{first}-{last}月"
    return text + INFERRED if period.inferred else text


def months_of(period: Period) -> int:
    """How many months it spans, the first and the last included."""
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1


def whole_months(period: Period) -> bool:
    """Whether it begins with the first day of a month and ends with the last of one."""
    return period.start.day == 1 and (period.end + timedelta(days=1)).day == 1


def year_before(period: Period) -> Period:
    """The same months a year earlier."""
    year, month = period.end.year - 1, period.end.month
    last = period.end.day == calendar.monthrange(period.end.year, month)[1]
    end = date(year, month, calendar.monthrange(year, month)[1] if last else period.end.day)
    start = date(period.start.year - 1, period.start.month, min(period.start.day, 28))
    return Period(start=start, end=end, cumulative=period.cumulative, inferred=period.inferred)


def _months(plain: str) -> tuple[int, int] | None:
    if plain in _WORDS:
        return _WORDS[plain]
    if found := _RANGE.fullmatch(plain):
        return int(found[1]), int(found[2])
    if found := _MONTH.fullmatch(plain):
        return int(found[1]), int(found[1])
    if found := _QUARTER.fullmatch(plain):
        quarter = _QUARTERS[found[1]]
        return quarter * 3 - 2, quarter * 3
    return None
