"""A file of figures from the accountant's desk to the public in a real browser; every page at both widths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.web import cookies
from portal.kernel.actors import Actor
from portal.kernel.db import Database
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.disclosures.conftest import Accounts, versions
from tests.disclosures.test_staff_pages import HEAD, INCOME, LEFT, SPENT, WHY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ANSWERS = {"errors", "preview"}
Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def sign_in(shown: Page, root: str, accounts: Accounts, app: Flask, actor: Actor) -> None:
    client = app.test_client()
    accounts.world.sign_in(client, actor)
    cookie = client.get_cookie(cookies.SESSION)
    assert cookie is not None
    shown.context.clear_cookies()
    shown.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": root}])


def look(shown: Page, name: str) -> None:
    """Nothing beside the window on either screen; pictures for eyes. What a press answers is seen by axe-core here, the
    other pages where every staff page is."""
    assert name not in ANSWERS or accessibility_faults(shown) == [], name
    for width, height in (PHONE, DESKTOP):
        shown.set_viewport_size({"width": width, "height": height})
        picture(shown, f"disclosures-{name}-{width}")
        assert not scrolls_sideways(shown), name


def test_a_file_is_looked_at_stored_explained_approved_and_published(
    accounts: Accounts,
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("admin.web.deciding.take_factor", lambda _typed: None)
    right, wrong = tmp_path / "收支.csv", tmp_path / "有错.csv"
    right.write_text(HEAD + INCOME + SPENT + LEFT, encoding="utf-8")
    wrong.write_text(HEAD + INCOME + SPENT.replace("亿元", "斤"), encoding="utf-8")
    root = serve(staff_app)
    with page(chromium, DESKTOP) as shown:
        sign_in(shown, root, accounts, staff_app, accounts.accountant)
        shown.goto(f"{root}/disclosures/")
        with shown.expect_navigation(wait_until="load"):
            shown.get_by_role("button", name="导入数据文件").click()
        look(shown, "new")
        for path in (wrong, right):
            shown.get_by_label("标题").fill("2025年职工医保收支（虚构）")
            shown.locator("input[type=file]").set_input_files(path)
            shown.get_by_role("button", name="预览").click()
            if path is wrong:
                expect(shown.get_by_text("没有导入：文件里有 1 处要改")).to_be_visible()
                look(shown, "errors")
                with shown.expect_navigation(wait_until="load"):
                    shown.get_by_role("button", name="重新选择文件").click()
        expect(shown.get_by_text("还没有保存")).to_be_visible()
        look(shown, "preview")
        shown.get_by_role("button", name="保存为草稿").click()
        shown.get_by_label("原因").fill(WHY)
        look(shown, "draft")
        shown.get_by_role("button", name="保存说明").click()
        shown.get_by_role("button", name="送审").click()
        sign_in(shown, root, accounts, staff_app, accounts.publisher)
        shown.goto(f"{root}/disclosures/")
        shown.get_by_role("link", name="2025年职工医保收支（虚构）").click()
        expect(shown.get_by_text(WHY)).to_be_visible()
        look(shown, "waits")
        for act in ("批准", "公布"):
            shown.get_by_label("验证码").fill("123456")
            shown.get_by_role("button", name=act, exact=True).click()
        expect(shown.get_by_text("已经公布。要改的")).to_be_visible()
        look(shown, "published")
        shown.goto(f"{root}/disclosures/")
        look(shown, "list")
    assert len(versions()) == 3
