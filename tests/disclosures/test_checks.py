"""Figures held against each other: the known verdicts on the bulletins, and what the rules say of invented ones."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.disclosures import checks
from portal.disclosures.checks import DIFFERS, EXACT, ROUNDING, check_all
from portal.disclosures.periods import between
from portal.disclosures.reading import read_figures
from portal.disclosures.values import NOT_DISCLOSED, Figure, Pooling, Series

KNOWN = Path(__file__).parent / "data" / "fund_bulletins_checks.csv"
FOUR = {checks.SUM, checks.DIFFERENCE, checks.ROLL, checks.RESTATED}


def bulletins() -> list[Figure]:
    """The 335 collected figures."""
    return read_figures((files("admin.demo") / "data" / "fund_bulletins.csv").read_bytes(), "bulletins.csv").figures


def told(measure: str, amount: str, *, fund: str = "resident", year: int = 2024, unit: str = "亿元") -> Figure:
    """An invented figure of a final year."""
    series = Series(
        region="320100", place="江苏省南京市", pooling=Pooling.CITY, fund=fund, measure=measure,
        period=between(year, 1, 12), edition="bulletin",
    )  # fmt: skip
    return Figure(series=series, amount=amount, unit=unit, source="演示公报（虚构）")


def verdicts(*figures: Figure) -> dict[str, str]:
    return {one.name: one.verdict for one in check_all(figures)}


def test_every_verdict_on_the_collected_bulletins_is_the_known_one() -> None:
    with KNOWN.open(encoding="utf-8", newline="") as file:
        wanted = {
            (row["check"], row["item"]): (
                row["computed_or_earlier"],
                row["published"],
                row["difference"],
                row["verdict"],
            )
            for row in csv.DictReader(file)
        }
    found = {
        (one.name, one.item): (one.computed, one.published, one.difference, one.verdict)
        for one in check_all(bulletins())
        if one.name in FOUR
    }
    assert len(wanted) == 135
    assert found == wanted


def test_beyond_those_the_bulletins_ask_for_one_jump_and_tell_schemes_that_ended_apart() -> None:
    other = [one for one in check_all(bulletins()) if one.name not in FOUR]
    assert [(one.name, one.verdict) for one in other if one.name == checks.JUMP] == [(checks.JUMP, DIFFERS)]
    assert {one.name for one in other} == {checks.JUMP, checks.RESTATED_PART}


def test_the_whole_may_be_off_by_what_printing_hides_and_not_by_more() -> None:
    parts = told("income", "10.01", fund="employee-with"), told("income", "5.00")
    assert verdicts(*parts, told("income", "15.01", fund="basic-with")) == {checks.SUM: EXACT}
    assert verdicts(*parts, told("income", "15.02", fund="basic-with")) == {checks.SUM: ROUNDING}
    assert verdicts(*parts, told("income", "15.03", fund="basic-with")) == {checks.SUM: DIFFERS}


def test_a_total_printed_in_whole_units_may_be_off_by_more() -> None:
    parts = told("income", "10.44", fund="employee-with"), told("income", "5.04")
    assert verdicts(*parts, told("income", "15", fund="basic-with")) == {checks.SUM: ROUNDING}
    assert verdicts(*parts, told("income", "17", fund="basic-with")) == {checks.SUM: DIFFERS}


def test_a_copy_error_of_one_digit_is_found() -> None:
    # the mirrored copy of a bulletin says 27491.84 where 27490.84 adds up
    right = told("enrolled", "27490.84", fund="employee-pooled-with", unit="万人")
    rest, whole = (
        told("enrolled", "10457.50", fund="employee-account", unit="万人"),
        told("enrolled", "37948.34", fund="employee-with", unit="万人"),
    )
    assert verdicts(right, rest, whole) == {checks.SUM: EXACT}
    assert verdicts(replace(right, amount="27491.84"), rest, whole) == {checks.SUM: DIFFERS}


def test_income_less_spending_is_the_balance_also_where_it_is_a_deficit() -> None:
    found = check_all([told("income", "8.84"), told("expenditure", "9.59"), told("balance", "-0.75")])
    assert {one.name: one.verdict for one in found} == {checks.DIFFERENCE: EXACT, checks.SIGN: DIFFERS}


def test_what_was_published_before_takes_part_and_is_not_checked_by_itself() -> None:
    before = [told("cumulative", "100.00", year=2023), told("balance", "1.00", year=2023)]
    now = [told("cumulative", "105.00"), told("balance", "5.00")]
    assert check_all([], before + now) == []
    found = {one.name: one.verdict for one in check_all(now, before)}
    assert found == {checks.ROLL: EXACT}


def test_a_jump_is_beyond_half_and_not_at_half() -> None:
    before = told("income", "100", year=2023)
    assert checks.JUMP not in verdicts(before, told("income", "150"))
    assert verdicts(before, told("income", "151"))[checks.JUMP] == DIFFERS
    assert verdicts(before, told("income", "49"))[checks.JUMP] == DIFFERS
    assert verdicts(told("income", "1", year=2023), told("income", "2"))[checks.JUMP] == DIFFERS
    assert checks.jump_percent("yield", date(2024, 12, 31)) is None


def test_another_unit_than_a_year_before_is_asked_about_and_nothing_is_converted() -> None:
    found = check_all([told("income", "3391", unit="万元"), told("income", "0.34", year=2023)])
    assert [(one.name, one.computed, one.published) for one in found] == [(checks.UNITS, "0.34亿元", "3391万元")]


def test_what_is_brought_forward_is_what_was_left() -> None:
    left = told("cumulative", "7.10", year=2023)
    assert verdicts(left, told("opening", "7.10"))[checks.OPENING] == EXACT
    assert verdicts(left, told("opening", "7.20"))[checks.OPENING] == DIFFERS


def test_a_figure_that_was_not_disclosed_takes_part_in_nothing() -> None:
    assert verdicts(told("income", "1"), told("expenditure", "1"), told("balance", NOT_DISCLOSED)) == {}


def test_places_and_editions_are_never_mixed() -> None:
    income, spent, balance = told("income", "3"), told("expenditure", "1"), told("balance", "9")
    elsewhere = replace(balance, series=replace(balance.series, region="320200", place="江苏省无锡市"))
    other = replace(balance, series=replace(balance.series, edition="quick"))
    assert verdicts(income, spent, elsewhere) == {}
    assert verdicts(income, spent, other) == {}
    assert verdicts(income, spent, balance) == {checks.DIFFERENCE: DIFFERS}


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2))
def test_a_balance_that_is_computed_exactly_is_exact(income: Decimal, spent: Decimal) -> None:
    balance = income - spent
    found = check_all(
        [told("income", str(income)), told("expenditure", str(spent)), told("balance", format(balance, "f"))]
    )
    assert next(one for one in found if one.name == checks.DIFFERENCE).verdict == EXACT


@pytest.mark.parametrize("amount", ["15.02", "15.03"])
def test_a_check_keeps_its_id_while_its_figures_stay(amount: str) -> None:
    figures = [
        told("income", "10.01", fund="employee-with"), told("income", "5"), told("income", amount, fund="basic-with"),
    ]  # fmt: skip
    first, again = check_all(figures)[0], check_all(list(reversed(figures)))[0]
    assert first.id == again.id
    assert first.id != check_all([*figures[:2], replace(figures[2], amount="99")])[0].id
