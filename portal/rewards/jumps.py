"""Where a schedule jumps: edges of its bands, where floor and cap begin to bind, and the curve between. Pure.

Everything is asked of :func:`portal.rewards.rules.assess`, so that what is shown is what will be paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum, StrEnum

from portal.kernel.errors import Refused
from portal.rewards.rules import assess
from portal.rewards.schedule import MOST_FEN
from portal.rewards.values import Case, Nature, Relation, Schedule, Subject, Table

FAR_FEN = 1_000_000_000
"""Where a curve ends that has neither edges nor a cap: ten million yuan."""


class Kind(StrEnum):
    """What changes at a place."""

    EDGE = "edge"  # one band ends, the next begins
    BOUND = "bound"  # a floor stops or a cap begins to bind, or a figure begins or stops to be given


class Way(StrEnum):
    """What the figure does from the last case value before a place to the first one after it."""

    STEADY = "steady"  # no more than the rate explains
    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # on one of the two sides no figure is given


class Holding(IntEnum):
    """Which bound holds at a case value. Within one band it only ever rises."""

    BELOW = 0  # the floor, or no figure because the floor was not seen
    FREE = 1
    CAP = 2
    NO_FIGURE = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """What a case value comes to: whole fen, and the exact amount before it was rounded; None with the reason."""

    value_fen: int
    reward_fen: int | None
    exact: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A case value at which something changes: with the figures one fen below, at, and one fen above it.

    ``first``: the first case value of what comes after: ``at``, or one fen more. ``holding``: which bound holds there.
    """

    kind: Kind
    below: Figure
    at: Figure
    above: Figure
    first: int
    holding: Holding
    way: Way

    @property
    def last_figure(self) -> Figure:
        """The last figure before the change."""
        return self.at if self.first > self.at.value_fen else self.below

    @property
    def first_figure(self) -> Figure:
        """The first figure after it."""
        return self.above if self.first > self.at.value_fen else self.at


def case_for(table: Table, case: Case) -> Case:
    """*case* with what *table* asks for."""
    when = table.when
    relation = "insider" if when.get("relation") == "insider_or_competitor" else when.get("relation", case.relation)
    return replace(
        case,
        subject=Subject(when.get("subject", case.subject)),
        grade=when.get("grade", case.grade),
        nature=Nature(when["nature"]) if "nature" in when else case.nature,
        relation=Relation(relation) if relation else None,
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """One table of a schedule, asked for one case with one case value after another.

    Whether the schedule is in force does not matter. Where an officer chooses and *case* has no choice that is open,
    the lowest one is taken.
    """

    case: Case
    schedule: Schedule
    table: Table

    def figure(self, value_fen: int) -> Figure:
        """What a case value (fen, above 0) comes to."""
        return self._asked(value_fen)[0]

    def places(self) -> list[Place]:
        """Every place where something changes, in the order of case values."""
        found: list[Place] = []
        low = 1
        for band in self.table.bands:
            high = MOST_FEN if band.upper_fen is None else band.upper_fen - (not band.upper_inclusive)
            found += self._bounds(low, high)
            if band.upper_fen is not None:
                found.append(self._place(Kind.EDGE, band.upper_fen, high + 1))
            low = high + 1
        return found

    def curve(self, places: Sequence[Place], to_fen: int) -> list[list[tuple[int, int]]]:
        """The figures up to *to_fen* as lines of (case value, reward): straight between places, broken at jumps."""
        lines: list[list[tuple[int, int]]] = [[]]
        for value, breaks in _stops(places, to_fen):
            found = self.figure(value)
            if breaks or found.reward_fen is None:
                lines.append([])
            if found.reward_fen is not None:
                lines[-1].append((value, found.reward_fen))
        return [line for line in lines if line]

    def _bounds(self, low: int, high: int) -> Iterator[Place]:
        """Where within one band another bound begins to hold: found by halving, because it only ever rises."""
        last = self._asked(high)[1]
        while low < high and (now := self._asked(low)[1]) != last:
            same, other = low, high
            while other - same > 1:
                middle = (same + other) // 2
                if self._asked(middle)[1] == now:
                    same = middle
                else:
                    other = middle
            yield self._place(Kind.BOUND, other, other)
            low = other

    def _place(self, kind: Kind, at: int, first: int) -> Place:
        around = [self.figure(max(1, value)).exact for value in range(first - 2, first + 2)]
        below, here, above = (self.figure(value) for value in (max(1, at - 1), at, at + 1))
        return Place(kind, below, here, above, first, self._asked(first)[1], _way(*around))

    def _asked(self, value_fen: int) -> tuple[Figure, Holding]:
        try:
            found = assess(self._case(value_fen), self.schedule, override=True)
        except Refused as refused:
            lacks_floor = refused.code == "floor_unknown"
            return Figure(value_fen, None, None, refused.message), Holding.BELOW if lacks_floor else Holding.NO_FIGURE
        steps = [step for step in found.trace if step.fen is not None and step.kind not in ("rounding", "share")]
        last = steps[-1].kind
        holding = Holding.CAP if last == "cap" else Holding.BELOW if last == "floor" else Holding.FREE
        return Figure(value_fen, found.reward_fen, steps[-1].fen), holding

    def _case(self, value_fen: int) -> Case:
        band = next(band for band in self.table.bands if band.holds(value_fen))
        rate, base = self.case.rate_chosen, self.case.amount_chosen_fen
        if band.rate is None or band.rate_max is None:
            rate = None
        elif rate is None or not band.rate <= rate <= band.rate_max:
            rate = band.rate
        if band.base_max_fen is None:
            base = None
        elif base is None or not band.base_fen <= base <= band.base_max_fen:
            base = band.base_fen
        return replace(
            self.case,
            case_value_fen=value_fen,
            decided_on=self.schedule.starts() or self.case.decided_on,
            rate_chosen=rate,
            amount_chosen_fen=base,
            add_rate=self._add_rate(),
        )

    def _add_rate(self) -> Decimal | None:
        uplift = self.schedule.uplift
        if uplift is None or uplift.kind == "multiply" or self.case.relation not in uplift.relations:
            return None
        return self.case.add_rate if self.case.add_rate is not None else uplift.value or Decimal(0)


def far_enough(places: Sequence[Place]) -> int:
    """Up to which case value (fen) a picture shows what there is to see: a cap far behind the last edge is left out."""
    edges = [place.first for place in places if place.kind is Kind.EDGE]
    bounds = [place.first for place in places if place.kind is Kind.BOUND]
    if not edges:
        return max(bounds) * 6 // 5 if bounds else FAR_FEN
    last = max(edges)
    near = [one for one in bounds if one <= 4 * last]
    return max(3 * last, max(near, default=0) * 6 // 5)


def _stops(places: Sequence[Place], to_fen: int) -> Iterator[tuple[int, bool]]:
    yield 1, False
    for place in places:
        if place.first <= to_fen:
            yield place.last_figure.value_fen, False
            yield place.first, place.way is not Way.STEADY
    yield to_fen, False


def _way(before: Decimal | None, last: Decimal | None, first: Decimal | None, after: Decimal | None) -> Way:
    """From two figures before a change and two after it: a step is steady while a slope beside it explains it."""
    if last is None or first is None:
        return Way.UNKNOWN
    beside = [Decimal(0)]
    if before is not None:
        beside.append(last - before)
    if after is not None:
        beside.append(after - first)
    step = first - last
    if min(beside) <= step <= max(beside):
        return Way.STEADY
    return Way.UP if step > 0 else Way.DOWN
