"""A list says with which words a case was found."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from portal.exposures.excerpts import AROUND, excerpt
from portal.exposures.generating import propose
from portal.exposures.terms import folded, words
from tests.exposures.records import record

CASE = replace(propose(record(), "演示区医疗保障局", invented=True), title="演示医院违规收费案")


def told(text: str, asked: str, title: str = CASE.title) -> list[tuple[str, bool]]:
    content = replace(CASE, title=title, paragraphs=("没有要找的字。", text))
    return [(piece.text, piece.hit) for piece in excerpt(content, words(asked))]


def test_the_word_is_marked_among_its_neighbours() -> None:
    assert told("查实该院虚构理疗项目。", "理疗") == [("查实该院虚构", False), ("理疗", True), ("项目。", False)]


def test_each_word_is_marked_in_the_shape_that_it_has_in_the_text() -> None:
    found = told("用 ＭＲＩ 设备检查，再用 mri 检查。", "MRI 检查")
    assert [text for text, hit in found if hit] == ["ＭＲＩ", "检查", "mri", "检查"]


def test_nothing_is_told_when_the_title_has_the_words_or_the_text_has_none() -> None:
    assert told("违规收费。", "收费") == []
    assert told("别的内容。", "理疗") == []


def test_a_long_paragraph_is_cut_on_both_sides() -> None:
    found = told("前" * 500 + "理疗" + "后" * 500, "理疗")
    assert found == [("…", False), ("前" * AROUND, False), ("理疗", True), ("后" * AROUND, False), ("…", False)]


def test_a_beginning_that_is_near_is_not_cut_off() -> None:
    assert told("2026年" + "月" * AROUND + "理疗", "理疗")[0] == ("2026年" + "月" * AROUND, False)


@given(st.text(alphabet="甲乙丙AaＡ①ﬁ\u200b 。", max_size=60), st.text(alphabet="甲乙aAﬁ①", min_size=1, max_size=4))
def test_what_is_marked_is_what_was_asked_and_the_rest_stands_in_the_text(text: str, asked: str) -> None:
    found = told(text, asked, title="")
    assert all(folded(piece) in words(asked) for piece, hit in found if hit)
    assert "".join(piece for piece, _ in found if piece != "…") in text
