"""The legal clocks of a tip: rules as data, and the day on which one runs out. Pure.

Counting (Order 4 art. 58, 行政处罚法 art. 85): the day of the event is not counted; working days follow the State
Council's calendar with its make-up workdays; calendar days count all days, and a last day on a holiday moves to the
next working day; months go to the same day number, or to the last day of a shorter month.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from portal.kernel.errors import NotFound, Refused
from portal.workdays.calendar import FIRST_DAY, LAST_DAY, MOST_DAYS, Calendar

_ONE = timedelta(days=1)


class Unit(StrEnum):
    WORKDAYS = "WD"
    DAYS = "D"
    MONTHS = "month"


@dataclass(frozen=True, slots=True)
class Rule:
    """One deadline of law (``hard``) or of policy (a setting). ``extends`` names the rule it lengthens."""

    id: str
    name: str
    article: str
    unit: Unit
    amount: int
    hard: bool
    basis: str
    confidence: str  # C T S P M policy, see the data file
    notice: str  # law | policy | none: what is owed to the reporter when it is met
    starts_from: str
    in_force_from: date
    in_force_to: date | None = None  # the last day
    extends: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock runs out and how that was found. ``due`` is the last day on which the duty is met in time."""

    rule: str
    start: date
    due: date
    counted_days: int  # in the rule's unit; for months the calendar days from start to due
    unit: Unit
    basis: str
    confidence: str
    calendar: str  # the tables used
    provisional: bool  # a day of a year whose calendar is not out was counted


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, tuple[Rule, ...]]:
    text = (files("portal.tips") / "data" / "deadlines.toml").read_text(encoding="utf-8")
    found: dict[str, tuple[Rule, ...]] = {}
    for entry in tomllib.loads(text)["rule"]:
        made = _rule(entry)
        found[made.id] = (*found.get(made.id, ()), made)
    return MappingProxyType(found)


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(**{**entry, "unit": Unit(entry["unit"])})


def rules(on: date) -> tuple[Rule, ...]:
    """Every rule in force on a day, in the order of the data file: what the settings page lists."""
    return tuple(made for versions in _rules().values() for made in versions if _in_force(made, on))


def rule(rule_id: str, on: date) -> Rule:
    """The version of a rule in force on a day.

    Raises NotFound ("unknown_rule"), or Refused ("rule_not_in_force") when no version was in force then.
    """
    versions = _rules().get(rule_id)
    if versions is None:
        raise NotFound("unknown_rule", f"没有编号为“{rule_id}”的期限规则。")
    for made in versions:
        if _in_force(made, on):
            return made
    raise Refused("rule_not_in_force", f"期限规则“{rule_id}”在 {on} 没有施行。")


def _in_force(made: Rule, on: date) -> bool:
    return made.in_force_from <= on and (made.in_force_to is None or on <= made.in_force_to)


def with_setting(made: Rule, amount: int, unit: str, basis: str) -> Rule:
    """*made* as a region set it. Raises Refused: "hard_rule" for a number fixed by law, "bad_setting" otherwise."""
    if made.hard:
        raise Refused("hard_rule", f"“{made.name}”的期限由法律规定，不能修改。")
    if unit not in set(Unit) or not 1 <= amount <= MOST_DAYS or not basis.strip():
        raise Refused("bad_setting", "期限要写 1 到 3660 的数字、单位和依据。")
    return replace(made, amount=amount, unit=Unit(unit), basis=basis.strip(), confidence="setting")


Pause = tuple[date, date]
"""First day that does not count, first day that counts again."""


def deadline(
    made: Rule, start: date, calendar: Calendar, *, extra_days: int = 0, paused: Iterable[Pause] = ()
) -> Deadline:
    """When the clock of *made* that started on *start* runs out.

    *extra_days* are approved extensions in the rule's own unit; days inside a *paused* span are not counted. Raises
    Refused ("date_out_of_range") when a day is outside the calendar, ValueError for a negative extension or a span
    that ends before it begins.
    """
    if not FIRST_DAY <= start <= LAST_DAY:
        raise Refused("date_out_of_range", f"日期要在 {FIRST_DAY} 和 {LAST_DAY} 之间。")
    spans = tuple(paused)
    if not 0 <= extra_days <= MOST_DAYS or any(end < begin for begin, end in spans):
        raise ValueError("extra_days or paused")
    amount = made.amount + extra_days
    if made.unit is Unit.MONTHS:
        length = (add_months(start, amount) - start).days
        due, counted, provisional = _count(start, length, calendar, spans, workdays=False)
    else:
        due, counted, provisional = _count(start, amount, calendar, spans, workdays=made.unit is Unit.WORKDAYS)
    if made.unit is not Unit.WORKDAYS:
        due, provisional = calendar.next_workday(due)
    return Deadline(
        made.id,
        start,
        due,
        counted,
        made.unit,
        made.basis,
        made.confidence,
        calendar.calendar_version,
        provisional,
    )


def _count(
    start: date, amount: int, calendar: Calendar, spans: tuple[Pause, ...], *, workdays: bool
) -> tuple[date, int, bool]:
    """The *amount*-th counted day after *start*; days that an estimate could move make the answer provisional."""
    day, counted, provisional = start, 0, False
    while counted < amount:
        day += _ONE
        if any(begin <= day < end for begin, end in spans):
            _check_range(day)
            continue
        working, estimated = calendar.is_workday(day)
        counted += working if workdays else 1
        provisional = provisional or (workdays and estimated)
    return day, counted, provisional


def _check_range(day: date) -> None:
    if day > LAST_DAY:
        raise Refused("date_out_of_range", f"日期要在 {FIRST_DAY} 和 {LAST_DAY} 之间。")


def add_months(day: date, months: int) -> date:
    """The same day number *months* later, or the last day of that month when it is shorter (31 January + 1 → 28/29)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LAST_DAY.year:
        raise Refused("date_out_of_range", f"日期要在 {FIRST_DAY} 和 {LAST_DAY} 之间。")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
