"""A report about an office: no way leads back to it, nor to one of its people who also sits elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from admin.staff import membership
from admin.staff.models import Staff, StaffRole
from admin.staff.queries import actor_of
from admin.staff.roles import Role
from admin.tips import merging, queries, transfer, triage
from admin.tips.casework import find, locked, own_offices
from admin.tips.filters import Filters
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.errors import NotFound, Refused
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.routing import choose
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World, make_world
from tests.conftest import StandingClock


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


def read(world: World, number: str, actor: Actor) -> None:
    with world.at(number, actor) as (session, tip, _keys):
        triage.record_reading(session, tip, actor, now())


def test_a_report_about_one_office_and_then_about_its_holder_is_kept_from_both(world: World) -> None:
    number = world.report(against_office=OTHER)
    assert world.tip(number).office_id == world.offices[DISTRICT].id
    intake = world.person(DISTRICT, Role.INTAKE)
    read(world, number, intake)
    office = world.do(number, transfer.escalate, "也涉及本局。", by=intake)
    above = world.person(next(code for code, one in world.offices.items() if one.id == office.id), Role.INTAKE)
    read(world, number, above)
    for code in (OTHER, DISTRICT):
        with pytest.raises(Refused) as refused:
            world.do(number, transfer.transfer, world.offices[code].id, "请自查。", by=above)
        assert refused.value.code == "accused_office"
        both = replace(above, permissions={**above.permissions, **world.person(code, Role.INTAKE).permissions})
        with world.database.reading() as session:
            member = session.get_one(Staff, world.person(code, Role.INTAKE).id)
            both = replace(both, under=actor_of(session, member).under)
            with pytest.raises(NotFound):
                find(session, number, both)


def test_a_report_about_an_office_does_not_travel_to_it_behind_another(world: World) -> None:
    city = world.person(CITY, Role.INTAKE)
    about, plain = world.report(against_office=DISTRICT), world.report(region="320100")
    assert world.tip(about).office_id == world.tip(plain).office_id == world.offices[CITY].id
    for number in (about, plain):
        read(world, number, city)
    for first, second in ((about, plain), (plain, about)):
        with pytest.raises(Refused) as refused, transaction() as session:
            one, other = locked(session, first, city), locked(session, second, city)
            merging.merge(session, one, other, city, now(), world.keys_of(session, one))
        assert refused.value.code == "other_accused"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTODIAN, Role.HANDLER])
@pytest.mark.parametrize("home", [DISTRICT, OTHER])
def test_people_of_an_accused_office_or_one_below_it_see_nothing_in_another_office(
    world: World, role: Role, home: str
) -> None:
    accused = DISTRICT if home == DISTRICT else CITY
    number = world.report(against_office=accused)
    holder = next(code for code, one in world.offices.items() if one.id == world.tip(number).office_id)
    person = world.person(holder, Role.INTAKE)
    with transaction() as session:
        seen_by = actor_of(session, session.get_one(Staff, person.id))
        assert find(session, number, seen_by) and queries.count(session, seen_by, Filters(), today()).number == 1
        session.add(StaffRole(staff_id=person.id, office_id=world.offices[home].id, role=role.value))  # no key yet
    with reading() as session:
        both = actor_of(session, session.get_one(Staff, person.id))
        assert queries.count(session, both, Filters(), today()).number == 0
        assert list(queries.page(session, both, Filters(), today(), None).rows) == []
        with pytest.raises(NotFound):
            find(session, number, both)


def test_a_report_goes_to_no_office_where_everybody_is_kept_from_it(world: World) -> None:
    """By hand neither: the only reader of the other district also serves the accused one."""
    number = world.report(against_office=DISTRICT)
    city = world.person(CITY, Role.INTAKE)
    read(world, number, city)
    other, accused = world.offices[OTHER], world.offices[DISTRICT]
    with reading() as session:
        assert other.id in {one.id for one in transfer.destinations(session, world.tip(number), now())}
    with transaction() as session:
        office = session.get_one(Office, other.id)
        office.members, office.shared = 1, {accused.id.hex: 1}
    choose.forget()
    with reading() as session:
        assert other.id not in {one.id for one in transfer.destinations(session, world.tip(number), now())}
    with pytest.raises(Refused) as refused:
        world.do(number, transfer.transfer, other.id, "请核查。", by=city)
    assert refused.value.code == "nobody_there"
    plain = world.report(region="320100")
    read(world, plain, city)
    world.do(plain, transfer.transfer, other.id, "请核查。", by=city)  # any other report is welcome there


def test_who_is_counted_as_kept_from_a_report_is_who_is_kept_from_it(world: World) -> None:
    """Routing counts them, the queue hides from them: one rule, said in two places."""
    person = world.new_person(DISTRICT, Role.HANDLER)
    for office, role in ((OTHER, Role.AUDITOR), (CITY, Role.CUSTODIAN)):
        with transaction() as session:
            session.add(StaffRole(staff_id=person.id, office_id=world.offices[office].id, role=role.value))
    with reading() as session:
        for staff in session.scalars(select(Staff).where(Staff.state == "active")):
            counted = membership.kept_from(session, {staff.id})[staff.id]
            assert sorted(counted) == own_offices(actor_of(session, staff))
