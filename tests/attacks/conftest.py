"""What an attacker, a careless colleague and a curious insider find when they try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.kernel.db import Database
from portal.web.limits import limiter
from tests.journeys.conftest import Keys, keys
from tests.journeys.reporter import Reporter
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role", "keys"]


@pytest.fixture
def restricted(
    public_settings: Settings, keys: Keys, as_role: AsRole, monkeypatch: pytest.MonkeyPatch, database: Database
) -> Flask:
    """The public site over a PostgreSQL that lets it do what the public role may, and no more."""
    from portal.app import create_app

    assert database.is_postgresql
    monkeypatch.setattr(limiter, "enabled", False)
    return create_app(public_settings, as_role("public"))


@pytest.fixture
def reporter(restricted: Flask) -> Reporter:
    """Somebody with a browser that runs no scripts, in front of that site."""
    return Reporter(restricted)


@pytest.fixture
def owner(database: Database, restricted: Flask) -> Iterator[Session]:
    """A look at everything, as the owner of the database."""
    with Session(database.engine) as session:
        yield session
