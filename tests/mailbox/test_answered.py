"""Which letters of a reporter were answered: turns of a conversation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mailbox.answered import NO_ANSWER, Sent, Turn, turns
from portal.mailbox.notices import NoticeKind

FIRST = date(2026, 9, 1)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


def came(day: int) -> Sent:
    return Sent(on(day), by_reporter=True)


def wrote(day: int, notice: str = "") -> Sent:
    return Sent(on(day), by_reporter=False, notice=notice)


def test_a_letter_is_answered_by_what_the_office_writes_next() -> None:
    assert turns([came(0), wrote(4), wrote(9)]) == [Turn(on(0), on(4))]
    assert turns([came(0), wrote(4, NoticeKind.FILED)]) == [Turn(on(0), on(4))]


def test_a_letter_without_an_answer_waits() -> None:
    assert turns([wrote(0), came(3)]) == [Turn(on(3), None)]


def test_letters_one_after_the_other_are_one_turn_that_began_with_the_first() -> None:
    assert turns([came(0), came(2), came(5), wrote(7), came(8)]) == [Turn(on(0), on(7)), Turn(on(8), None)]


def test_what_answers_a_question_of_the_office_wants_no_answer() -> None:
    assert turns([wrote(0, NoticeKind.QUESTION), came(3)]) == []
    assert turns([wrote(0, NoticeKind.QUESTION), came(3), came(4)]) == [Turn(on(4), None)], "the second is one's own"
    assert turns([came(0), wrote(1, NoticeKind.QUESTION), came(2)]) == [Turn(on(0), on(1))], "a question answers, too"


def test_a_question_is_over_once_the_office_writes_something_else() -> None:
    assert turns([wrote(0, NoticeKind.QUESTION), wrote(5), came(6)]) == [Turn(on(6), None)]


@pytest.mark.parametrize("notice", sorted(NO_ANSWER))
def test_what_the_site_posts_by_itself_answers_nothing(notice: str) -> None:
    assert turns([came(0), wrote(0, notice), wrote(6)]) == [Turn(on(0), on(6))]


LETTERS = st.lists(st.tuples(st.booleans(), st.sampled_from(["", "question", "filed", "received"])), max_size=12)


@given(LETTERS)
def test_turns_never_overlap_and_only_the_last_may_wait(letters: list[tuple[bool, str]]) -> None:
    found = turns(Sent(on(day), *one) for day, one in enumerate(letters))
    assert all(one.answered is not None and one.came < one.answered for one in found[:-1])
    edges = [day for one in found for day in (one.came, one.answered) if day is not None]
    assert edges == sorted(edges)
    assert len(found) <= sum(by_reporter for by_reporter, _ in letters)
