"""Which schedule answers for a place on a day: the city's before the province's before the nation's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from portal.kernel.errors import Refused
from portal.rewards.values import Schedule, Status
from portal.rewards.wording import NOT_IN_FORCE

NATION = "000000"


def chain(region: str) -> Iterator[str]:
    """The place itself, its city, its province, the nation: codes of GB/T 2260."""
    yield from dict.fromkeys((region, f"{region[:4]}00", f"{region[:2]}0000", NATION))


def choose(region: str, on: date, schedules: Mapping[str, Schedule], *, override: bool = False) -> Schedule:
    """The one schedule with rates that is in force at *region* on *on*.

    The nearest place that has any rule on that day decides: a city's own rule whose text was not seen is not passed
    over for the province's. ``override``: where that rule has rates and is repealed or inferred, it is the one; a draft
    never is. Raises Refused: ``no_schedule``, ``ambiguous``, or why the rule found gives no figure.
    """
    for code in chain(region):
        there = [one for one in schedules.values() if one.region == code]
        found = [one for one in there if one.status is Status.IN_FORCE and _holds(one, on)]
        if len(found) > 1:
            raise Refused("ambiguous", "这一天有两个标准同时施行，不能自动选定。")
        if found:
            return found[0]
        hidden = [one for one in there if _hides(one, on)]
        if override and len(hidden) == 1 and hidden[0].tables:
            return hidden[0]
        if hidden:
            raise _no_figure(hidden[0])
    raise Refused("no_schedule", f"{on} 这一天，这个地方没有正在施行的奖励标准。")


def in_force(on: date, schedules: Iterable[Schedule]) -> list[Schedule]:
    """Every schedule with rates that is in force on that day, by region."""
    found = (one for one in schedules if one.status is Status.IN_FORCE and _holds(one, on))
    return sorted(found, key=lambda one: one.region)


def overlapping(schedule: Schedule, others: Iterable[Schedule]) -> Schedule | None:
    """Another schedule of the same place that would be in force on one of the same days, or None."""
    for other in others:
        if other.id != schedule.id and other.region == schedule.region and _share_a_day(schedule, other):
            return other
    return None


def _share_a_day(one: Schedule, other: Schedule) -> bool:
    starts = [schedule.starts() for schedule in (one, other) if schedule.status is Status.IN_FORCE]
    known = [start for start in starts if start is not None]
    if len(known) != 2:
        return False
    return all(schedule.effective_to is None or max(known) <= schedule.effective_to for schedule in (one, other))


def _holds(schedule: Schedule, on: date) -> bool:
    starts = schedule.starts()
    return starts is not None and starts <= on and (schedule.effective_to is None or on <= schedule.effective_to)


def _hides(schedule: Schedule, on: date) -> bool:
    """Whether it is a rule for that day that gives no figure. Drafts are no rules."""
    if schedule.status in (Status.IN_FORCE, Status.DRAFT):
        return False
    began = schedule.effective_from is None or schedule.effective_from <= on
    return began and (schedule.effective_to is None or on <= schedule.effective_to)


def _no_figure(schedule: Schedule) -> Refused:
    code = "not_in_force" if schedule.tables else "no_rate_table"
    return Refused(code, f"{schedule.region_name}：{NOT_IN_FORCE[schedule.status, bool(schedule.tables)]}")
