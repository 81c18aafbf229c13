"""What another window did between the page and the report: what is sent, kept and destroyed is as it was last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import receipts
from crypto.receipts import ReceiptSecrets
from portal.attachments.models import Attachment
from portal.attachments.register import detach
from portal.kernel.clock import now
from portal.kernel.shred import read_shred_key
from portal.kernel.site import Site
from portal.kernel.transaction import transaction
from portal.ledger.events import TipReceived
from portal.ledger.models import LedgerEntry
from portal.mailbox.models import Mailbox
from portal.tips import draftcookie, drafts, draftviews, submit, walk
from portal.tips.models import Draft, Tip
from portal.tips.receipt_hash import submit_secrets
from tests.conftest import StandingClock
from tests.journeys.reporter import Reporter
from tests.journeys.test_reporting import how_many, mine

Meanwhile = Callable[[drafts.OpenDraft, ReceiptSecrets], None]
PDF = b"%PDF-1.7 invented"


def during_the_hash(monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
    """*meanwhile* is done to the draft while its code is hashed, each time."""

    def hashed(code: receipts.ReceiptCode) -> ReceiptSecrets:
        secrets = submit_secrets(code)
        meanwhile(walk.current_draft(), secrets)
        return secrets

    monkeypatch.setattr("portal.tips.views.submit_secrets", hashed)


def changes(draft: drafts.OpenDraft, _secrets: ReceiptSecrets) -> None:
    with transaction() as session:
        held = drafts.locked(session, draft, now())
        held.content.answers["words"] = {"words": "另一个窗口最后写的话。"}
        drafts.save(session, held, now())


def removes_a_file(draft: drafts.OpenDraft, _secrets: ReceiptSecrets) -> None:
    with transaction() as session:
        held = drafts.locked(session, draft, now())
        detach(session, held.tip_id, held.content.files.pop().id)
        drafts.save(session, held, now())


def sends(draft: drafts.OpenDraft, secrets: ReceiptSecrets) -> None:
    submit.send(draft, secrets, now())


def throws_away(draft: drafts.OpenDraft, _secrets: ReceiptSecrets) -> None:
    with transaction() as session:
        drafts.discard(session, draft)


def with_two_files(reporter: Reporter) -> Reporter:
    reporter.to_words().press(words="说过的话。").press(more=["files"])
    reporter.attach((PDF, "a.pdf")).attach((PDF, "b.pdf"))
    return reporter.press().press(known_as="no_name")


def truth(reporter: Reporter) -> dict[str, Any]:
    return {**reporter.form()["fields"], "truth": "y"}


def received(session: Session) -> int:
    """How many reports the book holds: as rows, as mailboxes and as lines of the record, which must agree."""
    lines = session.scalars(select(LedgerEntry.id).where(LedgerEntry.kind == TipReceived.kind)).all()
    session.rollback()
    assert how_many(session, Tip) == how_many(session, Mailbox) == len(lines)
    return len(lines)


@pytest.mark.parametrize(
    ("meanwhile", "status", "words", "files"),
    [
        (changes, 303, "另一个窗口最后写的话。", 2),
        (removes_a_file, 303, "说过的话。", 1),
        (sends, 303, "说过的话。", 2),
        (throws_away, 410, "", 0),
    ],
)
def test_what_another_window_did_while_the_code_was_hashed_is_what_counts(
    reporter: Reporter,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Meanwhile,
    status: int,
    words: str,
    files: int,
) -> None:
    with_two_files(reporter)
    during_the_hash(monkeypatch, meanwhile)
    pressed = reporter.browser.post("/report/check/", data=truth(reporter))
    assert pressed.status_code == status and "说过的话" not in pressed.text
    assert received(session) == bool(words) and how_many(session, Attachment) == files
    if words:
        report = mine(reporter.open("/report/receipt/").code)
        assert (report.report.words, len(report.files)) == (words, files)


def test_a_draft_that_another_window_kept_alive_over_midnight_is_sent(
    reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    reporter.to_check()
    clock.set(datetime(2026, 10, 5, 15, 59, 59, tzinfo=UTC))  # a second before the last day is over in Beijing
    reporter.open("/report/check/").press("resume")

    def saves_late(draft: drafts.OpenDraft, secrets: ReceiptSecrets) -> None:
        changes(draft, secrets)
        clock.advance(seconds=2)

    during_the_hash(monkeypatch, saves_late)
    assert reporter.browser.post("/report/check/", data=truth(reporter)).location == "/report/receipt/"
    assert received(session) == 1


def test_a_draft_whose_last_day_ends_while_the_code_is_hashed_is_not_sent(
    reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
) -> None:
    reporter.to_check()
    clock.set(datetime(2026, 10, 5, 15, 59, 59, tzinfo=UTC))
    reporter.open("/report/check/").press("resume")
    during_the_hash(monkeypatch, lambda _draft, _secrets: clock.advance(seconds=2))
    assert reporter.browser.post("/report/check/", data=truth(reporter)).status_code == 410
    assert received(session) == 0


def beside(app: Flask, reporter: Reporter) -> FlaskClient:
    """Another window of the same browser."""
    window = app.test_client()
    for name in (draftcookie.NAME, "mj_p"):
        found = reporter.browser.get_cookie(name)
        assert found is not None
        window.set_cookie(name, found.value)
    return window


@pytest.mark.parametrize("path", ["/report/discard/", "/leave"])
def test_thrown_away_the_moment_it_was_sent_it_is_a_report_with_its_files_and_its_receipt(
    app: Flask, reporter: Reporter, session: Session, site: Site, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    fields = truth(with_two_files(reporter))
    other, throw_away = beside(app, reporter), draftviews.throw_away

    def sent_before(draft: drafts.OpenDraft, **how: bool) -> None:
        with ThreadPoolExecutor(1) as first:  # a request of its own
            sent = first.submit(reporter.browser.post, "/report/check/", data=fields).result()
        assert sent.status_code == 303
        throw_away(draft, **how)

    monkeypatch.setattr(draftviews, "throw_away", sent_before)
    assert other.post(path, data={"csrf_token": fields["csrf_token"]}).status_code < 400
    blobs = [path for path in site.blob_dir.rglob("*") if path.is_file()]
    assert (received(session), how_many(session, Attachment), len(blobs), how_many(session, Draft)) == (1, 2, 2, 1)
    tip_id = session.scalars(select(Tip.id)).one()
    session.rollback()
    assert read_shred_key(tip_id) and mine(reporter.open("/report/receipt/").code).report.words == "说过的话。"


def test_left_in_a_hurry_the_moment_it_was_saved_for_later_a_draft_stays_for_its_return_code(
    app: Flask, reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = truth(reporter.to_check())
    other, throw_away = beside(app, reporter), draftviews.throw_away

    def saved_before(draft: drafts.OpenDraft, **how: bool) -> None:
        with ThreadPoolExecutor(1) as first:
            first.submit(reporter.browser.post, "/report/later/", data=fields).result()
        throw_away(draft, **how)

    monkeypatch.setattr(draftviews, "throw_away", saved_before)
    assert other.post("/leave", data={"csrf_token": fields["csrf_token"]}).status_code < 400
    assert how_many(session, Draft) == 1 and "续填码" in reporter.open("/report/later/").words


@pytest.mark.parametrize("gap_s", [0.0, 0.003, 0.006])
def test_a_window_that_saw_less_and_one_that_saw_all_press_at_once_and_both_have_the_receipt(
    app: Flask, reporter: Reporter, session: Session, monkeypatch: pytest.MonkeyPatch, gap_s: float
) -> None:
    fields = truth(reporter.to_check("先写的话。"))
    opened, ready, both = threading.Event(), threading.Event(), threading.Barrier(2)
    answers: dict[str, str | None] = {}

    def hashed(code: receipts.ReceiptCode) -> ReceiptSecrets:
        secrets = submit_secrets(code)
        if threading.current_thread().name == "less":
            opened.set()
            assert ready.wait(20)
        both.wait(20)
        if threading.current_thread().name == "all":
            threading.Event().wait(gap_s)
        return secrets

    def press(window: FlaskClient) -> None:
        answers[threading.current_thread().name] = window.post("/report/check/", data=fields).location

    monkeypatch.setattr("portal.tips.views.submit_secrets", hashed)
    windows = {
        name: threading.Thread(target=press, name=name, args=[beside(app, reporter)]) for name in ("less", "all")
    }
    windows["less"].start()
    assert opened.wait(20)
    reporter.open("/report/words/?return=check").press(words="后写的话。")
    ready.set()
    windows["all"].start()
    for window in windows.values():
        window.join(30)
    assert answers == {"less": "/report/receipt/", "all": "/report/receipt/"} and received(session) == 1
    assert mine(reporter.open("/report/receipt/").code).report.words == "后写的话。"
