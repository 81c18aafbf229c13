"""What came back to the fund: a total of the month in which no case can be told, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clock import Utc
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen
from portal.mailbox.reasons import Closing
from portal.statistics import counting
from portal.statistics.content import content
from portal.statistics.models import RecoveredMonth
from portal.statistics.recovering import add_recovered
from portal.statistics.suppression import rule_on
from portal.statistics.values import Counted, Group, Month, Recovered
from tests.admin_tips.test_findings import Bureau
from tests.admin_tips.test_together import race
from tests.admin_tips.world import found, make_world
from tests.conftest import StandingClock
from tests.statistics.bulletin_rows import NO_REWARDS

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
RULE = rule_on(SEPTEMBER.last)


def at(month: int, day: int = 10) -> Utc:
    return datetime(2026, month, day, 2, 0, tzinfo=UTC)


IN_SEPTEMBER = at(9)


def state(before: int, after: int, when: Utc = IN_SEPTEMBER) -> None:
    with transaction() as session:
        add_recovered(session, Fen(before), Fen(after), when)


def of(month: Month) -> Recovered:
    with reading() as session:
        return counting.recovered(session, month)


def test_cases_of_a_month_add_up_and_a_correction_counts_when_it_is_made(database: Database) -> None:
    state(0, 500)
    state(0, 300)
    state(0, 0)
    state(500, 450, at(10))
    assert of(SEPTEMBER) == Recovered(2, 800, 500)
    assert of(OCTOBER) == Recovered(0, -50, 0)
    assert of(Month(2026, 8)) == Recovered(0, 0, 0)


def test_a_month_is_that_of_beijing(database: Database) -> None:
    state(0, 500, datetime(2026, 9, 30, 16, 30, tzinfo=UTC))
    assert of(OCTOBER).fen == 500


def test_two_who_state_what_came_back_at_once_both_count(database: Database) -> None:
    assert race(partial(state, 0, 500), partial(state, 0, 300)) == ["done", "done"]
    assert of(SEPTEMBER) == Recovered(2, 800, 500)


def test_the_row_of_a_month_names_no_case() -> None:
    assert set(RecoveredMonth.__table__.columns.keys()) == {"month", "cases", "fen", "largest_fen"}


def test_what_a_decision_states_is_added_and_its_correction_too(
    database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock
) -> None:
    bureau = Bureau(make_world(database, checkpoint_key[0]))
    number = bureau.decided(findings=found(recovered_fen=Fen(40_000)))
    assert of(SEPTEMBER) == Recovered(1, 40_000, 40_000)
    bureau.close(number, Closing.PERFORMED)
    assert of(SEPTEMBER) == Recovered(1, 40_000, 40_000), "what is not changed is not counted twice"


def said(amounts: list[int]) -> dict[str, Any]:
    none = Group({"outcome": {"not_proven": 0}})
    total = Recovered(len(amounts), sum(amounts), max(amounts, default=0))
    counted = Counted(none, none, none, {}, none, total, NO_REWARDS)
    shown: dict[str, Any] = content(SEPTEMBER, 1, counted, RULE)["recovered"]
    return shown


@given(st.lists(st.integers(1, 10**9), max_size=12))
def test_no_sum_is_said_of_a_few_cases_nor_where_one_is_most_of_it(amounts: list[int]) -> None:
    shown = said(amounts)
    assert (shown["count"] is None) == (0 < len(amounts) < RULE.threshold)
    if shown["fen"]:
        assert len(amounts) >= RULE.threshold and max(amounts) * 2 <= sum(amounts) == shown["fen"]


@pytest.mark.parametrize(
    ("amounts", "fen"), [([100] * 5, 500), ([100] * 4, None), ([1000, 1, 1, 1, 1, 1], None), ([], 0)]
)
def test_the_sum_of_enough_cases_alike_is_said(amounts: list[int], fen: int | None) -> None:
    assert said(amounts)["fen"] == fen
