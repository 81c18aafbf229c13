"""A curve of rewards as lines on a small picture: places in its coordinates, marks along both sides. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.rewards.jumps import Asking, Place, Way, far_enough
from portal.rewards.wording import yuan

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 88, 24, 16, 40
MARKS = 4
STEPS = (4, 6, 8, 12, 16, 20, 24, 32, 40, 60, 80, 120)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place along a side, in the picture's own units, and what stands beside it."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Cliff:
    """Where the curve is broken: at ``x`` from one height to another; a larger number is lower down."""

    x: int
    before: int
    after: int
    up: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """``lines``: the value of ``points`` of each polyline."""

    lines: tuple[str, ...]
    cliffs: tuple[Cliff, ...]
    below: tuple[Mark, ...]
    beside: tuple[Mark, ...]


def chart(asking: Asking, places: Sequence[Place]) -> Chart | None:
    """The curve of one table up to where there is nothing more to see; None where no figure is given."""
    to_fen = far_enough(places)
    lines = asking.curve(places, to_fen)
    top = max((reward for line in lines for _, reward in line), default=0)
    if not top:
        return None
    wide, high = _rounder(to_fen), _rounder(top)

    def x(value: int) -> int:
        return LEFT + (WIDTH - LEFT - RIGHT) * value // wide

    def y(reward: int) -> int:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * reward // high

    return Chart(
        tuple(" ".join(f"{x(value)},{y(reward)}" for value, reward in line) for line in lines),
        tuple(
            Cliff(x(place.first), y(before), y(after), place.way is Way.UP)
            for place in places
            if place.way in (Way.UP, Way.DOWN) and place.first <= to_fen
            for before, after in [(place.last_figure.reward_fen or 0, place.first_figure.reward_fen or 0)]
        ),
        tuple(Mark(x(value), _short(value)) for value in _marks(wide)),
        tuple(Mark(y(reward), _short(reward)) for reward in _marks(high)),
    )


def _marks(most: int) -> list[int]:
    return [most * place // MARKS for place in range(MARKS + 1)]


def _rounder(most: int) -> int:
    """The next number that four marks divide into round ones: one of STEPS times a power of ten."""
    ten: int = 10 ** max(2, len(str(most)) - 2)
    return next(step * ten for step in STEPS if step * ten >= most)


def _short(fen: int) -> str:
    """A sum that fits beside a picture: 50 万元."""
    if fen >= 1_000_000 and fen % 10_000 == 0:
        return f"{(Decimal(fen) / 1_000_000).normalize():f} 万元"
    return yuan(fen)
