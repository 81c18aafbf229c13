"""Schedules of a common shape as a form has them, and back. Sums in fen, rates exact. Pure.

A form is offered for a schedule only when it would give the very same schedule back; the others are written as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.kernel.errors import Refused
from portal.rewards.entries import read, written
from portal.rewards.rules import EXACT
from portal.rewards.values import Schedule, Table

NUMBERED = ("1", "2", "3")
PARTS_OF_THE_FORM = ("rates", "bands", "floor", "cap", "document", "effective_from")


class Shape(StrEnum):
    """How the table of a schedule is made."""

    FLAT = "flat"  # one rate for the whole sum, by the band that it falls into
    MARGINAL = "marginal"  # each part of the sum at the rate of its band
    BY_GRADE = "by_grade"  # one rate a grade of evidence


@dataclass(frozen=True, slots=True)
class Simple:
    """A table as people say it. ``bands``: up to which sum (None: the rest), at which rate; ``grades``: rate of each.

    ``inclusive``: an edge belongs to the band below it.
    """

    shape: Shape
    bands: tuple[tuple[int | None, Decimal], ...] = ()
    grades: Mapping[str, Decimal] | None = None
    inclusive: bool = True


def simple_of(schedule: Schedule) -> Simple | None:
    """*schedule*'s table, where a form can say all of it; else None."""
    found = _by_grade(schedule.tables) or (_banded(schedule.tables[0]) if len(schedule.tables) == 1 else None)
    if found is None or {table.floor_fen for table in schedule.tables} - {schedule.floor_fen, None}:
        return None
    floors = [table.floor_fen is not None for table in schedule.tables]
    if len(set(floors)) > 1 or tuple(map(_read_table, tables_of(found, schedule.floor_fen if floors[0] else None))) != (
        schedule.tables
    ):
        return None
    return found


def tables_of(simple: Simple, floor_fen: int | None) -> list[dict[str, Any]]:
    """The tables as JSON: a marginal one is continuous by the way it is made.

    Raises Refused ("not_continuous") where a band would have to begin at a part of a fen.
    """
    if simple.shape is Shape.BY_GRADE:
        rates = (simple.grades or {}).items()
        return [_table({"grade": grade}, "flat", floor_fen, [_band(None, True, 0, rate, 0)]) for grade, rate in rates]
    bands, base, over = [], Decimal(0), 0
    for upper, rate in simple.bands:
        if simple.shape is Shape.FLAT:
            bands.append(_band(upper, simple.inclusive, 0, rate, 0))
            continue
        if base != int(base):
            raise Refused("not_continuous", "这样分段，有一档的起点不是整分。请把分界改成整数元。")
        bands.append(_band(upper, simple.inclusive, int(base), rate, over))
        if upper is not None:
            base, over = EXACT.add(base, EXACT.multiply(rate, Decimal(upper - over))), upper
    return [_table({}, simple.shape.value, floor_fen, bands)]


def entry_with(
    entry: Mapping[str, Any], simple: Simple, changed: Mapping[str, Any], *, checked: bool
) -> dict[str, Any]:
    """*entry* with another table and what else the form *changed*; a rate that is the same stays as written.

    ``checked``: somebody held what the form shows against the document.
    """
    whole = deepcopy(dict(entry))
    had_floor = not whole["tables"] or whole["tables"][0]["floor_fen"] is not None
    document = {**whole["document"], **changed.get("document", {})}
    whole.update({**changed, "document": document})
    whole["tables"] = tables_of(simple, whole["floor_fen"] if had_floor else None)
    known = {
        Decimal(band["rate"]): band["rate"] for table in entry["tables"] for band in table["bands"] if band["rate"]
    }
    for table in whole["tables"]:
        for band in table["bands"]:
            band["rate"] = known.get(Decimal(band["rate"]), band["rate"])
    if checked:
        whole["confidence"] = {**whole["confidence"], **dict.fromkeys(PARTS_OF_THE_FORM, "confirmed")}
    return whole


def new_entry(name: str, region: str, region_name: str) -> dict[str, Any]:
    """A schedule without a table, with what the national measure sets (22号): 200 and 200,000 yuan, two months."""
    return {
        "id": name,
        "region": region,
        "region_name": region_name,
        "document": {"title": None, "number": None, "issued_on": None},
        "status": "in_force",
        "effective_from": None,
        "effective_to": None,
        "scope": "all_violations",
        "reporter_kinds": ["natural_person"],
        "real_name_required": False,
        "requires_fund_loss": True,
        "case_value": {"counts": ["recoverable_fund_loss_of_reported_matter"], "excludes": ["other_findings"]},
        "floor_fen": 20_000,
        "cap_fen": 20_000_000,
        "tables": [],
        "uplift": None,
        "no_loss": None,
        "sharing": {
            "separate_reporters": "first_only",
            "joint_reporters": "one_amount_split_by_agreement",
            "same_reporter_repeat": "once",
        },
        "claim_months": 2,
        "rounding": {"unit_fen": 1, "rule": "half_up"},
        "confidence": {"rates": "single-source"},
    }


def _banded(table: Table) -> Simple | None:
    if table.when or any(band.rate is None or band.rate_max or band.base_max_fen for band in table.bands):
        return None
    if table.mode not in (Shape.FLAT.value, Shape.MARGINAL.value):
        return None
    inclusive = {band.upper_inclusive for band in table.bands if band.upper_fen is not None}
    bands = tuple((band.upper_fen, band.rate) for band in table.bands if band.rate is not None)
    return Simple(Shape(table.mode.value), bands, inclusive=inclusive != {False})


def _by_grade(tables: tuple[Table, ...]) -> Simple | None:
    rates: dict[str, Decimal] = {}
    for table in tables:
        rate = table.bands[0].rate
        if set(table.when) != {"grade"} or table.when["grade"] not in NUMBERED or len(table.bands) > 1 or rate is None:
            return None
        rates[table.when["grade"]] = rate
    return Simple(Shape.BY_GRADE, grades=rates) if rates else None


def _table(when: dict[str, str], mode: str, floor_fen: int | None, bands: list[dict[str, Any]]) -> dict[str, Any]:
    return {"when": when, "mode": mode, "floor_fen": floor_fen, "bands": bands}


def _band(upper: int | None, inclusive: bool, base: int, rate: Decimal, over: int) -> dict[str, Any]:
    edge = {"upper_fen": upper} if upper is None else {"upper_fen": upper, "upper_inclusive": inclusive}
    return {**edge, "base_fen": base, "rate": f"{rate:f}", "over_fen": over}


def _read_table(table: Mapping[str, Any]) -> Table:
    """A table as the program reads it, in a schedule that has nothing else."""
    entry = {**new_entry("some-table", "000000", "—"), "floor_fen": None, "tables": [table]}
    return read(written(entry)).tables[0]
