"""A person's account from one page to the next: sessions, guessing, a forgotten passphrase, leaving."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from admin.staff import generations
from admin.staff.models import KeyGrant, Staff
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from tests.custody.conftest import NAME, Office, make_office  # noqa: F401  # the fixture
from tests.custody.test_seats import appoint, seat_of
from tests.staff.deployment import Person, sign_in_with, signed_in, token
from tests.staff.test_generations import change, county, reads


def id_of(name: str) -> Id:
    with reading() as session:
        return session.scalars(select(Staff.id).where(Staff.sign_in == name)).one()


def press(at: Office, path: str, page: str, by: str = "admin", **fields: str) -> str:
    """Press a button of *page* with a fresh code; returns what is shown."""
    browser = at.browsers[by]
    sent = {"csrf_token": token(browser.get(page).text), "code": at.code(by), **fields}
    return browser.post(path, data=sent).text


def handles(browser: FlaskClient) -> list[str]:
    """The sessions that the account page offers to end, one by one."""
    return re.findall(r'name="handle" value="([^"]+)"', browser.get("/staff/me/").text)


def grant(office: Office, by: str) -> None:
    """A colleague passes the office's key on to whoever waits, after comparing the fingerprint."""
    page = office.browsers[by].get("/staff/waiting/").text
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("staff", "office", "fingerprint")}
    fields = {name: one[1] for name, one in found.items() if one}
    assert len(fields) == 3, "nobody waits"
    press(office, "/staff/waiting/", "/staff/waiting/", by=by, compared="y", **fields)


def enrol_again(office: Office, name: str) -> None:
    """The administrator resets the account; its owner signs in with the new words as if for the first time."""
    who = id_of(name)
    words = re.search(r'class="phrase">([^<]+)<', press(office, f"/staff/{who}/reset", f"/staff/{who}/"))
    assert words
    office.browsers[name], office.people[name] = office.deployment.enrolled(name, words[1])
    office.deployment.sequence()


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:  # noqa: F811
    return make_office("county", "admin", "handler")


# --- sessions


def test_one_session_of_the_list_is_ended_and_the_others_go_on(office: Office) -> None:
    here, person = office.browsers["county"], office.people["county"]
    there = []
    for _ in range(2):
        office.clock.advance(seconds=31)
        there.append(signed_in(office.deployment, person))
    listed = handles(here)
    assert len(listed) == 2, "every session but this one can be ended"
    here.post("/staff/me/sessions", data={"csrf_token": token(here.get("/staff/me/").text), "handle": listed[0]})
    assert sorted(one.get("/staff/me/").status_code for one in there) == [200, 302]
    assert len(handles(here)) == 1


def test_nobody_ends_the_session_of_a_colleague(office: Office) -> None:
    office.clock.advance(seconds=31)
    there = signed_in(office.deployment, office.people["county"])
    of_a_colleague = handles(there)[0]
    other = office.browsers["handler"]
    page = other.get("/staff/me/").text
    answer = other.post("/staff/me/sessions", data={"csrf_token": token(page), "handle": of_a_colleague})
    assert answer.status_code == 404
    assert office.browsers["county"].get("/staff/me/").status_code == 200


def test_a_new_passphrase_ends_every_other_session(office: Office) -> None:
    here, person = office.browsers["county"], office.people["county"]
    office.clock.advance(seconds=31)
    there = signed_in(office.deployment, person)
    number = office.report()
    words = new_passphrase(office, "county")
    assert there.get("/staff/me/").status_code == 302
    assert here.get("/staff/me/").status_code == 200 and reads(office, number)
    office.clock.advance(seconds=31)
    renewed = Person(person.sign_in, words, person.totp_secret, person.codes)
    assert "虚构住院" in signed_in(office.deployment, renewed).get(f"/tips/{number}/").text


def new_passphrase(office: Office, name: str) -> str:
    shown = office.post(name, "/staff/me/passphrase")
    assert shown.status_code == 303
    page = office.browsers[name].get(shown.headers["Location"]).text
    words = page.partition('class="phrase">')[2].partition("<")[0]
    kept = office.browsers[name].post(
        "/staff/me/passphrase/keep", data={"csrf_token": token(page), "passphrase": words}
    )  # fmt: skip
    assert kept.status_code == 303
    return words


# --- guessing


def test_a_network_that_tries_many_names_is_made_to_wait_and_another_one_is_not(office: Office) -> None:
    near, far = {"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": "198.51.100.9"}

    def tried(name: str, network: dict[str, str]) -> int:
        browser = office.deployment.browser()
        browser.environ_base |= network
        return sign_in_with(browser, name, "guess", "123456").status_code

    answers = [tried(f"nobody-{number}", near) for number in range(24)]
    assert (answers[0], answers[-1]) == (422, 429)
    assert tried("nobody-again", near) == 429
    assert tried("nobody-again", far) == 422


# --- a forgotten passphrase


def test_who_forgot_the_passphrase_reads_the_old_reports_again_once_a_colleague_granted_the_key(
    make_office: Callable[..., Office],  # noqa: F811
) -> None:
    office = make_office("county", "admin")
    invite(office, "second")
    grant(office, by="county")
    number = office.report()
    assert reads(office, number, by="second")
    enrol_again(office, "second")
    assert not reads(office, number, by="second"), "the administrator's words open no report"
    grant(office, by="county")
    assert reads(office, number, by="second")


def invite(office: Office, name: str) -> None:
    admin = office.browsers["admin"]
    fields = {"name": "辛新人", "sign_in": name, "office": str(county().id), "roles": "handler"}
    sent = {"csrf_token": token(admin.get("/staff/invite").text), "code": office.code("admin"), **fields}
    words = re.search(r'class="phrase">([^<]+)<', admin.post("/staff/invite", data=sent).text)
    assert words
    office.browsers[name], office.people[name] = office.deployment.enrolled(name, words[1])
    office.deployment.sequence()


def test_a_keeper_who_forgot_the_passphrase_comes_back_to_the_seat_with_the_boards_paper(
    make_office: Callable[..., Office],  # noqa: F811
) -> None:
    office = make_office("county", "admin", "keeper1", "keeper2")
    number, seat = office.report(), seat_of("keeper1").id
    enrol_again(office, "keeper1")
    request = office.asked(number)
    assert office.browsers["keeper1"].get(f"/custody/{request}/").status_code == 404, "the seat is nobody's"
    assert appoint(office, seat, "keeper1") == 303
    paper = next(one.words for one in office.deployment.handed.sheets if one.owner == "保管组")
    taken = office.post("keeper1", f"/custody/seats/{seat}/paper/", first=paper[0], second=paper[2])
    assert taken.status_code == 303
    for keeper in ("keeper1", "keeper2"):
        assert office.answer(keeper, request).status_code == 303
    assert NAME in office.look(number, request).text


# --- leaving


def test_who_leaves_is_out_at_once_and_after_the_key_was_changed_a_kept_copy_of_the_old_one_opens_nothing_new(
    make_office: Callable[..., Office],  # noqa: F811
) -> None:
    office = make_office("county", "admin")
    invite(office, "second")
    grant(office, by="county")
    gone = id_of("second")
    assert office.browsers["second"].get("/").status_code == 200
    press(office, f"/staff/{gone}/leave", f"/staff/{gone}/")
    assert office.browsers["second"].get("/").headers["Location"].startswith("/sign-in/")
    office.clock.advance(seconds=31)
    person = office.people["second"]
    again = sign_in_with(office.deployment.browser(), "second", person.passphrase, person.code())
    assert again.status_code == 422, "neither passphrase nor code opens an account that was left"
    with reading() as session:
        assert session.scalars(select(KeyGrant.id).where(KeyGrant.staff_id == gone)).all() == []
    assert change(office) == 303
    office.deployment.sequence()
    with transaction() as session:
        assert generations.retire_covered(session, now()) == 1
    office.clock.advance(seconds=10)
    number = office.report()
    assert reads(office, number)
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "staff-changed")).all()
    assert any(b"left" in bytes(one) and str(gone).encode() in bytes(one) for one in kinds)
