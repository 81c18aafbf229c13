"""The figures of a month as they may be published: one value that says the same bytes each time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from portal.mailbox.reasons import Outcome
from portal.statistics.suppression import Rule, Shown, protect
from portal.statistics.values import MEANINGS, Group, Month

FORMAT = 1


def content(month: Month, size: int, received: Group, decided: Group, rule: Rule) -> dict[str, Any]:
    """Everything that may be published of *month*, counted below *size* leaves of the ledger. None: not published."""
    said = {"received": _group(received, rule), "decided": _group(decided, rule)}
    said["verified"] = _verified(said["decided"], rule)
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


def _verified(decided: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """The share in per mille, from published counts alone, so that it tells nothing that they do not."""
    total, not_proven = decided["total"], decided["tables"]["outcome"]["cells"][Outcome.NOT_PROVEN.value]
    if not total or not_proven is None or rule.small(total - not_proven):
        return {"found": None, "of": None, "per_mille": None}
    found = total - not_proven
    return {"found": found, "of": total, "per_mille": (found * 1000 + total // 2) // total}
