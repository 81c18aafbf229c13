"""The evaluation's counts against a naive recount, who sees which office, and its pages."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from admin.evaluation import queries
from admin.evaluation.circular import fingerprint, sentences
from admin.evaluation.counting import counts
from admin.staff.roles import Role
from portal.kernel.errors import NotFound
from portal.kernel.transaction import reading
from portal.statistics.evaluation import Period, evaluate, version_for
from portal.tips.models import Clock, Tip, TipEvent
from tests.admin_tips.world import CITY, DISTRICT, OTHER, PROVINCE, World
from tests.dashboard.test_dashboard import TODAY, fill

QUARTER = Period(2026, 3)
RULE = version_for(QUARTER)


def recount(world: World, office: str) -> dict[str, tuple[int, int]]:
    """The same figures in Python, row by row."""
    home, first, last = world.offices[office].id, date(2026, 7, 1), date(2026, 9, 30)
    with reading() as session:
        tips = {tip.id: tip for tip in session.scalars(select(Tip)) if tip.against_office_id is None}
        clocks = [one for one in session.scalars(select(Clock)) if one.office_id == home and one.tip_id in tips]
        events = [one for one in session.scalars(select(TipEvent)) if one.office_id == home and one.tip_id in tips]
    ended = [
        one.state == "met"
        for one in clocks
        if first <= one.due_on <= last
        and (one.state in ("met", "missed") or (one.state == "running" and one.due_on < TODAY))
    ]
    found = {"clocks": (sum(ended), len(ended))}
    for name, action in (("decision-days", "decide"), ("opening-days", "open")):
        days = [
            (one.day - tips[one.tip_id].received_on).days
            for one in events
            if one.action == action and first <= one.day <= last
        ]
        found[name] = (sum(days), len(days))
    return found


@pytest.fixture
def filled(world: World) -> World:
    """Reports in two districts."""
    world.report()
    fill(world, DISTRICT, 90)
    fill(world, OTHER, 60)
    return world


def test_what_is_counted_equals_a_recount_row_by_row(filled: World) -> None:
    ids = {code: filled.offices[code].id for code in (DISTRICT, OTHER)}
    with reading() as session:
        counted = counts(session, list(ids.values()), QUARTER, RULE, TODAY)
    for code, office in ids.items():
        expected = {name: one for name, one in recount(filled, code).items() if one[1]}
        assert {name: (one.part, one.whole) for name, one in counted[office].items()} == expected
        assert expected["clocks"][1] > expected["clocks"][0] > 0 and len(expected) == 3


def test_a_report_about_an_office_changes_no_figure_of_any_office(filled: World) -> None:
    everybody = [one.id for one in filled.offices.values()]
    with reading() as session:
        before = dict(counts(session, everybody, QUARTER, RULE, TODAY))
    fill(filled, DISTRICT, 30, against_office_id=filled.offices[DISTRICT].id)
    fill(filled, CITY, 30, against_office_id=filled.offices[DISTRICT].id)
    with reading() as session:
        assert dict(counts(session, everybody, QUARTER, RULE, TODAY)) == before


def test_an_office_sees_itself_and_those_below_and_never_one_beside(filled: World) -> None:
    def seen(office: str, role: Role) -> set[str]:
        with reading() as session:
            lines = queries.table(session, filled.person(office, role), QUARTER, RULE, TODAY)
        return {one.office.code for one in lines}

    assert seen(DISTRICT, Role.HEAD) == {DISTRICT}
    assert seen(CITY, Role.HEAD) == {CITY, DISTRICT, OTHER}
    assert seen(PROVINCE, Role.FUND_PUBLISHER) >= {PROVINCE, CITY, DISTRICT, OTHER}
    assert seen(DISTRICT, Role.HANDLER) == set()
    with reading() as session, pytest.raises(NotFound):
        other = filled.offices[OTHER].id
        queries.line_of(session, filled.person(DISTRICT, Role.HEAD), other, QUARTER, RULE, TODAY)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_table_the_calculation_and_the_file_say_the_same(filled: World, staff_app: Flask) -> None:
    client = staff_app.test_client()
    filled.sign_in(client, filled.person(CITY, Role.HEAD))
    with reading() as session:
        counted = counts(session, [filled.offices[DISTRICT].id], QUARTER, RULE, TODAY)
    expected = evaluate(RULE, counted[filled.offices[DISTRICT].id])
    page = client.get("/evaluation/?period=2026-Q3").text
    assert "演示甲区医疗保障局" in page and f"<strong>{expected.total}</strong>" in page
    one = client.get(f"/evaluation/{filled.offices[DISTRICT].id}/?period=2026-Q3").text
    assert expected.words in one and all(step.words in one for step in expected.steps)
    answer = client.get("/evaluation/?period=2026-Q3&format=csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {row["单位代码"]: row["总分"] for row in rows}[DISTRICT] == str(expected.total)
    assert client.get("/evaluation/?period=2026-Q9").status_code == 404
    assert client.get("/evaluation/?period=2025").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_pages_ask_for_the_permission_and_hide_the_office_next_door(filled: World, staff_app: Flask) -> None:
    client = staff_app.test_client()
    filled.sign_in(client, filled.person(DISTRICT, Role.HANDLER))
    assert client.get("/evaluation/").status_code == 403
    filled.sign_in(client, filled.person(DISTRICT, Role.HEAD))
    assert client.get(f"/evaluation/{filled.offices[OTHER].id}/").status_code == 404
    assert "演示乙区" not in client.get("/evaluation/?period=2026-Q3&format=csv").data.decode("utf-8-sig")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_circular_says_the_totals_of_the_table_and_its_fingerprint_follows_the_counts(
    filled: World, staff_app: Flask
) -> None:
    client = staff_app.test_client()
    filled.sign_in(client, filled.person(CITY, Role.HEAD))
    page = client.get("/evaluation/sheet/?period=2026-Q2").text
    assert "本次评价 3 个单位，其中 0 个评定总分" in page and "不评总分" in page
    with reading() as session:
        lines = queries.table(session, filled.person(CITY, Role.HEAD), QUARTER, RULE, TODAY)
    said = sentences(lines, QUARTER, RULE)
    rated = [one for one in lines if one.rank is not None]
    assert rated and all(f"{one.office.name}（{one.evaluation.total} 分）" in said[1] for one in rated[:3])
    before = fingerprint(lines, QUARTER, RULE)
    assert before == fingerprint(list(lines), QUARTER, RULE)
    fill(filled, DISTRICT, 20)
    with reading() as session:
        after = queries.table(session, filled.person(CITY, Role.HEAD), QUARTER, RULE, TODAY)
    assert fingerprint(after, QUARTER, RULE) != before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_period_that_goes_on_is_no_circular(filled: World, staff_app: Flask) -> None:
    client = staff_app.test_client()
    filled.sign_in(client, filled.person(CITY, Role.HEAD))
    assert client.get("/evaluation/sheet/?period=2026-Q3").status_code == 404
    assert "通报稿" not in client.get("/evaluation/?period=2026-Q3").text
