from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from admin.app import create_app
from admin.audit.queries import A_PAGE, Wanted, entries
from admin.config import StaffSettings
from admin.staff.roles import Role
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.sequencer import sequence
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World, make_world
from tests.conftest import StandingClock


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


def place() -> None:
    with transaction() as session:
        while sequence(session, now()):
            pass


ALL = Wanted()


def subjects(world: World, office: str, wanted: Wanted = ALL) -> set[str]:
    with reading() as session:
        page = entries(session, wanted, world.person(office, Role.AUDITOR))
    return {line.subject for line in page.lines if line.subject.startswith("MJ-")}


def test_an_auditor_sees_what_concerns_the_own_office_and_no_other(world: World) -> None:
    number = world.report(region="320104")
    place()
    assert subjects(world, DISTRICT) == {number}
    assert subjects(world, OTHER) == set()


def test_an_accused_office_sees_nothing_of_the_report_against_it(world: World) -> None:
    number = world.report(region="320104", subject_type="agency", against_office=DISTRICT)
    assert world.tip(number).against_office_id == world.offices[DISTRICT].id
    place()
    holder = next(code for code, office in world.offices.items() if office.id == world.tip(number).office_id)
    assert subjects(world, holder) == {number}
    assert subjects(world, DISTRICT) == set()
    assert subjects(world, DISTRICT, Wanted(subject=number)) == set()


def test_the_list_is_paged_from_the_newest_to_the_oldest_and_loses_nothing(world: World) -> None:
    with transaction() as session:
        for i in range(2 * A_PAGE + 5):
            append(session, Notice(str(i)), SYSTEM, now())
    place()
    wanted, seen = Wanted(kind=Notice.kind), list[int]()
    with reading() as session:
        actor = world.person(CITY, Role.AUDITOR)
        while True:
            page = entries(session, wanted, actor)
            seen += [line.seq for line in page.lines]
            if page.next is None:
                break
            wanted = Wanted(kind=Notice.kind, before=page.next)
    assert len(seen) == 2 * A_PAGE + 5
    assert seen == sorted(seen, reverse=True)


@pytest.fixture
def client(staff_settings: StaffSettings, database: Database) -> FlaskClient:
    return create_app(staff_settings, database).test_client()


def test_the_page_opens_for_an_auditor_and_for_nobody_else(world: World, client: FlaskClient) -> None:
    number = world.report()
    place()
    world.sign_in(client, world.person(DISTRICT, Role.AUDITOR))
    page = client.get("/ledger/?kind=tip-received&since=2026-09-28&until=2026-09-28")
    assert page.status_code == 200
    assert number in page.text and "举报人" in page.text
    assert client.get("/ledger/?since=x&until=&subject=%00&before=-1&kind=nonsense").status_code == 200
    world.sign_in(client, world.person(DISTRICT, Role.HANDLER))
    assert client.get("/ledger/").status_code == 403
