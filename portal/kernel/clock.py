"""The only module that reads the time. Verbs are given ``now``; views and jobs ask here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Utc = datetime
"""A moment with ``tzinfo=UTC``."""

BEIJING = timezone(timedelta(hours=8), "UTC+08:00")
"""China keeps one time zone without summer time; a day in law is a day there."""


def _system() -> Utc:
    return datetime.now(UTC)


_source: Callable[[], Utc] = _system


def now() -> Utc:
    """This moment, in UTC."""
    return _source()


def day_of(moment: Utc) -> date:
    """The calendar day in China at *moment*."""
    return moment.astimezone(BEIJING).date()


def today() -> date:
    """The calendar day in China now."""
    return day_of(now())


def set_source(source: Callable[[], Utc] | None) -> None:
    """Replace the clock (tests); ``None`` puts the system's back."""
    global _source
    _source = source or _system
