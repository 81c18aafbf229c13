"""What of the rewards that were paid may be told: bands, and nothing from which a small number can be worked out. Pure.

A place with fewer payments in a year than the threshold is FEW, whether it has some or none. Each year's places add up
to its total, so a total can give a small place away: whoever knows the bands of all the others subtracts. Before a
year is published it is therefore attacked in that way, and as long as the attack narrows a small place down at all,
the smallest other place is kept back too (GUARDED), in the end the total itself.

Sums of money are told of places that are told, and of a total only where what is kept back is at least two places with
the threshold of payments between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

LEAST = 3
"""No threshold may be lower: of two payments, whoever got one knows the other."""
COUNT_STEPS = tuple(digit * 10**power for power in range(1, 8) for digit in (1, 2, 5))
FEN_STEPS = tuple(digit * 10**power for power in range(6, 15) for digit in (1, 2, 5))
"""Where bands of payments, and of fen (from ten thousand yuan), begin."""


class Told(StrEnum):
    """Whether a cell is told, is too small, or is kept back because a small one could be worked out of it."""

    TOLD = "told"
    FEW = "few"
    GUARDED = "guarded"


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid: exact, and not to be published."""

    count: int
    fen: int


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
    """What is told of one place in a year, or of the year's total. None: not told."""

    told: Told
    count: Band | None
    fen: Band | None


@dataclass(frozen=True, slots=True)
class Year:
    """What is told of one year."""

    total: Cell
    places: Mapping[str, Cell]


def publish(paid: Mapping[str, Paid], least: int) -> Year:
    """What is told of a year's payments by place (every place of the site, also those with none)."""
    if least < LEAST:
        raise ValueError(f"a threshold below {LEAST} protects nobody")
    whole = Paid(sum(one.count for one in paid.values()), sum(one.fen for one in paid.values()))
    told = {place: Told.TOLD if one.count >= least else Told.FEW for place, one in paid.items()}
    if whole.count < least:
        return Year(Cell(Told.FEW, None, None), _cells(paid, told, least))
    guarded = _guarded(paid, told, count_band(whole.count, least), least)
    if guarded is None:
        return Year(Cell(Told.GUARDED, None, None), _cells(paid, told, least))
    hidden = [one.count for place, one in paid.items() if guarded[place] is not Told.TOLD]
    sum_told = not hidden or (len(hidden) > 1 and sum(hidden) >= least)
    total = Cell(Told.TOLD, count_band(whole.count, least), fen_band(whole.fen) if sum_told else None)
    return Year(total, _cells(paid, guarded, least))


def count_band(count: int, least: int) -> Band:
    """The band of a number of payments that may be told; the first begins at the threshold."""
    return _band(count, (least, *(step for step in COUNT_STEPS if step > least)))


def fen_band(fen: int) -> Band:
    """The band of a sum."""
    return _band(fen, (0, *FEN_STEPS))


def possible(cells: Mapping[str, Cell], total: Band, least: int) -> Iterator[tuple[str, int, int]]:
    """The attack: of each FEW place, the least and the most that it can have, given all that is told of the others."""
    lows = {place: _low(cell, least) for place, cell in cells.items()}
    highs = {place: _high(cell, least, total.high - 1) for place, cell in cells.items()}
    low, high = sum(lows.values()), sum(highs.values())
    for place, cell in cells.items():
        if cell.told is Told.FEW:
            yield place, max(0, total.low - (high - highs[place])), min(least - 1, total.high - 1 - (low - lows[place]))


def _low(cell: Cell, least: int) -> int:
    if cell.count is not None:
        return cell.count.low
    return least if cell.told is Told.GUARDED else 0


def _high(cell: Cell, least: int, whole: int) -> int:
    if cell.count is not None:
        return cell.count.high - 1
    return whole if cell.told is Told.GUARDED else least - 1


def _guarded(paid: Mapping[str, Paid], told: Mapping[str, Told], total: Band, least: int) -> dict[str, Told] | None:
    """*told* with as many places kept back, the smallest first, as it takes; None where that does not help."""
    trial = dict(told)
    rest = sorted((place for place in paid if told[place] is Told.TOLD), key=lambda place: (paid[place].count, place))
    while not _safe(_cells(paid, trial, least), total, least):
        if not rest:
            return None
        trial[rest.pop(0)] = Told.GUARDED
    return trial


def _safe(cells: Mapping[str, Cell], total: Band, least: int) -> bool:
    return all((low, high) == (0, least - 1) for _place, low, high in possible(cells, total, least))


def _cells(paid: Mapping[str, Paid], told: Mapping[str, Told], least: int) -> dict[str, Cell]:
    return {
        place: Cell(Told.TOLD, count_band(one.count, least), fen_band(one.fen))
        if told[place] is Told.TOLD
        else Cell(told[place], None, None)
        for place, one in paid.items()
    }


def _band(value: int, steps: tuple[int, ...]) -> Band:
    above = next(step for step in steps if step > value)
    return Band(max(step for step in steps if step <= value), above)
