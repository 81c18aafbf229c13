"""The calendar as it stands: the shipped one with the days that an administrator set apart."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.db import table_of
from portal.workdays.calendar import Calendar
from portal.workdays.models import WorkdayOverride

_OVERRIDES = table_of(WorkdayOverride)
_SET_APART = select(_OVERRIDES.c.day, _OVERRIDES.c.working).order_by(_OVERRIDES.c.day)


def calendar_of(session: Session) -> Calendar:
    """The calendar with the days that are set apart now."""
    return _calendar(tuple((day, working) for day, working in session.execute(_SET_APART)))


@lru_cache(maxsize=8)
def _calendar(overrides: tuple[tuple[date, bool], ...]) -> Calendar:
    return Calendar(dict(overrides))
