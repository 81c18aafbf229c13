"""The table of moves of a request, and when answers suffice."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint

from portal.custody.models import IdentityRequest
from portal.custody.reasons import REASONS, may_give
from portal.custody.rules import follows
from portal.custody.states import LIVE, TRANSITIONS, RequestAction, RequestState, actions_from, next_state
from portal.custody.states_page import page
from portal.custody.values import Use
from portal.kernel.errors import IllegalMove
from portal.mailbox.reasons import WORDS

PAGE = Path(__file__).parents[2] / "docs/states/identity-request.md"


@pytest.mark.parametrize(("state", "action"), list(product(RequestState, RequestAction)))
def test_what_the_table_lacks_is_refused_and_the_rest_is_offered(state: RequestState, action: RequestAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
        assert action in actions_from(state)
    else:
        assert action not in actions_from(state)
        with pytest.raises(IllegalMove):
            next_state(state, action)


def test_nothing_is_opened_that_was_not_granted_and_the_end_is_the_end() -> None:
    into_opened = {before for (before, _), after in TRANSITIONS.items() if after is RequestState.OPENED}
    assert into_opened == {RequestState.GRANTED, RequestState.OPENED}
    into_granted = {(before, action) for (before, action), after in TRANSITIONS.items() if after == "granted"}
    assert into_granted == {(RequestState.ASKED, RequestAction.COMPLETE)}
    for state in set(RequestState) - LIVE:
        assert actions_from(state) == ()


@given(st.data())
def test_k_consents_grant_in_any_order_and_only_then(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    k = data.draw(st.integers(2, n))
    answers = data.draw(st.lists(st.booleans(), max_size=n))
    consents, objections = answers.count(True), answers.count(False)
    then = follows(k, n, answers)
    assert (then is RequestAction.COMPLETE) == (consents >= k)
    assert (then is RequestAction.REFUSE) == (consents < k and n - objections < k)


def test_each_use_has_its_own_reasons_with_words() -> None:
    lists = [set(REASONS[use]) for use in Use]
    assert not set.intersection(*lists)
    for use in Use:
        assert all(may_give(use, reason) and WORDS[reason] for reason in REASONS[use])
        assert not may_give(use, "") and not may_give(use, "curiosity")


def test_the_database_knows_the_same_states() -> None:
    checks = [str(one.sqltext) for one in IdentityRequest.__table__.constraints if isinstance(one, CheckConstraint)]  # type: ignore[attr-defined]
    (check,) = (one for one in checks if one.startswith("state"))
    assert all(f"'{state}'" in check for state in RequestState)


def test_the_page_in_docs_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: mingjing docs states --of identity-request"
