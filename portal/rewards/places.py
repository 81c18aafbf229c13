"""What is known of the rule at a place on a day: the rule itself, or why none and which document there is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.kernel.errors import Refused
from portal.rewards.choose import chain, choose
from portal.rewards.values import Schedule, Status


@dataclass(frozen=True, slots=True)
class Here:
    """``schedule`` gives figures. Without one, ``refused`` is the code of the reason (``choose``), and ``document`` the
    nearest rule that is known to exist, whose rates are not."""

    region: str
    schedule: Schedule | None
    refused: str
    document: Schedule | None


def here(region: str, on: date, schedules: Mapping[str, Schedule]) -> Here:
    """What stands at *region* on *on*."""
    try:
        return Here(region, choose(region, on, schedules), "", None)
    except Refused as error:
        return Here(region, None, error.code, _document(region, on, schedules))


def _document(region: str, on: date, schedules: Mapping[str, Schedule]) -> Schedule | None:
    known = [one for one in schedules.values() if one.status is Status.TEXT_NOT_SEEN and one.title and _lasts(one, on)]
    return next((one for code in chain(region) for one in known if one.region == code), None)


def _lasts(schedule: Schedule, on: date) -> bool:
    starts = schedule.starts()
    return (starts is None or starts <= on) and (schedule.effective_to is None or on <= schedule.effective_to)
