"""Which counts of a table are withheld, so that neither its total nor this very rule gives them away. Pure.

A table splits one total into cells, in an order that never depends on the counts. Cells below the threshold are
withheld, and with them the first other cell of the order, so that the total less the published cells says the sum of
several. A reader who knows this code can still narrow a gap: :func:`possible` says to which values, exactly. When too
few are left for any gap, the whole table gives way to its total. That answer follows from what would have been
published alone, so that giving it tells nothing more. Tables of one total share no cell, and months share no report:
neither another table nor another month narrows a gap. No table crosses two dimensions, and no sum over months is
published where a month is withheld.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Counts from 1 to ``threshold`` - 1 are withheld; ``possible``: the values that must be left for each gap."""

    threshold: int
    possible: int
    in_force_from: date
    confidence: str

    def small(self, count: int) -> bool:
        """Whether *count* would tell of a few reports. Zero tells of none."""
        return 0 < count < self.threshold


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as published. ``cells``: None for a gap."""

    cells: Mapping[str, int | None]

    @property
    def withheld(self) -> bool:
        """Whether no cell is published. Why not, is not told: all are gaps, or their total would tell of one."""
        return all(count is None for count in self.cells.values())


def rule_on(day: date) -> Rule:
    """The rule in force on that day. LookupError before the first one: no threshold is made up."""
    known = [rule for rule in _rules() if rule.in_force_from <= day]
    if not known:
        raise LookupError(f"no rule of suppression was in force on {day}")
    return max(known, key=lambda rule: rule.in_force_from)


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    data = tomllib.loads((files("portal.statistics") / "data" / "suppression.toml").read_text(encoding="utf-8"))
    return tuple(Rule(**one) for one in data["rule"])


def protect(counts: Mapping[str, int], rule: Rule) -> Shown:
    """The table as it may be published beside its total, when that total itself is not withheld."""
    gaps = _gaps(counts, rule)
    if gaps:
        left = possible(list(counts), gaps, sum(counts[name] for name in gaps), rule)
        if any(len(values) < rule.possible for values in left.values()):
            return Shown(dict.fromkeys(counts))
    return Shown({name: None if name in gaps else count for name, count in counts.items()})


def _gaps(counts: Mapping[str, int], rule: Rule) -> frozenset[str]:
    small = [name for name, count in counts.items() if rule.small(count)]
    others = [name for name in counts if name not in small]
    return frozenset(small + others[:1]) if small else frozenset()


def possible(order: Sequence[str], gaps: frozenset[str], total: int, rule: Rule) -> dict[str, frozenset[int]]:
    """What each gap may hold for a reader who knows the rule and that the gaps sum up to *total*.

    One gap is no small count: the first such cell of the order, so that all cells before it are gaps as well. When
    every cell is a gap, all may be small.
    """
    found: dict[str, set[int]] = {name: set() for name in gaps}
    for position, name in enumerate(order):
        if name not in gaps:
            break
        _with_other(found, name, total, rule)
        if position == len(order) - 1:
            _spread(found, list(gaps), total, rule)
    return {name: frozenset(values) for name, values in found.items()}


def _with_other(found: dict[str, set[int]], other: str, total: int, rule: Rule) -> None:
    """Add what is possible when *other* is the gap that is no small count."""
    small = [name for name in found if name != other]
    for rest in range(len(small), min(total, len(small) * (rule.threshold - 1)) + 1):
        if small and not rule.small(total - rest):
            found[other].add(total - rest)
            _spread(found, small, rest, rule)


def _spread(found: dict[str, set[int]], small: Sequence[str], total: int, rule: Rule) -> None:
    """Add what each of these small counts may be when they sum up to *total*."""
    others, most = len(small) - 1, rule.threshold - 1
    values = range(max(1, total - others * most), min(most, total - others) + 1)
    for name in small:
        found[name].update(values)
