"""The dashboard: its numbers against a naive count of the same rows, and against the lists that they lead to."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select

from admin.custody import asking
from admin.dashboard import queries
from admin.dashboard.areas import open_by_area, tiles
from admin.dashboard.clocks import clock_rows, which_clocks
from admin.dashboard.mine import dashboard
from admin.dashboard.values import Tile, level, months_before
from admin.staff.roles import Role
from admin.tips import proposals, triage
from admin.tips.casework import move
from admin.tips.filters import ALL, Filters, Place, Within
from admin.tips.queries import count, counted_scope, page
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
    """Clear rows with a clock each, some of which were missed, each opened, every third decided; no bodies."""
    with reading() as session:
        board = session.scalars(select(Tip.board_id).limit(1)).one()
    states, home = sorted(State), world.offices[office].id
    tips, clocks, events = [], [], []
    for index in range(many):
        state = states[index % len(states)]
        running = state not in FINAL and state is not State.SUSPENDED
        received = TODAY - timedelta(days=11 * index % 500)
        decided = min(received + timedelta(days=index % 17), TODAY) if index % 3 == 0 else None
        tip = {
            "id": new_id(), "number": new_tip_number(), "received_on": received, "office_id": home,
            "region": ["320104", "320105", ""][index % 3], "subject_type": "institution", "channel": "web",
            "answer_way": "code", "state": state.value, "board_id": board, "rule": "test/1",
            "due_on": TODAY + timedelta(days=7 * index % 29 - 10) if running else None,
            "decided_month": f"{decided:%Y-%m}" if decided else None,
            "decided_after": (decided - received).days if decided else None, **fixed,
        }  # fmt: skip
        tips.append(tip)
        clocks.append({
            "id": new_id(), "tip_id": tip["id"], "office_id": home, "rule": ["HR-12.1", "HR-24"][index % 2],
            "started_on": received, "due_on": tip["due_on"] or TODAY - timedelta(days=13 * index % 420),
            "calendar": "test", "state": "running" if running else "missed" if index % 4 == 3 else "met",
        })  # fmt: skip
        steps = [(Action.OPEN, min(received + timedelta(days=index % 4), TODAY)), (Action.DECIDE, decided)]
        for place, (action, day) in enumerate((action, day) for action, day in steps if day is not None):
            events.append({
                "id": new_id(), "tip_id": tip["id"], "position": place, "action": action.value, "state": tip["state"],
                "day": day, "office_id": home,
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


def scatter(world: World, chance: random.Random, many: int) -> None:
    """Reports at random in two districts, some gone to the other or about the first, with up to three clocks each."""
    with reading() as session:
        board = session.scalars(select(Tip.board_id).limit(1)).one()
    here, there = world.offices[DISTRICT].id, world.offices[OTHER].id
    tips, clocks = [], []
    for _ in range(many):
        held, answered = chance.choice([(here, here)] * 4 + [(there, here), (there, there)])
        received = TODAY - timedelta(days=chance.randrange(500))
        decided = chance.choice([None, TODAY - timedelta(days=chance.randrange((TODAY - received).days + 1))])
        tips.append({
            "id": new_id(), "number": new_tip_number(), "received_on": received, "office_id": held,
            "region": chance.choice(["320104", "320105", "320100", "320505", "320000", "110101", ""]),
            "subject_type": "institution", "channel": "web", "answer_way": "code", "board_id": board, "rule": "test/1",
            "state": chance.choice(sorted(State)).value,
            "due_on": chance.choice([None, TODAY + timedelta(days=chance.randrange(-20, 20))]),
            "against_office_id": chance.choice([None] * 9 + [here]),
            "decided_month": f"{decided:%Y-%m}" if decided else None,
            "decided_after": (decided - received).days if decided else None,
        })  # fmt: skip
        for _ in range(chance.randrange(4)):
            state = chance.choice(["running", "met", "missed", "void", "paused"]) if held == answered else "missed"
            due = TODAY - timedelta(days=chance.randrange(-10, 450) if state == "running" else chance.randrange(450))
            clocks.append({
                "id": new_id(), "tip_id": tips[-1]["id"], "office_id": answered, "started_on": received, "due_on": due,
                "rule": chance.choice(["HR-12.1", "PP-45", "gone"]), "calendar": "test", "state": state,
            })  # fmt: skip
    with transaction() as session:
        session.execute(insert(Tip), tips)
        session.execute(insert(Clock), clocks)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_on_the_page_is_the_length_of_the_list_it_opens(world: World, seed: int) -> None:
    world.report()
    scatter(world, random.Random(seed), 300)
    actor = world.person(DISTRICT, Role.HEAD)
    with reading() as session:
        shown = dashboard(session, actor, TODAY)

        def listed(arguments: Mapping[str, str]) -> int:
            filters = Filters.parse(arguments)
            assert filters.query() == arguments
            return len(page(session, actor, filters, TODAY, None, 1000).rows)

        def listed_clocks(arguments: Mapping[str, str]) -> int:
            wanted = which_clocks(arguments["which"], arguments.get("period", ""), TODAY)
            found = _every_clock(session, actor, arguments.get("rule", ""), wanted)
            assert len(set(found)) == len(found)
            return len(found)

        for one in [*shown.mine, *shown.office]:
            length = listed if one.endpoint == "queue.index" else listed_clocks
            assert length(one.arguments) == int(str(one.number)), one.words
        for line in shown.clocks:
            for which, number in (("running", line.running), ("soon", line.soon), ("late", line.late)):
                assert listed_clocks({"rule": line.rule, "which": which}) == number
            for period, number in (("2026-09", line.month), ("year", line.year)):
                assert listed_clocks({"rule": line.rule, "which": "missed", "period": period}) == number
        for month in shown.months:
            assert listed({"show": "all", "month": month.month}) == month.received
            assert listed({"show": "all", "decided": month.month}) == month.decided
            assert listed_clocks({"which": "missed", "period": month.month}) == month.missed
        numbers = open_by_area(session, counted_scope(session, actor))
        assert _leaves(numbers, shown.tiles, listed) == sum(numbers.values())
    assert sum(line.year for line in shown.clocks) > sum(line.month for line in shown.clocks) > 0
    assert len(shown.months) == 13 and sum(one.decided for one in shown.months) > 0


def _leaves(numbers: Mapping[str, int], found: Sequence[Tile], listed: Callable[[dict[str, str]], int]) -> int:
    """Follows every tile down to the queue; returns how many reports there are at the end of all ways."""
    total = 0
    for tile in found:
        if tile.inside:
            below = _leaves(numbers, tiles(numbers, tile.region), listed)
        else:
            below = listed({"region": tile.region, **({"alone": "1"} if tile.rest else {})})
        assert below == tile.number > 0, tile
        total += below
    return total


def test_a_missed_clock_of_a_report_that_went_on_is_counted_and_named_and_leads_nowhere(
    world: World, staff_app: Flask
) -> None:
    moved, stayed = world.report(), world.report()
    home, away = world.offices[DISTRICT].id, world.offices[OTHER].id
    with transaction() as session:
        for number in (moved, stayed):
            tip = session.scalars(select(Tip).where(Tip.number == number)).one()
            for clock in session.scalars(select(Clock).where(Clock.tip_id == tip.id)):
                clock.state, clock.due_on, clock.ended_on = "missed", date(2026, 9, 3), date(2026, 9, 7)
            tip.office_id = away if number == moved else home
    actor = world.person(DISTRICT, Role.HEAD)
    client = staff_app.test_client()
    world.sign_in(client, actor)
    text = client.get("/dashboard/clocks/?which=missed&period=2026-09").text
    assert f"/tips/{stayed}/" in text and f"/tips/{moved}/" not in text and moved in text and "晚 4 天" in text
    with reading() as session:
        assert [month.missed for month in dashboard(session, actor, TODAY).months][-2:] == [0, 2]
        shown = page(session, actor, Filters(show=ALL, missed="2026-09"), TODAY, None)
        assert [row.number for row in shown.rows] == [stayed]
        assert count(session, actor, Filters(show=ALL, missed="year"), TODAY).number == 1
        assert page(session, world.person(OTHER, Role.HEAD), Filters(show=ALL, missed="year"), TODAY, None).rows == []
    assert "只看2026 年 9 月超过期限的" in client.get("/?show=all&missed=2026-09").text


def test_a_decision_is_written_down_with_its_month_and_days_and_a_second_one_takes_its_place(world: World) -> None:
    number, head = world.report(), world.person(DISTRICT, Role.HEAD)
    with transaction() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        tip.state, tip.received_on = State.FILED.value, date(2026, 8, 31)
        move(session, tip, Action.DECIDE, head, now())
    assert (world.tip(number).decided_month, world.tip(number).decided_after) == ("2026-09", 28)
    with transaction() as session:
        tip = session.scalars(select(Tip).where(Tip.number == number)).one()
        tip.state = State.FILED.value
        move(session, tip, Action.DECIDE, head, now() + timedelta(days=5))
    assert (world.tip(number).decided_month, world.tip(number).decided_after) == ("2026-10", 33)


def test_the_numbers_equal_a_count_row_by_row(filled: World) -> None:
    tips = mine_to_see(filled)
    with reading() as session:
        shown = dashboard(session, filled.person(DISTRICT, Role.HEAD), TODAY)
    office = {one.words: int(str(one.number)) for one in shown.office}
    due = [tip.due_on for tip in tips if tip.due_on]
    assert office["在办"] == sum(tip.due_on is not None or State(tip.state) in OPEN_STATES for tip in tips)
    assert office["已超期"] == sum(day < TODAY for day in due) > 0
    assert office["今天到期"] == due.count(TODAY) > 0
    assert office["7 天内到期"] == sum(0 <= (day - TODAY).days < 7 for day in due) > office["今天到期"]
    assert office["还没有打开"] == sum(tip.state == "received" for tip in tips) > 0
    visible = {tip.id for tip in tips}
    with reading() as session:
        ours = [one for one in session.scalars(select(Clock)) if one.tip_id in visible]
    missed = [one.due_on for one in ours if one.state == "missed" or (one.state == "running" and one.due_on < TODAY)]
    assert office["本月超过的期限"] == sum(f"{day:%Y-%m}" == "2026-09" for day in missed) > 0
    year = sum(date(2025, 10, 1) <= day <= TODAY for day in missed)
    assert office["近 12 个月超过的期限"] == year > office["本月超过的期限"]
    for month in shown.months:
        assert month.received == sum(f"{tip.received_on:%Y-%m}" == month.month for tip in tips)
        assert month.missed == sum(f"{day:%Y-%m}" == month.month for day in missed)
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


def _every_clock(session: Any, actor: Actor, rule: str, wanted: Any) -> list[Id]:
    found: list[Id] = []
    after: Place | None = None
    while True:
        rows, after = clock_rows(session, actor, rule, wanted, after, 40)
        found += [clock.id for clock, _ in rows]
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
    assert not (shown.mine or shown.office or shown.clocks or shown.months or shown.drawings or shown.tiles)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_asks_a_fixed_number_of_questions_by_index_and_its_links_open(
    world: World, database: Database, staff_app: Flask
) -> None:
    world.report()
    fill(world, DISTRICT, 90)
    client = staff_app.test_client()
    world.sign_in(client, world.person(DISTRICT, Role.HEAD))
    few = _statements(database, client)
    fill(world, DISTRICT, 60)
    asked = _statements(database, client)
    assert len(asked) == len(few) <= 30
    counted = 0
    with database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            walked = [row.detail for row in plan if re.match(r"SCAN (tip|clock|tip_event)\b", row.detail)]
            assert walked == [], (statement, walked)
            if (
                re.search(r"GROUP BY (tip|clock)\.|WITH RECURSIVE level0|tip\.decided_", statement)
                and "JOIN" not in statement
            ):
                looked_up = [row.detail for row in plan if re.match("SEARCH (tip|clock) USING INDEX", row.detail)]
                counted += 1
                assert looked_up == [], (statement, looked_up)
    assert counted == 6
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
