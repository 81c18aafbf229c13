"""The public pages of rewards in Chromium: a telephone without scripts, a desk, both languages, high contrast."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from admin.rewards.totalling import reward_totals
from portal.directory.models import CustodyBoard
from portal.kernel.clock import now
from portal.kernel.site import bind_site, site
from portal.kernel.transaction import transaction
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.journeys.conftest import Keys, app, keys  # noqa: F401 - fixtures
from tests.rewards.test_totals import pay

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def choose_place(shown: Page, province: str) -> None:
    shown.select_option("#province", province)
    with shown.expect_navigation():
        shown.click("button[value=place]")


def whole(shown: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    return [*accessibility_faults(shown), *(["scrolls sideways"] if scrolls_sideways(shown) else [])]


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, DESKTOP], ids=["320", "390", "1440"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_calculator_answers_without_scripts(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    prefix: str,
) -> None:
    with page(chromium, size, javascript=False) as shown:
        base = serve(app)
        shown.goto(f"{base}{prefix}/rewards/calculator/")
        choose_place(shown, "110000")
        shown.check("input[name=subject][value=institution]")
        shown.fill("#amount", "50 万")
        shown.click("button[value=count]")
        assert "10,000" in shown.locator(".figure").inner_text()
        assert "20,000" in shown.locator(".warning-text").inner_text()
        assert shown.url == f"{base}{prefix}/rewards/calculator/"
        assert shown.input_value("#amount") == "50 万"
        picture(shown, f"calculator-{size[0]}{prefix}".replace("/", "-"))
        shown.check("input[name=subject][value=individual]")
        shown.click("button[value=count]")
        assert "50,500" in shown.locator(".figure").inner_text()


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"contrast": "more"}],
                         ids=["dark", "forced", "contrast"])  # fmt: skip
@pytest.mark.parametrize("province", ["350000", "500000", "330000", "430000"])
def test_every_page_of_a_rule_is_whole(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    options: dict[str, Any],
    province: str,
) -> None:
    with page(chromium, PHONE, **options) as shown:
        base = serve(app)
        faults = []
        for path in ("/rewards/calculator/", "/rewards/elsewhere/"):
            shown.goto(base + path)
            shown.select_option("#province", province)
            shown.locator("main form button").first.click()
            name = "-".join((*options.values(), province))
            picture(shown, f"rule-{name}{path}".replace("/", "-"))
            faults += whole(shown)
        assert faults == []


def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
) -> None:
    with page(chromium) as shown:
        shown.goto(f"{serve(app)}/rewards/calculator/")
        choose_place(shown, "350000")
        shown.fill("#amount", "很多")
        shown.check("input[name=grade][value='2']")
        shown.click("button[value=count]")
        expect(shown).to_have_title(re.compile("^错误："))
        assert shown.locator(".error-summary a").all_inner_texts() == [
            "请选择举报的是单位还是个人",
            "金额要写数字，单位是元，例如 3000 或 1.5万；没有损失写 0",
        ]
        assert shown.input_value("#amount") == "很多" and shown.is_checked("input[name=grade][value='2']")
        assert whole(shown) == []
        picture(shown, "calculator-mistake")


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, DESKTOP], ids=["320", "390", "1440"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_sites_own_rule_and_what_was_paid_are_whole(
    app: Flask,  # noqa: F811 - the fixture
    keys: Keys,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    prefix: str,
) -> None:
    bind_site(replace(site(), region="320000"))
    with transaction() as session:
        offices = {**keys.ids, "board": session.scalars(select(CustodyBoard.id)).one()}
    pay(offices, "nj", 30)
    pay(offices, "js", 9, fen=2_000_000)
    reward_totals(now())
    bind_site(replace(site(), region="110000"))
    with page(chromium, size, javascript=False) as shown:
        base = serve(app)
        faults = []
        for path in ("/rewards/", "/rewards/paid/"):
            shown.goto(base + prefix + path)
            picture(shown, f"own-{size[0]}{prefix}{path}".replace("/", "-"))
            faults += [f"{path} {fault}" for fault in ([] if not scrolls_sideways(shown) else ["scrolls sideways"])]
        assert faults == []
        province, city = shown.locator("tbody tr").all_inner_texts()
        assert "10" in province and "20" in city
