"""The table of moves of an exposure, and its page."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from portal.exposures.states import ON_SHOW, TRANSITIONS, ExposureAction, ExposureState, actions_from, next_state
from portal.exposures.states_page import page
from portal.kernel.errors import IllegalMove

PAGE = Path(__file__).parents[2] / "docs/states/exposure.md"


def test_the_page_of_states_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_state_is_reached_and_what_is_not_in_the_table_is_refused() -> None:
    assert {ExposureState.DRAFTING, *TRANSITIONS.values()} == set(ExposureState)
    for state, action in product(ExposureState, ExposureAction):
        if (state, action) not in TRANSITIONS:
            with pytest.raises(IllegalMove):
                next_state(state, action)


def test_nothing_becomes_public_but_from_review_or_its_day() -> None:
    """Dropping a correction leaves up what was up."""
    into = {(before, action) for (before, action), after in TRANSITIONS.items() if after is ExposureState.PUBLISHED}
    assert {before for before, _ in into if before not in ON_SHOW} == {ExposureState.IN_REVIEW, ExposureState.SCHEDULED}


def test_whatever_the_public_sees_can_be_withdrawn_at_once() -> None:
    assert all(ExposureAction.WITHDRAW in actions_from(state) for state in ON_SHOW)
    assert actions_from(ExposureState.WITHDRAWN) == frozenset()
