"""Where a schedule jumps: what officers know of real rules, and that nothing else jumps there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rewards.jumps import Asking, Holding, Kind, Place, Way, case_for, far_enough
from portal.rewards.schedule import MOST_FEN, shipped
from portal.rewards.values import Band, Case, Mode, Schedule, Status, Subject, Table

CASE = Case(0, date(2026, 9, 28), Subject.INSTITUTION)


def asked(name: str, place: int = 0) -> Asking:
    schedule = shipped()[name]
    table = schedule.tables[place]
    return Asking(case_for(table, CASE), schedule, table)


def jumping(asking: Asking) -> list[tuple[int, str, int | None, int | None]]:
    """Edge in yuan, up or down, and the figures in yuan on both sides."""
    return [_line(one) for one in asking.places() if one.way in (Way.UP, Way.DOWN)]


def _line(place: Place) -> tuple[int, str, int | None, int | None]:
    sides = _yuan(place.last_figure.reward_fen), _yuan(place.first_figure.reward_fen)
    return place.at.value_fen // 100, place.way.value, *sides


def _yuan(fen: int | None) -> int | None:
    return None if fen is None else fen // 100


@pytest.mark.parametrize(
    ("name", "place", "jumps"),
    [
        ("beijing-2023", 0, [(500_000, "up", 10_000, 20_000)]),
        ("beijing-2023", 1, [(10_000, "up", 1_000, 1_500)]),
        ("nanjing-2019", 0, [(50_000, "down", 2_500, 2_000), (150_000, "down", 6_000, 4_500)]),
        ("hebei-2023", 0, []),
        ("sichuan-2023", 0, []),
        ("henan-2023", 0, []),
    ],
)
def test_real_rules_jump_where_they_do(
    name: str, place: int, jumps: list[tuple[int, str, int | None, int | None]]
) -> None:
    assert jumping(asked(name, place)) == jumps


def test_the_figures_just_below_at_and_above_an_edge_are_those_that_will_be_paid() -> None:
    (edge,) = (one for one in asked("beijing-2023").places() if one.kind is Kind.EDGE)
    figures = [(one.value_fen, one.reward_fen) for one in (edge.below, edge.at, edge.above)]
    assert figures == [(49_999_999, 1_000_000), (50_000_000, 1_000_000), (50_000_001, 2_000_000)]
    assert edge.first == 50_000_001


def test_floor_and_cap_begin_where_they_begin() -> None:
    bounds = [one for one in asked("hebei-2023").places() if one.kind is Kind.BOUND]
    assert [(one.first, one.holding) for one in bounds] == [
        (1_666_667, Holding.FREE),  # 3% of it is above 500 yuan for the first time
        (1_940_000_001, Holding.CAP),
    ]


def test_a_rule_whose_floor_was_not_seen_begins_to_give_figures_somewhere() -> None:
    first = asked("hunan-2025").places()[0]
    assert (first.way, first.below.reward_fen, first.at.reward_fen) == (Way.UNKNOWN, None, 20_000)
    assert "最低数额" in first.below.reason


def test_where_an_officer_chooses_each_band_takes_its_lowest() -> None:
    figures = [one.at.reward_fen for one in asked("weifang-2021").places() if one.kind is Kind.EDGE]
    assert figures == [20_000, 50_000, 200_000, 500_000]


def test_a_picture_ends_where_there_is_nothing_more_to_see() -> None:
    assert far_enough(asked("beijing-2023").places()) == 3 * 50_000_001  # its cap is ten times as far
    assert far_enough(asked("henan-2023").places()) == 400_000_001 * 6 // 5  # the cap is all there is
    assert far_enough([]) == 1_000_000_000


def test_the_curve_is_broken_where_it_jumps_and_nowhere_else() -> None:
    beijing, hebei = asked("beijing-2023"), asked("hebei-2023")
    up, down = beijing.curve(beijing.places(), 600_000_000)
    assert up[-1] == (50_000_000, 1_000_000) and down[0] == (50_000_001, 2_000_000)
    assert down[-1] == (600_000_000, 20_000_000)
    assert len(hebei.curve(hebei.places(), 100_000_002)) == 1


# --- any schedule

RATES = st.integers(0, 2_000).map(lambda number: Decimal(number) / 10_000)
SUMS = st.none() | st.integers(0, 10_000_000)


@st.composite
def askings(draw: st.DrawFn) -> Asking:
    edges = sorted(100 * yuan for yuan in draw(st.sets(st.integers(1, 10**8), max_size=4)))  # as rules are written
    uppers: list[int | None] = [*edges, None]
    bands = tuple(
        Band(upper, upper is not None and draw(st.booleans()), draw(st.integers(0, 10**7)), draw(RATES))
        for upper in uppers
    )
    floor, cap = sorted((draw(SUMS) or 0, draw(SUMS) or 10**8))
    table = Table({}, Mode.FLAT, draw(st.none() | st.just(floor)), bands)
    schedule = replace(
        shipped()["henan-2023"], status=Status.IN_FORCE, floor_fen=floor, cap_fen=cap, tables=(table,), uplift=None
    )
    return Asking(CASE, schedule, table)


def by_hand(schedule: Schedule, value: int) -> Decimal:
    """The exact amount, without the program's own rules."""
    table = schedule.tables[0]
    band = next(
        one
        for one in table.bands
        if one.upper_fen is None or value < one.upper_fen or (one.upper_inclusive and value == one.upper_fen)
    )
    assert band.rate is not None and schedule.floor_fen is not None and schedule.cap_fen is not None
    amount = max(band.base_fen + band.rate * value, Decimal(max(schedule.floor_fen, table.floor_fen or 0)))
    return min(amount, Decimal(schedule.cap_fen))


@settings(max_examples=150, deadline=None)
@given(askings())
def test_every_jump_is_more_than_the_slope_and_every_steady_place_is_not(asking: Asking) -> None:
    for place in asking.places():
        step = by_hand(asking.schedule, place.first) - by_hand(asking.schedule, place.first - 1)
        steepest = max(band.rate or Decimal(0) for band in asking.table.bands)
        if place.way is Way.UP:
            assert step > 0 and step > _slope(asking.schedule, place)
        elif place.way is Way.DOWN:
            assert step < 0
        else:
            assert 0 <= step <= steepest


def _slope(schedule: Schedule, place: Place) -> Decimal:
    """One fen further, on the steeper of the two sides."""
    before = by_hand(schedule, place.first - 1) - by_hand(schedule, max(1, place.first - 2))
    return max(before, by_hand(schedule, place.first + 1) - by_hand(schedule, place.first))


@settings(max_examples=150, deadline=None)
@given(askings(), st.data())
def test_between_two_places_the_figure_runs_straight(asking: Asking, data: st.DataObject) -> None:
    starts = [1, *(place.first for place in asking.places())]
    ends = [*(start - 1 for start in starts[1:]), MOST_FEN]
    spans = [(start, end) for start, end in zip(starts, ends, strict=True) if end - start > 1]
    start, end = data.draw(st.sampled_from(spans))
    middle = data.draw(st.integers(start, end))
    first, between, last = (by_hand(asking.schedule, value) for value in (start, middle, end))
    assert asking.figure(middle).exact == between
    assert (between - first) * (end - start) == (last - first) * (middle - start)
