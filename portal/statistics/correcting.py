"""What a correction of a published month may say, so that the difference of the two gives nobody away. Pure.

Two counts of the same entries differ when a way of counting was mended. Each of them may be harmless, and their
difference a single report. So of a correction: what was withheld before stays withheld; a count is said anew when it is
as it was or differs by the threshold or more; a table whose gaps moved, or in which anything differs by less, says its
total alone; a sum of money that differs is not said at all. Of a change that is not shown the reader then learns that
there was one (docs/decisions/0023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.statistics.content import verified
from portal.statistics.suppression import Rule

Block = Mapping[str, Any]

_COUNTS = frozenset({"count", "found", "of", "total"})
_DERIVED = frozenset({"median", "p90", "working_median", "working_p90", "per_mille"})
"""Told with counts that may be told; they are no counts of their own."""


def corrected(earlier: Sequence[Block], newer: Block, rule: Rule) -> dict[str, Any]:
    """*newer* as it may be published after *earlier*, every version of the same month that was.

    ValueError when they are not of the same month, the same entries and the same threshold.
    """
    for one in earlier:
        for name in ("month", "ledger_size", "withheld_from_1_to"):
            if one[name] != newer[name]:
                raise ValueError(f"a correction with another {name}")
    said = {name: _figure([one.get(name) for one in earlier], block, rule) for name, block in newer.items()}
    if "verified" in newer and "decided" in newer:
        said["verified"] = {**newer["verified"], **verified(said["decided"], rule)}
    return said


def _figure(before: Sequence[Any], newer: Any, rule: Rule) -> Any:
    known = [one for one in before if isinstance(one, Mapping)]
    if not isinstance(newer, Mapping) or not known:
        return newer
    if "tables" in newer:
        return _group(known, newer, rule)
    if any(isinstance(value, Mapping) for name, value in newer.items() if name != "definition"):
        inner = {name: _figure([one.get(name) for one in known], value, rule) for name, value in newer.items()}
        return {**inner, **({"definition": newer["definition"]} if "definition" in newer else {})}
    return _numbers(known, newer, rule)


def _group(before: Sequence[Block], newer: Block, rule: Rule) -> dict[str, Any]:
    own = _numbers(before, {name: value for name, value in newer.items() if name not in ("tables", "definition")}, rule)
    tables = {
        name: _table([(one["total"], one["tables"][name]) for one in before if name in one["tables"]],
                     (own["total"], table), rule)
        for name, table in newer["tables"].items()
    }  # fmt: skip
    return {**newer, **own, "tables": tables}


def _table(before: Sequence[tuple[int | None, Block]], newer: tuple[int | None, Block], rule: Rule) -> Block:
    """The table, or nothing of it."""
    total, table = newer
    cells: Mapping[str, int | None] = table["cells"]
    same = total is not None and all(_comparable(one, (total, cells), rule) for one in before)
    return table if same else {**table, "withheld": True, "cells": dict.fromkeys(cells)}


def _comparable(before: tuple[int | None, Block], newer: tuple[int, Mapping[str, int | None]], rule: Rule) -> bool:
    """Whether the two tables beside each other tell of no small difference: in a cell, or in what their gaps hold."""
    total, cells = before[0], before[1]["cells"]
    if total is None or set(cells) != set(newer[1]) or before[1]["withheld"]:
        return False
    changes = [newer[0] - total]
    for name, count in newer[1].items():
        if (count is None) != (cells[name] is None):
            return False
        if count is not None:
            changes.append(count - cells[name])
    return not any(rule.small(abs(change)) for change in (*changes, changes[0] - sum(changes[1:])))


def _numbers(before: Sequence[Block], newer: Block, rule: Rule) -> dict[str, Any]:
    """Single numbers beside each other; all of them go with a count that moved a little."""
    pairs = {name: [one.get(name) for one in before] for name in newer}
    moved = any(
        old is not None and value is not None and rule.small(abs(value - old))
        for name, value in newer.items()
        if name in _COUNTS
        for old in pairs[name]
    )
    return {name: _number(name, pairs[name], value, moved) for name, value in newer.items()}


def _number(name: str, before: Sequence[Any], newer: Any, moved: bool) -> Any:
    if not isinstance(newer, int) or isinstance(newer, bool):
        return newer
    other = name not in _COUNTS | _DERIVED and any(old != newer for old in before)
    return None if moved or other or any(old is None for old in before) else newer
