"""A payment board over the world of casework, on each database."""

from __future__ import annotations

import pytest

from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import World, make_world
from tests.conftest import StandingClock
from tests.payments.vault import Vault, make_vault


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    """Monday, 28 September 2026."""
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def vault(world: World, clock: StandingClock) -> Vault:
    made = make_vault(world)
    clock.advance(seconds=10)
    return made
