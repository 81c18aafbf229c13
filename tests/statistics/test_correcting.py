"""Corrections of published months against a reader who has both versions, knows the rules, and tries every pair."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import pytest

from portal.ledger.events import canonical
from portal.statistics.content import content
from portal.statistics.correcting import corrected
from portal.statistics.suppression import Rule
from portal.statistics.values import Counted, Days, Group, Month, Recovered
from tests.statistics.bulletin_rows import NO_REWARDS

RULE = Rule(threshold=3, possible=2, in_force_from=date(2026, 1, 1), confidence="L")
MONTH = Month(2026, 9)
Counts = tuple[int, ...]


def figures(counts: Counts, days: tuple[int, ...] = ()) -> dict[str, Any]:
    """Content with one table of reports received; decisions have the same counts, "not_proven" among them."""
    received = Group({"channel": {f"cell {place}": count for place, count in enumerate(counts)}})
    decided = Group({"outcome": dict(zip(("not_proven", "fined", "other"), (*counts, 0, 0), strict=False))})
    took, none = [Days(one, one) for one in days], Group({"reason": {"one": 0}})
    counted = Counted(
        received=received,
        decided=decided,
        opened=none,
        waited={"closed": took},
        missed=none,
        recovered=Recovered(0, 0, 0),
        paid=NO_REWARDS,
    )
    said: dict[str, Any] = json.loads(canonical(content(MONTH, 100, counted, RULE)))
    return said


def seen(said: Mapping[str, Any]) -> tuple[int | None, ...]:
    """The total and the cells of the table, as a reader has them."""
    return said["received"]["total"], *said["received"]["tables"]["channel"]["cells"].values()


@pytest.mark.parametrize(("cells", "most"), [(2, 14), (3, 8)])
def test_no_two_versions_tell_a_withheld_count_or_a_change_of_a_few_reports(cells: int, most: int) -> None:
    known = [one for one in product(range(most + 1), repeat=cells) if sum(one) <= most]
    said = {one: figures(one) for one in known}
    left: dict[Any, list[set[tuple[int, int]]]] = defaultdict(lambda: [set() for _ in range(cells + 1)])
    for old, new in product(known, known):
        pair = seen(said[old]), seen(corrected([said[old]], said[new], RULE))
        for values, value in zip(left[pair], zip((sum(old), *old), (sum(new), *new), strict=True), strict=True):
            values.add(value)
    for (before, after), cell in left.items():
        for shown, again, values in zip(before, after, cell, strict=True):
            changes = {abs(new - old) for old, new in values}
            assert len(changes) > 1 or not RULE.small(*changes), (before, after, values)
            for said_of, counts in ((shown, {old for old, _ in values}), (again, {new for _, new in values})):
                assert said_of is not None or len(counts) >= RULE.possible or counts == {0}, (before, after)


def test_a_plain_second_count_would_tell_of_one_report() -> None:
    """What the attack above looks for does happen without the rule."""
    old, new = figures((9, 9)), figures((9, 10))
    assert seen(old) == (18, 9, 9) and seen(new) == (19, 9, 10)
    assert seen(corrected([old], new, RULE)) == (None, None, None)


def test_a_large_change_is_said_and_the_share_follows_the_table() -> None:
    old, new = figures((9, 9, 9)), figures((9, 20, 9))
    assert corrected([old], new, RULE) == new
    moved = corrected([old], figures((9, 10, 9)), RULE)
    assert moved["verified"]["found"] is None and moved["verified"]["of"] is None
    assert moved["verified"]["definition"] == new["verified"]["definition"]


def test_the_same_counts_are_the_same_bytes_and_a_new_figure_is_said() -> None:
    old = figures((9, 9, 1), days=(1, 2, 3, 4, 5, 6))
    assert corrected([old], figures((9, 9, 1), days=(1, 2, 3, 4, 5, 6)), RULE) == old
    newer = {**old, "v": 2, "extra": {"count": 7, "definition": {"zh": "虚构", "en": "invented"}}}
    assert corrected([old], newer, RULE) == newer


def test_the_order_in_which_cells_are_counted_changes_nothing() -> None:
    """What is stored has its names sorted; what is counted has them as the vocabulary does."""
    old = figures((9, 9, 9))
    cells = dict(reversed(old["received"]["tables"]["channel"]["cells"].items()))
    newer = {**old, "received": {**old["received"], "tables": {"channel": {"withheld": False, "cells": cells}}}}
    assert corrected([old], newer, RULE) == newer


def test_what_was_withheld_in_any_version_stays_withheld() -> None:
    first, second = figures((9, 1, 9)), figures((9, 9, 9))
    again = corrected([first, corrected([first], second, RULE)], second, RULE)
    assert seen(again) == (27, None, None, None)
    assert seen(corrected([figures((1, 0))], figures((9, 9)), RULE)) == (None, None, None)


def test_days_and_sums_go_with_a_count_that_moved_a_little() -> None:
    old, new = figures((9, 9), days=(1,) * 9), figures((9, 9), days=(1,) * 10)
    assert set(corrected([old], new, RULE)["waited"]["steps"]["closed"].values()) == {None}
    old, new = ({**figures((9, 9)), "recovered": {"count": 9, "fen": fen}} for fen in (100, 200))
    assert corrected([old], new, RULE)["recovered"] == {"count": 9, "fen": None}


@pytest.mark.parametrize("other", [{"month": "2026-08"}, {"ledger_size": 101}, {"withheld_from_1_to": 1}])
def test_another_month_other_entries_or_another_threshold_are_no_correction(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="another"):
        corrected([figures((9, 9))], {**figures((9, 9)), **other}, RULE)
