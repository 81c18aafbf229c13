"""When checkpoints are published: at set hours of the Beijing day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from portal.kernel.clock import BEIJING, Utc


def published_until(now: Utc, hours: Sequence[int]) -> Utc:
    """The latest moment not after *now* at which a checkpoint was to be published. *hours* must name one."""
    return max(moment for moment in _around(now, hours) if moment <= now)


def published_after(now: Utc, hours: Sequence[int]) -> Utc | None:
    """The first moment after *now* at which one will be; None where nothing is published by the clock."""
    return min((moment for moment in _around(now, hours) if moment > now), default=None)


def _around(now: Utc, hours: Sequence[int]) -> list[datetime]:
    today = now.astimezone(BEIJING).date()
    days = (today - timedelta(days=1), today, today + timedelta(days=1))
    return [datetime.combine(day, time(hour), BEIJING) for day in days for hour in hours]
