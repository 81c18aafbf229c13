"""Opening an identity in real browsers: asker, two keepers, one with a code and one with a passkey, reporter."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from crypto import receipts
from portal.app import create_app
from portal.kernel.db import Database
from portal.signin.passkeys import relying_party
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.custody.conftest import NAME, WHY, Office
from tests.custody.conftest import PHONE as NUMBER
from tests.staff.carrying import carry, virtual_authenticator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def root(office: Office, serve: Serve) -> str:
    """The staff site at a name for which passkeys can be made."""
    root = serve(office.deployment.app).replace("127.0.0.1", "localhost")
    office.deployment.app.extensions["mingjing_passkeys"] = relying_party(root)
    return root


@dataclass(frozen=True)
class Desk:
    """Somebody's browser."""

    shown: Page
    scripts: bool = True

    def look(self, name: str) -> None:
        """The page is whole: nothing for axe-core to find, nothing beside the window. Without scripts: a picture."""
        size = self.shown.viewport_size or {"width": 0}
        picture(self.shown, f"custody-{name}-{size['width']}{'' if self.scripts else '-plain'}")
        if self.scripts:
            assert accessibility_faults(self.shown) == [], name
            assert not scrolls_sideways(self.shown), name


def code(office: Office, desk: Desk, name: str) -> None:
    desk.shown.get_by_label("验证码").fill(office.code(name))


def ask(office: Office, desk: Desk, root: str, number: str) -> None:
    """From the case to a request that waits for the board."""
    shown = desk.shown
    shown.goto(f"{root}/tips/{number}/")
    shown.get_by_role("link", name="举报人身份").click()
    desk.look("ask")
    shown.get_by_role("button", name="提出申请").click()
    desk.look("ask-empty")
    shown.get_by_label("举报人是谁").check()
    shown.get_by_label("不向举报人本人了解").check()
    shown.get_by_label("向保管人说明").fill(WHY)
    code(office, desk, "county")
    shown.get_by_role("button", name="提出申请").click()
    expect(shown.get_by_text("等待保管人答复")).to_be_visible()
    desk.look("asked")


def to_request(desk: Desk, root: str, number: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/custody/")
    desk.look("requests")
    shown.get_by_role("link", name=number).click()
    expect(shown.get_by_text(WHY)).to_be_visible()
    desk.look("answer")
    shown.get_by_label("同意打开", exact=True).check()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_two_keepers_in_two_browsers_agree_and_the_reporter_reads_of_it(
    office: Office,
    database: Database,
    root: str,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    javascript: bool,
) -> None:
    receipt = receipts.generate()
    number, foreign = office.report(receipt=receipt), list[str]()
    with ExitStack() as stack:
        desks = [
            Desk(stack.enter_context(page(chromium, one, javascript)), javascript) for one in (size, size, size, PHONE)
        ]
        county, keeper1, keeper2, reporter = desks
        for name, desk in zip(("county", "keeper1", "keeper2"), desks, strict=False):
            carry(office.browsers[name], desk.shown, root)
            desk.shown.on("request", lambda r: None if r.url.startswith(root) else foreign.append(r.url))
        ask(office, county, root, number)
        consent_with_a_code(office, keeper1, root, number, "keeper1")
        expect(keeper1.shown.get_by_text("等待保管人答复")).to_be_visible()
        if javascript:
            consent_with_a_passkey(office, keeper2, root, number)
        else:
            consent_with_a_code(office, keeper2, root, number, "keeper2")
        expect(keeper2.shown.get_by_text("已经同意，可以打开")).to_be_visible()
        read_the_name(office, county, root, number)
        public = serve(create_app(office.deployment.settings.shared, database))
        read_who_asked(reporter, public, receipt.grouped)
    assert foreign == []


def consent_with_a_code(office: Office, desk: Desk, root: str, number: str, name: str) -> None:
    to_request(desk, root, number)
    code(office, desk, name)
    desk.shown.get_by_role("button", name="提交答复").click()


def consent_with_a_passkey(office: Office, desk: Desk, root: str, number: str) -> None:
    shown = desk.shown
    with virtual_authenticator(shown):
        shown.goto(f"{root}/staff/me/")
        shown.get_by_label("起个名字").fill("办公室电脑")
        shown.get_by_role("button", name="登记通行密钥").click()
        desk.look("passkey-confirm")
        code(office, desk, "keeper2")
        shown.get_by_role("button", name="确认办理").click()
        desk.look("passkey-make")
        shown.get_by_role("button", name="在这台设备上登记").click()
        expect(shown.get_by_role("rowheader", name="办公室电脑")).to_be_visible()
        desk.look("account-with-passkey")
        to_request(desk, root, number)
        shown.get_by_role("button", name="用通行密钥确认").click()
        shown.wait_for_url(lambda url: url.rstrip("/").endswith("/custody"))


def read_the_name(office: Office, desk: Desk, root: str, number: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/tips/{number}/identity/")
    shown.get_by_role("button", name="打开", exact=True).click()
    desk.look("open")
    code(office, desk, "county")
    shown.get_by_role("button", name="记录并打开").click()
    expect(shown.get_by_text(NAME)).to_be_visible()
    expect(shown.get_by_text(NUMBER)).to_be_visible()
    desk.look("opened")


def read_who_asked(desk: Desk, public: str, receipt: str) -> None:
    shown = desk.shown
    shown.goto(f"{public}/followup/")
    shown.get_by_role("textbox").fill(receipt)
    shown.get_by_role("textbox").press("Enter")
    told = shown.locator("h2", has_text="谁申请打开过您的姓名").locator("xpath=following-sibling::ul[1]")
    expect(told).to_contain_text("演示区医保局")
    assert WHY not in told.inner_text()
    desk.look("reporter")


def test_a_request_is_refused_with_a_reason_on_the_pages(office: Office, root: str, chromium: Browser) -> None:
    number = office.report()
    request = office.asked(number)
    with page(chromium, PHONE) as theirs, page(chromium, PHONE) as ours:
        keeper, county = Desk(theirs), Desk(ours)
        carry(office.browsers["keeper1"], theirs, root)
        carry(office.browsers["county"], ours, root)
        to_request(keeper, root, number)
        theirs.get_by_label("不同意", exact=True).check()
        code(office, keeper, "keeper1")
        theirs.get_by_role("button", name="提交答复").click()
        keeper.look("object-without-reason")
        theirs.get_by_label("不同意", exact=True).check()
        theirs.get_by_label("没有说清楚为什么需要").check()
        code(office, keeper, "keeper1")
        theirs.get_by_role("button", name="提交答复").click()
        office.answer("keeper2", request, answer="object", reason="not_needed")
        ours.goto(f"{root}/tips/{number}/identity/")
        county.look("refused")
        assert "不同意" in ours.inner_text("main")
