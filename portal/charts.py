"""Where the lines, bars and marks of a chart lie: three shapes, drawn by ``components/chart.html``. Pure.

Values are decimals; only places on the drawing are floats. Each chart is laid out twice, for wide and for narrow
windows, so that letters keep their size. What a series looks like never rests on colour: each has its own mark, dash
or filling by its place, of which there are four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

STYLES = 4
"""Series that can be told apart; a fifth is refused."""
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """One value a label; None is a gap. ``shown``: each value in words, with its unit, for reading out.

    ``breaks``: places at which the line does not go on from the one before, because what is told has changed.
    """

    name: str
    values: tuple[Decimal | None, ...]
    shown: tuple[str, ...]
    breaks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Tick:
    """A line or label at ``at``, in units of the drawing; ``lines``: its words, broken to the room that there is."""

    at: str
    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class Mark:
    """A point or bar: its outline, and what it says."""

    path: str
    words: str
    column: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One series: pieces of line and marks. ``style``: 1 to 4."""

    style: int
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One drawing, all of it inside ``width`` × ``height``. ``zero``: where the value nought lies."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    zero: str
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    cuts: tuple[str, ...]
    series: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: two drawings of the same, and for each series (style, name, sample of its mark)."""

    kind: str  # line | bars
    wide: Sheet
    narrow: Sheet
    legend: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, what it is called, and what it shows in a sentence."""

    chart: Chart
    title: str
    says: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line as small as a word, 80 × 24: pieces of it, and the mark of the last value."""

    lines: tuple[str, ...]
    last: str


def line_chart(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Values over time. Raises ValueError for no label, no series, more than four, or values that fit no label."""
    return _chart("line", labels, series)


def bar_chart(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Values beside each other, a group a label. Raises ValueError as line_chart does."""
    return _chart("bars", labels, series)


def sparkline(values: Sequence[Decimal | None]) -> Sparkline:
    """The course of *values*. Raises ValueError when none is known."""
    known = [value for value in values if value is not None]
    if not known:
        raise ValueError("a line needs a value")
    low, high = min(known), max(known)
    span = high - low or Decimal(1)
    step = 72 / max(1, len(values) - 1)
    places = [
        None if value is None else (4 + step * at, 20 - float((value - low) / span) * 16)
        for at, value in enumerate(values)
    ]
    last = next(place for place in reversed(places) if place is not None)
    return Sparkline(_lines(places, frozenset()), _mark(1, *last, size=2.5))


def scale(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Round numbers from nought, or below it, to beyond the highest value, at most seven, all equally far apart.

    Of whole numbers they are whole: nobody counts two tenths of a report.
    """
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    rough = (high - low or Decimal(1)) / _MOST_STEPS
    ten = Decimal(10) ** rough.adjusted()
    step = next(ten * factor for factor in (1, 2, 5, 10) if ten * factor >= rough)
    if all(value == value.to_integral_value() for value in values):
        step = max(step, Decimal(1))
    first, last = ceil(-low / step), ceil(high / step)
    return tuple(step * count for count in range(-first, max(last, 1) + 1))


def _chart(kind: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    if not labels or not 0 < len(series) <= STYLES:
        raise ValueError("a chart has one to four series, and labels")
    if any(len(one.values) != len(labels) or len(one.shown) != len(labels) for one in series):
        raise ValueError("each label needs one value of each series")
    if all(value is None for one in series for value in one.values):
        raise ValueError("a chart needs a value")
    legend = tuple((at, one.name, _mark(at, 16, 8)) for at, one in enumerate(series, 1))
    wide = _sheet(kind, labels, series, (720, 320, 64), every=12)
    return Chart(kind, wide, _sheet(kind, labels, series, (320, 240, 52), every=4), legend)


def _sheet(
    kind: str, labels: Sequence[str], series: Sequence[Series], size: tuple[int, int, int], *, every: int
) -> Sheet:
    width, height, left = size
    labelled = _labelled(labels, every if kind == "line" else len(labels), (width - 12 - left) / len(labels))
    right, top, bottom = width - 12, 14, height - 14 - 16 * max(map(len, labelled.values()))
    ticks = scale([value for one in series for value in one.values if value is not None])
    span = ticks[-1] - ticks[0]

    def across(column: int) -> float:
        return left + (right - left) * (column + 0.5) / len(labels)

    def up(value: Decimal) -> float:
        return bottom - (bottom - top) * float((value - ticks[0]) / span)

    columns = tuple(
        Tick(_at(min(across(at), width - max(map(_breadth, lines)) / 2)), lines) for at, lines in labelled.items()
    )
    half = (right - left) / len(labels) / 2
    cuts = sorted({at for one in series for at in one.breaks if 0 < at < len(labels)})
    drawn: list[Drawn] = []
    for number, one in enumerate(series):
        places = [None if value is None else (across(at), up(value)) for at, value in enumerate(one.values)]
        words = [f"{label} {one.name} {shown}" for label, shown in zip(labels, one.shown, strict=True)]
        if kind == "line":
            outlines = [None if place is None else _mark(number + 1, *place) for place in places]
        else:
            outlines = [_bar(place, number, len(series), half, up(Decimal(0))) for place in places]
        marks = tuple(Mark(path, words[at], at) for at, path in enumerate(outlines) if path is not None)
        drawn.append(Drawn(number + 1, _lines(places, one.breaks) if kind == "line" else (), marks))
    rows = tuple(Tick(_at(up(one)), (plain(one),)) for one in ticks)
    return Sheet(
        width, height, left, right, bottom, _at(up(Decimal(0))), rows, columns,
        tuple(_at(across(at) - half) for at in cuts), tuple(drawn),
    )  # fmt: skip


def _labelled(labels: Sequence[str], most: int, room: float) -> dict[int, tuple[str, ...]]:
    """At most so many labels, the last among them, each in lines that fit between its neighbours."""
    skip = -(-len(labels) // most)
    return {at: wrapped(label, room * skip) for at, label in enumerate(labels) if (len(labels) - 1 - at) % skip == 0}


def wrapped(words: str, room: float) -> tuple[str, ...]:
    """*words* in at most three lines of *room*, broken at spaces and between Han; a Latin word is never broken."""
    pieces = re.findall(r"[^\s\u3400-\u9fff]+\s?|[\u3400-\u9fff]\s?", words)
    lines = [""]
    for piece in pieces:
        if lines[-1] and _breadth(lines[-1] + piece.rstrip()) > room and len(lines) < 3:
            lines.append("")
        lines[-1] += piece
    return tuple(line.rstrip() for line in lines)


def _breadth(words: str) -> float:
    return sum(13 if ord(one) > 0x2E80 else 7.2 for one in words)


def plain(value: Decimal) -> str:
    """A round number without an exponent: thousands apart, no zeros at the end."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _at(place: float) -> str:
    return f"{place:.1f}"


def _lines(places: Sequence[tuple[float, float] | None], breaks: frozenset[int]) -> tuple[str, ...]:
    """Pieces of line through what is known; it is interrupted at gaps and before each break."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for at, place in enumerate(places):
        if place is None or at in breaks:
            pieces.append([])
        if place is not None:
            pieces[-1].append(place)
    return tuple("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in piece) for piece in pieces if len(piece) > 1)


def _mark(style: int, x: float, y: float, size: float = 4.5) -> str:
    """Circle, square, triangle or diamond around a point."""
    s = size
    if style == 1:
        return f"M{x - s:.1f} {y:.1f}a{s} {s} 0 1 0 {2 * s} 0a{s} {s} 0 1 0 {-2 * s} 0Z"
    corners = {
        2: ((-s, -s), (s, -s), (s, s), (-s, s)),
        3: ((0, -s - 1), (s + 1, s), (-s - 1, s)),
        4: ((0, -s - 2), (s + 2, 0), (0, s + 2), (-s - 2, 0)),
    }[style]
    return "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "Z"


def _bar(place: tuple[float, float] | None, number: int, count: int, half: float, zero: float) -> str | None:
    if place is None:
        return None
    x, y = place
    breadth = half * 1.4 / count
    start = x - half * 0.7 + breadth * number
    top, foot = min(y, zero), max(y, zero)
    return f"M{start + 1:.1f} {top:.1f}H{start + breadth - 1:.1f}V{foot:.1f}H{start + 1:.1f}Z"
