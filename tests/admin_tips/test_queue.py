"""The queue's reads: order, pages, filters, counts, scope, and an index under every one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from admin.staff.models import Staff, StaffRole
from admin.staff.queries import actor_of
from admin.staff.roles import ROLES, Role
from admin.tips import queries
from admin.tips.casework import find
from admin.tips.filters import ALL, ENDED, OPEN, Filters, Place, Sort, Whose, day_in
from portal.kernel.actors import Actor, ActorKind
from portal.kernel.errors import NotFound
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id, new_tip_number
from portal.tips.models import Tip
from portal.tips.states import FINAL, State
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World

TODAY = date(2026, 9, 28)
FILTERS = [
    Filters(),
    Filters(overdue=True),
    Filters(whose=Whose.MINE),
    Filters(whose=Whose.NOBODY),
    Filters(show=State.SCREENING),
    Filters(show=ENDED),
    Filters(show=ALL),
    Filters(sort=Sort.ARRIVAL),
    Filters(subject="person"),
    Filters(region="320104"),
    Filters(region="320100"),
    Filters(region="320100", alone=True),
    Filters(region="320000"),
    Filters(channel="12393"),
    Filters(received=TODAY),
    Filters(show=State.SCREENING, sort=Sort.ARRIVAL),
]


def _fill(world: World, office: str, many: int, **fixed: Any) -> list[str]:
    """Rows without bodies: the queue reads nothing else."""
    with reading() as session:
        board = session.execute(text("select id from custody_board")).scalar_one()
    board_id = board if isinstance(board, Id) else Id(str(board))
    states = sorted(State)
    rows = []
    for index in range(many):
        state = fixed.get("state", states[index % len(states)])
        running = state not in FINAL and state is not State.SUSPENDED
        rows.append(
            {
                "id": new_id(),
                "number": new_tip_number(),
                "received_on": TODAY - timedelta(days=index % 40),
                "office_id": world.offices[office].id,
                "region": ["320104", "320105", "", "320100"][index % 4],
                "subject_type": ["institution", "person", "other"][index % 3],
                "channel": ["web", "12393"][index % 2],
                "answer_way": "code",
                "state": state.value,
                "due_on": TODAY + timedelta(days=index % 30 - 5) if running else None,
                "board_id": board_id,
                "rule": "test/1",
                **{name: value for name, value in fixed.items() if name != "state"},
            }
        )
    with transaction() as session:
        session.execute(insert(Tip), rows)
    return [str(row["number"]) for row in rows]


def _all(session: Session, actor: Actor, filters: Filters, size: int) -> list[str]:
    """Every row, page after page."""
    numbers: list[str] = []
    after = None
    while True:
        page = queries.page(session, actor, filters, TODAY, after, size)
        numbers += [row.number for row in page.rows]
        if page.next is None:
            return numbers
        after = Place.parse(str(page.next))
        assert after == page.next


def test_pages_together_give_each_report_once_in_order(world: World) -> None:
    actor = world.person(DISTRICT, Role.INTAKE)
    _fill(world, DISTRICT, 97, assignee_id=None)
    _fill(world, DISTRICT, 20, assignee_id=actor.id)
    _fill(world, OTHER, 30)
    for filters in FILTERS:
        with reading() as session:
            paged = _all(session, actor, filters, 7)
            whole = [row.number for row in queries.page(session, actor, filters, TODAY, None, 1000).rows]
            counted = queries.count(session, actor, filters, TODAY)
        assert paged == whole, filters
        assert len(set(paged)) == len(paged) == counted.number > 0, filters


def test_back_from_the_last_page_come_the_same_reports_and_the_first_page_is_full(world: World) -> None:
    actor = world.person(DISTRICT, Role.INTAKE)
    _fill(world, DISTRICT, 90, assignee_id=None)
    _fill(world, OTHER, 10)
    for filters in FILTERS:
        with reading() as session:
            whole = [row.number for row in queries.page(session, actor, filters, TODAY, None, 1000).rows]
            page = queries.page(session, actor, filters, TODAY, None, 7)
            assert page.previous is None
            while page.next is not None:
                page = queries.page(session, actor, filters, TODAY, page.next, 7)
            seen = [row.number for row in page.rows]
            first = len(page.rows)
            while page.previous is not None:
                before = Place.parse(str(page.previous))
                page = queries.page(session, actor, filters, TODAY, None, 7, before)
                first = len(page.rows)
                seen = [row.number for row in page.rows if row.number not in seen] + seen
        assert seen == whole, filters
        assert first == min(7, len(whole)), filters


def test_open_is_sorted_by_due_day_and_what_has_none_comes_last(world: World) -> None:
    _fill(world, DISTRICT, 60)
    with reading() as session:
        rows = queries.page(session, world.person(DISTRICT, Role.INTAKE), Filters(), TODAY, None, 100).rows
    due = [row.due_on for row in rows]
    known = [day for day in due if day is not None]
    assert due == sorted(known) + [None] * (len(due) - len(known))
    assert {row.state for row in rows} == {state.value for state in State} - {state.value for state in FINAL}


def test_an_area_holds_what_names_it_and_what_names_a_part_of_it(world: World) -> None:
    named = {
        code: _fill(world, DISTRICT, 6, region=code)
        for code in ("320104", "320100", "320106", "320000", "320500", "330100", "")
    }
    inside = {
        Filters(region="320104"): ["320104"],
        Filters(region="320100"): ["320104", "320100", "320106"],
        Filters(region="320100", alone=True): ["320100"],
        Filters(region="320000"): ["320104", "320100", "320106", "320000", "320500"],
        Filters(region="320000", alone=True): ["320000"],
        Filters(region="999999"): [],
    }
    actor = world.person(DISTRICT, Role.INTAKE)
    for place, codes in inside.items():
        for filters in (place, replace(place, show=ALL), replace(place, sort=Sort.ARRIVAL)):
            wanted = {number for code in codes for number in named[code]}
            with reading() as session:
                found = _all(session, actor, filters, 7)
                assert len(found) == len(set(found)) == queries.count(session, actor, filters, TODAY).number
            assert set(found) <= wanted and (filters.show != ALL or set(found) == wanted), filters
            assert {code for code in codes if set(named[code]) & set(found)} == set(codes), filters


@pytest.mark.parametrize("offices", [1, 60])
def test_a_city_is_asked_for_in_however_many_offices(world: World, offices: int) -> None:
    (inside,) = _fill(world, DISTRICT, 1, region="320104", state=State.SCREENING)
    _fill(world, DISTRICT, 1, region="320500", state=State.SCREENING)
    held = frozenset(ROLES[Role.INTAKE])
    everywhere = {world.offices[DISTRICT].id: held, **{new_id(): held for _ in range(offices - 1)}}
    actor = Actor(ActorKind.STAFF, new_id(), "", everywhere)
    with reading() as session:
        assert _all(session, actor, Filters(region="320100"), 7) == [inside]
        assert queries.count(session, actor, Filters(region="320100"), TODAY).number == 1


def test_somebody_of_two_offices_reads_both_as_one_list(world: World) -> None:
    mine = _fill(world, DISTRICT, 20, state=State.SCREENING) + _fill(world, OTHER, 20, state=State.SCREENING)
    held = frozenset(ROLES[Role.INTAKE])
    both = Actor(ActorKind.STAFF, new_id(), "", {world.offices[DISTRICT].id: held, world.offices[OTHER].id: held})
    with reading() as session:
        assert set(_all(session, both, Filters(), 7)) == set(mine)
        assert set(_all(session, both, Filters(office=world.offices[OTHER].id.hex), 7)) == set(mine[20:])


def test_a_report_about_an_office_is_in_no_list_and_no_count_of_its_people(world: World) -> None:
    accused = world.offices[DISTRICT].id
    _fill(world, CITY, 15, against_office_id=accused)
    held = frozenset(ROLES[Role.INTAKE])
    both = Actor(ActorKind.STAFF, new_id(), "", {world.offices[CITY].id: held, accused: held})
    for filters in FILTERS[:1] + FILTERS[5:8]:
        with reading() as session:
            assert _all(session, both, filters, 50) == []
            assert queries.count(session, both, filters, TODAY).number == 0
            assert len(_all(session, world.person(CITY, Role.INTAKE), filters, 50)) > 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTODIAN, Role.HANDLER, Role.SYSADMIN])
def test_any_role_at_the_accused_office_hides_the_report_wherever_else_its_holder_works(
    world: World, role: Role
) -> None:
    """Also a role without effect yet: the key of that office was not granted."""
    (hidden,) = _fill(world, CITY, 1, state=State.SCREENING, against_office_id=world.offices[DISTRICT].id)
    (shown,) = _fill(world, CITY, 1, state=State.SCREENING)
    person = world.new_person(CITY, Role.INTAKE)
    with transaction() as session:
        session.add(StaffRole(staff_id=person.id, office_id=world.offices[DISTRICT].id, role=role.value))
    with reading() as session:
        actor = actor_of(session, session.get_one(Staff, person.id))
        assert _all(session, actor, Filters(), 50) == [shown]
        assert queries.count(session, actor, Filters(), TODAY).number == 1
        assert find(session, shown, actor).number == shown
        with pytest.raises(NotFound):
            find(session, hidden, actor)


def test_pressure_shows_to_the_superior_unless_the_report_is_about_it(world: World) -> None:
    shown = _fill(world, DISTRICT, 1, state=State.VERIFYING, pressured=True)
    _fill(world, DISTRICT, 1, state=State.VERIFYING, pressured=True, against_office_id=world.offices[CITY].id)
    with reading() as session:
        above = queries.pressured_below(session, world.person(CITY, Role.HEAD))
        beside = queries.pressured_below(session, world.person(OTHER, Role.HEAD))
    assert [row.number for row in above] == shown
    assert list(beside) == []


def test_counts_stop_at_a_thousand(world: World) -> None:
    _fill(world, DISTRICT, 1_050, state=State.RECEIVED)
    with reading() as session:
        counted = queries.count(session, world.person(DISTRICT, Role.INTAKE), Filters(), TODAY)
    assert (str(counted), counted.number) == ("1,000+", 1_001)


def _statements(world: World, ask: Callable[[], object]) -> list[tuple[str, Any]]:
    """What is asked of the table of reports meanwhile."""
    seen: list[tuple[str, Any]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM tip" in statement and "letter" not in statement:
            seen.append((statement, parameters))

    event.listen(world.database.engine, "before_cursor_execute", keep)
    try:
        ask()
    finally:
        event.remove(world.database.engine, "before_cursor_execute", keep)
    return seen


def test_no_page_reads_the_whole_table_or_sorts_it(world: World) -> None:
    """On 6,000 reports of two offices, with the statistics that the database keeps of itself."""
    actor = world.person(DISTRICT, Role.INTAKE)
    _fill(world, DISTRICT, 5_000)
    _fill(world, DISTRICT, 200, assignee_id=actor.id)
    _fill(world, OTHER, 800)
    with transaction() as session:
        session.execute(text("analyze"))
    above = world.person(CITY, Role.INTAKE)
    for filters in FILTERS:
        with reading() as session:
            further = queries.page(session, actor, filters, TODAY, None, 20).next
            for after, before in {(None, None), (further, None), (None, further)}:
                asked = partial(queries.page, session, actor, filters, TODAY, after, before=before)
                seen = _statements(world, asked)
                seen += _statements(world, partial(queries.pressured_below, session, above))
                assert seen
                _refuse_scans(session, world, seen)


def test_opening_a_report_reads_no_whole_table_however_many_there_are(world: World, staff_app: Flask) -> None:
    client, number = staff_app.test_client(), world.report()
    world.sign_in(client, world.person(DISTRICT, Role.HANDLER))
    _fill(world, DISTRICT, 5_000)
    with transaction() as session:
        session.execute(text("analyze"))
    assert client.get(f"/tips/{number}/").status_code == 200  # the first look stores more than the next
    for page in (f"/tips/{number}/", "/"):
        seen = _statements(world, partial(client.get, page))
        with reading() as session:
            # A count may read the table if that ends it sooner: it stops at a thousand.
            _refuse_scans(session, world, [one for one in seen if re.match(r"SELECT (?!count)", one[0])])


def _refuse_scans(session: Session, world: World, seen: list[Any]) -> None:
    """No statement may walk through all reports."""
    prefix = "EXPLAIN " if world.database.is_postgresql else "EXPLAIN QUERY PLAN "
    for statement, parameters in seen:
        plan = [str(row) for row in session.connection().exec_driver_sql(prefix + statement, parameters)]
        assert not any(re.search(r"SCAN tip\b(?!.*INDEX)", line) for line in plan), (statement, plan)
        assert not any(re.search(r"Seq Scan on tip\b", line) for line in plan), (statement, plan)


# --- filters as an address


@given(st.dictionaries(st.sampled_from([*Filters.__slots__, "x"]), st.text(max_size=30)))
def test_any_address_gives_filters_and_they_come_back_the_same(address: dict[str, str]) -> None:
    filters = Filters.parse(address)
    assert Filters.parse({name: str(value) for name, value in filters.query().items()}) == filters


@given(st.text(max_size=80))
def test_a_place_is_read_or_ignored(typed: str) -> None:
    place = Place.parse(typed)
    assert place is None or Place.parse(str(place)) == place


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-10-08", date(2026, 10, 8)),
        ("2026.10.8", date(2026, 10, 8)),
        ("2026年10月8日", date(2026, 10, 8)),
        ("20261008", date(2026, 10, 8)),
        ("2026-13-01", None),
        ("医院", None),
        ("", None),
    ],
)
def test_a_day_is_understood_as_people_write_it(typed: str, day: date | None) -> None:
    assert day_in(typed) == day


def test_the_default_has_no_parameters() -> None:
    assert Filters().query() == {}
    assert Filters.parse({}) == Filters(show=OPEN)
