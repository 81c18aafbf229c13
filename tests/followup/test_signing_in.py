from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from crypto import receipts
from portal.kernel.db import Database
from portal.kernel.transaction import session_reading, transaction
from portal.mailbox.models import Mailbox
from portal.signin.models import Attempt, OpenSession
from portal.signin.slots import Slots
from portal.tips.models import Tip
from tests.conftest import StandingClock
from tests.followup.conftest import Handed, Visitor, one_database


def with_wrong_digit(code: receipts.ReceiptCode) -> str:
    first = str((int(code.digits[0]) + 1) % 10)
    return first + code.digits[1:]


def full_width(digits: str) -> str:
    return digits.translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def open_sessions() -> int:
    with session_reading() as store:
        return store.scalar(select(func.count()).select_from(OpenSession)) or 0


def tries() -> int:
    with session_reading() as store:
        return store.scalar(select(func.coalesce(func.sum(Attempt.failures), 0))) or 0


def test_the_code_opens_the_overview(mine: Handed, visitor: Visitor) -> None:
    page = visitor.sign_in(mine.code)
    assert page.status_code == 200
    assert mine.number in visitor.text
    assert "我们已经收到您的举报" in visitor.text


@one_database
@pytest.mark.parametrize("typed", ["plain", "spaces", "dashes", "full width"])
def test_the_code_may_be_typed_as_people_type_it(typed: str, mine: Handed, visitor: Visitor) -> None:
    digits = mine.code.digits
    forms = {
        "plain": digits,
        "spaces": f"  {mine.code.grouped.replace(' ', '  ')} ",
        "dashes": mine.code.grouped.replace(" ", "-"),
        "full width": full_width(mine.code.grouped).replace(" ", "　"),
    }
    visitor.sign_in(forms[typed])
    assert mine.number in visitor.text


@one_database
def test_a_mistyped_digit_is_named_before_anything_is_counted_or_computed(
    mine: Handed, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.tips.receipt_hash.slow_hash", lambda *_: pytest.fail("hashed a mistyped code"))
    page = visitor.sign_in(with_wrong_digit(mine.code))
    assert page.status_code == 400
    assert "有一位数字输错了" in visitor.text
    assert tries() == 0
    visitor.sign_in(mine.code.digits[:-1])
    assert "24 位数字，请检查有没有漏写或多写" in visitor.text
    assert tries() == 0


def test_an_unknown_code_gets_one_answer_and_counts(mine: Handed, visitor: Visitor) -> None:
    page = visitor.sign_in(receipts.generate())
    assert page.status_code == 400
    assert "没有找到" in visitor.text
    assert tries() == 1
    assert open_sessions() == 0


def test_a_right_code_takes_its_try_back(mine: Handed, visitor: Visitor) -> None:
    visitor.sign_in(mine.code)
    assert tries() == 0
    assert open_sessions() == 1


def test_guessing_is_stopped_before_the_slow_hash_and_ends_by_itself(
    mine: Handed, public_app: Flask, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(public_app)
    for _ in range(11):
        assert visitor.sign_in(receipts.generate()).status_code == 400
    with monkeypatch.context() as patched:
        patched.setattr("portal.tips.receipt_hash.slow_hash", lambda *_: pytest.fail("hashed while waiting"))
        assert visitor.sign_in(mine.code).status_code == 429
    assert "尝试次数过多" in visitor.text
    clock.advance(minutes=16)
    assert visitor.sign_in(mine.code).status_code == 200


@one_database
def test_every_code_that_passes_the_check_digit_costs_one_slow_hash(
    mine: Handed, hand_in: Callable[..., Handed], public_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(code: receipts.ReceiptCode, *rest: Any) -> bytes:
        hashed.append(code.digits)
        return receipts.slow_hash(code, *rest)

    gone = hand_in()
    with transaction() as session:
        tip = select(Tip.id).where(Tip.number == gone.number).scalar_subquery()
        session.execute(update(Mailbox).where(Mailbox.tip_id == tip).values(destroyed_on=date(2026, 9, 27)))
    monkeypatch.setattr("portal.tips.receipt_hash.slow_hash", counted)
    tried = [mine.code, gone.code, receipts.generate()]
    for code in tried:
        Visitor(public_app).sign_in(code)
    assert hashed == [code.digits for code in tried]


@one_database
def test_when_every_slot_is_taken_the_answer_is_to_wait(
    mine: Handed, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.signin.slots.WAIT_S", 0.05)
    with Slots.SIGN_IN.held(), Slots.SIGN_IN.held():
        page = visitor.sign_in(mine.code)
    assert page.status_code == 503
    assert "现在使用的人较多" in visitor.text
    assert visitor.sign_in(mine.code).status_code == 200


@one_database
def test_the_code_stands_in_no_address_log_title_or_cookie(
    mine: Handed, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.get("/followup/")
    for typed in (receipts.generate(), mine.code):
        answer = visitor.post("/followup/", {"code": typed.grouped}, follow=False)
        said = f"{answer.headers} {caplog.text} {answer.text.partition('</title>')[0]}"
        assert typed.digits not in said
        assert typed.grouped not in said
    for path in ("/followup/overview/", "/followup/messages/", "/followup/sent/"):
        page = visitor.get(path)
        assert mine.code.digits not in page.text
        assert mine.code.grouped not in page.text


def test_the_session_names_no_report_and_no_code_in_clear(mine: Handed, inside: Visitor, database: Database) -> None:
    with session_reading() as store:
        row = store.scalars(select(OpenSession)).one()
        assert row.owner_id is None
        stored = row.id + row.sealed
    with transaction() as session:
        mailbox = session.scalars(select(Mailbox)).one()
    for secret in (mine.number.encode(), mine.code.digits.encode(), mailbox.tag, mailbox.tip_id.bytes):
        assert secret not in stored


def test_a_destroyed_report_says_when_and_by_which_rule(mine: Handed, visitor: Visitor) -> None:
    with transaction() as session:
        session.execute(update(Mailbox).values(destroyed_on=date(2026, 9, 27), destroyed_by="PV-19"))
    page = visitor.sign_in(mine.code)
    assert page.status_code == 410
    assert "2026年9月27日" in visitor.text
    assert "第十九条" in visitor.text
    assert open_sessions() == 0


def test_a_report_destroyed_during_a_visit_ends_the_visit(mine: Handed, inside: Visitor) -> None:
    with transaction() as session:
        session.execute(update(Mailbox).values(destroyed_on=date(2026, 9, 28), destroyed_by="PV-19"))
    assert inside.get("/followup/overview/").status_code == 410
    assert "已经销毁" in inside.text
    assert open_sessions() == 0


@one_database
def test_a_mailbox_that_carries_another_key_is_not_opened(mine: Handed, visitor: Visitor) -> None:
    with transaction() as session:
        raw = session.scalars(select(Mailbox)).one().public
        session.execute(update(Mailbox).values(public=bytes([raw[0] ^ 1]) + raw[1:]))
    page = visitor.sign_in(mine.code)
    assert page.status_code == 409
    assert "这份记录打不开" in visitor.text


def test_after_a_quarter_of_an_hour_of_silence_the_code_is_asked_for_again(
    mine: Handed, inside: Visitor, clock: StandingClock
) -> None:
    clock.advance(minutes=14)
    assert mine.number in inside.get("/followup/overview/").text
    clock.advance(minutes=14)
    assert mine.number in inside.get("/followup/overview/").text
    clock.advance(minutes=15)
    page = inside.get("/followup/overview/")
    assert mine.number not in page.text
    assert "已经自动退出" in inside.text


@one_database
def test_one_key_keeps_the_session(mine: Handed, inside: Visitor, clock: StandingClock) -> None:
    clock.advance(minutes=14)
    page = inside.get("/followup/overview/")
    assert 'data-ends="900"' in page.text
    clock.advance(minutes=14)
    assert inside.post("/followup/stay/", {}, follow=False).status_code == 204
    clock.advance(minutes=14)
    assert mine.number in inside.get("/followup/overview/").text


@one_database
def test_a_session_that_is_over_cannot_be_kept(inside: Visitor, clock: StandingClock) -> None:
    clock.advance(minutes=16)
    assert inside.post("/followup/stay/", {}, follow=False).status_code == 410


def test_signing_out_ends_the_session_here_and_in_the_browser(mine: Handed, inside: Visitor) -> None:
    answer = inside.post("/followup/out/", {}, follow=False)
    assert "mj_mailbox=;" in answer.headers["Set-Cookie"]
    assert open_sessions() == 0
    inside.get("/followup/left/")
    assert "已经退出" in inside.text
    assert "输入回执码" in inside.get("/followup/overview/").text


def test_quick_exit_ends_the_session_on_the_server(inside: Visitor) -> None:
    inside.post("/leave", {}, follow=False)
    assert open_sessions() == 0


def test_a_stolen_cookie_of_an_ended_session_opens_nothing(mine: Handed, inside: Visitor, public_app: Flask) -> None:
    cookie = inside.client.get_cookie("mj_mailbox")
    assert cookie is not None
    inside.post("/followup/out/", {})
    thief = Visitor(public_app)
    thief.client.set_cookie("mj_mailbox", cookie.value)
    assert mine.number not in thief.get("/followup/overview/").text


@one_database
@pytest.mark.parametrize("cookie", ["", "x", "é", "A" * 43, "A" * 5000])
def test_a_cookie_that_is_none_of_ours_leads_to_the_door(cookie: str, visitor: Visitor, mine: Handed) -> None:
    visitor.client.set_cookie("mj_mailbox", cookie)
    page = visitor.get("/followup/overview/")
    assert page.status_code == 200
    assert "回执码" in visitor.text


@one_database
def test_a_missing_token_at_the_door_asks_for_the_code_again(mine: Handed, visitor: Visitor) -> None:
    page = visitor.client.post("/followup/", data={"code": mine.code.grouped})
    assert page.status_code == 400
    assert "请重新输入回执码" in page.text
    assert mine.code.grouped not in page.text


@one_database
def test_without_a_session_every_page_leads_to_the_door(visitor: Visitor, mine: Handed) -> None:
    for path in ("overview", "messages", "sent", "identity", "withdraw", "pressure", "new-code"):
        answer = visitor.client.get(f"/followup/{path}/")
        assert answer.status_code == 303, path
        assert answer.headers["Location"].endswith("/followup/"), path


@one_database
def test_no_page_is_stored_framed_or_left_without_the_quick_exit(inside: Visitor) -> None:
    for path in ("", "overview/", "messages/", "sent/", "identity/", "withdraw/", "pressure/", "left/"):
        page = inside.get(f"/followup/{path}")
        assert page.headers["Cache-Control"] == "no-store", path
        assert page.headers["Referrer-Policy"] == "no-referrer", path
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], path
        assert "data-quick-exit" in page.text, path


def test_a_site_on_sqlite_sweeps_its_own_file_when_somebody_comes(
    mine: Handed, visitor: Visitor, public_app: Flask, clock: StandingClock, database: Database
) -> None:
    """The worker knows the staff side's file only; on a server it sweeps for both, and the site leaves it to it."""
    Visitor(public_app).sign_in(receipts.generate())  # a failure that is counted
    for _ in range(3):
        Visitor(public_app).sign_in(mine.code)
    assert (open_sessions(), tries()) == (3, 1)
    clock.advance(days=2)
    visitor.sign_in(mine.code)
    swept = database.sessions.dialect.name == "sqlite"
    assert (open_sessions(), tries()) == ((1, 0) if swept else (4, 1))
