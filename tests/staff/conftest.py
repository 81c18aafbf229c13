"""Fixtures of the staff tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.kernel.boot import forget_boot_secret
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from tests.conftest import StandingClock
from tests.staff.deployment import Deployment


@pytest.fixture
def deployment(
    database: Database, tmp_path: Path, clock: StandingClock, request: pytest.FixtureRequest
) -> Iterator[Deployment]:
    """A set-up deployment, at ten in the morning, on each database. ``AT_WORK`` of a module: who has enrolled."""
    yield Deployment.make(tmp_path / "place", database, *getattr(request.module, "AT_WORK", ()))
    bind_site(None)
    forget_boot_secret()
