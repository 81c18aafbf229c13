"""A circular from the gate to its receipt in Chromium, with and without scripts, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from admin.staff.roles import Role
from portal.kernel.db import Database
from tests.admin_tips.world import CITY, OTHER
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.browser.test_every_staff_page import sign_in
from tests.exposures.conftest import Docket, docket  # noqa: F401 - the fixture
from tests.exposures.records import record

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def whole(shown: Page, name: str, scripts: bool) -> None:
    """Keep a picture, and nothing is wrong with the page as it stands. Without scripts nothing can be measured."""
    picture(shown, f"{name}{'' if scripts else '-plain'}")
    if not scripts:
        return
    assert not scrolls_sideways(shown)
    assert accessibility_faults(shown) == []


def press(shown: Page, words: str) -> None:
    with shown.expect_navigation():
        shown.get_by_role("button", name=words).click()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_circular_is_decided_written_sent_signed_for_and_read(
    docket: Docket,  # noqa: F811 - the fixture
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    scripts: bool,
) -> None:
    number, base, face = docket.recorded(record()), serve(staff_app), f"circular-{size[0]}"
    with page(chromium, size, javascript=scripts) as shown:
        sign_in(shown, docket.world, base, docket.publisher)
        shown.goto(f"{base}/exposures/{number}/gate/")
        shown.check("input[name=treatment][value=circulate]")
        shown.select_option("#rule", "gate-light")
        shown.fill("#words", "情节较轻（虚构）。")
        press(shown, "作出决定")
        whole(shown, f"{face}-proposed", scripts)
        proposed = shown.input_value("#body")
        shown.fill("#body", f"{proposed}\n院长赵演示甲唯一的夜班药师在3月5日反映，电话13900000000。")
        shown.get_by_label(docket.world.offices[OTHER].name).check()
        shown.get_by_label(docket.world.offices[CITY].name).check()
        press(shown, "发出内部通报")
        whole(shown, f"{face}-refused", scripts)
        press(shown, "遮盖这些内容")
        whole(shown, f"{face}-masked", scripts)
        assert "赵演示甲" not in shown.input_value("#body")
        for box in shown.locator("input[name=answered]").all():
            box.check()
        press(shown, "发出内部通报")
        whole(shown, f"{face}-sent", scripts)
        circular = shown.locator(".caption").inner_text()
        shown.goto(f"{base}/circulars/")
        whole(shown, f"{face}-list", scripts)
    with page(chromium, size, javascript=scripts) as shown:
        sign_in(shown, docket.world, base, docket.world.person(OTHER, Role.HANDLER))
        shown.goto(f"{base}/circulars/")
        whole(shown, f"{face}-came", scripts)
        shown.get_by_role("link", name=circular).click()
        whole(shown, f"{face}-before", scripts)
        press(shown, "签收并阅读")
        whole(shown, f"{face}-read", scripts)
        assert "请对照上述情况开展自查" in shown.inner_text("main")
        shown.get_by_role("link", name="打印").click()
        shown.emulate_media(media="print")
        picture(shown, f"{face}-print")
