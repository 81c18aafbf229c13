"""The small site and a visitor with an empty profile."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.small_site import small_site


@pytest.fixture
def app() -> Flask:
    """The whole web layer over a form, the speaking pages, and pages that fail on purpose."""
    return small_site()


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser that has never been here."""
    return app.test_client()
