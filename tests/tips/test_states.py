"""The life of a tip: what the table allows, what it never allows, and that its page says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint

from portal.kernel.errors import IllegalMove
from portal.tips.models import Tip
from portal.tips.states import (
    ACTION_LABEL,
    FINAL,
    OPEN_STATES,
    REPORTER_SENTENCE,
    REPORTER_SENTENCE_EN,
    STAFF_LABEL,
    TRANSITIONS,
    Action,
    State,
    actions_from,
    next_state,
)
from portal.tips.states_page import page

A, S = Action, State
PAGE = Path(__file__).parents[2] / "docs" / "states" / "tip.md"


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (S.RECEIVED, A.OPEN, S.SCREENING),
        (S.SCREENING, A.ACCEPT, S.VERIFYING),
        (S.SCREENING, A.ASK, S.AWAITING_REPORTER),
        (S.AWAITING_REPORTER, A.ANSWER, S.SCREENING),
        (S.SCREENING, A.TRANSFER, S.RECEIVED),
        (S.SCREENING, A.REDIRECT, S.REDIRECTED),
        (S.SCREENING, A.REFER, S.REFERRED),
        (S.SCREENING, A.MERGE, S.MERGED),
        (S.VERIFYING, A.FILE, S.FILED),
        (S.VERIFYING, A.NOT_FILE, S.NOT_FILED),
        (S.VERIFYING, A.AGREE, S.AGREEMENT),
        (S.VERIFYING, A.SEND_POLICE, S.POLICE),
        (S.VERIFYING, A.EXTEND, S.VERIFYING),
        (S.FILED, A.SUSPEND, S.SUSPENDED),
        (S.SUSPENDED, A.RESUME, S.FILED),
        (S.FILED, A.DECIDE, S.DECIDED),
        (S.POLICE, A.POLICE_RETURN, S.FILED),
        (S.DECIDED, A.CLOSE, S.CLOSED),
        (S.CLOSED, A.CORRECT, S.CLOSED),  # sums are mended, the report stays closed
        (S.NOT_FILED, A.REOPEN, S.SCREENING),
        (S.CLOSED, A.ESCALATE, S.RECEIVED),
    ],
)
def test_the_moves_of_the_law(before: State, action: Action, after: State) -> None:
    assert next_state(before, action) is after


@pytest.mark.parametrize(
    ("before", "action"),
    [
        (S.RECEIVED, A.ACCEPT),  # nobody has read it
        (S.RECEIVED, A.FILE),
        (S.SCREENING, A.FILE),  # filing comes after verification
        (S.SCREENING, A.DECIDE),
        (S.VERIFYING, A.DECIDE),  # a decision needs a filed case
        (S.FILED, A.NOT_FILE),
        (S.FILED, A.CLOSE),  # a case ends by a decision
        (S.SUSPENDED, A.DECIDE),
        (S.CLOSED, A.CLOSE),
        (S.NOT_FILED, A.FILE),
        (S.MERGED, A.TRANSFER),
    ],
)
def test_what_the_table_does_not_have_is_refused_in_words(before: State, action: Action) -> None:
    with pytest.raises(IllegalMove) as caught:
        next_state(before, action)
    assert caught.value.code == "illegal_move"
    assert STAFF_LABEL[before] in caught.value.message


@given(st.sampled_from(State), st.sampled_from(Action))
def test_a_page_offers_exactly_what_the_table_does(state: State, action: Action) -> None:
    if action in actions_from(state):
        assert next_state(state, action) in State
    else:
        with pytest.raises(IllegalMove):
            next_state(state, action)


def test_from_an_end_only_reopening_and_escalation_lead_away() -> None:
    assert set(State) == FINAL | OPEN_STATES
    assert not FINAL & OPEN_STATES
    for state in State:
        leading_away = {action for action in actions_from(state) if next_state(state, action) is not state}
        assert (leading_away <= {A.REOPEN, A.ESCALATE}) == (state in FINAL)


def test_a_report_about_the_own_office_can_leave_from_every_state() -> None:
    assert all(next_state(state, A.ESCALATE) is S.RECEIVED for state in State)


def test_every_state_is_reached_and_can_end() -> None:
    reached, grown = {S.RECEIVED}, True
    while grown:
        more = {after for (before, _), after in TRANSITIONS.items() if before in reached}
        grown = not more <= reached
        reached |= more
    assert reached == set(State)
    for state in State:
        seen = {state}
        for _ in State:
            seen |= {after for (before, _action), after in TRANSITIONS.items() if before in seen}
        assert seen & FINAL


def test_every_state_and_action_has_its_words_in_both_languages() -> None:
    for words in (STAFF_LABEL, REPORTER_SENTENCE, REPORTER_SENTENCE_EN):
        assert set(words) == set(State)
        assert all(words.values())
    assert set(ACTION_LABEL) == set(Action)


def test_the_reporter_is_never_told_of_the_police() -> None:
    assert "公安" not in "".join(REPORTER_SENTENCE.values())
    assert "police" not in "".join(REPORTER_SENTENCE_EN.values()).lower()


def test_the_database_knows_the_same_states() -> None:
    (check,) = (
        str(constraint.sqltext)
        for constraint in Tip.metadata.tables["tip"].constraints
        if isinstance(constraint, CheckConstraint) and "state in" in str(constraint.sqltext)
    )
    assert all(f"'{state}'" in check for state in State)
    assert max(map(len, State)) <= 20


def test_the_page_in_docs_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: mingjing docs states > docs/states/tip.md"
