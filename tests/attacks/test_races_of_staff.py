"""A report goes away, or a session ends, while somebody is looking: no fault, and nothing is shown after."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.staff.roles import Role
from admin.tips import case_views, file_views, transfer, triage
from admin.web import cookies, guard
from portal.directory.keys import forget_proofs
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import session_transaction
from portal.signin.sessions import end_all_for, wants_touch
from tests.admin_tips.originals import token_of
from tests.admin_tips.world import DISTRICT, OTHER, World, make_world
from tests.conftest import StandingClock

WORDS = "只给甲区看的话ZQX。"


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    forget_proofs()
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def intake(world: World) -> Actor:
    return world.person(DISTRICT, Role.INTAKE)


@pytest.fixture
def client(world: World, staff_app: Flask, intake: Actor) -> FlaskClient:
    browser = staff_app.test_client()
    world.sign_in(browser, intake)
    return browser


@pytest.fixture
def number(world: World, intake: Actor) -> str:
    handed = world.report(words=WORDS, files=[("结算.png", b"\x89PNG\r\n\x1a\n" + bytes(70_000))])
    with world.at(handed, intake) as (session, tip, _):
        triage.record_reading(session, tip, intake, now())
    return handed


def _away(world: World, number: str) -> None:
    """A colleague transfers the report to another office."""
    colleague = world.new_person(DISTRICT, Role.INTAKE)
    world.do(number, transfer.transfer, world.offices[OTHER].id, "在乙区。", by=colleague)


def _in_thread(world: World, number: str) -> None:
    gone = threading.Thread(target=_away, args=(world, number))
    gone.start()
    gone.join()


def _file(client: FlaskClient, number: str) -> str:
    found = re.search(rf"/tips/{number}/files/[^\"]+", client.get(f"/tips/{number}/").text)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("step", ["_keys", "open_tip", "case_page", "_after_looking"])
def test_a_report_transferred_while_it_is_being_opened_is_shown_or_not_found(
    world: World, client: FlaskClient, number: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    whole = getattr(case_views, step)

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(case_views, step, whole)
        _in_thread(world, number)
        return whole(*given, **named)

    monkeypatch.setattr(case_views, step, meanwhile)
    answer = client.get(f"/tips/{number}/")
    assert answer.status_code in (200, 404)
    assert (WORDS in answer.text) == (answer.status_code == 200)
    assert client.get(f"/tips/{number}/").status_code == 404
    assert world.tip(number).office_id == world.offices[OTHER].id


@pytest.mark.parametrize("step", ["keys_for", "file_of", "stream"])
def test_a_file_asked_for_while_its_report_is_transferred_comes_whole_or_not_at_all(
    world: World, client: FlaskClient, number: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    address, whole = _file(client, number) + "original/", getattr(file_views, step)
    form = token_of(client.get(address))

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(file_views, step, whole)
        _in_thread(world, number)
        return whole(*given, **named)

    monkeypatch.setattr(file_views, step, meanwhile)
    answer = client.post(address, data=form)
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert len(answer.data) == 70_008


def test_readers_and_a_transfer_at_once_end_without_a_fault(
    world: World, staff_app: Flask, client: FlaskClient, intake: Actor, number: str
) -> None:
    cookie = client.get_cookie(cookies.SESSION)
    assert cookie is not None
    seen: list[tuple[int, bool]] = []
    start = threading.Barrier(4)

    def read() -> None:
        browser = staff_app.test_client()
        browser.set_cookie(cookies.SESSION, cookie.value)
        start.wait()
        for _ in range(4):
            answer = browser.get(f"/tips/{number}/")
            seen.append((answer.status_code, WORDS in answer.text))

    def give() -> None:
        start.wait()
        _away(world, number)

    threads = [threading.Thread(target=one) for one in (read, read, read, give)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 12 and set(seen) <= {(200, True), (404, False)}
    assert client.get(f"/tips/{number}/").status_code == 404


def test_a_session_ended_during_a_request_is_not_brought_back_by_it(
    client: FlaskClient, intake: Actor, number: str, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended_first(*given: Any) -> bool:
        assert intake.id is not None
        with session_transaction() as store:
            assert end_all_for(store, intake.id) == 1
        return wants_touch(*given)

    clock.advance(minutes=5)
    monkeypatch.setattr(guard, "wants_touch", ended_first)
    assert client.get(f"/tips/{number}/").status_code in (200, 302)
    monkeypatch.undo()
    answer = client.get(f"/tips/{number}/")
    assert answer.status_code == 302 and WORDS not in answer.text


def test_a_session_ended_while_four_windows_read_shuts_all_of_them(
    world: World, staff_app: Flask, client: FlaskClient, intake: Actor, number: str
) -> None:
    cookie = client.get_cookie(cookies.SESSION)
    assert cookie is not None and intake.id is not None
    seen: list[int] = []
    ended = threading.Event()

    def read() -> None:
        browser = staff_app.test_client()
        browser.set_cookie(cookies.SESSION, cookie.value)
        for _ in range(40):
            after = ended.is_set()
            status = browser.get(f"/tips/{number}/").status_code
            seen.append(status if not after else -status)
            if after:
                return

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    with session_transaction() as store:
        end_all_for(store, intake.id)
    ended.set()
    for thread in threads:
        thread.join()
    assert set(seen) <= {200, 302, -302} and seen.count(-302) == 4
