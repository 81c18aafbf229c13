"""The dashboard: its numbers against a naive count of the same rows, and against the lists that they lead to."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from admin.custody import asking
from admin.dashboard import queries
from admin.dashboard.mine import dashboard
from admin.dashboard.values import level, median, months_before
from admin.staff.roles import Role
from admin.tips import proposals, triage
from admin.tips.filters import ALL, Filters, Place, Within
from admin.tips.queries import page
from portal.custody.models import IdentityRequest
from portal.disclosures.models import Disclosure
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id, new_tip_number
from portal.tips.models import Clock, Tip, TipEvent
from portal.tips.states import FINAL, OPEN_STATES, Action, State
from tests.admin_tips.world import DISTRICT, OTHER, World
from tests.custody.scene import Scene

TODAY = date(2026, 9, 28)


def fill(world: World, office: str, many: int, **fixed: Any) -> list[dict[str, Any]]:
    """Clear rows with a clock each, each opened, every third decided; no bodies."""
    with reading() as session:
        board = session.scalars(select(Tip.board_id).limit(1)).one()
    states, home = sorted(State), world.offices[office].id
    tips, clocks, events = [], [], []
    for index in range(many):
        state = states[index % len(states)]
        running = state not in FINAL and state is not State.SUSPENDED
        received = TODAY - timedelta(days=11 * index % 500)
        tip = {
            "id": new_id(), "number": new_tip_number(), "received_on": received, "office_id": home,
            "region": ["320104", "320105", ""][index % 3], "subject_type": "institution", "channel": "web",
            "answer_way": "code", "state": state.value, "board_id": board, "rule": "test/1",
            "due_on": TODAY + timedelta(days=7 * index % 29 - 10) if running else None, **fixed,
        }  # fmt: skip
        tips.append(tip)
        clocks.append({
            "id": new_id(), "tip_id": tip["id"], "office_id": home, "rule": ["HR-12.1", "HR-24"][index % 2],
            "started_on": received, "due_on": tip["due_on"] or TODAY, "calendar": "test",
            "state": "running" if running else "met",
        })  # fmt: skip
        for place, action in enumerate((Action.OPEN, Action.DECIDE)[: 1 + (index % 3 == 0)]):
            events.append({
                "id": new_id(), "tip_id": tip["id"], "position": place, "action": action.value, "state": tip["state"],
                "day": min(received + timedelta(days=index % (4 + 13 * place)), TODAY), "office_id": home,
            })  # fmt: skip
    with transaction() as session:
        for table, rows in ((Tip, tips), (Clock, clocks), (TipEvent, events)):
            session.execute(insert(table), rows)
    return tips


@pytest.fixture
def filled(world: World) -> World:
    """Reports here, next door, and one here about the office itself."""
    world.report()
    fill(world, DISTRICT, 90)
    fill(world, OTHER, 30)
    fill(world, DISTRICT, 15, against_office_id=world.offices[DISTRICT].id, region="320106")
    return world


def mine_to_see(world: World) -> list[Tip]:
    """What somebody of the district may see, counted row by row."""
    own = world.offices[DISTRICT].id
    with reading() as session:
        return [tip for tip in session.scalars(select(Tip)) if tip.office_id == own and tip.against_office_id != own]


def test_every_number_of_reports_is_that_of_the_list_it_leads_to(filled: World) -> None:
    actor = filled.person(DISTRICT, Role.INTAKE)
    with reading() as session:
        shown = dashboard(session, actor, TODAY)
        for one in [*shown.mine, *shown.office]:
            filters = Filters.parse(one.arguments)
            assert filters.query() == one.arguments
            assert len(page(session, actor, filters, TODAY, None, 1000).rows) == one.number.number, one.words
        for tile in shown.tiles:
            rows = page(session, actor, Filters(region=tile.region), TODAY, None, 1000).rows
            assert len(rows) == tile.number > 0
        for month in shown.months:
            rows = page(session, actor, Filters(show=ALL, month=month.month), TODAY, None, 1000).rows
            assert len(rows) == month.received
    assert sum(month.received for month in shown.months) > 0 and len(shown.months) == 13


def test_the_numbers_equal_a_count_row_by_row(filled: World) -> None:
    tips = mine_to_see(filled)
    with reading() as session:
        shown = dashboard(session, filled.person(DISTRICT, Role.HEAD), TODAY)
    office = {one.words: one.number.number for one in shown.office}
    due = [tip.due_on for tip in tips if tip.due_on]
    assert office["在办"] == sum(tip.due_on is not None or State(tip.state) in OPEN_STATES for tip in tips)
    assert office["已超期"] == sum(day < TODAY for day in due) > 0
    assert office["今天到期"] == due.count(TODAY) > 0
    assert office["7 天内到期"] == sum(0 <= (day - TODAY).days < 7 for day in due) > office["今天到期"]
    assert office["还没有打开"] == sum(tip.state == "received" for tip in tips) > 0
    for month in shown.months:
        assert month.received == sum(f"{tip.received_on:%Y-%m}" == month.month for tip in tips)
    assert {tile.region for tile in shown.tiles} == {"320104", "320105"}


def test_the_median_of_days_to_a_decision_equals_a_recount(filled: World) -> None:
    by_id = {tip.id: tip for tip in mine_to_see(filled)}
    with reading() as session:
        shown = dashboard(session, filled.person(DISTRICT, Role.HEAD), TODAY)
        decided = session.scalars(select(TipEvent).where(TipEvent.action == "decide")).all()
    for month in shown.months:
        days = sorted(
            (one.day - by_id[one.tip_id].received_on).days
            for one in decided
            if one.tip_id in by_id and f"{one.day:%Y-%m}" == month.month
        )
        assert month.decided == len(days)
        assert month.days == (days[(len(days) - 1) // 2] if days else None)


def test_every_number_of_clocks_leads_to_as_many_rows_page_after_page(filled: World) -> None:
    actor = filled.person(DISTRICT, Role.HANDLER)
    visible = {tip.id for tip in mine_to_see(filled)}
    with reading() as session:
        lines = dashboard(session, actor, TODAY).clocks
        assert {line.rule for line in lines} == {"HR-12.1", "HR-24"}
        for line in lines:
            for which, number in (("running", line.running), ("late", line.late), ("soon", line.soon)):
                found = _every_clock(session, actor, line.rule, which)
                assert len(set(found)) == len(found) == number > 0, (line.rule, which)
                assert set(found) <= visible


def _every_clock(session: Any, actor: Actor, rule: str, which: str) -> list[Id]:
    found: list[Id] = []
    after: Place | None = None
    while True:
        rows, after = queries.clock_rows(session, actor, rule, which, TODAY, after, 4)
        found += [tip.id for _, tip in rows]
        if after is None:
            return found


def test_a_report_about_the_office_is_in_none_of_its_numbers(world: World) -> None:
    world.report()
    fill(world, DISTRICT, 12)
    actor = world.person(DISTRICT, Role.HEAD)
    with reading() as session:
        before = dashboard(session, actor, TODAY)
    fill(world, DISTRICT, 40, against_office_id=world.offices[DISTRICT].id)
    with reading() as session:
        assert dashboard(session, actor, TODAY) == before


def test_what_a_colleague_proposed_waits_for_the_head_and_not_for_whoever_proposed_it(world: World) -> None:
    number = world.report()
    handler, head = world.person(DISTRICT, Role.HANDLER), world.person(DISTRICT, Role.HEAD)
    with world.at(number, handler) as (session, tip, _):
        triage.record_reading(session, tip, handler, now())
    world.do(number, triage.accept, by=world.person(DISTRICT, Role.INTAKE))
    world.do(number, proposals.propose, Action.FILE, "", "够了（虚构）。", by=handler)
    assert handler.id is not None
    also_head = Actor(handler.kind, handler.id, handler.name, head.permissions)
    with reading() as session:
        assert [tip.number for _, tip in queries.proposals(session, head)] == [number]
        assert queries.proposals(session, also_head) == []
        assert queries.proposals(session, world.person(OTHER, Role.HEAD)) == []
        waiting = {one.words: one.number for one in dashboard(session, head, TODAY).waiting}
    assert waiting["等我批准的建议"] == 1


def test_who_reads_no_reports_is_shown_no_number_of_them(filled: World) -> None:
    with reading() as session:
        shown = dashboard(session, filled.person(DISTRICT, Role.CUSTODIAN), TODAY)
    assert [one.words for one in shown.waiting] == ["等我答复的身份申请"]
    assert not (shown.mine or shown.office or shown.clocks or shown.months or shown.tiles)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_asks_a_fixed_number_of_questions_by_index_and_its_links_open(
    filled: World, database: Database, staff_app: Flask
) -> None:
    client = staff_app.test_client()
    filled.sign_in(client, filled.person(DISTRICT, Role.HEAD))
    few = _statements(database, client)
    fill(filled, DISTRICT, 60)
    asked = _statements(database, client)
    assert len(asked) == len(few) <= 30
    with database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            walked = [row.detail for row in plan if re.match(r"SCAN (tip|clock|tip_event)\b", row.detail)]
            assert walked == [], (statement, walked)
    text = client.get("/dashboard/").text
    links = set(re.findall(r'href="(/(?:dashboard/|\?)[^"]*)"', text.replace("&amp;", "&")))
    assert len(links) > 20, text
    for link in sorted(links):
        assert client.get(link).status_code == 200, link
    assert client.get("/dashboard/clocks/?rule=HR-12.1&which=nothing").status_code == 404


def _statements(database: Database, client: FlaskClient) -> list[tuple[str, Any]]:
    """What one look at the page asks of the main store."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get("/dashboard/").status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return [one for one in seen if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]


@given(st.lists(st.integers(0, 400), max_size=30))
def test_the_median_is_the_lower_middle_of_the_sorted_values(values: list[int]) -> None:
    counted = {one: values.count(one) for one in values}
    assert median(counted) == (sorted(values)[(len(values) - 1) // 2] if values else None)


def test_a_month_ends_where_the_next_begins() -> None:
    assert months_before(date(2026, 1, 31), 3) == ["2025-11", "2025-12", "2026-01"]
    assert Filters(month="2025-12").months_days == (date(2025, 12, 1), date(2026, 1, 1))
    assert Filters.parse({"month": "2026-13", "within": "year"}) == Filters()
    assert Filters(within=Within.WEEK).due_between(TODAY) == (TODAY, date(2026, 10, 4))
    assert [level(n, 40, 5) for n in (0, 1, 8, 9, 40)] == [0, 1, 1, 2, 5]


def test_an_identity_that_was_asked_for_is_listed_for_whoever_asked_until_it_ends(world: World) -> None:
    number, head = world.report(named=True), world.person(DISTRICT, Role.HEAD)
    scene = Scene(world, head)
    with world.at(number, scene.asker) as (session, tip, _):
        triage.record_reading(session, tip, scene.asker, now())
    request = scene.ask(number)
    with reading() as session:
        assert [(one.id, tip.number) for one, tip in queries.openings(session, scene.asker)] == [(request, number)]
        assert queries.openings(session, head) == []
        waiting = {one.words: one.number for one in dashboard(session, scene.asker, TODAY).waiting}
    assert waiting["我申请打开的身份"] == 1
    with transaction() as session:
        asking.drop(session, session.get_one(IdentityRequest, request), scene.asker, now())
    with reading() as session:
        assert queries.openings(session, scene.asker) == []


def test_fund_accounts_wait_for_whoever_has_the_next_step(world: World) -> None:
    accountant = world.person(DISTRICT, Role.FUND_ACCOUNTANT)
    publisher, other = world.person(DISTRICT, Role.FUND_PUBLISHER), world.person(OTHER, Role.FUND_PUBLISHER)
    assert accountant.id is not None and publisher.id is not None
    rows = [
        {"state": state, "made_by": made_by, "id": new_id(), "office_id": world.offices[DISTRICT].id, "rows": 1,
         "kind": "publication", "title": "演示", "file_name": "a.csv", "file_sha256": "0" * 64, "sha256": "0" * 64,
         "made_on": TODAY, "explanations": "{}"}
        for state, made_by in (("draft", accountant.id), ("checked", accountant.id), ("approved", accountant.id),
                               ("checked", publisher.id), ("dropped", accountant.id))
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(Disclosure), rows)
    with reading() as session:
        assert [queries.disclosures(session, one) for one in (accountant, publisher, other)] == [1, 2, 0]
