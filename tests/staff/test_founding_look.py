"""The page that makes an office's key, in a real browser: what is shown, what is printed, what axe-core finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from admin.web import cookies
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.staff.deployment import Deployment
from tests.staff.test_founding import add_office, invited

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from playwright.sync_api import Browser, Page

    from portal.kernel.db import Database

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind is enough for what a page looks like."""
    return sqlite_database


def _carry(shown: Page, client: FlaskClient, root: str) -> None:
    """The client's session into the browser, as if the first sign-in had been made there."""
    kept = client.get_cookie(cookies.SESSION)
    assert kept is not None
    shown.context.add_cookies([{"name": cookies.SESSION, "value": kept.value, "url": root}])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_founder_is_led_from_the_account_to_three_sheets_on_paper(
    deployment: Deployment, serve: Serve, chromium: Browser, size: tuple[int, int]
) -> None:
    admin, _ = deployment.enrolled("admin")
    add_office(admin)
    founder, person = invited(deployment, admin, "first")
    root = serve(deployment.app)
    with page(chromium, size) as shown:
        _carry(shown, founder, root)
        shown.goto(root + "/")
        _look(shown, f"founding-account-{size[0]}")
        shown.get_by_role("button", name="建立单位密钥").click()
        _look(shown, f"founding-before-{size[0]}")
        shown.get_by_role("button", name="已经准备好").click()
        expect(shown.locator(".sheet")).to_have_count(3)
        _look(shown, f"founding-sheets-{size[0]}")
        shown.emulate_media(media="print")
        picture(shown, f"founding-printed-{size[0]}")
        assert not shown.get_by_role("button", name="建立单位密钥").is_visible()
        assert shown.locator(".sheet").first.evaluate("sheet => getComputedStyle(sheet).breakAfter") == "page"
        shown.emulate_media(media="screen")
        shown.get_by_role("button", name="建立单位密钥").click()
        expect(shown.locator(".sheet")).to_have_count(0)
        _look(shown, f"founding-unticked-{size[0]}")
        shown.get_by_label("三张恢复词").check()
        shown.get_by_role("button", name="建立单位密钥").click()
        shown.get_by_label("验证码").fill(person.codes.pop())
        _look(shown, f"founding-confirm-{size[0]}")
        shown.get_by_role("button", name="确认办理").click()
        shown.get_by_text("等待记录簿的下一个检查点").wait_for()
        _look(shown, f"founding-after-{size[0]}")


def _look(shown: Page, name: str) -> None:
    picture(shown, name)
    assert accessibility_faults(shown) == []
    assert not scrolls_sideways(shown)
