"""The world of casework, on each database, and an office that tells others how they were evaluated."""

from __future__ import annotations

import pytest

from tests.admin_tips.conftest import world
from tests.admin_tips.world import World
from tests.conftest import StandingClock
from tests.evaluation import told
from tests.evaluation.told import Teller

__all__ = ["world"]


@pytest.fixture
def teller(world: World, clock: StandingClock) -> Teller:
    """The city, in October, with an evaluation of the third quarter to tell."""
    return told.teller(world, clock)
