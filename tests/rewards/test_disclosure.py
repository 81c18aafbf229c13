"""What was paid is told in bands, and no small number can be worked out of them, whoever subtracts what from what."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rewards.disclosure import Band, Cell, Paid, Told, Year, count_band, fen_band, possible, publish

paid = st.builds(Paid, st.one_of(st.integers(0, 30), st.integers(0, 5000)), st.integers(0, 10**11))
tables = st.dictionaries(st.sampled_from([f"{n:06d}" for n in range(12)]), paid, min_size=1)
thresholds = st.integers(3, 40)


def words(year: Year) -> dict[str, Told]:
    return {place: cell.told for place, cell in year.places.items()}


def test_a_small_place_and_a_place_without_payments_look_alike() -> None:
    year = publish({"a": Paid(9, 900_000), "b": Paid(0, 0), "c": Paid(120, 10**8), "d": Paid(4, 1)}, 10)
    assert year.places["a"] == year.places["b"] == Cell(Told.FEW, None, None)
    assert year.places["c"] == Cell(Told.TOLD, Band(100, 200), Band(10**8, 2 * 10**8))
    assert year.total.count == Band(100, 200)


def test_a_year_with_few_payments_tells_nothing() -> None:
    year = publish({"a": Paid(5, 1), "b": Paid(4, 1)}, 10)
    assert {year.total, *year.places.values()} == {Cell(Told.FEW, None, None)}


def test_a_total_that_gives_a_small_place_away_is_kept_back() -> None:
    assert publish({"a": Paid(9, 1), "b": Paid(9, 1)}, 10).total.told is Told.GUARDED


def test_a_place_is_kept_back_where_its_band_would_give_a_small_one_away() -> None:
    year = publish({"a": Paid(5, 1), "b": Paid(998, 10**9)}, 10)
    assert year.total.count == Band(1000, 2000)
    assert words(year) == {"a": Told.FEW, "b": Told.GUARDED}


def test_the_sum_of_a_year_is_kept_back_where_one_place_alone_is_hidden() -> None:
    one = publish({"a": Paid(5, 10**9), "b": Paid(300, 10**9)}, 10)
    assert one.total.count is not None and one.total.fen is None
    two = publish({"a": Paid(5, 10**7), "b": Paid(300, 10**9), "c": Paid(8, 10**7)}, 10)
    assert two.total.fen == Band(10**9, 2 * 10**9)


@given(tables, thresholds)
def test_nobody_narrows_a_small_place_down(table: dict[str, Paid], least: int) -> None:
    year = publish(table, least)
    for place, one in table.items():
        assert (year.places[place].told is Told.FEW) == (one.count < least)
    if year.total.count is not None:
        found = list(possible(year.places, year.total.count, least))
        assert all((low, high) == (0, least - 1) for _place, low, high in found)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abc"), st.builds(Paid, st.integers(0, 9), st.just(0)), min_size=1))
def test_the_attack_finds_what_trying_every_table_finds(table: dict[str, Paid]) -> None:
    """Least 3, places of at most 9 payments: every table (up to 29) that fits what is told, one by one."""
    least = 3
    year = publish(table, least)
    fitting = [
        guess
        for guess in product(range(30), repeat=len(table))
        if all(_fits(cell, value, least) for cell, value in zip(year.places.values(), guess, strict=True))
        and _total_fits(year.total, sum(guess), least)
    ]
    assert tuple(one.count for one in table.values()) in fitting
    for index, place in enumerate(year.places):
        if year.places[place].told is Told.FEW:
            found = {guess[index] for guess in fitting}
            small = sum(one.count for one in table.values()) < least
            assert small or found == set(range(least)), (place, year)


def _fits(cell: Cell, value: int, least: int) -> bool:
    if cell.count is not None:
        return cell.count.holds(value)
    return value >= least if cell.told is Told.GUARDED else value < least


def _total_fits(cell: Cell, value: int, least: int) -> bool:
    return value < least if cell.told is Told.FEW else cell.count is None or cell.count.holds(value)


@given(tables, thresholds)
def test_no_sum_belongs_to_fewer_than_the_threshold(table: dict[str, Paid], least: int) -> None:
    year = publish(table, least)
    told = {place for place, cell in year.places.items() if cell.fen is not None}
    assert all(table[place].count >= least for place in told)
    hidden = [one.count for place, one in table.items() if place not in told]
    if year.total.fen is not None and hidden:
        assert len(hidden) >= 2 and sum(hidden) >= least


@given(tables, thresholds)
def test_what_is_told_is_true(table: dict[str, Paid], least: int) -> None:
    year = publish(table, least)
    cells = [(year.places[place], one) for place, one in table.items()]
    cells.append((year.total, Paid(sum(o.count for o in table.values()), sum(o.fen for o in table.values()))))
    for cell, one in cells:
        assert cell.count is None or cell.count.holds(one.count)
        assert cell.fen is None or cell.fen.holds(one.fen)


@given(tables, thresholds, st.data())
def test_one_payment_more_changes_nothing_told_of_a_small_place(
    table: dict[str, Paid], least: int, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(sorted(table)))
    more = {**table, place: Paid(table[place].count + 1, table[place].fen)}
    if more[place].count < least:
        assert publish(more, least).places[place] == publish(table, least).places[place]


@given(st.integers(3, 10**6), st.integers(0, 10**13), thresholds)
def test_bands_are_wide(count: int, fen: int, least: int) -> None:
    if count >= least:
        band = count_band(count, least)
        assert band.holds(count) and (band.low == least or band.high >= 2 * band.low)
    assert fen_band(fen).holds(fen)


def test_a_threshold_that_protects_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="below 3"):
        publish({"a": Paid(2, 1)}, 2)
