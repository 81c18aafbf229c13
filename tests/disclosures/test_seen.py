"""Who has a page of the fund accounts already is told so before it is drawn, and never of a page that has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from portal.directory.models import Office
from portal.disclosures.models import PublishedPromise
from portal.disclosures.values import COUNTRY, Kind
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.kernel.values import new_id
from portal.web.limits import limiter
from tests.conftest import StandingClock
from tests.disclosures.figures import figure, publish

ELSEWHERE, OTHER = "320100", "某市（推定）"
FIRST, UNSURE = figure("resident", "income", "12.5"), figure("resident", "income", "3", region="", place=OTHER)
COMPARED = f"/fund/compare/?place={COUNTRY}&year=2025&place={COUNTRY}&year=2024"
DATA = (
    "figures.json", "figures.csv", "figures.xlsx", f"figures.json?region={COUNTRY}", "changes.json", "disclosures.json",
    "regions.json", "catalog.jsonld",
)  # fmt: skip
PAGES = (
    "/fund/", f"/fund/{COUNTRY}/2025/", f"/fund/{COUNTRY}/2024/", f"/fund/{COUNTRY}/funds/resident/",
    f"/fund/editions/{COUNTRY}/2025/", f"/fund/figures/{FIRST.series.code}/", f"/fund/figures/{UNSURE.series.code}/",
    f"/fund/{ELSEWHERE}/", "/fund/regions/", "/fund/regions/320000/", "/fund/unconfirmed/", "/fund/changes/",
    "/fund/schedule/", COMPARED, "/fund/disclosures/2026-0001/",
    *(f"/fund/data/{name}" for name in DATA), f"/fund/figures/{FIRST.series.code}.json",
)  # fmt: skip


class Changes:
    """What may happen to what is published; each differs from all before it."""

    def __init__(self) -> None:
        self._numbers, self._versions = count(2), count(2)

    def figure_of_the_country(self) -> None:
        self._publish(figure("aid", "income", "1", 1900 + next(self._numbers)))

    def figure_of_elsewhere(self) -> None:
        self._publish(figure("aid", "income", "1", 1900 + next(self._numbers), region=ELSEWHERE))

    def figure_of_a_place_that_is_not_sure(self) -> None:
        self._publish(figure("aid", "income", "1", 1900 + next(self._numbers), region="", place=OTHER))

    def correction(self) -> None:
        version = next(self._versions)
        with transaction() as session:
            publish(session, [figure("resident", "income", f"12.{version}")], version=version, kind=Kind.CORRECTION,
                    code=f"2026-{next(self._numbers):04}", reason="mistyped", words="抄错了一位。")  # fmt: skip

    def other_name_of_the_office(self) -> None:
        with transaction() as session:
            office = session.scalars(select(Office).where(Office.code == "fund-demo")).one()
            office.name = f"演示{next(self._numbers)}区医疗保障局"

    def promise(self) -> None:
        with transaction() as session:
            promise(session, days=20 + next(self._numbers))

    def _publish(self, *figures: Any) -> None:
        with transaction() as session:
            publish(session, figures, code=f"2026-{next(self._numbers):04}")


def promise(session: Any, *, days: int = 20) -> None:
    """To publish the quick edition of the country every month."""
    office = session.scalars(select(Office.id).where(Office.code == "fund-demo")).one()
    day = date(2026, 1, 1).replace(day=days % 28 + 1)
    session.add(
        PublishedPromise(id=new_id(), office_id=office, region=COUNTRY, edition="quick", every="month", days=days,
                         in_force_from=day, set_on=day)
    )  # fmt: skip


_OF_ALL = {"/fund/regions/", "/fund/regions/320000/", "/fund/unconfirmed/", "/fund/changes/",
           "/fund/schedule/", COMPARED,
           *(f"/fund/data/{name}" for name in DATA)}  # fmt: skip
_OF_COUNTRY = {path for path in PAGES if COUNTRY in path} | {"/fund/", *PAGES[5:6], PAGES[-1]} | _OF_ALL
CHANGED: dict[Callable[[Changes], None], set[str]] = {
    Changes.figure_of_the_country: _OF_COUNTRY,
    Changes.figure_of_elsewhere: {*_OF_ALL, f"/fund/{ELSEWHERE}/"},
    Changes.figure_of_a_place_that_is_not_sure: {*_OF_ALL, f"/fund/figures/{UNSURE.series.code}/"},
    Changes.correction: _OF_COUNTRY,
    Changes.other_name_of_the_office: {"/fund/schedule/", "/fund/disclosures/2026-0001/"},
    Changes.promise: {"/fund/schedule/"},
}


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page is made of does not depend on the database."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Somebody who reads a lot and keeps no cookie."""
    monkeypatch.setattr(limiter, "enabled", False)
    told = [FIRST, figure("resident", "expenditure", "10"), figure("resident", "income", "12", edition="quick"), UNSURE,
            figure("resident", "income", "11", 2024), figure("resident", "expenditure", "9", 2024),
            figure("resident", "income", "2", region=ELSEWHERE)]  # fmt: skip
    with transaction() as session:
        publish(session, told)
        promise(session)
    return public_app.test_client(use_cookies=False)


def _marks(reader: FlaskClient) -> dict[str, str]:
    found = {}
    for path in PAGES:
        answer = reader.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.headers["ETag"]
    return found


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: change.__name__)
def test_what_happens_gives_exactly_the_pages_that_tell_of_it_another_mark(
    reader: FlaskClient, change: Callable[[Changes], None]
) -> None:
    before = _marks(reader)
    change(Changes())
    after = _marks(reader)
    assert {path for path in PAGES if before[path] != after[path]} == CHANGED[change]
    for path, mark in before.items():
        status = reader.get(path, headers={"If-None-Match": mark}).status_code
        assert status == (200 if path in CHANGED[change] else 304), path


def test_a_promise_that_comes_due_changes_the_schedule_and_nothing_else(
    reader: FlaskClient, clock: StandingClock
) -> None:
    before = _marks(reader)
    clock.advance(days=1)
    after = _marks(reader)
    assert {path for path in PAGES if before[path] != after[path]} == {"/fund/schedule/"}


def test_another_language_or_display_is_another_page(reader: FlaskClient) -> None:
    path = f"/fund/{COUNTRY}/2025/"
    plain = reader.get(path).headers["ETag"]
    assert reader.get("/en" + path, headers={"If-None-Match": plain}).status_code == 200
    dark = {"Cookie": "mj_display=t100.c0.s0.dd", "If-None-Match": plain}
    assert 'data-theme="dark"' in reader.get(path, headers=dark).text


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_equal_marks_are_equal_pages(reader: FlaskClient, clock: StandingClock, data: st.DataObject) -> None:
    """Whatever happens in whatever order: what was drawn under a mark is what is drawn under it later."""
    order = data.draw(st.lists(st.sampled_from([*CHANGED, None]), min_size=2, max_size=4))
    for change in [lambda _changes: None, *order]:
        if change is None:
            clock.advance(days=1)
        else:
            change(_CHANGES)
        for path in (*PAGES, *("/en" + one for one in PAGES[:3])):
            answer = reader.get(path)
            assert _DRAWN.setdefault(answer.headers["ETag"], answer.data) == answer.data, (path, order)


_CHANGES, _DRAWN = Changes(), dict[str, bytes]()
"""Of all examples: they share one database."""


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.extend([statement] if statement.startswith("SELECT") else [])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_whoever_has_a_page_costs_a_statement_or_two_and_no_figure_is_read(
    reader: FlaskClient, database: Database
) -> None:
    for path, mark in _marks(reader).items():
        with _statements(database) as said:
            assert reader.get(path, headers={"If-None-Match": mark}).status_code == 304
        assert 1 <= len(said) <= 2, path
        assert not any("amount" in one for one in said), path


def test_before_anything_is_published_whoever_knows_that_is_told_so_at_once(
    public_app: Flask, database: Database, clock: StandingClock
) -> None:
    reader = public_app.test_client(use_cookies=False)
    mark = reader.get("/fund/").headers["ETag"]
    with _statements(database) as said:
        assert reader.get("/fund/", headers={"If-None-Match": mark}).status_code == 304
    assert len(said) <= 3
    with transaction() as session:
        publish(session, [FIRST])
    assert reader.get("/fund/", headers={"If-None-Match": mark}).status_code == 200


def test_what_is_not_there_is_not_found_whatever_the_reader_says_to_have(reader: FlaskClient) -> None:
    for path in (f"/fund/{COUNTRY}/funds/critical/", f"/fund/editions/{ELSEWHERE}/2025/", "/fund/changes/?page=2"):
        assert reader.get(path, headers={"If-None-Match": "*"}).status_code == 404, path
