"""The difference of two texts says what went and what came, and loses nothing of either."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.exposures.difference import Change, difference
from portal.exposures.safety import passage_of

TEXTS = st.text(alphabet="甲乙丙丁12.,\n a", max_size=40)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_put_together_from_it(before: str, after: str) -> None:
    found = difference(before, after)
    assert "".join(one.text for one in found if one.change is not Change.NEW) == before
    assert "".join(one.text for one in found if one.change is not Change.GONE) == after


def test_a_sum_is_never_shown_half_old_and_half_new() -> None:
    found = [(one.change.value, one.text) for one in difference("罚款100000元。", "罚款10000元。")]
    assert found == [("same", "罚款"), ("gone", "100000"), ("new", "10000"), ("same", "元。")]


def test_a_single_character_between_two_changes_belongs_to_them() -> None:
    found = [(one.change.value, one.text) for one in difference("他甲的乙家", "他丙的丁家")]
    assert found == [("same", "他"), ("gone", "甲的乙"), ("new", "丙的丁"), ("same", "家")]


def test_the_sentence_of_a_report_is_found_by_a_phrase_however_it_is_spaced() -> None:
    report = "开头一句。我看见他们把空针管，摆在桌上 拍照！后面一句。"
    assert passage_of(report, "把空针管摆在桌上拍照") == "我看见他们把空针管，摆在桌上 拍照！"
    assert passage_of(report, "一句。我看见") == "开头一句。我看见他们把空针管，摆在桌上 拍照！"
    assert passage_of(report, "没有写过的话") == ""
    assert passage_of(report, "") == ""
