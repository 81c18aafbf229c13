"""What stands in the way of a draft: nothing that is generated from a record, and all that must not be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.exposures.content import CaseContent, Withheld
from portal.exposures.drafts import Answer, Draft, Keep, Question, Topic, text_of
from portal.exposures.generating import propose
from portal.exposures.readiness import (
    Pieces,
    facts_of,
    hindrances,
    mask_in,
    may_keep,
    pieces_of,
    places_about,
    questions_about,
    withheld_in,
)
from portal.exposures.record import CaseRecord
from portal.exposures.values import Amounts, Part, Person
from portal.kernel.values import Fen
from tests.exposures.records import RECORDS, record

OFFICE = "演示甲区医疗保障局"


def _draft(*lines: str, of: CaseRecord | None = None) -> Draft:
    made = propose(of or record(), OFFICE)
    return Draft(content=facts_of(of or record(), replace(made, paragraphs=(*made.paragraphs, *lines))))


def _codes(draft: Draft, of: CaseRecord | None = None, pieces: Pieces | None = None) -> list[str]:
    return [one.code for one in hindrances(draft, of or record(), pieces or Pieces())]


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_nothing_hard_stands_in_what_is_generated_from_a_record(given_record: CaseRecord) -> None:
    draft = Draft(content=facts_of(given_record, propose(given_record, OFFICE)))
    found = [one for one in hindrances(draft, given_record) if one.code not in ("arithmetic",)]
    assert [(one.code, one.question) for one in found if one.code != "unanswered"] == []


def test_what_is_generated_from_a_plain_record_may_go_on_at_once() -> None:
    assert _codes(_draft()) == []


@pytest.mark.parametrize(
    "line",
    [
        "患者钱例住院。",
        "钱 例也在场。",
        "电话 13900001111。",
        "电话１３９-0000-1111。",
        "证件 11010519491231002X。",
        "写信到 yanshi@example.org。",
    ],
)
def test_who_the_record_names_and_numbers_are_hard_whatever_was_answered(line: str) -> None:
    draft = _draft(line)
    asked = questions_about(draft.content, record())
    answered = replace(draft, answers=tuple(Answer(one, Keep.NEEDED, "要写（虚构）。") for one in asked))
    assert "hard" in _codes(answered)


def test_a_name_that_keeps_its_last_character_is_refused() -> None:
    assert "style" in _codes(_draft("院长赵某甲负责。"))
    assert "style" in _codes(_draft("院长赵**甲负责。"))
    assert "style" not in _codes(_draft("院长赵某负责。"))


def test_a_guess_and_a_day_are_for_a_person_to_answer() -> None:
    draft = _draft("2025年3月5日，检查组到场。")
    (question,) = [one for one in questions_about(draft.content, record()) if one.kind == "exact-day"]
    assert may_keep(question, record())
    assert _codes(draft) == ["unanswered"]
    assert _codes(replace(draft, answers=(Answer(question, Keep.NEEDED, "检查的日子（虚构）。"),))) == []


def test_pieces_of_the_report_are_found_in_the_draft() -> None:
    usual = text_of(propose(record(), OFFICE))
    pieces = pieces_of("周例外在演示第一医院，2025年3月5日看见，电话 13900001111。", usual)
    assert "13900001111" in pieces.sure
    assert "演示第一医院" not in (*pieces.sure, *pieces.unsure)
    draft = _draft("3月5日，周例外到场。")
    found = {one.question.value: one.code for one in hindrances(draft, record(), pieces) if one.question}
    assert found == {"3月5日": "hard", "周例外": "unanswered"}


def test_a_correction_says_nothing_private_either() -> None:
    assert _codes(replace(_draft(), words="把钱例的名字去掉了（虚构）。")) == ["hard"]
    assert _codes(replace(_draft(), words="去掉了一个名字（虚构）。")) == []


def test_what_the_record_itself_says_wrong_is_for_the_handler() -> None:
    wrong = record(amounts=Amounts(involved_fen=Fen(100), fine_base_fen=Fen(100), fine_tenths=20, fine_fen=Fen(100)))
    assert "arithmetic" in _codes(_draft(of=wrong), wrong)
    named = record(other_basis="《演示协议》钱例签订")
    assert "record" in _codes(_draft(of=named), named)
    assert _codes(_draft(), record(repeated=True)) == [], "a mark for the gate changes no text"
    assert "record" in _codes(_draft(), record(people=(Person("孙例", Part.OFFENDER, "院长"),), other_basis="《协议》"))


def test_without_a_text_there_is_no_draft() -> None:
    empty = Draft(content=replace(_draft().content, title="", paragraphs=()))
    assert "empty" in _codes(empty)


def test_the_report_s_questions_count_although_nobody_asks_them_again() -> None:
    shared = Question(Topic.SHARED, "", count=1, characters=12)
    draft = replace(_draft(), questions=(shared,))
    assert _codes(draft) == ["unanswered"]
    assert _codes(replace(draft, answers=(Answer(shared, Keep.USUAL, "常用（虚构）。"),))) == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("院长赵某和收费员钱某，后来赵某又说。", {"name": 2}),
        ("赵某1、赵某2。", {"name": 2}),
        ("一家某医院", {}),
        ("电话［电话号码］，［电话号码］。", {"phone": 2}),
        ("没有遮盖。", {}),
    ],
)
def test_what_was_withheld_is_counted_people_once(text: str, counts: dict[str, int]) -> None:
    assert withheld_in(text) == tuple(Withheld(kind, count) for kind, count in counts.items())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["患者钱例住院", "电话13900001111", "赵演示甲", "欧阳示例签字", "药品300元", "。", "，", "\n"]),
        max_size=6,
    )
)
def test_a_text_in_which_everything_was_masked_has_nothing_left_to_mask(parts: list[str]) -> None:
    draft = _draft("".join(parts))
    content: CaseContent = mask_in(draft.content, places_about(draft.content, record()))
    assert [one for one in questions_about(content, record()) if one.topic is Topic.MASK] == []
    assert "钱例" not in text_of(content)
    assert mask_in(content, places_about(content, record())) == content
