"""What follows from figures, and what must not: only figures of one scope, period and edition meet in a ratio."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.disclosures.overview import by_year, head
from portal.disclosures.periods import read_period
from portal.disclosures.ratios import Kind, Known, Ratio, Why, change, months_left, newest_word, share, spent_of_income
from portal.disclosures.values import Figure, Period
from tests.disclosures.figures import bulletins, figure


def period(year: int = 2025, months: str = "全年") -> Period:
    found = read_period(year, months)
    assert found is not None
    return found


def ratio(found: Ratio | Why) -> Ratio:
    assert isinstance(found, Ratio), found
    return found


RESIDENT = (figure("resident", "expenditure", "24"), figure("resident", "cumulative", "30"))


def test_a_balance_lasts_as_long_as_the_mean_month_of_its_own_spending_says() -> None:
    found = ratio(months_left(Known(RESIDENT), "resident", period()))
    assert (found.kind, found.value) == (Kind.MONTHS, Decimal("15.0"))
    assert found.codes == (RESIDENT[1].series.code, RESIDENT[0].series.code)


def test_half_a_year_has_six_months_and_units_are_told_apart() -> None:
    half = (figure("resident", "expenditure", "12000", months="上半年", unit="万元"),
            figure("resident", "cumulative", "0.5", months="上半年"))  # fmt: skip
    assert ratio(months_left(Known(half), "resident", period(2025, "1-6月"))).value == Decimal("2.5")


def test_half_a_month_has_no_mean_month() -> None:
    def first_half(one: Figure) -> Figure:
        span = Period(start=date(2025, 1, 1), end=date(2025, 1, 15), cumulative=True)
        return replace(one, series=replace(one.series, period=span))

    told = [first_half(one) for one in RESIDENT]
    assert months_left(Known(told), "resident", told[0].series.period) is Why.NO_SPENDING


def test_rounding_is_half_up_and_done_once() -> None:
    exact = (figure("resident", "expenditure", "100"), figure("resident", "cumulative", "103.75"))  # 12.45 months
    assert ratio(months_left(Known(exact), "resident", period())).value == Decimal("12.5")


@pytest.mark.parametrize(
    "other",
    [
        figure("resident", "expenditure", "24", edition="quick"),
        figure("employee-with", "expenditure", "24"),
        figure("resident", "expenditure", "24", 2024),
        figure("resident", "expenditure", "24", months="1-11月"),
        figure("resident", "expenditure", "24", restated=2026),
        figure("resident", "expenditure", ""),
        figure("resident", "expenditure", "0"),
    ],
    ids=["another edition", "another fund", "another year", "another period", "restated", "not disclosed", "nought"],
)
def test_spending_of_anything_else_is_not_divided_by(other: Figure) -> None:
    assert months_left(Known((other, RESIDENT[1])), "resident", period()) is Why.NO_SPENDING


def test_pooled_balances_are_never_set_against_the_spending_of_the_whole_fund() -> None:
    told = (figure("basic-with", "expenditure", "300"), figure("basic-pooled-with", "cumulative", "390"))
    assert months_left(Known(told), "basic-pooled-with", period()) is Why.NO_SPENDING
    parts = (figure("employee-pooled-with", "expenditure", "130"), figure("resident", "expenditure", "104"))
    found = ratio(months_left(Known((*told, *parts)), "basic-pooled-with", period()))
    assert found.value == Decimal("20.0")
    assert found.below == (parts[0].series.code, parts[1].series.code)
    assert months_left(Known((*told, parts[0])), "basic-pooled-with", period()) is Why.NO_SPENDING


def test_no_balance_is_no_ratio() -> None:
    assert months_left(Known(RESIDENT[:1]), "resident", period()) is Why.NO_BALANCE


def test_a_change_is_told_only_within_one_scope_and_edition() -> None:
    now = figure("basic-with", "income", "110", 2019)
    assert ratio(change(Known((now, figure("basic-with", "income", "100", 2018))), now)).value == Decimal("10.0")
    for before in (figure("basic-without", "income", "100", 2018), figure("basic-with", "income", "100", 2017),
                   figure("basic-with", "income", "100", 2018, edition="quick")):  # fmt: skip
        assert change(Known((now, before)), now) is Why.NO_PARTNER


def test_a_change_from_less_than_nothing_is_not_told() -> None:
    now = figure("resident", "balance", "5")
    assert change(Known((now, figure("resident", "balance", "-5", 2024))), now) is Why.NOT_POSITIVE


def test_shares_are_of_one_edition() -> None:
    told = (
        figure("resident", "income", "80"),
        figure("resident", "expenditure", "100"),
        figure("basic-with", "expenditure", "300"),
    )
    assert ratio(spent_of_income(Known(told), "resident", period())).value == Decimal("125.0")
    assert ratio(share(Known(told), "resident", "basic-with", "expenditure", period())).value == Decimal("33.3")
    quick = figure("basic-with", "expenditure", "300", edition="quick")
    assert share(Known((*told[:2], quick)), "resident", "basic-with", "expenditure", period()) is Why.NO_PARTNER


def test_the_last_word_is_the_restated_one_then_the_edition_of_the_highest_rank() -> None:
    quick, final = figure("resident", "income", "1", edition="quick"), figure("resident", "income", "2")
    anew = figure("resident", "income", "3", edition="monthly", restated=2026)
    assert newest_word([final, quick]) == [final]
    assert newest_word([anew, final, quick]) == [anew]


def test_the_real_bulletins_break_in_2019_and_have_a_pooled_balance_alone_from_2023() -> None:
    country = [one for one in bulletins() if one.series.region == "000000"]
    course = {head.period.end.year: head for head in by_year(country, "basic")}
    assert [course[year].fund for year in (2018, 2019, 2024)] == ["basic-without", "basic-with", "basic-with"]
    assert [course[year].left_fund for year in (2022, 2023)] == ["basic-with", "basic-pooled-with"]
    assert ratio(course[2024].months).value == Decimal("19.4")  # 38628.52 × 12 ÷ (13222.71 + 10661.49)
    assert ratio(course[2022].months).value == Decimal("20.8")  # 42639.89 × 12 ÷ 24597.24
    assert course[2025].months is Why.NO_BALANCE


def test_income_and_expenditure_of_two_editions_are_not_subtracted() -> None:
    told = [figure("resident", "income", "9"), figure("resident", "expenditure", "8", edition="quick")]
    found = head(told, "resident", period())
    assert found is not None and found.over is None
