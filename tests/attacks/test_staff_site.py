"""What other sites and made-up addresses can get out of a colleague's browser."""

from __future__ import annotations

import pytest
from flask import Flask

from admin.staff.roles import Role
from admin.web import cookies
from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import DISTRICT, World, make_world
from tests.conftest import StandingClock

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.mark.parametrize("before", ["9" * 26, "-1", "9223372036854775808", "9223372036854775807", "x", "1e9"])
def test_a_place_in_the_book_that_no_database_knows_is_no_fault(world: World, staff_app: Flask, before: str) -> None:
    client = staff_app.test_client()
    world.sign_in(client, world.person(DISTRICT, Role.AUDITOR))
    assert client.get(f"/ledger/?before={before}").status_code == 200


def test_no_other_site_can_send_the_session_along(staff_app: Flask) -> None:
    with staff_app.test_request_context("/"):
        response = staff_app.make_response("")
        cookies.set_session(response, "x")
    assert "SameSite=Strict" in response.headers["Set-Cookie"] and "HttpOnly" in response.headers["Set-Cookie"]
