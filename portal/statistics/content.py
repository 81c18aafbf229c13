"""The figures of a month as they may be published: one value that says the same bytes each time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from portal.mailbox.reasons import Outcome
from portal.statistics.suppression import Rule, Shown, protect
from portal.statistics.values import MEANINGS, Counted, Days, Group, Month, PaidOut, Recovered

FORMAT = 1


def content(month: Month, size: int, counted: Counted, rule: Rule) -> dict[str, Any]:
    """Everything that may be published of *month*, counted below *size* leaves of the ledger. None: not published."""
    groups = {
        "received": counted.received,
        "decided": counted.decided,
        "opened": counted.opened,
        "missed": counted.missed,
    }
    said: dict[str, dict[str, Any]] = {name: _group(group, rule) for name, group in groups.items()}
    said["verified"] = verified(said["decided"], rule)
    said["waited"] = {"steps": {step: _waited(days, rule) for step, days in counted.waited.items()}}
    said["recovered"] = _recovered(counted.recovered, rule)
    said["paid"] = _paid(counted.paid)
    for name, meaning in MEANINGS.items():
        said[name]["definition"] = asdict(meaning)
    return {
        "v": FORMAT,
        "month": str(month),
        "ledger_size": size,
        "withheld_from_1_to": rule.threshold - 1,
        **said,
    }


def _group(group: Group, rule: Rule) -> dict[str, Any]:
    if rule.small(group.total):
        return {"total": None, "tables": {name: _withheld(table) for name, table in group.tables.items()}}
    return {"total": group.total, "tables": {name: _table(protect(one, rule)) for name, one in group.tables.items()}}


def _withheld(table: Mapping[str, int]) -> dict[str, Any]:
    return _table(Shown(dict.fromkeys(table)))


def _table(shown: Shown) -> dict[str, Any]:
    return {"withheld": shown.withheld, "cells": dict(shown.cells)}


def verified(decided: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """The share in per mille, from published counts alone, so that it tells nothing that they do not."""
    total, not_proven = decided["total"], decided["tables"]["outcome"]["cells"][Outcome.NOT_PROVEN.value]
    if not total or not_proven is None or rule.small(total - not_proven):
        return {"found": None, "of": None, "per_mille": None}
    found = total - not_proven
    return {"found": found, "of": total, "per_mille": (found * 1000 + total // 2) // total}


def _recovered(found: Recovered, rule: Rule) -> dict[str, int | None]:
    """Cases, and the sum where no case could be told from it: enough of them, and none more than half of it."""
    told = found.cases >= rule.threshold and 0 < 2 * found.largest_fen <= found.fen
    return {
        "count": None if rule.small(found.cases) else found.cases,
        "fen": found.fen if told or (not found.cases and not found.fen) else None,
    }


def _paid(found: PaidOut) -> dict[str, str | int | None]:
    """None where no place is told: 0 would say that nothing was paid."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "at_least": found.at_least or None,
        "fen_at_least": found.fen_at_least or None,
        "told_from": found.told_from,
    }


def _waited(days: Sequence[Days], rule: Rule) -> dict[str, int | None]:
    calendar, working = [one.calendar for one in days], [one.working for one in days]
    return {
        "count": None if rule.small(len(days)) else len(days),
        "median": percentile(calendar, 50, rule),
        "p90": percentile(calendar, 90, rule),
        "working_median": percentile(working, 50, rule),
        "working_p90": percentile(working, 90, rule),
    }


def percentile(days: Sequence[int], percent: int, rule: Rule) -> int | None:
    """The smallest of *days* that at least *percent* in a hundred do not exceed, or None.

    None where fewer than the threshold stand on one of its sides, itself counted on both: the 90th percentile of five
    reports would be the longest of them, and tell of one.
    """
    rank = -(-len(days) * percent // 100)
    if min(rank, len(days) - rank + 1) < rule.threshold:
        return None
    return sorted(days)[rank - 1]
