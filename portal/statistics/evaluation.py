"""The evaluation of offices: figures in, points out, every step in words that another person can recompute. Pure.

Numbers are exact decimals. A figure is rounded to four places, points and the total to two, always half up, and each
step goes on from the rounded number before it: whoever recomputes by hand gets the same. The rule is data with *in
force from* (``data/evaluation.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from portal.kernel.errors import NotFound

_PERIOD = re.compile(r"(20[0-9]{2})(?:-Q([1-4]))?")
_CENT, _FIGURE, _HUNDRED = Decimal("0.01"), Decimal("0.0001"), Decimal(100)


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or a quarter of it (1 to 4)."""

    year: int
    quarter: int | None = None

    @classmethod
    def read(cls, text: str) -> Period:
        """From "2026" or "2026-Q3". NotFound ("no_period") for anything else."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            raise NotFound("no_period", "没有这个时间段。")
        return cls(int(found[1]), int(found[2]) if found[2] else None)

    @classmethod
    def last_quarter(cls, today: date) -> Period:
        """The newest quarter that is over on *today*."""
        quarter = (today.month - 1) // 3
        return cls(today.year, quarter) if quarter else cls(today.year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def words(self) -> str:
        """In Chinese."""
        return f"{self.year} 年第{'一二三四'[self.quarter - 1]}季度" if self.quarter else f"{self.year} 年"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.quarter - 2 if self.quarter else 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        month = 3 * self.quarter if self.quarter else 12
        return date(self.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure that is rated; what its fields mean stands in the data file."""

    id: str
    name: str
    part: str
    whole: str
    definition: str
    source: str
    unit: str  # share | days
    weight: int
    full: Decimal
    none: Decimal
    least: int
    within: int = 0
    """Working days, where the site sets the term; 0 where the law does or there is none."""


@dataclass(frozen=True, slots=True)
class Version:
    """The rule as it was in force from a day on. The weights add up to 100."""

    id: str
    in_force_from: date
    least_weight: int
    indicators: tuple[Indicator, ...]

    def indicator(self, name: str) -> Indicator | None:
        """The one of that id; None where this version does not rate it."""
        return next((one for one in self.indicators if one.id == name), None)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for an indicator: ``part`` of ``whole`` cases, or ``part`` days over ``whole`` cases."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Step:
    """An indicator of one office. ``figure`` and ``points`` are None when it is not rated; ``words`` say why or how."""

    indicator: Indicator
    counted: Counted
    figure: Decimal | None
    points: Decimal | None
    words: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All steps of one office and its total from 0 to 100; None when too little of it is rated."""

    steps: tuple[Step, ...]
    total: Decimal | None
    words: str


@lru_cache(maxsize=1)
def versions() -> tuple[Version, ...]:
    """Every version of the rule, the earliest first."""
    text = (files("portal.statistics") / "data" / "evaluation.toml").read_text(encoding="utf-8")
    return tuple(sorted((_version(one) for one in tomllib.loads(text)["version"]), key=lambda one: one.in_force_from))


def _version(given: Mapping[str, Any]) -> Version:
    indicators = tuple(
        Indicator(**{**one, "full": Decimal(one["full"]), "none": Decimal(one["none"])}) for one in given["indicator"]
    )
    return Version(given["id"], given["in_force_from"], given["least_weight"], indicators)


def version_for(period: Period) -> Version:
    """The version in force on the first day of *period*. NotFound ("no_rule") when there was none yet."""
    for one in reversed(versions()):
        if one.in_force_from <= period.first:
            return one
    raise NotFound("no_rule", "这个时间段还没有施行的评价办法。")


def evaluate(version: Version, counted: Mapping[str, Counted]) -> Evaluation:
    """One office by *version*; *counted* by indicator id, what is missing counts as no case."""
    steps = tuple(_step(one, counted.get(one.id, Counted(0, 0))) for one in version.indicators)
    rated = [(one.indicator.weight, one.points) for one in steps if one.points is not None]
    weight = sum(one for one, _ in rated)
    if weight < version.least_weight:
        return Evaluation(steps, None, f"不评总分：能评的指标权重合计 {weight}，不到 {version.least_weight}。")
    summed = sum((one * points for one, points in rated), Decimal(0))
    total = _rounded(summed / weight, _CENT)
    terms = " + ".join(f"{points} × {one}" for one, points in rated)
    return Evaluation(steps, total, f"总分：（{terms}）÷ {weight} = {total}。")


def _step(one: Indicator, counted: Counted) -> Step:
    cases = f"{one.part} {counted.part}，{one.whole} {counted.whole}"
    if counted.whole < one.least:
        return Step(one, counted, None, None, f"{cases}。不到 {one.least}，太少，不评。")
    figure = _rounded(Decimal(counted.part) / counted.whole, _FIGURE)
    share = (figure - one.none) / (one.full - one.none)
    points = _rounded(min(max(share, Decimal(0)), Decimal(1)) * _HUNDRED, _CENT)
    found = f"{cases}：{counted.part} ÷ {counted.whole} = {figure}"
    if share >= 1 or share <= 0:
        bound = f"达到满分线 {one.full}" if share >= 1 else f"不优于零分线 {one.none}"
        return Step(one, counted, figure, points, f"{found}，{bound}，得 {points} 分。")
    formula = f"（{figure} − {one.none}）÷（{one.full} − {one.none}）× 100 = {points}"
    return Step(one, counted, figure, points, f"{found}；{formula} 分。")


def _rounded(number: Decimal, places: Decimal) -> Decimal:
    return number.quantize(places, ROUND_HALF_UP)


def ranks(totals: Sequence[Decimal | None]) -> list[int | None]:
    """The place of each total, the highest first; equal totals share a place and the next one is left out (1, 1, 3).
    What has no total has no place."""
    known = [one for one in totals if one is not None]
    return [None if one is None else 1 + sum(other > one for other in known) for one in totals]
