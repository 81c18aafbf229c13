"""What must hold for every schedule and every case, and the traps that real rules set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.rewards.rules import assess, choose_table, round_half_up, split
from portal.rewards.schedule import shipped
from portal.rewards.values import (
    GRADES,
    Assessment,
    Case,
    Mode,
    Nature,
    Relation,
    Reporter,
    Schedule,
    Status,
    Subject,
)

DAY = date(2026, 9, 28)
WITH_TABLES = sorted(one.id for one in shipped().values() if one.tables)
values = st.one_of(
    st.integers(0, 10**12),
    st.sampled_from([edge + off for edge in (10**5, 10**6, 10**7, 5 * 10**7, 10**8) for off in (-1, 0, 1)]),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, Case]:
    """A schedule with tables and a case for it; choices are drawn inside what the rule leaves open."""
    schedule = shipped()[draw(st.sampled_from(WITH_TABLES))]
    case = Case(
        draw(values),
        DAY,
        draw(st.sampled_from(Subject)),
        draw(st.sampled_from([None, *GRADES])),
        draw(st.sampled_from([None, *Nature])),
        draw(st.sampled_from(Relation)),
        draw(st.sampled_from(Reporter)),
        joint=draw(st.integers(1, 7)),
    )
    return schedule, _with_choices(draw, schedule, case)


def _with_choices(draw: st.DrawFn, schedule: Schedule, case: Case) -> Case:
    chosen: dict[str, Any] = {}
    try:
        table = choose_table(case, schedule.tables)
    except Refused:
        return case
    band = next(band for band in table.bands if band.holds(case.case_value_fen))
    if band.rate is not None and band.rate_max is not None:
        chosen["rate_chosen"] = draw(st.decimals(band.rate, band.rate_max, places=3))
    if case.case_value_fen == 0 and schedule.no_loss is not None and schedule.no_loss.kind != "fixed":
        chosen["amount_chosen_fen"] = draw(st.integers(schedule.no_loss.min_fen, schedule.no_loss.max_fen or 10**7))
    elif band.base_max_fen is not None and band.base_max_fen > band.base_fen:
        chosen["amount_chosen_fen"] = draw(st.integers(band.base_fen, band.base_max_fen))
    uplift = schedule.uplift
    if uplift and case.relation in uplift.relations and uplift.kind in ("add_rate_range", "discretionary"):
        chosen["add_rate"] = draw(st.decimals(0, uplift.value_max or Decimal("0.1"), places=3))
    return replace(case, **chosen)


def figure(schedule: Schedule, case: Case) -> Assessment | None:
    try:
        return assess(case, schedule, override=True)
    except Refused:
        return None


@given(cases())
def test_never_above_the_cap_and_never_below_the_floor_where_one_applies(drawn: tuple[Schedule, Case]) -> None:
    schedule, case = drawn
    found = figure(schedule, case)
    if found is None:
        return
    assert found.reward_fen >= 0
    if schedule.cap_fen is not None:
        assert found.reward_fen <= schedule.cap_fen
    if found.eligible and case.case_value_fen and schedule.floor_fen is not None:
        assert found.reward_fen >= schedule.floor_fen
    if not found.eligible:
        assert found.reward_fen == 0


@given(cases())
def test_the_shares_add_up_to_the_whole_and_differ_by_a_fen_at_most(drawn: tuple[Schedule, Case]) -> None:
    found = figure(*drawn)
    if found is not None:
        assert sum(found.shares) == found.reward_fen and len(found.shares) == drawn[1].joint
        assert max(found.shares) - min(found.shares) <= 1 and list(found.shares) == sorted(found.shares, reverse=True)


@given(cases())
def test_the_trace_recomputes_to_the_same_figure(drawn: tuple[Schedule, Case]) -> None:
    found = figure(*drawn)
    if found is not None:
        assert recomputed(found) == found.reward_fen


def recomputed(found: Assessment) -> int:
    """The figure from the numbers of the trace alone, with other arithmetic than the program's."""
    amount = Fraction(0)
    for step in found.trace:
        n = step.numbers
        if step.kind == "band":
            amount = n["base_fen"] + (Fraction(n["rate"]) + Fraction(n["added_rate"])) * (
                n["case_value_fen"] - n["over_fen"]
            )
        elif step.kind == "no_loss":
            amount = Fraction(n["amount_fen"])
        elif step.kind == "floor":
            amount = max(amount, Fraction(n["floor_fen"]))
        elif step.kind == "uplift":
            amount *= Fraction(n["factor"])
        elif step.kind == "cap":
            amount = min(amount, Fraction(n["cap_fen"]))
        elif step.kind == "rounding":
            amount = Fraction(int(amount / n["unit_fen"] + Fraction(1, 2)) * n["unit_fen"])
        if step.fen is not None and step.kind != "eligibility":
            assert amount == Fraction(step.fen)
    assert amount.denominator == 1
    return int(amount)


@given(cases(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_fines_and_other_findings_never_change_the_figure(drawn: tuple[Schedule, Case], fine: int, other: int) -> None:
    schedule, case = drawn
    with_more = figure(schedule, replace(case, fine_fen=fine, other_findings_fen=other))
    assert with_more == figure(schedule, case)


@pytest.mark.parametrize(
    "name", [one.id for one in shipped().values() if any(t.mode == "marginal" for t in one.tables)]
)
def test_marginal_tables_are_continuous(name: str) -> None:
    for table in shipped()[name].tables:
        for lower, upper in pairwise(table.bands):
            edge = lower.upper_fen
            assert edge is not None and lower.rate is not None
            assert lower.base_fen + lower.rate * (edge - lower.over_fen) == upper.base_fen
            assert upper.over_fen == edge and table.mode is Mode.MARGINAL


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_under_a_marginal_rule_a_greater_loss_never_gives_less(one: int, other: int) -> None:
    schedule, (less, more) = shipped()["sichuan-2023"], sorted((one, other))
    figures = [assess(Case(value, DAY, Subject.INSTITUTION), schedule).reward_fen for value in (less, more)]
    assert figures == sorted(figures)


@given(st.integers(0, 10**9), st.integers(1, 1000))
def test_split_gives_the_odd_fen_to_those_who_signed_first(total: int, reporters: int) -> None:
    shares = split(total, reporters)
    assert sum(shares) == total and shares[: total % reporters] == (total // reporters + 1,) * (total % reporters)


@given(st.decimals(0, 10**10, places=6), st.sampled_from([1, 10, 100]))
def test_rounding_is_half_up_to_the_unit(exact: Decimal, unit: int) -> None:
    found = round_half_up(exact, unit)
    assert found % unit == 0
    assert -unit <= 2 * (Fraction(exact) - found) < unit


def refused(schedule: str, case: Case, *, override: bool = False) -> str:
    with pytest.raises(Refused) as error:
        assess(case, shipped()[schedule], override=override)
    assert error.value.message
    return error.value.code


def plain(value_fen: int = 10**7, **given: Any) -> Case:
    return Case(value_fen, given.pop("decided_on", DAY), given.pop("subject", Subject.INSTITUTION), **given)


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.SUPERSEDED, Status.FRAMEWORK, Status.INFERRED, Status.TEXT_NOT_SEEN]
)
def test_only_a_schedule_in_force_gives_a_figure(status: Status) -> None:
    schedule = next(one for one in shipped().values() if one.status is status)
    code = refused(schedule.id, plain(grade="1"))
    assert code == ("not_in_force" if schedule.tables else "no_rate_table")
    if not schedule.tables:
        assert refused(schedule.id, plain(), override=True) == "no_rate_table"


@pytest.mark.parametrize(
    ("schedule", "case", "code"),
    [
        ("chongqing-2025", plain(grade="ordinary", decided_on=date(2025, 8, 7)), "not_in_force_then"),
        ("hunan-2025", plain(grade="1", decided_on=date(2025, 12, 30)), "not_in_force_then"),
        ("hunan-2025", plain(grade="2"), "no_rate"),
        ("hunan-2025", plain(100_000, grade="1"), "floor_unknown"),
        ("fujian-2024", plain(), "grade_needed"),
        ("fujian-2024", plain(grade="4"), "unknown_grade"),
        ("shaanxi-2024", plain(), "nature_needed"),
        ("chongqing-2025", plain(grade="full_evidence", relation=Relation.INSIDER), "no_rate"),
        ("sichuan-2023", plain(rate_chosen=Decimal("0.05")), "choice_not_open"),
        ("sichuan-2023", plain(add_rate=Decimal("0.01"), relation=Relation.INSIDER), "choice_not_open"),
        ("sichuan-2023", plain(amount_chosen_fen=5), "choice_not_open"),
    ],
)
def test_what_is_unknown_or_not_open_is_refused(schedule: str, case: Case, code: str) -> None:
    assert refused(schedule, case) == code


@pytest.mark.parametrize(
    ("schedule", "case", "code"),
    [
        ("gansu-2019", plain(grade="1"), "choice_needed"),
        ("gansu-2019", plain(grade="1", rate_chosen=Decimal("0.0501")), None),
        ("gansu-2019", plain(grade="1", rate_chosen=Decimal("0.0801")), "choice_out_of_range"),
        ("gansu-2019", plain(grade="1", rate_chosen=Decimal("0.05"), relation=Relation.INSIDER), "choice_needed"),
        ("weifang-2021", plain(50_000, amount_chosen_fen=20_000), None),
        ("weifang-2021", plain(500_000, amount_chosen_fen=19_999), "choice_out_of_range"),
        ("weifang-2021", plain(500_000), "choice_needed"),
        ("weifang-2021", plain(10**8, amount_chosen_fen=950_000, relation=Relation.INSIDER), "ambiguous"),
        ("nanjing-2019", plain(relation=Relation.INSIDER), "uplift_unknown"),
        ("qingyuan-2022", plain(grade="1", relation=Relation.INSIDER), "choice_needed"),
        ("qingyuan-2022", plain(grade="1", relation=Relation.INSIDER, add_rate=Decimal("0.06")), "choice_out_of_range"),
        ("shandong-2019", plain(0), "choice_needed"),
        ("shandong-2019", plain(0, amount_chosen_fen=100_001), "choice_out_of_range"),
        ("gansu-2019", plain(0, grade="1", amount_chosen_fen=30_000), None),
    ],
)
def test_an_officers_choice_is_needed_where_the_rule_leaves_one_and_only_inside_it(
    schedule: str, case: Case, code: str | None
) -> None:
    if code is None:
        assert assess(case, shipped()[schedule], override=True).reward_fen > 0
    else:
        assert refused(schedule, case, override=True) == code


@pytest.mark.parametrize(
    ("schedule", "value_fen", "relation", "reward_fen"),
    [
        ("beijing-2023", 50_000_000, Relation.OUTSIDER, 1_000_000),  # the edge is the lower band's
        ("beijing-2023", 50_000_001, Relation.OUTSIDER, 2_000_000),  # one fen more doubles it
        ("nanjing-2019", 4_999_999, Relation.OUTSIDER, 250_000),
        ("nanjing-2019", 5_000_000, Relation.OUTSIDER, 200_000),  # one fen more gives less
        ("shanxi-2023", 500_000, Relation.INSIDER, 24_000),  # the floor first, then a fifth more
        ("quanzhou-2019", 0, Relation.OUTSIDER, 50_000),  # no loss, an older rule: chosen from a range, no floor on it
        ("xinjiang-2019", 0, Relation.OUTSIDER, 30_000),  # less than the floor, which is not for cases without a loss
        ("anqing-2022", 50_000, Relation.INSIDER, 50_000),  # the insider's own least
    ],
)
def test_traps_that_real_rules_set(schedule: str, value_fen: int, relation: Relation, reward_fen: int) -> None:
    case = plain(value_fen, relation=relation)
    if schedule == "quanzhou-2019":
        case = replace(case, grade="1", amount_chosen_fen=50_000)
    assert assess(case, shipped()[schedule], override=True).reward_fen == reward_fen


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        (plain(0), "RW-4.3"),
        (plain(position=2), "RW-8.2"),
        (plain(reporter=Reporter.ORGANIZATION), "RW-2.1"),
        *[(plain(excluded_by=(rule,)), rule) for rule in ("RW-4.2", "RW-5.1", "RW-5.2", "RW-5.3", "RW-5.4", "RW-5.5")],
    ],
)
def test_who_is_not_eligible_gets_nothing_and_reads_why(case: Case, rule: str) -> None:
    found = assess(case, shipped()["hebei-2023"])
    assert (found.reward_fen, found.eligible) == (0, False)
    assert rule in found.trace[-1].text


def test_without_a_name_there_is_no_reward_where_the_region_asks_for_one() -> None:
    nobody = plain(reporter=Reporter.ANONYMOUS, nature=Nature.FRAUD)
    assert assess(nobody, shipped()["shaanxi-2024"]).reward_fen == 0
    assert assess(replace(nobody, nature=None), shipped()["hebei-2023"]).reward_fen > 0


def test_a_region_can_switch_a_condition_off() -> None:
    lenient = replace(shipped()["hebei-2023"], switched_off=frozenset({"RW-4.2"}))
    assert assess(plain(excluded_by=("RW-4.2",)), lenient).reward_fen > 0
    assert assess(plain(excluded_by=("RW-4.2", "RW-5.3")), lenient).reward_fen == 0
