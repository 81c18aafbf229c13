"""All public numbers laid beside each other: a reader who has every page, file and checkpoint, and knows the code.

Months of the bulletins, counts and sizes of the ledger's page, rewards by year and place. Each attack goes through all
that can have been, and is shown to find something where the rule against it is taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import product
from typing import TypeVar

import pytest

from portal.ledger.counts import ROUNDED_TO, shown
from portal.ledger.sequencer import PADDED_TO
from portal.rewards.disclosure import Cell, Paid, at_least, tell
from portal.statistics.content import content
from portal.statistics.suppression import rule_on
from portal.statistics.values import Counted, Group, Month, Recovered
from tests.statistics.bulletin_rows import NO_REWARDS

MONTH = Month(2026, 9)
RULE = rule_on(MONTH.last)
Seen = TypeVar("Seen", bound=Hashable)
Page = tuple[int, ...]


def left(worlds: Iterable[tuple[Seen, int]]) -> dict[Seen, set[int]]:
    """For everything that is ever seen: what the number in question can have been."""
    found: dict[Seen, set[int]] = defaultdict(set)
    for seen, secret in worlds:
        found[seen].add(secret)
    return found


# --- receptions: the bulletins and the ledger's page


def bulletin(received: int) -> int | None:
    none = Group({"outcome": {"not_proven": 0}})
    counted = Counted(Group({"channel": {"web": received}}), none, none, {}, none, Recovered(0, 0, 0), NO_REWARDS)
    total: int | None = content(MONTH, 1, counted, RULE)["received"]["total"]
    return total


def page(received: int, steps: int, size: int) -> Page:
    """The ledger's page: its groups, and the size of the tree."""
    return (*shown({"tip-received": received, "tip-moved": steps}, size).values(), size)


def apart(received: int, steps: int, size: int) -> Page:
    """The same page if it had a row for receptions alone, rounded like the others."""
    return (*page(received, steps, size), received // ROUNDED_TO * ROUNDED_TO)


def months(before: int, ledger: Callable[[int, int, int], Page]) -> Iterator[tuple[tuple[int | None, Page], int]]:
    """A month of few reports after months that are published exactly, *before* reports together: what is to be seen at
    its end. A report has a leaf without an entry too; how many steps were taken, and how much was padded at all
    publications before, nobody knows. Sizes that only the ends of what is tried here could have are left out."""
    entries = range(8 * ROUNDED_TO, 10 * ROUNDED_TO)
    inner = range(entries.stop + before + RULE.threshold + 2, entries.start + before + 5 * PADDED_TO)
    for received in range(RULE.threshold + 2):
        total, reports = bulletin(received), before + received
        for count in entries:
            for size in {-(-(count + reports + more) // PADDED_TO) * PADDED_TO for more in range(5 * PADDED_TO)}:
                if size in inner:
                    yield (total, ledger(reports, count - reports, size)), received


@pytest.mark.parametrize("before", range(ROUNDED_TO))
def test_the_page_of_the_ledger_narrows_no_month_that_is_withheld(before: int) -> None:
    for (total, _page), values in left(months(before, page)).items():
        assert total is not None or len(values) == RULE.threshold - 1, values


def test_a_row_of_receptions_alone_would_give_the_month_away() -> None:
    before = ROUNDED_TO - RULE.threshold + 1
    broken = [values for (total, _page), values in left(months(before, apart)).items() if total is None]
    assert {RULE.threshold - 1} in broken, "as soon as the row goes on by a group, the month was full"


# --- rewards: bands by place and year, and what a bulletin says of them

LEAST = 3
Table = tuple[int, ...]


def of(count: int) -> Paid:
    return Paid(count, count * 2_000_000, 2_000_000)


def places(table: Table) -> tuple[Cell, ...]:
    """The page of rewards: each place by its own number."""
    return tuple(tell(of(count), LEAST) for count in table)


def test_the_bulletin_adds_nothing_to_the_page_of_rewards_and_nobody_narrows_a_small_place() -> None:
    """Three places, every table up to seven: what is not told can have been anything below the threshold."""
    worlds = [(places(table), at_least(map(of, table), LEAST), table[0]) for table in product(range(8), repeat=3)]
    page_alone = left((cells, secret) for cells, _bulletin, secret in worlds)
    together = left(((cells, told), secret) for cells, told, secret in worlds)
    for (cells, told), values in together.items():
        assert values == page_alone[cells], told
        assert cells[0].count is not None or values == set(range(LEAST))


def test_an_exact_number_of_each_month_would_give_a_small_place_away() -> None:
    """Why there is none: whoever adds up the months has the total, and takes the places from it."""
    worlds = left(((places(table), sum(table)), table[0]) for table in product(range(12), repeat=3))
    assert any(cells[0].count is None and len(values) == 1 for (cells, _total), values in worlds.items())
