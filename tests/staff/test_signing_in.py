"""Signing in to the staff site."""

from __future__ import annotations

import logging

import pytest

from crypto import passphrase
from crypto.kdf import KdfCost
from portal.kernel.boot import forget_boot_secret
from tests.conftest import StandingClock
from tests.staff.deployment import Deployment, said, sign_in_with, signed_in, token

AT_WORK = ("handler",)

WRONG = "登录名、口令或验证码不对。请核对后再试。"


def test_the_set_up_passphrase_ends_with_the_first_sign_in(deployment: Deployment) -> None:
    deployment.enrolled("handler")
    answer = sign_in_with(deployment.browser(), "handler", deployment.set_up_words("handler"), "")
    assert said(answer) == WRONG


def test_a_set_up_session_may_do_nothing_but_enrol(deployment: Deployment) -> None:
    browser = deployment.browser()
    sign_in_with(browser, "admin", deployment.set_up_words("admin"), "")
    for path in ("/", "/staff/", "/staff/me/", "/directory/"):
        assert browser.get(path).headers["Location"] == "/sign-in/first"


def test_reloading_the_first_page_shows_the_same_passphrase(deployment: Deployment) -> None:
    browser = deployment.browser()
    sign_in_with(browser, "admin", deployment.set_up_words("admin"), "")
    first, again = (browser.get("/sign-in/first").text for _ in range(2))
    phrase = 'class="phrase">'
    assert first.partition(phrase)[2][:60] == again.partition(phrase)[2][:60] != ""


def test_passphrase_and_code_let_in(deployment: Deployment, clock: StandingClock) -> None:
    _, person = deployment.enrolled("handler")
    clock.advance(seconds=30)
    assert signed_in(deployment, person).get("/staff/me/").status_code == 200


def test_a_code_is_refused_the_second_time(deployment: Deployment, clock: StandingClock) -> None:
    _, person = deployment.enrolled("handler")
    clock.advance(seconds=30)
    signed_in(deployment, person)
    answer = sign_in_with(deployment.browser(), "handler", person.passphrase, person.code())
    assert (answer.status_code, said(answer)) == (422, WRONG)


def test_the_code_of_the_enrolment_is_used_up(deployment: Deployment) -> None:
    _, person = deployment.enrolled("handler")
    answer = sign_in_with(deployment.browser(), "handler", person.passphrase, person.code())
    assert said(answer) == WRONG


def test_a_recovery_code_stands_in_once(deployment: Deployment) -> None:
    _, person = deployment.enrolled("handler")
    typed = person.codes[3].upper().replace("-", " ")
    assert sign_in_with(deployment.browser(), "handler", person.passphrase, typed).status_code == 303
    assert said(sign_in_with(deployment.browser(), "handler", person.passphrase, typed)) == WRONG


@pytest.mark.parametrize(
    ("name", "words"), [("nobody", "one two three four five six"), ("handler", "wrong words here")]
)
def test_every_failure_gets_the_same_answer(deployment: Deployment, name: str, words: str) -> None:
    deployment.enrolled("handler")
    answer = sign_in_with(deployment.browser(), name, words, "123456")
    assert (answer.status_code, said(answer)) == (422, WRONG)
    assert words not in answer.text


def _count_hashes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    real = passphrase.unlock

    def counted(blob: bytes, words: str, pepper: bytes, least: KdfCost) -> bytes:
        calls.append(1)
        return real(blob, words, pepper, least)

    monkeypatch.setattr(passphrase, "unlock", counted)
    return calls


def test_an_unknown_name_costs_one_slow_hash_like_a_known_one(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _count_hashes(monkeypatch)
    sign_in_with(deployment.browser(), "nobody", "a b c d e f", "123456")
    sign_in_with(deployment.browser(), "handler", "a b c d e f", "123456")
    assert len(calls) == 2


def test_guessing_is_refused_before_the_slow_hash(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _count_hashes(monkeypatch)
    answers = [sign_in_with(deployment.browser(), "handler", f"guess {n}", "123456") for n in range(12)]
    assert [answer.status_code for answer in answers[:6]] == [422] * 6
    assert {answer.status_code for answer in answers[6:]} == {429}
    assert len(calls) == 6


def test_an_attacker_cannot_hold_the_owner_out_for_long(deployment: Deployment, clock: StandingClock) -> None:
    _, person = deployment.enrolled("handler")
    for number in range(12):
        clock.advance(seconds=31)
        sign_in_with(deployment.browser(), "handler", f"guess {number}", "123456")
    clock.advance(seconds=31)
    assert signed_in(deployment, person).get("/staff/me/").status_code == 200


def test_a_browser_that_signed_in_before_is_not_held_up_at_all(deployment: Deployment, clock: StandingClock) -> None:
    browser, person = deployment.enrolled("handler")
    clock.advance(seconds=30)
    for number in range(8):
        sign_in_with(deployment.browser(), "handler", f"guess {number}", "123456")
    assert sign_in_with(deployment.browser(), "handler", person.passphrase, person.code()).status_code == 429
    browser.delete_cookie("mj_staff")
    assert sign_in_with(browser, "handler", person.passphrase, person.code()).status_code == 303


def test_a_restart_signs_everybody_out(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    assert browser.get("/staff/me/").status_code == 200
    forget_boot_secret()
    assert browser.get("/staff/me/").headers["Location"].startswith("/sign-in/")


def test_half_an_hour_of_silence_ends_a_session(deployment: Deployment, clock: StandingClock) -> None:
    browser, _ = deployment.enrolled("handler")
    clock.advance(minutes=29)
    assert browser.get("/staff/me/").status_code == 200
    clock.advance(minutes=31)
    assert browser.get("/staff/me/").status_code == 302


def test_twelve_hours_end_a_session_however_busy(deployment: Deployment, clock: StandingClock) -> None:
    browser, _ = deployment.enrolled("handler")
    for _ in range(35):
        clock.advance(minutes=20)
        assert browser.get("/staff/me/").status_code == 200
    clock.advance(minutes=21)
    assert browser.get("/staff/me/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(deployment: Deployment) -> None:
    browser, _ = deployment.enrolled("handler")
    cookie = browser.get_cookie("mj_staff")
    assert cookie is not None
    browser.post("/sign-in/out", data={"csrf_token": token(browser.get("/staff/me/").text)})
    browser.set_cookie("mj_staff", cookie.value)
    assert browser.get("/staff/me/").status_code == 302


def test_other_sessions_end_at_once(deployment: Deployment, clock: StandingClock) -> None:
    here, person = deployment.enrolled("handler")
    clock.advance(seconds=30)
    there = signed_in(deployment, person)
    assert there.get("/staff/me/").status_code == 200
    here.post("/staff/me/sessions", data={"csrf_token": token(here.get("/staff/me/").text)})
    assert there.get("/staff/me/").status_code == 302
    assert here.get("/staff/me/").status_code == 200


def test_the_way_back_stays_on_this_site(deployment: Deployment, clock: StandingClock) -> None:
    _, person = deployment.enrolled("handler")
    for target in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        clock.advance(seconds=60)
        browser = deployment.browser()
        page = browser.get("/sign-in/").text
        fields = {"sign_in": "handler", "passphrase": person.passphrase, "code": person.code()}
        answer = browser.post("/sign-in/", query_string={"next": target}, data={"csrf_token": token(page), **fields})
        assert "evil" not in answer.headers["Location"]


def test_no_secret_reaches_a_log(deployment: Deployment, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, person = deployment.enrolled("admin")  # who is at work already would type nothing while we read
    sign_in_with(deployment.browser(), "admin", "some guessed words", "123456")
    sign_in_with(deployment.browser(), "admin", person.passphrase, person.codes[0])
    secrets = [person.passphrase, deployment.set_up_words("admin"), "some guessed words", *person.codes]
    assert not [secret for secret in secrets if secret in caplog.text]


def test_a_new_passphrase_replaces_the_old_once_typed_back(deployment: Deployment, clock: StandingClock) -> None:
    browser, person = deployment.enrolled("handler")
    clock.advance(seconds=30)
    page = browser.get("/staff/me/passphrase").text
    shown = browser.post("/staff/me/passphrase", data={"csrf_token": token(page), "code": person.code()})
    page = browser.get(shown.headers["Location"]).text
    words = page.partition('class="phrase">')[2].partition("<")[0]
    browser.post("/staff/me/passphrase/keep", data={"csrf_token": token(page), "passphrase": words})
    clock.advance(seconds=30)
    assert said(sign_in_with(deployment.browser(), "handler", person.passphrase, person.code())) == WRONG
    assert sign_in_with(deployment.browser(), "handler", words, person.code()).status_code == 303
