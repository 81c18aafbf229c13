"""A report that is not finished: saved for later, brought back, left alone, thrown away, destroyed in time."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import receipts
from portal.attachments.models import Attachment
from portal.attachments.store import site_store
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import NotFound
from portal.kernel.shred import drop_shred_keys, read_shred_key
from portal.kernel.site import Site
from portal.kernel.transaction import transaction
from portal.tips import drafts
from portal.tips.models import Draft, Tip
from tests.conftest import StandingClock
from tests.journeys.reporter import Reporter


def how_many(session: Session, table: type) -> int:
    counted = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()
    return counted


def test_a_return_code_brings_every_answer_back_in_another_browser(reporter: Reporter, app: Flask) -> None:
    reporter.to_words().press("later", words="写到一半的话。")
    assert reporter.path == "/report/later/" and "最迟可以写到 2026年10月5日 星期一" in reporter.words
    code = reporter.code
    assert reporter.open("/report/later/").code == code
    other = Reporter(app).open("/report/return/")
    other.press(
        "", code=f"{code[:4]} {code[4:12]}－{code[12:]}".translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    )
    assert other.path == "/report/more/"
    assert "写到一半的话。" in other.open("/report/words/").page.text


def test_a_mistyped_digit_is_named_and_any_other_wrong_code_gets_one_answer(reporter: Reporter, app: Flask) -> None:
    reporter.to_words().press("later", words="写到一半的话。")
    code = reporter.code
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    stranger = Reporter(app).open("/report/return/").press("", code=wrong)
    assert stranger.page.status_code == 400 and "有一位数字输错了" in stranger.words
    stranger.press("", code="123")
    assert "24 位数字" in stranger.words and "123" in stranger.page.text
    stranger.press("", code=receipts.generate().digits)
    assert stranger.page.status_code == 400 and "没有找到这份草稿" in stranger.words
    assert "mj_draft" not in stranger.page.headers.get("Set-Cookie", "")


def test_guessing_return_codes_is_slowed_before_the_slow_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = 0
    real = receipts.slow_hash

    def counted(*arguments: object) -> bytes:
        nonlocal hashes
        hashes += 1
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("portal.tips.draftviews.slow_hash", counted)
    guesser = Reporter(app)
    for _ in range(15):
        guesser.open("/report/return/").press("", code=receipts.generate().digits)
    assert guesser.page.status_code == 429 and hashes <= 12


def test_a_draft_past_its_seven_days_says_so_and_is_destroyed(
    reporter: Reporter, session: Session, clock: StandingClock, app: Flask, site: Site
) -> None:
    reporter.to_words().press("later", words="写到一半的话。")
    code = reporter.code
    tip_id = session.scalars(select(Draft.tip_id)).one()
    session.rollback()
    clock.advance(days=8)
    other = Reporter(app).open("/report/return/").press("", code=code)
    assert other.page.status_code == 400 and "过了保存期限" in other.words
    assert reporter.open("/report/words/").page.status_code == 410 and "草稿已经过期" in reporter.words
    with transaction() as writing:
        blobs, keys = drafts.sweep_drafts(writing, clock())
    drop_shred_keys(keys)
    assert (blobs, keys) == ([], [tip_id]) and how_many(session, Draft) == 0
    with pytest.raises(NotFound):
        read_shred_key(tip_id)


def test_sweeping_drafts_leaves_a_report_its_files_and_its_key(
    reporter: Reporter, session: Session, clock: StandingClock
) -> None:
    reporter.to_words().press(words="有照片。").press(more=["files"])
    reporter.attach((b"%PDF-1.7 x", "单据.pdf")).press().press(known_as="no_name").send()
    clock.advance(days=30)  # the code was never confirmed, so the draft with the receipt was still there
    with transaction() as writing:
        blobs, keys = drafts.sweep_drafts(writing, clock())
    assert (blobs, keys) == ([], []) and how_many(session, Draft) == 0
    assert how_many(session, Attachment) == 1 and how_many(session, Tip) == 1
    tip_id = session.scalars(select(Tip.id)).one()
    session.rollback()
    assert read_shred_key(tip_id)


def test_two_windows_do_not_overwrite_each_other(reporter: Reporter) -> None:
    reporter.to_words()
    first_window = reporter.form()["fields"]
    reporter.press(words="第二个窗口写的。")
    answer = reporter.browser.post(
        "/report/words/", data={**first_window, "words": "第一个窗口写的。", "do": "continue"}
    )
    assert answer.status_code == 409 and "另一个窗口改过" in answer.text and "第一个窗口写的。" in answer.text
    assert "第二个窗口写的。" in reporter.open("/report/words/").page.text
    reporter.press(words="第一个窗口写的。")
    assert reporter.path == "/report/more/"
    # a window that changes another question is in nobody's way
    reporter.browser.post("/report/target/", data={**first_window, "target": "药店", "do": "continue"})
    assert "第一个窗口写的。" in reporter.open("/report/words/").page.text


def test_a_draft_that_another_window_changed_is_opened_anew_under_its_lock(database: Database, site: Site) -> None:
    with transaction() as session:
        seen = drafts.start(session, now())
    with transaction() as session:
        held = drafts.locked(session, seen, now())
        held.content.answers["words"] = {"words": "新写的（虚构）。"}
        drafts.save(session, held, now())
    assert seen.content.answers == {}, "what the page was drawn from stays as it was"
    with transaction() as session:
        anew = drafts.locked(session, seen, now())
    assert (anew.version, anew.content.answers) == (seen.version + 1, held.content.answers)
    with transaction() as session:
        drafts.finish(session, anew)
    with transaction() as session, pytest.raises(NotFound) as refused:
        drafts.locked(session, anew, now())
    assert refused.value.code == "draft_gone"


def test_a_draft_whose_term_ends_between_page_and_press_is_not_held(
    database: Database, site: Site, clock: StandingClock
) -> None:
    with transaction() as session:
        seen = drafts.start(session, now())
    clock.advance(days=8)
    with transaction() as session, pytest.raises(NotFound) as refused:
        drafts.locked(session, seen, now())
    assert refused.value.code == "draft_expired"


def test_a_screen_left_alone_is_folded_and_nothing_is_lost(reporter: Reporter, clock: StandingClock) -> None:
    reporter.to_words().press(words="不想让路过的人看到。")
    clock.advance(minutes=29)
    assert reporter.open("/report/words/").path == "/report/words/"
    clock.advance(minutes=31)
    reporter.open("/report/words/")
    assert reporter.path == "/report/paused/" and "不想让路过的人看到" not in reporter.page.text
    assert reporter.open("/report/words/").path == "/report/paused/"
    reporter.open("/report/paused/").press("resume")
    assert reporter.path == "/report/more/"
    assert "不想让路过的人看到。" in reporter.open("/report/words/").page.text


def test_the_key_is_given_again_only_when_its_time_has_moved(reporter: Reporter, clock: StandingClock) -> None:
    reporter.to_words()
    assert "mj_draft" not in reporter.open("/report/words/").page.headers.get("Set-Cookie", "")
    clock.advance(minutes=1)
    assert "mj_draft" in reporter.open("/report/words/").page.headers.get("Set-Cookie", "")


def test_one_key_keeps_the_session(reporter: Reporter, clock: StandingClock) -> None:
    reporter.to_words()
    assert 'data-ends="1800"' in reporter.page.text and 'data-stay="/report/stay/"' in reporter.page.text
    token = reporter.form()["fields"]["csrf_token"]
    clock.advance(minutes=28)
    assert reporter.browser.post("/report/stay/", data={"csrf_token": token[0]}).status_code == 204
    clock.advance(minutes=28)
    assert reporter.open("/report/words/").path == "/report/words/"


def test_a_draft_thrown_away_is_gone_with_its_files(reporter: Reporter, session: Session, site: Site) -> None:
    reporter.to_words().press(words="算了。").press(more=["files"]).attach((b"%PDF-1.7 x", "单据.pdf"))
    blob = session.scalars(select(Attachment.id)).one()
    session.rollback()
    reporter.press("later").press("", action="/report/discard/")
    assert how_many(session, Draft) == 0 and how_many(session, Attachment) == 0
    with pytest.raises(NotFound):
        site_store().open(blob)
    assert reporter.open("/report/words/").page.status_code == 410


def test_quick_exit_destroys_what_nobody_could_open_again(reporter: Reporter, session: Session) -> None:
    reporter.to_words()
    token = reporter.form()["fields"]["csrf_token"][0]
    reporter.browser.post("/leave", data={"csrf_token": token})
    assert how_many(session, Draft) == 0
    assert reporter.open("/report/words/").page.status_code == 410


def test_quick_exit_leaves_a_draft_that_has_a_return_code(reporter: Reporter, session: Session, app: Flask) -> None:
    reporter.to_words().press("later", words="以后再写。")
    code = reporter.code
    token = reporter.form()["fields"]["csrf_token"][0]
    reporter.browser.post("/leave", data={"csrf_token": token})
    assert how_many(session, Draft) == 1
    assert "以后再写。" in Reporter(app).open("/report/return/").press("", code=code).open("/report/words/").page.text


def test_a_page_without_its_token_comes_back_with_what_was_typed(reporter: Reporter) -> None:
    reporter.to_words()
    page = reporter.browser.post("/report/words/", data={"words": "没有令牌的话。", "seen": "1"})
    assert page.status_code == 400 and "没有令牌的话。" in page.text and "页面已经到期" in page.text
    assert reporter.browser.post("/report/check/", data={"truth": "y"}).status_code == 400
    assert reporter.browser.post("/report/stay/").status_code == 400
    stranger = reporter.app.test_client()
    for path in ("words/", "nothing/", "files/", "check/", "saved/", "later/", "return/", "close/", "discard/", ""):
        assert stranger.post(f"/report/{path}").status_code == 400, path
