"""What the dashboard shows. Every number knows the list that it counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A count in words, and the page that lists what was counted: an endpoint with its arguments."""

    words: str
    number: Any  # an int, or a count of the queue that knows where it stopped
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False  # more than none is late


@dataclass(frozen=True, slots=True)
class ClockLine:
    """The clocks of one rule that an office answers for: how many run, are late, or run out within seven days."""

    rule: str
    words: str
    running: int
    late: int
    soon: int


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month: how many came in, how many were decided, and the median days from arrival to the decision.

    ``days`` is None where nothing was decided. ``level`` is how long the bar is, 0 to 10, the fullest month being 10.
    """

    month: str
    received: int
    decided: int
    days: int | None
    level: int


@dataclass(frozen=True, slots=True)
class Tile:
    """An area with the open reports from it; ``level`` 1 to 5 is how thick its bar is drawn, the fullest being 5."""

    region: str
    words: str
    number: int
    level: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The whole page of one person."""

    mine: Sequence[Number]
    waiting: Sequence[Number]
    office: Sequence[Number]
    clocks: Sequence[ClockLine]
    months: Sequence[MonthLine]
    tiles: Sequence[Tile]


def median(counted: Mapping[int, int]) -> int | None:
    """The middle of values with how often each occurs, the lower one of two; None when there is none."""
    total, seen = sum(counted.values()), 0
    for value in sorted(counted):
        seen += counted[value]
        if 2 * seen >= total:
            return value
    return None


def level(number: int, most: int, steps: int) -> int:
    """How much of *most* is *number*, in whole *steps* rounded up: 0 for none, *steps* for the most."""
    return -(-number * steps // most) if most else 0


def months_before(day: date, count: int) -> list[str]:
    """The last *count* months up to that of *day*, the earliest first, as 2026-09."""
    last = day.year * 12 + day.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(last - count + 1, last + 1)]
