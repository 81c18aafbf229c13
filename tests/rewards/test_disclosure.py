"""What was paid is told in bands of places, each by its own numbers alone, and sums hold nothing that is not told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rewards.disclosure import NOTHING, AtLeast, Band, Cell, Paid, at_least, count_band, fen_band, tell

payments = st.lists(st.integers(1, 10**9), max_size=60)
thresholds = st.integers(3, 40)


def of(amounts: list[int]) -> Paid:
    return Paid(len(amounts), sum(amounts), max(amounts, default=0))


def test_a_small_place_and_a_place_without_payments_look_alike() -> None:
    assert tell(Paid(9, 900_000, 100_000), 10) == tell(NOTHING, 10) == Cell(None, None)
    assert tell(Paid(120, 10**8, 10**6), 10) == Cell(Band(100, 200), Band(10**8, 2 * 10**8))


def test_a_sum_that_is_mostly_one_payment_is_not_told() -> None:
    assert tell(Paid(12, 10**8, 5 * 10**7), 10).fen == Band(10**8, 2 * 10**8)
    assert tell(Paid(12, 10**8, 5 * 10**7 + 1), 10) == Cell(Band(10, 20), None)


@given(payments, thresholds)
def test_what_is_told_is_true_and_of_the_threshold_at_least(amounts: list[int], least: int) -> None:
    cell, paid = tell(of(amounts), least), of(amounts)
    assert (cell.count is None) == (paid.count < least)
    assert cell.count is None or cell.count.holds(paid.count)
    assert cell.fen is None or (cell.fen.holds(paid.fen) and paid.count >= least)


@given(st.lists(payments, max_size=6), payments, thresholds)
def test_what_is_told_of_all_places_is_the_same_whatever_a_small_one_paid(
    places: list[list[int]], other: list[int], least: int
) -> None:
    """The whole secret of a sum: it is made of what is told, and of nothing else."""
    paid = [of(one) for one in places]
    small = of(other[: least - 1])
    assert at_least([*paid, small], least) == at_least([*paid, NOTHING], least) == at_least(paid, least)
    told = [tell(one, least) for one in paid]
    lows = AtLeast(sum(one.count.low for one in told if one.count), sum(one.fen.low for one in told if one.fen))
    assert at_least(paid, least) == lows


@given(st.integers(3, 10**6), st.integers(0, 10**13), thresholds)
def test_bands_are_wide(count: int, fen: int, least: int) -> None:
    if count >= least:
        band = count_band(count, least)
        assert band.holds(count) and (band.low == least or band.high >= 2 * band.low)
    assert fen_band(fen).holds(fen)


def test_a_threshold_that_protects_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="below 3"):
        tell(Paid(2, 1, 1), 2)
