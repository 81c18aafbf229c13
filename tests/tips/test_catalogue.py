"""The catalogue: every kind of party has its list, Order 7 counts from its day, nothing is without an article."""

from __future__ import annotations

from datetime import date

import pytest

from portal.kernel.errors import NotFound
from portal.tips.catalogue import GROUPS, conducts_for, get, subject, subjects
from portal.tips.values import SubjectType

BEFORE, AFTER = date(2026, 3, 31), date(2026, 4, 1)
EVERY = conducts_for(SubjectType.UNKNOWN, AFTER)


def test_every_kind_of_party_has_words_and_a_list() -> None:
    assert [entry.type for entry in subjects()] == list(SubjectType)
    for kind in SubjectType:
        assert subject(kind).zh
        assert subject(kind).en
        assert conducts_for(kind, AFTER)


def test_every_line_is_complete_in_both_languages() -> None:
    assert len({conduct.code for conduct in EVERY}) == len(EVERY)
    for conduct in EVERY:
        assert conduct.zh
        assert conduct.en
        assert conduct.legal
        assert conduct.article
        assert conduct.group in GROUPS
        assert conduct.confidence in {"C", "T", "S", "M"}
        assert bool(conduct.example_zh) == bool(conduct.example_en)
        assert conduct.code.startswith(f"{conduct.subject.value.removesuffix('itution')}-")
        assert len(conduct.code) <= 40


def test_what_order_7_added_is_offered_from_its_first_day() -> None:
    added = set(EVERY) - set(conducts_for(SubjectType.UNKNOWN, BEFORE))
    assert {conduct.in_force_from for conduct in added} == {AFTER}
    assert {"inst-40-5", "inst-40-6", "inst-38-7", "inst-38-8", "person-41-6", "person-41-7"} <= {c.code for c in added}


def test_a_list_holds_only_its_own_party() -> None:
    for kind in set(SubjectType) - {SubjectType.UNKNOWN}:
        assert {conduct.subject for conduct in conducts_for(kind, AFTER)} == {kind}


def test_articles_36_to_41_are_covered() -> None:
    articles = "".join(conduct.article for conduct in EVERY)
    for number in ("三十六", "三十七", "三十八", "三十九", "四十", "四十一", "四十二", "四十四"):
        assert f"第{number}条" in articles


def test_an_unknown_code_is_refused_and_a_known_one_found() -> None:
    assert get("inst-38-1").zh
    for code in ("", "inst-38", "INST-38-1", "x" * 500):
        with pytest.raises(NotFound) as caught:
            get(code)
        assert caught.value.code == "unknown_conduct"
