"""Withheld counts against a reader who has everything that is published, knows the rule, and tries every table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.statistics.suppression import Rule, possible, protect, rule_on

RULE = Rule(threshold=4, possible=2, in_force_from=date(2026, 1, 1), confidence="L")
SHIPPED = rule_on(date(2026, 9, 30))
Counts = tuple[int, ...]
Seen = tuple[int, tuple[int | None, ...]]


def named(counts: Counts) -> dict[str, int]:
    return {f"cell {position}": count for position, count in enumerate(counts)}


def published(counts: Counts, rule: Rule = RULE) -> Seen:
    """Total and cells, as a reader has them."""
    return sum(counts), tuple(protect(named(counts), rule).cells.values())


def naive(counts: Counts) -> Seen:
    """What is often done: the small ones alone are left out."""
    return sum(counts), tuple(None if RULE.small(count) else count for count in counts)


def attack(tables: Iterable[Counts], publishing: Callable[[Counts], Seen]) -> Mapping[Seen, list[set[int]]]:
    """For everything that is ever published: what each cell can have been, given all tables that look like that."""
    left: dict[Seen, list[set[int]]] = defaultdict(list)
    for counts in tables:
        values = left[publishing(counts)]
        values.extend(set() for _ in counts[len(values) :])
        for value, count in zip(values, counts, strict=True):
            value.add(count)
    return left


def tables(cells: int, most: int) -> Iterable[Counts]:
    """Every table whose total is published and is at most *most*: no table with such a total is left out."""
    every = product(range(most + 1), repeat=cells)
    return (counts for counts in every if sum(counts) <= most and not RULE.small(sum(counts)))


@pytest.mark.parametrize(("cells", "most"), [(2, 40), (3, 22), (4, 15), (5, 11)])
def test_nobody_who_tries_every_table_and_knows_the_rule_finds_a_withheld_count(cells: int, most: int) -> None:
    for (_, seen), left in attack(tables(cells, most), published).items():
        for shown, values in zip(seen, left, strict=True):
            assert shown is not None or len(values) >= RULE.possible, (seen, left)


def test_two_tables_of_one_total_give_no_more_away_than_each() -> None:
    """Any two splits of one total can belong together, so that pairs of them are all that can have been."""
    split = list(tables(3, 9))
    pairs = ((*one, *other) for one, other in product(split, split) if sum(one) == sum(other))

    def both(counts: Counts) -> Seen:
        (total, one), (_, other) = published(counts[:3]), published(counts[3:])
        return total, one + other

    for (_, seen), left in attack(pairs, both).items():
        for shown, values in zip(seen, left, strict=True):
            assert shown is not None or len(values) >= RULE.possible, (seen, left)


def test_the_same_attack_finds_counts_when_only_the_small_ones_are_left_out() -> None:
    broken = [
        seen
        for (_, seen), left in attack(tables(4, 15), naive).items()
        if any(shown is None and len(values) == 1 for shown, values in zip(seen, left, strict=True))
    ]
    assert (9, 0, None, 0) in broken


@settings(max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=4).map(tuple))
def test_what_the_rule_says_is_left_is_what_trying_every_value_leaves(counts: Counts) -> None:
    table = named(counts)
    small = {name for name, count in table.items() if RULE.small(count)}
    other = [name for name in table if name not in small][:1]
    gaps = frozenset([*small, *other]) if small else frozenset()
    total = sum(table[name] for name in gaps)
    tried: dict[str, set[int]] = {name: set() for name in gaps}
    for values in product(range(total + 1), repeat=len(gaps)):
        guess = {**table, **dict(zip(sorted(gaps), values, strict=True))}
        like = {name for name, count in guess.items() if RULE.small(count)}
        looks = like | set([name for name in guess if name not in like][:1]) if like else set()
        if sum(values) == total and looks == gaps:
            for name in gaps:
                tried[name].add(guess[name])
    assert possible(list(table), gaps, total, RULE) == tried


@given(st.lists(st.integers(0, 300), min_size=6, max_size=16).map(tuple))
def test_no_small_count_is_published_and_every_other_one_is_true(counts: Counts) -> None:
    total, cells = published(counts, SHIPPED)
    shown = [(cell, count) for cell, count in zip(cells, counts, strict=True) if cell is not None]
    assert total == sum(counts)
    assert all(cell == count and not SHIPPED.small(cell) for cell, count in shown)
    assert len(counts) - len(shown) != 1


def test_one_small_count_takes_the_first_other_cell_with_it_and_nothing_else() -> None:
    shown = protect({"web": 40, "12393": 21, "post": 0, "visit": 2}, SHIPPED)
    assert shown.cells == {"web": None, "12393": 21, "post": 0, "visit": None}


def test_where_a_gap_would_be_told_by_the_total_the_table_gives_way_to_it() -> None:
    shown = protect({"web": 0, "12393": 30, "visit": 1}, SHIPPED)
    assert shown.withheld
    assert set(shown.cells.values()) == {None}


def test_a_table_without_small_counts_is_published_whole() -> None:
    assert protect({"web": 5, "12393": 0}, SHIPPED).cells == {"web": 5, "12393": 0}


def test_before_the_first_rule_nothing_is_made_up() -> None:
    with pytest.raises(LookupError):
        rule_on(date(2020, 12, 31))
