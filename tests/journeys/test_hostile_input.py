"""Input that means harm or that nobody thought of gets words, never a fault, and loses nothing that was typed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.kernel.clock import now
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.transaction import transaction
from portal.mailbox.models import Mailbox
from portal.signin import slots
from portal.tips import batch, draftcookie, drafts, views
from portal.tips.codes import check_codes
from portal.tips.journey import report_of
from portal.tips.models import Draft, Tip, TipBody, TipKey
from portal.tips.values import WORDS_LIMIT
from tests.journeys.reporter import Reporter
from tests.journeys.test_reporting import how_many, mine, tips


def test_a_megabyte_of_text_comes_back_whole_to_be_shortened(reporter: Reporter) -> None:
    text = "很长的话" * 90_000
    reporter.to_words().press(words=text)
    assert reporter.page.status_code == 400 and f"最多 {WORDS_LIMIT} 个字，现在有 360000 个字" in reporter.words
    assert text in reporter.page.text
    reporter.press(words="短一些。")
    assert reporter.path == "/report/more/"


def test_invisible_and_reversing_characters_are_dropped_and_the_rest_is_kept(reporter: Reporter) -> None:
    reporter.to_words().press(words="看\x00到\u202eexe.\u2066照片😀🏥 ＡＢ１２\r\n第二行<b>&\"'")
    reporter.press().press(known_as="no_name")
    assert "<b>" not in reporter.page.text.split("第二行")[1][:20]
    reporter.send()
    words = mine(reporter.code).report.words
    assert "\x00" not in words and "\u202e" not in words and "😀🏥 ＡＢ１２\n第二行<b>&\"'" in words


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"start-year": "2024", "start-month": "13"}, "1 到 12"),
        ({"start-year": "2099", "start-month": "1"}, "还没有到"),
        ({"start-year": "2025", "start-month": "5", "end-year": "2024", "end-month": "5"}, "早于开始"),
        ({"start-year": "二〇二四", "start-month": "五"}, "四位数字"),
        ({"start-year": "9" * 5000, "start-month": "0"}, "四位数字"),
    ],
)
def test_impossible_months_are_named(reporter: Reporter, fields: dict[str, str], says: str) -> None:
    reporter.begin().where().press(subject_type="unknown").press(target="")
    reporter.press(**{name.replace("-", "__"): value for name, value in fields.items()})
    assert reporter.page.status_code == 400 and says in reporter.words


@pytest.mark.parametrize(
    ("slug", "fields"),
    [
        ("where", {"province": "999999"}),
        ("where", {"province": "320000", "city": "440100", "county": "x"}),
        ("subject", {"subject_type": "emperor"}),
        ("subject", {"subject_type": ["institution", "agency"] * 200}),
        ("words", {"words": "字", "seen": "-1e9"}),
        ("words", {"words": "字", "seen": "９" * 30}),
        ("nothing", {"words": "字"}),
        ("files", {"remove": "../../../etc/passwd"}),
        ("conduct", {"conduct": "no-such-thing"}),
        ("where", {"province": "\x00\ud800"}),
    ],
)
def test_tampered_fields_are_answered_in_words(
    reporter: Reporter, session: Session, slug: str, fields: dict[str, Any]
) -> None:
    reporter.to_words()
    token = reporter.form()["fields"]["csrf_token"]
    encoded = {name: _sendable(value) for name, value in fields.items()}
    page = reporter.browser.post(f"/report/{slug}/", data={"csrf_token": token, **encoded}, follow_redirects=True)
    assert page.status_code < 500 and tips(session) == []


def _sendable(value: Any) -> Any:
    return value if isinstance(value, list) else value.encode("utf-8", "surrogatepass")


def test_a_code_that_no_table_knows_is_refused_at_the_end_too(reporter: Reporter, session: Session) -> None:
    """Whoever holds the draft's key could write anything into it."""
    reporter.to_check()
    key = drafts.key_of_cookie(reporter.browser.get_cookie(draftcookie.NAME).value[:43])  # type: ignore[union-attr]  # it is there
    assert key is not None
    for slug, held in (
        ("where", {"region": "123456"}),
        ("conduct", {"conduct": "x"}),
        ("office", {"against_office": "x"}),
    ):
        with transaction() as writing:
            draft = drafts.open_draft(writing, key, now(), lock=True)
            before = dict(draft.content.answers)
            draft.content.answers |= {slug: held, "subject": {"subject_type": "official"}}
            for asked in ("office", "conduct"):
                draft.content.answers.setdefault(asked, {})
            with pytest.raises(Refused):
                check_codes(writing, report_of(draft.content.answers))
            draft.content.answers = before
    assert tips(session) == []


def test_a_draft_altered_in_the_database_is_gone_not_a_fault(reporter: Reporter) -> None:
    reporter.to_words()
    with transaction() as writing:
        writing.execute(update(Draft).values(sealed=b"\x01\x01\x02" + bytes(300)))
    assert reporter.open("/report/words/").page.status_code == 410


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 43 + ".zzzzzzzzzz", "Ä" * 50, "=" * 43 + ".1", "A" * 5000])
def test_a_cookie_of_somebody_elses_making_is_no_draft(app: Flask, cookie: str) -> None:
    browser = app.test_client()
    browser.set_cookie(draftcookie.NAME, cookie)
    assert browser.get("/report/words/").status_code == 410
    assert browser.get("/report/").status_code == 200


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=20))
def test_any_text_in_any_field_is_kept_or_refused(app: Flask, words: str, target: str, amount: str) -> None:
    reader = Reporter(app).begin().where().press(subject_type="unknown")
    for fields in (
        {"target": target, "target_address": words},
        {"start__year": amount, "start__month": target, "end__year": "", "end__month": ""},
        {"words": words},
    ):
        clean = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
        reader.press(**clean)
        assert reader.page.status_code in (200, 400)
        if reader.page.status_code == 400:
            reader.press(**dict.fromkeys(clean, "" if "words" not in clean else "好"))
    assert reader.path == "/report/more/"


def test_a_lock_that_cannot_be_had_gives_back_what_was_typed(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter.to_words()

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE draft", {}, Exception("lock timeout"))

    with monkeypatch.context() as patched:
        patched.setattr("portal.tips.walk.save", locked)
        reporter.press(words="不能丢的话。")
    assert reporter.page.status_code == 503 and "不能丢的话。" in reporter.page.text and "保存不了" in reporter.words
    reporter.press()
    assert reporter.path == "/report/more/"


@pytest.mark.parametrize(
    "where", ["portal.tips.intake.append", "portal.tips.intake.new_clock", "portal.tips.submit.save"]
)
def test_a_database_that_goes_away_while_sending_stores_nothing(
    reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    reporter.to_check("一定要送到的话。")

    def goes(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(where, goes)
        reporter.send()
    assert reporter.page.status_code == 503 and "没有送达" in reporter.words and "一定要送到的话。" in reporter.words
    assert [how_many(session, table) for table in (Tip, TipBody, TipKey, Mailbox)] == [0, 0, 0, 0]
    reporter.send()
    assert reporter.path == "/report/receipt/" and how_many(session, Tip) == 1


def test_a_number_that_another_report_already_has_is_drawn_again_and_nobody_notices(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["MJ-2222-2222", "MJ-2222-2222", "MJ-3333-3333", "MJ-3333-3333", "MJ-4444-4444"])
    monkeypatch.setattr("portal.tips.intake.new_tip_number", lambda: next(drawn))
    for number in ("MJ-2222-2222", "MJ-3333-3333"):
        reporter = Reporter(app)
        reporter.to_check("说过的话。").send()
        assert reporter.path == "/report/receipt/" and number in reporter.words
        assert mine(reporter.code).report.words == "说过的话。"
    assert batch.submit_line('{"words": "另一个系统送来的话。"}'.encode())["number"] == "MJ-4444-4444"
    assert how_many(session, Tip) == how_many(session, Mailbox) == 3 and how_many(session, Draft) == 2


def test_when_all_slots_are_taken_the_answers_are_kept(
    reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "WAIT_S", 0.05)
    reporter.to_check("等一会儿再送。")
    gate = slots.Slots.SUBMIT._gate
    places = slots.Slots.SUBMIT.value[1]
    for _ in range(places):
        gate.acquire()
    try:
        reporter.send()
    finally:
        for _ in range(places):
            gate.release()
    assert reporter.page.status_code == 503 and "等一会儿再送。" in reporter.words
    assert tips(session) == []
    reporter.send()
    assert reporter.path == "/report/receipt/"


def test_a_sealing_key_that_is_gone_closes_the_form_and_stores_nothing(
    reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter.to_check()

    def gone(*_: object) -> None:
        raise Unavailable("no_sealing_key", "现在不能接收举报。")

    monkeypatch.setattr(views, "send", gone)
    reporter.send()
    assert reporter.page.status_code == 503 and "12393" in reporter.words and tips(session) == []


def test_eight_presses_at_the_same_moment_are_one_report(app: Flask, session: Session) -> None:
    reader = Reporter(app).to_check()
    cookies = {name: reader.browser.get_cookie(name).value for name in (draftcookie.NAME, "mj_p")}  # type: ignore[union-attr]  # both are there
    form = reader.form()["fields"] | {"truth": "y"}
    places: list[str] = []

    def press() -> None:
        browser = app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value)
        places.append(browser.post("/report/check/", data=form).location or "")

    presses = [threading.Thread(target=press) for _ in range(8)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert places == ["/report/receipt/"] * 8
    assert how_many(session, Tip) == 1 and how_many(session, Mailbox) == 1
