"""An office that decides on rewards, on each database."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import make_world
from tests.conftest import StandingClock
from tests.followup.conftest import Visitor
from tests.payments.vault import make_vault
from tests.rewards.court import Court


@pytest.fixture
def court(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Court:
    """Monday, 28 September 2026."""
    world = make_world(database, checkpoint_key[0])
    made = Court(world, make_vault(world))
    clock.advance(seconds=10)
    return made


@pytest.fixture
def visitor(public_app: Flask) -> Visitor:
    """A reporter at the door of the public site."""
    return Visitor(public_app)
