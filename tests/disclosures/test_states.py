"""The table of moves of a disclosure, and its page."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from portal.disclosures.states import TRANSITIONS, DisclosureAction, DisclosureState, next_disclosure_state
from portal.disclosures.states_page import page
from portal.kernel.errors import IllegalMove

PAGE = Path(__file__).parents[2] / "docs/states/disclosure.md"


def test_the_page_of_states_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_state_is_reached_and_what_is_not_in_the_table_is_refused() -> None:
    assert {DisclosureState.DRAFT, *TRANSITIONS.values()} == set(DisclosureState)
    for state, action in product(DisclosureState, DisclosureAction):
        if (state, action) not in TRANSITIONS:
            with pytest.raises(IllegalMove):
                next_disclosure_state(state, action)


def test_nothing_is_published_but_what_was_checked_and_then_approved() -> None:
    into = {
        state: {before for (before, _), after in TRANSITIONS.items() if after is state} for state in DisclosureState
    }
    assert into[DisclosureState.PUBLISHED] == {DisclosureState.APPROVED}
    assert into[DisclosureState.APPROVED] == {DisclosureState.CHECKED}
