"""The table of moves of a bulletin, and its page."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from portal.kernel.errors import IllegalMove
from portal.statistics.states import TRANSITIONS, BulletinAction, BulletinState, next_bulletin_state
from portal.statistics.states_page import page

PAGE = Path(__file__).parents[2] / "docs/states/bulletin.md"


def test_the_page_of_states_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_state_is_reached_and_what_is_not_in_the_table_is_refused() -> None:
    assert {BulletinState.DRAFT, *TRANSITIONS.values()} == set(BulletinState)
    for state, action in product(BulletinState, BulletinAction):
        if (state, action) not in TRANSITIONS:
            with pytest.raises(IllegalMove):
                next_bulletin_state(state, action)


def test_nothing_is_published_but_what_was_approved() -> None:
    into = {before for (before, _), after in TRANSITIONS.items() if after is BulletinState.PUBLISHED}
    assert into == {BulletinState.APPROVED}
