"""From a draft that waits to its withdrawal in a real browser, with and without scripts; every page at both widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.web import cookies
from portal.kernel.actors import Actor
from portal.kernel.db import Database
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.exposures.conftest import Docket
from tests.exposures.reviews import bench

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture(autouse=True)
def _factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.exposures.review_views.take_factor", lambda _typed: None)


def sign_in(shown: Page, root: str, docket: Docket, app: Flask, actor: Actor) -> None:
    client = app.test_client()
    docket.world.sign_in(client, actor)
    cookie = client.get_cookie(cookies.SESSION)
    assert cookie is not None
    shown.context.clear_cookies()
    shown.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": root}])


def look(shown: Page, name: str, scripts: bool) -> None:
    """Nothing for axe-core to find where it can run, nothing beside the window; a picture for eyes."""
    width = (shown.viewport_size or {"width": 0})["width"]
    picture(shown, f"review-{name}-{width}")
    if scripts:
        assert accessibility_faults(shown) == [], name
        assert not scrolls_sideways(shown), name


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, False), (DESKTOP, True)], ids=["phone-bare", "desk"])
def test_a_case_is_published_corrected_and_taken_down_by_the_people_whose_part_it_is(
    docket: Docket, staff_app: Flask, serve: Serve, chromium: Browser, size: tuple[int, int], scripts: bool
) -> None:
    at, root = bench(docket), serve(staff_app)
    at.in_review()
    with page(chromium, size, javascript=scripts) as shown:
        sign_in(shown, root, docket, staff_app, docket.publisher)
        shown.goto(f"{root}/exposures/")
        look(shown, "list", scripts)
        shown.get_by_role("link", name=at.number).click()
        look(shown, "waits", scripts)
        shown.get_by_role("button", name="看草稿，决定").click()
        look(shown, "read", scripts)
        shown.get_by_role("button", name="批准", exact=True).click()
        expect(shown.get_by_role("alert")).to_contain_text("请选择什么时候公布")
        look(shown, "missing", scripts)
        _approve(shown)
        expect(shown.get_by_role("heading", name="公众现在看到的")).to_be_visible()
        look(shown, "published", scripts)

        sign_in(shown, root, docket, staff_app, docket.editor)
        shown.goto(f"{root}/exposures/{at.number}/")
        shown.get_by_role("button", name="更正", exact=True).click()
        look(shown, "correct", scripts)
        shown.get_by_label("理由").select_option("wrong-fact")
        shown.get_by_label("告诉公众更正了什么").fill("标题写错了（虚构）。")
        shown.get_by_role("button", name="开始更正").click()
        shown.get_by_label("标题").fill("更正后的标题（虚构）")
        shown.get_by_role("button", name="送审").first.click()
        assert at.exposure.state == "correction-in-review"

        sign_in(shown, root, docket, staff_app, docket.publisher)
        shown.goto(f"{root}/exposures/{at.number}/review/")
        look(shown, "correction", scripts)
        _approve(shown)
        expect(shown.get_by_text("更正后的标题（虚构）").first).to_be_visible()
        shown.get_by_role("button", name="撤回").click()
        look(shown, "withdraw", scripts)
        shown.get_by_label("理由").select_option("wrong-fact")
        shown.get_by_label("告诉公众的话").fill("金额不对，先撤下来（虚构）。")
        shown.get_by_label("验证码").fill("123456")
        shown.get_by_role("button", name="撤回").click()
        expect(shown.get_by_text("已经结束")).to_be_visible()
        look(shown, "withdrawn", scripts)
    assert at.exposure.state == "withdrawn"


def _approve(shown: Page) -> None:
    for box in shown.get_by_role("checkbox").all():
        box.check()
    shown.get_by_label("复议、诉讼的期限已过").check()
    shown.get_by_label("现在公布").check()
    shown.get_by_label("验证码").fill("123456")
    shown.get_by_role("button", name="批准", exact=True).click()
