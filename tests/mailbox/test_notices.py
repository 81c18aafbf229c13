"""Notices: every kind says something, with its date, and nothing of what it must not tell."""

from __future__ import annotations

import pytest

from portal.mailbox.notices import NoticeKind, words
from portal.mailbox.reasons import WORDS, DeclineReason, choices, reason_words

PARAMS = {"due": "2026-10-23", "rule": "HR-12.1", "office": "演示甲局", "to": "演示乙局", "reason": "complex"}
DATED = {
    NoticeKind.RECEIVED,
    NoticeKind.ACCEPTED,
    NoticeKind.QUESTION,
    NoticeKind.TRANSFERRED,
    NoticeKind.MOVED_UP,
    NoticeKind.EXTENDED,
    NoticeKind.FILED,
    NoticeKind.POLICE_RETURNED,
    NoticeKind.RESUMED,
    NoticeKind.REOPENED,
}


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_a_title_and_sentences_with_or_without_parameters(kind: NoticeKind) -> None:
    for params in (PARAMS, {}):
        title, paragraphs = words(kind, params)
        assert title
        assert paragraphs
        assert all(paragraph.strip() for paragraph in paragraphs)
        assert "%(" not in "".join((title, *paragraphs))


@pytest.mark.parametrize("kind", sorted(DATED))
def test_a_deadline_is_said_with_its_weekday_and_with_at_the_latest(kind: NoticeKind) -> None:
    together = "".join(words(kind, PARAMS)[1])
    assert "2026年10月23日（星期五）" in together
    assert "最迟" in together or kind is NoticeKind.QUESTION
    assert "2026" not in "".join(words(kind, {**PARAMS, "due": "not a day"})[1])


def test_a_kind_of_a_later_version_gets_a_plain_sentence() -> None:
    assert words("from_the_future", {})[1]


def test_the_notice_of_a_case_sent_to_the_police_names_no_police() -> None:
    title, paragraphs = words(NoticeKind.POLICE, PARAMS)
    assert "公安" not in title + "".join(paragraphs)


def test_every_reason_has_words_and_an_unknown_one_does_not_break_a_page() -> None:
    assert all(str(said) for said in WORDS.values())
    assert reason_words("of-a-later-version")
    assert [code for code, _ in choices(DeclineReason)] == [reason.value for reason in DeclineReason]
