"""What the dashboard shows. Every number knows the list that it counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.charts import Drawing


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
    """The clocks of one rule that an office answers for: how many run, run out within seven days, or are late; and
    how many ran out unmet in this month and in the twelve months up to it, whether they have ended since or not."""

    rule: str
    words: str
    running: int = 0
    soon: int = 0
    late: int = 0
    month: int = 0
    year: int = 0


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks by rule, and how many were missed in each month."""

    lines: Sequence[ClockLine]
    missed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month: how many came in, how many were decided, the median days from arrival to the decision, and how many
    clocks were missed.

    ``days`` is None where nothing was decided.
    """

    month: str
    received: int
    decided: int
    days: int | None
    missed: int


@dataclass(frozen=True, slots=True)
class Tile:
    """An area with the open reports from it; ``level`` 1 to 5 is how thick its bar is drawn, the fullest being 5.

    ``inside``: it is a city, and its areas are on a page of their own; else the queue lists its reports. ``rest``:
    those that name the area itself and none of its parts.
    """

    region: str
    words: str
    number: int
    level: int
    inside: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The whole page of one person."""

    mine: Sequence[Number]
    waiting: Sequence[Number]
    office: Sequence[Number] = ()
    clocks: Sequence[ClockLine] = ()
    months: Sequence[MonthLine] = ()
    drawings: Sequence[Drawing] = ()
    tiles: Sequence[Tile] = ()


def level(number: int, most: int, steps: int) -> int:
    """How much of *most* is *number*, in whole *steps* rounded up: 0 for none, *steps* for the most."""
    return -(-number * steps // most) if most else 0


def months_before(day: date, count: int) -> list[str]:
    """The last *count* months up to that of *day*, the earliest first, as 2026-09."""
    last = day.year * 12 + day.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(last - count + 1, last + 1)]
