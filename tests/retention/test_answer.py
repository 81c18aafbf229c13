"""What a receipt code is answered once its report is destroyed: when, and by which rule, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import func, select

from admin.tips import triage
from crypto import receipts
from portal.kernel.clock import now
from portal.kernel.site import Site
from portal.kernel.transaction import session_reading
from portal.mailbox.reasons import DeclineReason
from portal.signin.models import OpenSession
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.followup.conftest import WORDS, Handed, Visitor, hand_in_report
from tests.retention.conftest import Archive

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@pytest.fixture
def visitor(public_app: Flask) -> Visitor:
    return Visitor(public_app)


def declined(archive: Archive, handed: Handed) -> Handed:
    with archive.world.at(handed.number, archive.intake) as (session, tip, keys):
        triage.record_reading(session, tip, archive.intake, now())
        triage.decline(session, tip, DeclineReason.NO_FACTS, "没有线索（虚构）", archive.intake, now(), keys)
    return handed


@pytest.fixture
def mine(archive: Archive, site: Site) -> Handed:
    """A report past its term, on whose destruction two people agreed."""
    handed = declined(archive, hand_in_report(site, files={"票据.txt": b"1"}))
    archive.later()
    archive.approved()
    return handed


def sessions() -> int:
    with session_reading() as store:
        return store.scalar(select(func.count()).select_from(OpenSession)) or 0


def test_the_code_is_answered_with_the_day_and_the_rule(archive: Archive, mine: Handed, visitor: Visitor) -> None:
    archive.shred()
    day = archive.destroyed_on(mine.number)
    assert day is not None
    answer = visitor.sign_in(mine.code)
    assert answer.status_code == 410 and sessions() == 0
    assert f"{day.year}年{day.month}月{day.day}日" in visitor.text and "第十九条" in visitor.text
    assert WORDS not in visitor.text and mine.number not in visitor.text


def test_in_english_too(archive: Archive, mine: Handed, visitor: Visitor) -> None:
    archive.shred()
    visitor.get("/en/followup/")
    answer = visitor.post("/en/followup/", {"code": mine.code.grouped})
    assert answer.status_code == 410
    assert "Personal Information Protection Law" in visitor.text and "2032" in visitor.text


def test_a_visit_that_was_going_on_ends_with_the_same_words(archive: Archive, mine: Handed, visitor: Visitor) -> None:
    assert visitor.sign_in(mine.code).status_code == 200 and WORDS in visitor.get("/followup/sent/").text
    archive.shred()
    assert visitor.get("/followup/overview/").status_code == 410 and sessions() == 0
    assert "2032年10月" in visitor.text and "第十九条" in visitor.text
    assert visitor.get("/followup/sent/").request.path == "/followup/"


def test_a_letter_that_is_sent_meanwhile_goes_nowhere(archive: Archive, mine: Handed, visitor: Visitor) -> None:
    visitor.sign_in(mine.code)
    visitor.get("/followup/messages/")
    archive.shred()
    answer = visitor.post("/followup/messages/", {"text": "还有一件事（虚构）"})
    assert answer.status_code == 410 and "已经销毁" in visitor.text
    assert archive.book().faults == []


def test_a_code_that_staff_handed_over_and_nobody_used_is_answered_alike(
    archive: Archive, site: Site, visitor: Visitor
) -> None:
    handed = declined(archive, hand_in_report(site, first_use_only=True))
    archive.later()
    archive.destroy_all_due()
    assert visitor.sign_in(handed.code).status_code == 410 and "第十九条" in visitor.text


def test_a_code_that_never_was_is_not_told_of_any_destruction(archive: Archive, mine: Handed, visitor: Visitor) -> None:
    archive.shred()
    wrong = receipts.generate()
    answer = visitor.sign_in(wrong)
    assert answer.status_code == 400 and "销毁" not in visitor.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_page_is_whole(
    archive: Archive,
    mine: Handed,
    public_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    size: tuple[int, int],
    prefix: str,
) -> None:
    archive.shred()
    base = serve(public_app)
    with page(chromium, size) as shown:
        shown.goto(f"{base}{prefix}/followup/")
        shown.get_by_role("textbox").fill(mine.code.grouped)
        shown.locator("main form button.button--primary").click()
        shown.wait_for_selector("main .contact, main h1")
        picture(shown, f"answer-{size[0]}{prefix.replace('/', '-')}")
        assert "2032" in shown.inner_text("main")
        assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)
