"""What each role sees on the dashboard, and the offices below: numbers alone, step by step, none about an office."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from admin.dashboard.mine import dashboard
from admin.dashboard.offices import offices
from admin.staff.roles import ROLES, Permission, Role
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.transaction import reading
from portal.kernel.values import Id
from tests.admin_tips.world import CITY, DISCIPLINE, DISTRICT, OTHER, PROVINCE, World
from tests.dashboard.test_dashboard import TODAY, fill

Line = tuple[str, int, int]


@pytest.fixture
def spread(world: World) -> World:
    """Two reports open in each district, one of them late, one at the city, and two about the first district."""
    world.report()
    late, soon = {"due_on": TODAY - timedelta(days=2)}, {"due_on": TODAY + timedelta(days=2)}
    for office, dated in ((DISTRICT, late), (OTHER, late), (OTHER, soon), (CITY, soon)):
        fill(world, office, 1, **dated, state="verifying")
    fill(world, OTHER, 1, due_on=None, state="suspended")
    fill(world, OTHER, 1, due_on=None, state="closed")
    about = world.offices[DISTRICT].id
    fill(world, CITY, 1, **late, state="verifying", against_office_id=about)
    fill(world, CITY, 1, due_on=None, state="suspended", against_office_id=about)
    return world


def lines(world: World, actor: Actor, under: Id | None = None) -> list[Line]:
    codes = {office.id: code for code, office in world.offices.items()}
    with reading() as session:
        return [(codes[one.office.id], one.open, one.late) for one in offices(session, actor, under, TODAY).lines]


def test_the_province_goes_down_to_the_city_and_its_districts(spread: World) -> None:
    head, ids = spread.person(PROVINCE, Role.HEAD), {code: one.id for code, one in spread.offices.items()}
    assert lines(spread, head) == [(PROVINCE, 0, 0), (CITY, 6, 2), (DISCIPLINE, 0, 0)]
    assert lines(spread, head, ids[CITY]) == [(CITY, 1, 0), (OTHER, 3, 1), (DISTRICT, 2, 1)]
    assert lines(spread, head, ids[DISTRICT]) == [(DISTRICT, 2, 1)]


def test_nobody_sees_an_office_beside_or_above_their_own(spread: World) -> None:
    district, ids = spread.person(DISTRICT, Role.HEAD), {code: one.id for code, one in spread.offices.items()}
    assert lines(spread, district) == [(DISTRICT, 2, 1)]
    assert lines(spread, spread.person(CITY, Role.FUND_ACCOUNTANT), ids[OTHER]) == [(OTHER, 3, 1)]
    for actor, hidden in ((district, OTHER), (district, CITY), (spread.person(CITY, Role.HEAD), PROVINCE)):
        with reading() as session, pytest.raises(NotFound):
            offices(session, actor, ids[hidden], TODAY)
    assert lines(spread, spread.person(CITY, Role.HANDLER)) == []


ROLES_SEEN = (Role.INTAKE, Role.HEAD, Role.AUDITOR, Role.PUBLISHER, Role.FUND_ACCOUNTANT, Role.SYSADMIN)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("office", [PROVINCE, CITY, DISTRICT])
def test_each_role_sees_what_its_permissions_open_and_every_link_opens(
    spread: World, staff_app: Flask, office: str
) -> None:
    top = spread.offices[PROVINCE].id
    for role in ROLES_SEEN:
        client = staff_app.test_client()
        spread.sign_in(client, spread.person(office, role))
        text = client.get("/dashboard/").text
        reads, figures = (one in ROLES[role] for one in (Permission.READ_QUEUE, Permission.READ_FIGURES))
        assert ("最近 13 个月" in text, "在办举报的地区" in text) == (reads, reads), role
        assert ("/dashboard/offices/" in text) == figures, role
        for link in set(re.findall(r'href="(/(?:dashboard/|\?)[^"]*)"', text.replace("&amp;", "&"))):
            assert client.get(link).status_code == 200, (role, link)
        found = 403 if not figures else 200 if office == PROVINCE else 404
        assert client.get(f"/dashboard/offices/?under={top}").status_code == found, role


def test_a_report_about_the_district_is_told_to_the_city_and_never_to_the_district(spread: World) -> None:
    with reading() as session:
        city = dashboard(session, spread.person(CITY, Role.HEAD), TODAY)
        district = dashboard(session, spread.person(DISTRICT, Role.HEAD), TODAY)
        province = dashboard(session, spread.person(PROVINCE, Role.HEAD), TODAY)
    assert [int(str(one.office[0].number)) for one in (province, city, district)] == [0, 3, 2]
