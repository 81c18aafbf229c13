"""Sessions that open only with the cookie and the running service together."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import select

from portal.kernel import clock as kernel_clock
from portal.kernel.boot import forget_boot_secret
from portal.kernel.db import Database
from portal.kernel.errors import NotFound, Unavailable
from portal.kernel.transaction import session_reading, session_transaction
from portal.kernel.values import new_id
from portal.signin import sessions, totp
from portal.signin.models import OpenSession
from portal.signin.sessions import Opened, SessionKind
from portal.signin.slots import Slots
from tests.conftest import StandingClock

PAYLOAD = b"a seed of thirty-two bytes ....."


def _open(kind: SessionKind = SessionKind.MAILBOX) -> str:
    with session_transaction() as store:
        return sessions.open_session(store, kind, PAYLOAD, kernel_clock.now())


def _read(cookie: str | None, kind: SessionKind = SessionKind.MAILBOX) -> Opened | None:
    with session_reading() as store:
        return sessions.read_session(store, kind, cookie, kernel_clock.now())


def test_a_cookie_opens_its_session(database: Database, clock: StandingClock) -> None:
    opened = _read(_open())
    assert opened is not None
    assert opened.payload == PAYLOAD


@pytest.mark.parametrize("cookie", [None, "", "short", "A" * 43, "ü" * 43, "A" * 5000, "A" * 42 + "="])
def test_another_cookie_opens_nothing(database: Database, clock: StandingClock, cookie: str | None) -> None:
    _open()
    assert _read(cookie) is None


def test_a_mailboxs_cookie_is_no_staff_session(database: Database, clock: StandingClock) -> None:
    assert _read(_open(), SessionKind.STAFF) is None


def test_the_row_holds_neither_payload_nor_cookie_and_names_nobody(database: Database, clock: StandingClock) -> None:
    cookie = _open()
    with session_reading() as store:
        row = store.scalars(select(OpenSession)).one()
        assert row.owner_id is None
        assert PAYLOAD not in row.sealed
        assert cookie.encode() not in row.id + row.sealed


def test_a_restart_ends_it(database: Database, clock: StandingClock) -> None:
    cookie = _open()
    forget_boot_secret()
    assert _read(cookie) is None


def test_a_row_that_was_swapped_for_another_does_not_open(database: Database, clock: StandingClock) -> None:
    first, second = _open(), _open()
    with session_transaction() as store:
        rows = store.scalars(select(OpenSession)).all()
        rows[0].sealed, rows[1].sealed = rows[1].sealed, rows[0].sealed
    assert (_read(first), _read(second)) == (None, None)


def test_a_mailbox_ends_after_a_quarter_of_an_hour_of_silence(database: Database, clock: StandingClock) -> None:
    cookie = _open()
    clock.advance(minutes=14)
    opened = _read(cookie)
    assert opened is not None
    with session_transaction() as store:
        sessions.touch(store, opened, kernel_clock.now())
    clock.advance(minutes=14)
    assert _read(cookie) is not None
    clock.advance(minutes=1)
    assert _read(cookie) is None


def test_what_has_ended_is_swept(database: Database, clock: StandingClock) -> None:
    _open()
    clock.advance(minutes=16)
    _open()
    with session_transaction() as store:
        assert sessions.sweep_sessions(store, kernel_clock.now()) == 1
        assert len(store.scalars(select(OpenSession)).all()) == 1


def test_all_sessions_of_a_person_end_but_the_one_that_is_kept(database: Database, clock: StandingClock) -> None:
    owner = new_id()
    with session_transaction() as store:
        cookies = [
            sessions.open_session(store, SessionKind.STAFF, PAYLOAD, kernel_clock.now(), owner) for _ in range(3)
        ]
    kept = _read(cookies[1], SessionKind.STAFF)
    assert kept is not None
    with session_transaction() as store:
        assert sessions.end_all_for(store, owner, keep=kept.id) == 2
    assert [_read(cookie, SessionKind.STAFF) is not None for cookie in cookies] == [False, True, False]


def test_a_session_is_ended_by_its_handle_only_by_its_owner(database: Database, clock: StandingClock) -> None:
    owner = new_id()
    with session_transaction() as store:
        sessions.open_session(store, SessionKind.STAFF, PAYLOAD, kernel_clock.now(), owner)
    with session_transaction() as store:
        (listed,) = sessions.sessions_of(store, owner, kernel_clock.now())
        assert not sessions.end_by_handle(store, new_id(), listed.handle)
        assert sessions.end_by_handle(store, owner, listed.handle)


def test_a_payload_can_be_replaced_while_the_session_lasts(database: Database, clock: StandingClock) -> None:
    cookie = _open()
    with session_transaction() as store:
        sessions.replace_payload(store, cookie, b"another")
    opened = _read(cookie)
    assert opened is not None and opened.payload == b"another"
    with session_transaction() as store:
        sessions.end_session(store, cookie)
    with session_transaction() as store, pytest.raises(NotFound):
        sessions.replace_payload(store, cookie, b"late")


def test_a_code_matches_its_step_and_one_on_either_side_once(clock: StandingClock) -> None:
    secret, now = totp.new_secret(), kernel_clock.now()
    code = totp.code_at(secret, now)
    step = totp.matching_step(secret, code, now, None)
    assert step == int(now.timestamp()) // 30
    assert totp.matching_step(secret, code, now, step) is None
    for seconds, right in ((-60, False), (-30, True), (30, True), (60, False)):
        clock.advance(seconds=seconds)
        assert (totp.matching_step(secret, code, kernel_clock.now(), None) is not None) == right
        clock.advance(seconds=-seconds)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "१२३४५६१", "\ud800" * 6])
def test_what_is_no_code_matches_nothing(clock: StandingClock, typed: str) -> None:
    assert totp.matching_step(totp.new_secret(), typed, kernel_clock.now(), None) is None


def test_slots_are_bounded_and_refuse_after_two_seconds() -> None:
    release, busy = threading.Event(), []

    def hold() -> None:
        with Slots.STAFF.held():
            busy.append(1)
            release.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(busy) < 2:
        time.sleep(0.01)
    begun = time.monotonic()
    with pytest.raises(Unavailable), Slots.STAFF.held():
        pass
    assert 1.9 < time.monotonic() - begun < 4
    with Slots.SUBMIT.held():
        pass  # submitting does not wait for signing in
    release.set()
    for thread in threads:
        thread.join()
