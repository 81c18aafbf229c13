"""The rule of the evaluation: exact, recomputable from its words, silent where there is too little."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.evaluation.counting import COUNTS
from portal.kernel.errors import NotFound
from portal.statistics.evaluation import Counted, Period, evaluate, ranks, version_for, versions

RULE = versions()[0]
CASES = st.dictionaries(
    st.sampled_from([one.id for one in RULE.indicators]),
    st.integers(0, 400).flatmap(lambda whole: st.tuples(st.integers(0, 3 * whole), st.just(whole))),
)


def test_an_office_is_rated_as_somebody_computes_it_by_hand() -> None:
    counted = {"clocks": Counted(47, 50), "decision-days": Counted(700, 7), "opening-days": Counted(10, 10)}
    found = evaluate(RULE, counted)
    # 47/50 = 0.94, (0.94-0.8)/0.2 = 70; 700/7 = 100 days, (100-180)/(60-180) = 66.67; 1 day earns all.
    assert [one.points for one in found.steps] == [Decimal("70.00"), Decimal("66.67"), Decimal("100.00")]
    assert found.total == Decimal("74.83")  # (70*45 + 66.67*35 + 100*20) / 100 = 74.8345
    assert found.words == "总分：（70.00 × 45 + 66.67 × 35 + 100.00 × 20）÷ 100 = 74.83。"
    assert found.steps[0].words == (
        "按期办结的期限 47，本期到期的期限 50：47 ÷ 50 = 0.9400；（0.9400 − 0.8）÷（1 − 0.8）× 100 = 70.00 分。"
    )


def test_with_too_few_cases_nothing_is_guessed() -> None:
    few = evaluate(RULE, {"clocks": Counted(9, 9), "decision-days": Counted(300, 5), "opening-days": Counted(5, 5)})
    assert [one.points for one in few.steps] == [None, Decimal("100.00"), Decimal("100.00")]
    assert "不到 10，太少，不评" in few.steps[0].words
    assert few.total is None and few.words == "不评总分：能评的指标权重合计 55，不到 60。"
    assert evaluate(RULE, {}).total is None


def test_the_total_is_over_what_could_be_rated() -> None:
    found = evaluate(RULE, {"clocks": Counted(10, 10), "opening-days": Counted(40, 10)})
    assert found.total == Decimal("84.62")  # (100*45 + 50*20) / 65


def test_more_days_than_the_line_of_no_points_are_not_called_fewer() -> None:
    slow = evaluate(RULE, {"decision-days": Counted(1999, 9), "clocks": Counted(7, 10)})
    words = [step.words.partition("：")[2] for step in slow.steps if step.points is not None]
    assert words == [
        "7 ÷ 10 = 0.7000，不优于零分线 0.8，得 0.00 分。",
        "1999 ÷ 9 = 222.1111，不优于零分线 180，得 0.00 分。",
    ]


@given(CASES)
def test_the_total_follows_from_the_words_alone(cases: dict[str, tuple[int, int]]) -> None:
    found = evaluate(RULE, {name: Counted(*one) for name, one in cases.items()})
    for step in found.steps:
        if step.points is None:
            assert step.counted.whole < step.indicator.least
            continue
        assert 0 <= step.points <= 100 and str(step.points) in step.words
        exact = Fraction(step.counted.part, step.counted.whole)
        assert step.figure is not None and abs(Fraction(step.figure) - exact) <= Fraction(1, 20_000)
    if found.total is not None:
        terms = re.findall(r"([0-9.]+) × ([0-9]+)", found.words)
        summed = sum((Fraction(points) * int(weight) for points, weight in terms), Fraction(0))
        weight = sum(int(one) for _, one in terms)
        assert abs(Fraction(found.total) - summed / weight) <= Fraction(1, 200)


def test_equal_totals_share_a_place_and_the_next_is_left_out() -> None:
    a, b = Decimal("90.00"), Decimal("80.10")
    assert ranks([b, a, None, a]) == [3, 1, None, 1]


def test_every_version_weighs_a_hundred_and_has_a_way_from_none_to_full() -> None:
    for version in versions():
        assert sum(one.weight for one in version.indicators) == 100
        assert all(one.full != one.none and one.least > 0 for one in version.indicators)
        assert len({one.id for one in version.indicators}) == len(version.indicators)
        assert all(f"{one.within} 个工作日" in one.definition for one in version.indicators if one.within)
        assert {one.id for one in version.indicators} <= set(COUNTS), "each can be counted"


def test_a_period_is_a_year_or_a_quarter_and_has_the_rule_of_its_first_day() -> None:
    quarter = Period.read("2026-Q4")
    assert (quarter.first, quarter.last, str(quarter)) == (date(2026, 10, 1), date(2026, 12, 31), "2026-Q4")
    assert (Period.read("2026").first, Period.read("2026").last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert Period.last_quarter(date(2027, 1, 5)) == quarter
    assert version_for(Period.read("2026-Q3")) == version_for(Period.read("2026")) == RULE
    assert version_for(quarter) == versions()[1] != RULE, "what began before a version keeps the one before"
    with pytest.raises(NotFound):
        version_for(Period.read("2025-Q4"))
    for wrong in ("2026-Q5", "26", "2026-q1", ""):
        with pytest.raises(NotFound):
            Period.read(wrong)
