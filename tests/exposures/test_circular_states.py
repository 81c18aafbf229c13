"""The table of moves of a circular, and its page."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from portal.exposures.circular_states import (
    TRANSITIONS,
    CircularAction,
    CircularState,
    circular_actions_from,
    next_circular_state,
)
from portal.exposures.circular_states_page import page
from portal.kernel.errors import IllegalMove

PAGE = Path(__file__).parents[2] / "docs/states/circular.md"


def test_the_page_of_states_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: mingjing docs states --of circular"


def test_every_state_is_reached_and_what_is_not_in_the_table_is_refused() -> None:
    assert {CircularState.PROPOSED, *TRANSITIONS.values()} == set(CircularState)
    for state, action in product(CircularState, CircularAction):
        if (state, action) not in TRANSITIONS:
            with pytest.raises(IllegalMove):
                next_circular_state(state, action)


def test_what_was_sent_cannot_be_called_back() -> None:
    assert circular_actions_from(CircularState.SENT) == frozenset()
