"""What of the rewards that were paid may be told: bands of places, and sums of nothing but what is told. Pure.

A place with fewer payments than the threshold, in a year or in a month, is not told, whether it has some or none.
Every other place is told in bands, by its own numbers alone, and no total of all places is told anywhere: what is not
told is part of no sum, so that nobody can subtract (docs/decisions/0027).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 3
"""No threshold may be lower: of two payments, whoever got one knows the other."""
COUNT_STEPS = tuple(digit * 10**power for power in range(1, 8) for digit in (1, 2, 5))
FEN_STEPS = tuple(digit * 10**power for power in range(6, 15) for digit in (1, 2, 5))
"""Where bands of payments, and of fen (from ten thousand yuan), begin."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid, in sum and the most of it at once: exact, and not to be published."""

    count: int
    fen: int
    largest_fen: int

    def __add__(self, other: Paid) -> Paid:
        return Paid(self.count + other.count, self.fen + other.fen, max(self.largest_fen, other.largest_fen))


NOTHING = Paid(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Band:
    """From ``low`` on and below ``high``."""

    low: int
    high: int

    def holds(self, value: int) -> bool:
        """Whether *value* lies in it."""
        return self.low <= value < self.high


@dataclass(frozen=True, slots=True)
class Cell:
    """What is told of one place in some time. None: not told."""

    count: Band | None
    fen: Band | None


@dataclass(frozen=True, slots=True)
class AtLeast:
    """What was paid at the least, in the places that are told alone; 0 where none is."""

    count: int
    fen: int


def tell(paid: Paid, least: int) -> Cell:
    """What is told of one place: nothing of fewer payments than *least*; no sum of which one payment is more than half.

    ValueError when *least* is below :data:`LEAST`.
    """
    if least < LEAST:
        raise ValueError(f"a threshold below {LEAST} protects nobody")
    if paid.count < least:
        return Cell(None, None)
    return Cell(count_band(paid.count, least), fen_band(paid.fen) if 2 * paid.largest_fen <= paid.fen else None)


def at_least(places: Iterable[Paid], least: int) -> AtLeast:
    """What all the places that are told come to at the least: the sum of where their bands begin."""
    told = [tell(one, least) for one in places]
    return AtLeast(sum(one.count.low for one in told if one.count), sum(one.fen.low for one in told if one.fen))


def count_band(count: int, least: int) -> Band:
    """The band of a number of payments that may be told; the first begins at the threshold."""
    return _band(count, (least, *(step for step in COUNT_STEPS if step > least)))


def fen_band(fen: int) -> Band:
    """The band of a sum."""
    return _band(fen, (0, *FEN_STEPS))


def _band(value: int, steps: tuple[int, ...]) -> Band:
    above = next(step for step in steps if step > value)
    return Band(max(step for step in steps if step <= value), above)
