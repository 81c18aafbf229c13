"""A passkey in a real browser: registered, signed in with, and a session ended from the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.kernel.db import Database
from portal.signin.passkeys import relying_party
from tests.browser.chromium import DESKTOP, PHONE, page
from tests.custody.conftest import Office, make_office  # noqa: F401 - a fixture
from tests.custody.test_browser import Desk
from tests.staff.carrying import carry, virtual_authenticator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:  # noqa: F811 - the fixture
    return make_office("handler")


@pytest.fixture
def root(office: Office, serve: Serve) -> str:
    """The staff site at a name for which passkeys can be made."""
    root = serve(office.deployment.app).replace("127.0.0.1", "localhost")
    office.deployment.app.extensions["mingjing_passkeys"] = relying_party(root)
    return root


def register(office: Office, desk: Desk, root: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/staff/me/")
    shown.get_by_label("起个名字").fill("办公室电脑")
    shown.get_by_role("button", name="登记通行密钥").click()
    shown.get_by_label("验证码").fill(office.code("handler"))
    shown.get_by_role("button", name="确认办理").click()
    shown.get_by_role("button", name="在这台设备上登记").click()
    expect(shown.get_by_role("rowheader", name="办公室电脑")).to_be_visible()


def sign_in_with_passkey(office: Office, desk: Desk, root: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/sign-in/")
    desk.look("sign-in")
    shown.get_by_label("登录名").fill("handler")
    shown.get_by_label("口令（六个单词）").fill(office.people["handler"].passphrase)
    shown.get_by_role("button", name="用通行密钥登录").click()
    expect(shown.get_by_role("link", name="我的账号")).to_be_visible()


def is_signed_in(shown: Page, root: str) -> bool:
    shown.goto(f"{root}/staff/me/")
    return shown.get_by_role("heading", name="我的账号").is_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_passkey_is_registered_signs_in_without_a_code_and_a_session_left_behind_is_ended(
    office: Office, root: str, chromium: Browser, size: tuple[int, int]
) -> None:
    foreign = list[str]()
    with page(chromium, size) as shown, page(chromium, size) as elsewhere:
        for one in (shown, elsewhere):
            carry(office.browsers["handler"], one, root)
            one.on("request", lambda r: None if r.url.startswith(root) else foreign.append(r.url))
        with virtual_authenticator(shown):
            desk = Desk(shown)
            register(office, desk, root)
            shown.context.clear_cookies()
            assert not is_signed_in(shown, root)
            sign_in_with_passkey(office, desk, root)
        assert is_signed_in(shown, root) and is_signed_in(elsewhere, root)
        expect(shown.get_by_text("就是这里")).to_be_visible()
        desk.look("sessions")
        shown.get_by_role("button", name="结束这次登录").click()
        expect(shown.get_by_role("button", name="结束这次登录")).to_have_count(0)
        assert is_signed_in(shown, root), "one's own session stays"
        assert not is_signed_in(elsewhere, root), "the one that was left behind is over"
        desk.look("sessions-after")
    assert foreign == []
