"""Searching the record: by kind, person, report, days; who read what; only what the auditor's offices do."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from admin.audit import queries
from admin.audit.queries import A_PAGE, READS, Line, Wanted, entries
from admin.staff.models import Staff, StaffRole
from admin.staff.roles import Role
from admin.tips import triage
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.events import FileRead, Notice, PrintMade, StaffChanged, TipRead
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World, make_world
from tests.audit.test_record import place
from tests.conftest import StandingClock


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


def found(auditor: Actor, wanted: Wanted) -> list[Line]:
    with reading() as session:
        return list(entries(session, wanted, auditor).lines)


def read(world: World, number: str, by: Actor) -> None:
    with world.at(number, by) as (session, tip, _):
        triage.record_reading(session, tip, by, now())


def test_who_read_what_is_told_by_person_report_and_day(world: World, clock: StandingClock) -> None:
    intake, head = world.person(DISTRICT, Role.INTAKE), world.person(DISTRICT, Role.HEAD)
    one, two = world.report(), world.report()
    read(world, one, intake)
    clock.advance(days=1)
    read(world, two, intake)
    read(world, one, head)
    with transaction() as session:
        append(session, FileRead(one, world.offices[DISTRICT].id.hex, "ab" * 16), head, now())  # type: ignore[arg-type]  # a number
    place()
    auditor = world.person(DISTRICT, Role.AUDITOR)
    said = [(line.actor, line.kind, line.subject) for line in found(auditor, Wanted(reads=True))]
    assert said[-1] == (intake.name, "tip-read", one)
    assert set(said[:-1]) == {
        (head.name, "file-read", one), (head.name, "tip-read", one), (intake.name, "tip-read", two)
    }  # fmt: skip
    by_person = found(auditor, Wanted(reads=True, person=intake.name))
    assert [line.subject for line in by_person] == [two, one]
    assert {line.office for line in by_person} == {"演示甲区医疗保障局"}
    assert [line.actor for line in found(auditor, Wanted(reads=True, subject=one, since=date(2026, 9, 29)))] == [
        head.name, head.name,
    ]  # fmt: skip
    assert [line.subject for line in found(auditor, Wanted(reads=True, until=date(2026, 9, 28)))] == [one]
    assert found(auditor, Wanted(reads=True, kind="file-read"))[0].detail == "ab" * 16


def test_a_person_is_found_by_either_name_and_nobody_else_is(world: World) -> None:
    intake = world.person(DISTRICT, Role.INTAKE)
    read(world, world.report(), intake)
    place()
    auditor = world.person(DISTRICT, Role.AUDITOR)
    with reading() as session:
        row = session.get_one(Staff, intake.id)
    for typed in (intake.name, f" {intake.name} ", row.sign_in, row.sign_in.upper()):
        assert {line.kind for line in found(auditor, Wanted(person=typed))} == {"tip-read", "tip-moved"}
    for typed in ("%", "_", intake.name[:-1], "没有这个人", "' or 1=1 --"):
        assert found(auditor, Wanted(person=typed)) == []


def test_both_days_of_a_range_count_and_a_turned_range_is_empty(world: World, clock: StandingClock) -> None:
    for _ in range(4):
        with transaction() as session:
            append(session, Notice("x"), SYSTEM, now())
        clock.advance(days=1)
    place()
    auditor = world.person(CITY, Role.AUDITOR)

    def days(since: date | None, until: date | None) -> list[int]:
        return [line.day.day for line in found(auditor, Wanted(kind="notice", since=since, until=until))]

    first, last = date(2026, 9, 29), date(2026, 9, 30)
    assert days(first, last) == [30, 29]
    assert days(first, None) == [1, 30, 29]
    assert days(None, first) == [29, 28]
    assert days(last, first) == []


def test_an_auditor_sees_only_what_the_own_offices_do(world: World) -> None:
    ours, theirs = world.person(DISTRICT, Role.HANDLER), world.person(OTHER, Role.HANDLER)
    with transaction() as session:
        for person, office in ((ours, DISTRICT), (theirs, OTHER)):
            append(session, PrintMade("queue", world.offices[office].id.hex, 3), person, now())
            append(session, StaffChanged(str(person.id), "passphrase-changed"), person, now())
            append(session, StaffChanged(str(person.id), "role-given", office, "handler"), SYSTEM, now())
        append(session, Notice("for everybody"), SYSTEM, now())
    place()
    auditor = world.person(DISTRICT, Role.AUDITOR)
    for kind, count in (("print-made", 1), ("staff-changed", 2), ("notice", 1)):
        assert len(found(auditor, Wanted(kind=kind))) == count, kind
    assert [line.office for line in found(auditor, Wanted(kind="print-made"))] == ["演示甲区医疗保障局"]
    assert found(auditor, Wanted(person=theirs.name)) == []


def test_what_somebody_did_who_left_is_still_found(world: World) -> None:
    person = world.person(DISTRICT, Role.HANDLER)
    with transaction() as session:
        append(session, StaffChanged(str(person.id), "passphrase-changed"), person, now())
        session.execute(delete(StaffRole).where(StaffRole.staff_id == person.id))
    place()
    assert len(found(world.person(DISTRICT, Role.AUDITOR), Wanted(person=person.name))) == 1


def test_pages_lose_nothing_though_much_of_the_book_is_not_the_readers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SCANNED", 40)
    with transaction() as session:
        for number in range(3 * A_PAGE):
            office = world.offices[DISTRICT if number % 3 == 0 else OTHER].id.hex
            append(session, PrintMade("queue", office, number), SYSTEM, now())
    place()
    seen, wanted = list[str](), Wanted(kind="print-made")
    with reading() as session:
        while True:
            page = entries(session, wanted, world.person(DISTRICT, Role.AUDITOR))
            seen += [line.detail for line in page.lines]
            if page.next is None:
                break
            wanted = Wanted(kind="print-made", before=page.next)
    assert sorted(int(number or 0) for number in seen) == list(range(0, 3 * A_PAGE, 3))


@pytest.fixture
def client(staff_app: Flask) -> FlaskClient:
    return staff_app.test_client()


def test_the_pages_keep_the_search_and_offer_the_other_view(world: World, client: FlaskClient) -> None:
    intake = world.person(DISTRICT, Role.INTAKE)
    number = world.report()
    read(world, number, intake)
    place()
    world.sign_in(client, world.person(DISTRICT, Role.AUDITOR))
    page = client.get(f"/ledger/readings/?person={intake.name}&subject={number}&since=2026-09-01&until=2026-09-30")
    assert page.status_code == 200
    assert f'value="{intake.name}"' in page.text and "打开举报" in page.text
    assert "收到举报" not in page.text, "only kinds of reading can be chosen here"
    assert client.get("/ledger/readings/?kind=tip-received").status_code == 200
    assert client.get(f"/ledger/?person={'x' * 5000}%00&before=99999999999999999999&since=0&until=9").status_code == 200
    assert set(READS) >= {TipRead.kind, FileRead.kind, PrintMade.kind, "identity-opened", "ledger-exported"}
    assert set(READS) >= {"case-read", "circular-read"}


@pytest.mark.parametrize("role", [Role.HANDLER, Role.INTAKE, Role.HEAD, Role.CUSTODIAN])
def test_nobody_else_reads_the_record(world: World, client: FlaskClient, role: Role) -> None:
    world.sign_in(client, world.person(DISTRICT, role))
    for path in ("/ledger/", "/ledger/readings/"):
        assert client.get(path).status_code == 403
    token = client.get("/account/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post("/ledger/export/", data={"csrf_token": token}).status_code == 403
