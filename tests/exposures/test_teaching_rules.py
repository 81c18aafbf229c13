"""Teaching notices by rule: whom a case is told to, what it says to whom, from which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exposures.content import CaseContent
from portal.exposures.generating import propose
from portal.exposures.teaching import Audience, TeachingNotice, audiences_for, kinds_told, notice_for
from portal.exposures.values import Decided, Manner, Ownership, Result, Size, SubjectKind
from portal.kernel.errors import Refused
from tests.exposures.records import RECORDS, record

DAY = date(2026, 9, 28)
HOSPITAL, PHARMACY, INSURED = (
    Audience(SubjectKind.HOSPITAL),
    Audience(SubjectKind.PHARMACY),
    Audience(SubjectKind.INSURED),
)
AUDIENCES = st.builds(Audience, st.sampled_from(SubjectKind), st.sampled_from(Ownership), st.sampled_from(Size))


def content(**given: object) -> CaseContent:
    return propose(record(**given), "演示区医疗保障局", invented=True)


def test_a_case_is_told_first_to_those_like_its_own_then_to_all_of_their_kind_then_to_others() -> None:
    found = [one.slug for one in audiences_for(content(), DAY)]
    assert found == ["hospital-private-medium", "hospital", "clinic", "insured"]


def test_a_case_of_unknown_ownership_and_size_is_told_once_to_its_kind() -> None:
    plain = content(ownership=Ownership.UNKNOWN, size=Size.UNKNOWN, manner=Manner.FRAUD)
    found = [one.slug for one in audiences_for(plain, DAY)]
    assert found == ["hospital", "clinic", "staff", "insured"]


def test_the_same_case_tells_each_audience_something_else_and_names_the_article() -> None:
    case = content(manner=Manner.FRAUD)
    told = {one: notice_for(case, one, DAY) for one in (HOSPITAL, PHARMACY, INSURED)}
    assert len({one.check for one in told.values()}) == 3
    assert "第四十条" in told[HOSPITAL].rule and "第四十一条" in told[INSURED].rule
    assert "直至解除医保服务协议" in told[HOSPITAL].told and "直至解除医保服务协议" in told[PHARMACY].told
    assert any("12393" in line for line in told[INSURED].ask)


def test_what_happened_is_said_from_the_published_case_with_sums_and_results_and_nobody_named() -> None:
    said = notice_for(content(), INSURED, DAY).happened
    assert said.startswith("2025年3月至2025年8月，江苏省南京市秦淮区演示第一医院存在这样的行为：")
    assert "涉及医保基金50000元" in said and "罚款100000元" in said
    assert "赵" not in said
    person = content(subject=SubjectKind.INSURED, institution="", conducts=(), results=(Decided(Result.WARNING),))
    assert "一名参保人存在这样的行为：违反医保基金使用规定" in notice_for(person, INSURED, DAY).happened


def test_owner_and_size_bring_a_line_of_their_own() -> None:
    plain, private = (
        notice_for(content(), one, DAY).check for one in (HOSPITAL, replace(HOSPITAL, ownership=Ownership.PRIVATE))
    )
    public = notice_for(content(), replace(HOSPITAL, ownership=Ownership.PUBLIC, size=Size.LARGE), DAY).check
    assert private[: len(plain)] == plain and "股东" in private[-1]
    assert len(public) == len(plain) + 2


@pytest.mark.parametrize(
    ("audience", "on", "manner"),
    [
        (HOSPITAL, date(2021, 4, 30), Manner.CHARGING),
        (Audience(SubjectKind.STAFF), date(2024, 12, 31), Manner.FRAUD),
        (Audience(SubjectKind.AGENCY), DAY, Manner.CHARGING),
        (Audience(SubjectKind.OTHER), DAY, Manner.FRAUD),
    ],
    ids=["before the regulation", "before points were taken", "no rule of such a manner", "a kind nobody writes for"],
)
def test_without_a_rule_in_force_there_is_no_notice(audience: Audience, on: date, manner: Manner) -> None:
    with pytest.raises(Refused) as refused:
        notice_for(content(manner=manner), audience, on)
    assert refused.value.code == "no_guidance"
    assert audience.kind not in kinds_told(manner, on)


@given(RECORDS, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_whatever_is_proposed_can_be_written_and_fits_a_poster(one: object, on: date) -> None:
    case = propose(one, "演示区医疗保障局", invented=True)  # type: ignore[arg-type]
    for audience in audiences_for(case, on):
        notice = notice_for(case, audience, on)
        assert notice.must_not and 1 <= len(notice.check) <= 8 and notice.rule and notice.ask and notice.invented
        assert TeachingNotice.from_json(notice.to_json()) == notice


@given(AUDIENCES)
def test_a_slug_leads_back_to_its_audience_and_nothing_else_does(audience: Audience) -> None:
    assert Audience.of(audience.slug) == audience
    for wrong in (
        audience.slug + "-",
        audience.slug + "-unknown",
        audience.slug.upper(),
        "",
        "hospital-medium-private",
    ):
        assert Audience.of(wrong) is None


@pytest.mark.parametrize("text", ["{}", "[]", '{"v":2}', '{"v":1,"happened":"x"}'])
def test_no_other_format_is_read(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        TeachingNotice.from_json(text)
