"""Passkeys: made after a step-up, taken at sign-in and before what matters, and every way of cheating with them."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from admin.staff import accounts
from admin.staff.models import Passkey, Staff
from admin.staff.queries import actor_of
from portal.kernel import clock as kernel_clock
from portal.kernel.boot import forget_boot_secret
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.signin.challenges import LIFETIME
from tests.conftest import StandingClock
from tests.staff.authenticator import UP, Authenticator
from tests.staff.deployment import Deployment, Person, StaffBrowser, said, signed_in, token

AT_WORK = ("handler",)

WRONG = "登录名、口令或验证码不对。请核对后再试。"
NOT_TAKEN = "通行密钥没有通过。请再试一次，或者改用验证码。"
NOT_MADE = "通行密钥没有登记成功，可能是时间太久。请从“我的账号”重新开始。"


def options_on(page: str) -> dict[str, Any]:
    found = re.search(r'data-passkey-options="([^"]+)"', page)
    assert found, page[:600]
    made = json.loads(html.unescape(found[1]))
    assert isinstance(made, dict)
    return made


def start_making(browser: StaffBrowser, name: str = "办公室电脑") -> tuple[str, dict[str, Any]]:
    """Through the step-up to the page on which the device makes one."""
    page = browser.get("/staff/me/").text
    shown = browser.post("/staff/me/passkeys/new", data={"csrf_token": token(page), "name": name}).text
    return token(shown), options_on(shown)


def register(browser: StaffBrowser, device: Authenticator, name: str = "办公室电脑", **changed: Any) -> TestResponse:
    csrf, options = start_making(browser, name)
    data = {"csrf_token": csrf, "name": name, "passkey": device.make(options, **changed)}
    return FlaskClient.post(browser, "/staff/me/passkeys/made", data=data)


def question(browser: FlaskClient, path: str = "/staff/me/passkeys/ask", page: str = "/staff/me/") -> dict[str, Any]:
    """What the site asks the device."""
    answer = browser.post(path, data={"csrf_token": token(browser.get(page).text)})
    assert answer.status_code == 200, answer.text[:300]
    asked = answer.get_json()
    assert isinstance(asked, dict)
    return asked


def sign_in(browser: FlaskClient, person: Person, passkey: str, passphrase: str | None = None) -> TestResponse:
    fields = {"sign_in": person.sign_in, "passphrase": passphrase or person.passphrase, "code": "", "passkey": passkey}
    return browser.post("/sign-in/", data={"csrf_token": token(browser.get("/sign-in/").text), **fields})


def question_at_the_door(browser: FlaskClient) -> dict[str, Any]:
    return question(browser, "/sign-in/passkey", "/sign-in/")


def step_up(browser: FlaskClient, passkey: str, code: str = "") -> TestResponse:
    """An act that asks who is there: new recovery codes."""
    page = browser.get("/staff/me/codes").text
    return FlaskClient.post(
        browser, "/staff/me/codes", data={"csrf_token": token(page), "code": code, "passkey": passkey}
    )


def changes() -> list[str]:
    """What the ledger says of accounts. Entries have no order among themselves before the sequencer places them."""
    with reading() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "staff-changed")).all()
        return [json.loads(row.payload)["event"]["change"] for row in rows]


Holder = tuple[StaffBrowser, Person, Authenticator]


@pytest.fixture
def holder(deployment: Deployment, clock: StandingClock) -> Holder:
    """Somebody with one passkey."""
    browser, person = deployment.enrolled("handler")
    assert isinstance(browser, StaffBrowser)
    device = Authenticator()
    assert register(browser, device).status_code == 303
    return browser, person, device


def test_a_passkey_is_listed_with_its_name_and_is_on_the_ledger(holder: Holder) -> None:
    page = holder[0].get("/staff/me/").text
    assert "办公室电脑" in page and "还没有登记通行密钥" not in page
    assert changes().count("passkey-added") == 1


def test_passphrase_and_passkey_let_in_without_a_code(deployment: Deployment, holder: Holder) -> None:
    _, person, device = holder
    browser = deployment.browser()
    answer = sign_in(browser, person, device.sign(question_at_the_door(browser)))
    assert answer.status_code == 303, said(answer)
    page = browser.get("/staff/me/").text
    assert "正在使用的登录" in page
    assert page.count("结束这次登录") == 1, "the session of the passkey stands in the list beside the other"


def test_a_session_that_a_passkey_opened_can_be_ended_from_the_list(deployment: Deployment, holder: Holder) -> None:
    here, person, device = holder
    there = deployment.browser()
    sign_in(there, person, device.sign(question_at_the_door(there)))
    page = here.get("/staff/me/").text
    handle = re.search(r'name="handle" value="([^"]+)"', page)
    assert handle
    here.post("/staff/me/sessions", data={"csrf_token": token(page), "handle": handle[1]})
    assert there.get("/staff/me/").status_code == 302
    assert here.get("/staff/me/").status_code == 200


def test_the_question_at_the_door_names_no_passkey_of_anybody(deployment: Deployment, holder: Holder) -> None:
    asked = question_at_the_door(deployment.browser())
    assert asked["allowCredentials"] == []
    assert (asked["rpId"], asked["userVerification"]) == ("staff.example.cn", "required")


def test_a_passkey_without_the_passphrase_opens_nothing(deployment: Deployment, holder: Holder) -> None:
    _, person, device = holder
    browser = deployment.browser()
    asked = question_at_the_door(browser)
    assert said(sign_in(browser, person, device.sign(asked), "a b c d e f")) == WRONG
    assert said(sign_in(browser, person, device.sign(asked))) == WRONG, "the question was used up by the wrong try"


def test_a_passkey_steps_up(holder: Holder) -> None:
    browser, _, device = holder
    answer = step_up(browser, device.sign(question(browser)))
    assert answer.status_code == 200 and "旧的已经作废" in answer.text


def test_a_step_up_asks_only_for_ones_own_passkeys(deployment: Deployment, holder: Holder) -> None:
    browser, _, device = holder
    other, _ = deployment.enrolled("admin")
    assert isinstance(other, StaffBrowser)
    register(other, Authenticator())
    from tests.staff.authenticator import b64

    assert [one["id"] for one in question(browser)["allowCredentials"]] == [b64(device.credential_id)]


def test_an_answer_is_taken_once(holder: Holder) -> None:
    browser, _, device = holder
    answer = device.sign(question(browser))
    assert step_up(browser, answer).status_code == 200
    assert said(step_up(browser, answer)) == NOT_TAKEN


def test_a_sign_in_cannot_be_replayed_from_another_browser(deployment: Deployment, holder: Holder) -> None:
    _, person, device = holder
    mine, thief = deployment.browser(), deployment.browser()
    answer = device.sign(question_at_the_door(mine))
    assert said(sign_in(thief, person, answer)) == WRONG
    assert sign_in(mine, person, answer).status_code == 303
    assert said(sign_in(mine, person, answer)) == WRONG


def test_a_question_of_one_session_is_not_answered_in_another(
    deployment: Deployment, holder: Holder, clock: StandingClock
) -> None:
    browser, person, device = holder
    clock.advance(seconds=31)
    other = signed_in(deployment, person)
    assert said(step_up(other, device.sign(question(browser)))) == NOT_TAKEN


def test_an_answer_for_signing_in_does_not_step_up_and_the_other_way_round(
    deployment: Deployment, holder: Holder
) -> None:
    browser, person, device = holder
    assert said(step_up(browser, device.sign(question_at_the_door(deployment.browser())))) == NOT_TAKEN
    stranger = deployment.browser()
    assert said(sign_in(stranger, person, device.sign(question(browser)))) == WRONG


def test_a_question_is_too_old_after_some_minutes(holder: Holder, clock: StandingClock) -> None:
    browser, _, device = holder
    asked = question(browser)
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    assert said(step_up(browser, device.sign(asked))) == NOT_TAKEN


def test_a_restart_voids_every_open_question(deployment: Deployment, holder: Holder) -> None:
    _, person, device = holder
    browser = deployment.browser()
    answer = device.sign(question_at_the_door(browser))
    forget_boot_secret()
    assert said(sign_in(browser, person, answer)) == WRONG


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://staff.example.cn.evil.example"},
        {"origin": "http://staff.example.cn"},
        {"origin": "https://staff.example.cn:8443"},
        {"type": "webauthn.create"},
        {"crossOrigin": True},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_what_the_browser_says_has_to_be_right(holder: Holder, changed: dict[str, Any]) -> None:
    browser, _, device = holder
    assert said(step_up(browser, device.sign(question(browser), **changed))) == NOT_TAKEN


def test_a_passkey_of_another_site_is_refused(holder: Holder) -> None:
    browser, _, device = holder
    device.rp_id = "example.cn"
    assert said(step_up(browser, device.sign(question(browser)))) == NOT_TAKEN


def test_a_device_that_did_not_verify_the_person_is_refused(holder: Holder) -> None:
    browser, _, device = holder
    device.flags = UP
    assert said(step_up(browser, device.sign(question(browser)))) == NOT_TAKEN


def test_another_key_under_the_same_name_is_refused(holder: Holder) -> None:
    browser, _, device = holder
    forged = Authenticator(credential_id=device.credential_id, user=device.user, count=50)
    assert said(step_up(browser, forged.sign(question(browser)))) == NOT_TAKEN


def test_a_colleagues_passkey_is_refused(deployment: Deployment, holder: Holder) -> None:
    browser, person, _ = holder
    other, _ = deployment.enrolled("admin")
    assert isinstance(other, StaffBrowser)
    theirs = Authenticator()
    register(other, theirs)
    assert said(step_up(browser, theirs.sign(question(browser)))) == NOT_TAKEN
    stranger = deployment.browser()
    assert said(sign_in(stranger, person, theirs.sign(question_at_the_door(stranger)))) == WRONG


def test_a_passkey_that_says_it_is_anothers_is_refused(holder: Holder) -> None:
    browser, _, device = holder
    device.user = bytes(16)
    assert said(step_up(browser, device.sign(question(browser)))) == NOT_TAKEN


def test_a_row_that_somebody_wrote_into_the_database_is_no_passkey(deployment: Deployment, holder: Holder) -> None:
    """The thief knows the passphrase and may write to the database, but has neither the person's device nor key."""
    browser, person, mine = holder
    forged = Authenticator()
    register(browser, forged, "窃")
    with transaction() as session:
        rows = {row.credential_id: row for row in session.scalars(select(Passkey))}
        rows[forged.credential_id].proof = rows[mine.credential_id].proof
    stranger = deployment.browser()
    assert said(sign_in(stranger, person, forged.sign(question_at_the_door(stranger)))) == WRONG


def test_a_copy_is_found_out_recorded_and_both_are_stopped(holder: Holder) -> None:
    browser, _, device = holder
    copy = Authenticator(credential_id=device.credential_id, key=device.key, user=device.user, count=0)
    assert step_up(browser, device.sign(question(browser))).status_code == 200
    assert said(step_up(browser, copy.sign(question(browser)))) == NOT_TAKEN
    assert changes().count("passkey-copied") == 1
    assert "疑似被复制，已停用" in browser.get("/staff/me/").text
    assert said(step_up(browser, device.sign(question(browser)))) == NOT_TAKEN, "nobody can tell which is the copy"
    assert question(browser)["allowCredentials"] == []


def test_a_passkey_that_never_counts_is_taken_again_and_again(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    assert isinstance(browser, StaffBrowser)
    device = Authenticator(count=None)
    register(browser, device)
    for _ in range(3):
        assert step_up(browser, device.sign(question(browser))).status_code == 200


@pytest.mark.parametrize("answer", ["{}", "null", "[]", "nonsense", '{"id": 1}', "x" * 20_000, '{"response": {}}'])
def test_an_answer_that_is_none_is_refused_like_a_wrong_one(
    deployment: Deployment, holder: Holder, answer: str
) -> None:
    browser, person, _ = holder
    assert said(step_up(browser, answer)) == NOT_TAKEN
    assert said(sign_in(deployment.browser(), person, answer)) == WRONG


def test_guessing_with_passkeys_is_throttled_like_guessing_codes(holder: Holder) -> None:
    browser, _, _ = holder
    answers = [step_up(browser, "{}").status_code for _ in range(8)]
    assert answers[0] == 422 and answers[-1] == 429


def test_codes_go_on_working_beside_a_passkey(deployment: Deployment, holder: Holder, clock: StandingClock) -> None:
    _, person, _ = holder
    clock.advance(seconds=31)
    assert signed_in(deployment, person).get("/staff/me/").status_code == 200


# --- making and removing


def test_nobody_makes_a_passkey_without_a_fresh_second_factor(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    page = browser.get("/staff/me/").text
    shown = FlaskClient.post(browser, "/staff/me/passkeys/new", data={"csrf_token": token(page), "name": "甲"})
    assert "再验证一次" in shown.text and "data-passkey-options" not in shown.text
    answer = Authenticator().make({"challenge": "AAAA", "user": {"id": "AAAA"}})
    made = browser.post("/staff/me/passkeys/made", data={"csrf_token": token(page), "name": "甲", "passkey": answer})
    assert said(made) == NOT_MADE


@pytest.mark.parametrize(
    "device",
    [Authenticator(origin="https://evil.example"), Authenticator(rp_id="evil.example"), Authenticator(flags=UP)],
    ids=["origin", "rp", "unverified"],
)
def test_a_passkey_made_elsewhere_is_not_taken(deployment: Deployment, device: Authenticator) -> None:
    browser, _ = deployment.enrolled("handler")
    assert isinstance(browser, StaffBrowser)
    assert said(register(browser, device)) == NOT_MADE


def test_what_was_made_is_taken_once(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    assert isinstance(browser, StaffBrowser)
    csrf, options = start_making(browser)
    data = {"csrf_token": csrf, "name": "甲", "passkey": Authenticator().make(options)}
    assert browser.post("/staff/me/passkeys/made", data=data).status_code == 303
    assert said(browser.post("/staff/me/passkeys/made", data=data)) == NOT_MADE


def test_the_same_credential_is_not_taken_for_two_people(deployment: Deployment, holder: Holder) -> None:
    other, _ = deployment.enrolled("admin")
    assert isinstance(other, StaffBrowser)
    twin = Authenticator(credential_id=holder[2].credential_id)
    assert said(register(other, twin)) == "这个通行密钥已经登记过了。"


def test_a_device_is_told_which_passkeys_it_has_already_made(holder: Holder) -> None:
    from tests.staff.authenticator import b64

    _, options = start_making(holder[0])
    assert [one["id"] for one in options["excludeCredentials"]] == [b64(holder[2].credential_id)]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"


def test_removing_takes_a_step_up_and_ends_it_at_once(deployment: Deployment, holder: Holder) -> None:
    browser, person, device = holder
    with reading() as session:
        path = f"/staff/me/passkeys/{session.scalars(select(Passkey.id)).one()}/remove"
    csrf = token(browser.get("/staff/me/").text)
    shown = FlaskClient.post(browser, path, data={"csrf_token": csrf})
    assert "删除通行密钥“办公室电脑”" in shown.text
    assert browser.post(path, data={"csrf_token": csrf}).status_code == 303
    stranger = deployment.browser()
    assert said(sign_in(stranger, person, device.sign(question_at_the_door(stranger)))) == WRONG
    assert changes().count("passkey-removed") == 1


def test_nobody_removes_a_colleagues_passkey(deployment: Deployment, holder: Holder) -> None:
    other, _ = deployment.enrolled("admin")
    with reading() as session:
        path = f"/staff/me/passkeys/{session.scalars(select(Passkey.id)).one()}/remove"
    assert other.post(path, data={"csrf_token": token(other.get("/staff/me/").text)}).status_code == 404


@pytest.mark.parametrize("deed", ["reset", "leave"])
def test_with_the_key_the_passkeys_go(deployment: Deployment, holder: Holder, session: Session, deed: str) -> None:
    deployment.enrolled("admin")
    staff = session.scalars(select(Staff).where(Staff.sign_in == "handler")).one()
    admin = actor_of(session, session.scalars(select(Staff).where(Staff.sign_in == "admin")).one())
    if deed == "reset":
        accounts.reset(session, staff, b"x", admin, kernel_clock.now())
    else:
        accounts.leave(session, staff, admin, kernel_clock.now())
    assert session.scalars(select(Passkey.id)).all() == []


def test_a_name_with_markup_stays_text(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    assert isinstance(browser, StaffBrowser)
    register(browser, Authenticator(), '"><script>alert(1)</script>')
    assert "<script>alert" not in browser.get("/staff/me/").text


def test_ten_passkeys_are_enough(deployment: Deployment, holder: Holder) -> None:
    browser, person, _ = holder
    person.codes *= 3
    with transaction() as session:
        row = session.scalars(select(Passkey)).one()
        for number in range(9):
            session.add(
                Passkey(
                    staff_id=row.staff_id,
                    credential_id=bytes([number]) * 16,
                    public_key=b"k",
                    proof=b"p",
                    sign_count=0,
                    name="多",
                    made_on=row.made_on,
                )
            )
    assert "已经登记满了" in browser.get("/staff/me/").text


def test_without_an_address_in_the_settings_there_are_codes_and_no_passkeys(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    deployment.app.extensions["mingjing_passkeys"] = None
    page = browser.get("/staff/me/").text
    assert "passkeys.origin" in page and "/staff/me/passkeys/new" not in page
    for path in ("/staff/me/passkeys/ask", "/staff/me/passkeys/new", "/sign-in/passkey"):
        assert browser.post(path, data={"csrf_token": token(page)}).status_code == 404
    assert "data-passkey" not in deployment.browser().get("/sign-in/").text
