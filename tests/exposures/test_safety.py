"""What is to be published is held against the report it came from, so that it does not point at who wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exposures.generating import propose
from portal.exposures.safety import NEAR_DAYS, SHORTEST, Warned, check_safety, shared_phrases
from portal.exposures.values import Month, Source
from tests.exposures.records import record

OFFICE = "演示区医疗保障局"
RECEIVED, LATER = date(2025, 11, 20), date(2026, 6, 1)
CALM = replace(propose(record(source=Source.BIG_DATA), OFFICE), source=Source.BIG_DATA)


def texts(draft: str, report: str, *usual: str) -> list[str]:
    return [one.text for one in shared_phrases(draft, report, usual)]


def test_a_phrase_that_both_have_is_found_whole_and_in_its_place() -> None:
    draft = "经查，每周三下午把空针管摆在桌上拍照，涉及基金。"
    found = shared_phrases(draft, "我看见他们每周三下午把空针管摆在桌上拍照！")
    assert [one.text for one in found] == ["每周三下午把空针管摆在桌上拍照"]
    assert draft[found[0].start : found[0].end] == found[0].text


def test_five_characters_are_no_phrase_and_six_are_one() -> None:
    assert texts("甲乙丙丁戊", "甲乙丙丁戊") == []
    assert texts("甲乙丙丁戊己", "甲乙丙丁戊己") == ["甲乙丙丁戊己"]


@pytest.mark.parametrize("written", ["空 针管，摆在桌上", "空针管\n摆在桌上", "空针管（摆在）桌上"])
def test_spaces_and_punctuation_hide_nothing(written: str) -> None:
    assert texts(f"他们把{written}。", "空针管摆在桌上") == [written]


def test_width_and_capitals_hide_nothing() -> None:
    assert texts("做了ＭＲＩ检查三次", "mri检查三次") == ["ＭＲＩ检查三次"]


def test_the_longest_is_shown_where_the_report_says_it_twice() -> None:
    assert texts("一二三四五六七八九", "一二三四五六；一二三四五六七八") == ["一二三四五六七八"]


def test_names_of_institutions_and_words_of_the_law_are_no_phrases() -> None:
    assert texts("演示第一人民医院的收费", "在演示第一人民医院看见", "演示第一人民医院") == []
    assert texts("在演示第一人民医院看见", "在演示第一人民医院看见", "演示第一人民医院") == ["在演示第一人民医院看见"]


@given(st.text("甲乙丙丁，。 A１", max_size=60), st.text("甲乙丙丁，。 A１", max_size=60))
def test_phrases_stand_in_the_draft_in_order_and_do_not_overlap(draft: str, report: str) -> None:
    found = shared_phrases(draft, report)
    assert all(draft[one.start : one.end] == one.text for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(len([c for c in one.text if c.isalnum()]) >= SHORTEST for one in found)


def test_what_the_generator_writes_of_a_calm_case_is_quiet() -> None:
    report = "我在那里住过院，发现他们一直重复收费，请你们查一查。"
    assert check_safety(CALM, record(), report, RECEIVED, LATER).quiet


def test_one_institution_in_one_month_of_which_few_knew_warns_and_more_so_when_a_report_led_to_it() -> None:
    narrow = replace(CALM, began=Month("2025-03"), ended=Month("2025-03"))
    few = record(could_know=3)
    assert check_safety(narrow, few, "", RECEIVED, LATER).warned == (Warned.ONE_MONTH, Warned.FEW_KNEW)
    said = check_safety(replace(narrow, source=Source.REPORT), few, "", RECEIVED, LATER)
    assert said.warned == (Warned.ONE_MONTH, Warned.FEW_KNEW, Warned.SAYS_REPORT)


def test_a_report_as_source_alone_is_no_small_world() -> None:
    assert check_safety(replace(CALM, source=Source.REPORT), record(), "", RECEIVED, LATER).quiet


def test_publishing_soon_after_the_report_warns_until_the_thirtieth_day() -> None:
    for days, warned in ((NEAR_DAYS - 1, (Warned.SOON,)), (NEAR_DAYS, ())):
        day = RECEIVED + timedelta(days=days)
        assert check_safety(CALM, record(), "", RECEIVED, day).warned == warned


def test_naming_the_month_in_which_the_report_came_in_warns() -> None:
    told = replace(CALM, paragraphs=("２０２５年11月，检查发现重复收费。",))
    assert check_safety(told, record(), "", RECEIVED, LATER).warned == (Warned.SAME_MONTH,)


def test_two_hundred_thousand_alike_characters_are_compared() -> None:
    assert [len(one) for one in texts("甲" * 200, "甲" * 200_000)] == [200]
