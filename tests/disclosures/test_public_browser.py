"""Pages of the fund accounts in a real Chromium: whole on a small phone, with charts that say their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.disclosures.values import COUNTRY
from portal.kernel.transaction import transaction
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.conftest import StandingClock
from tests.disclosures.figures import bulletins, publish

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES = (f"/fund/{COUNTRY}/2024/", "/fund/360500/", f"/fund/figures/{bulletins()[0].series.code}/",
         f"/fund/{COUNTRY}/funds/employee-pooled-with/", f"/fund/editions/{COUNTRY}/2023/", "/fund/regions/",
         "/fund/unconfirmed/", f"/fund/compare/?place={COUNTRY}&year=2018&place={COUNTRY}&year=2024", "/fund/changes/",
         "/fund/schedule/", "/fund/disclosures/2026-0001/", "/")  # fmt: skip


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def test_the_pages_are_whole_and_a_chart_says_the_value_that_is_pointed_at(
    public_app: Flask, clock: StandingClock, chromium: Browser, serve: Callable[[WSGIApplication], str]
) -> None:
    with transaction() as session:
        publish(session, bulletins())
    base = serve(public_app)
    with page(chromium, SMALL_PHONE) as shown:
        for path in (*PAGES, f"/en{PAGES[0]}"):
            shown.goto(base + path)
            picture(shown, f"fund-320{path}".replace("/", "-"))
            assert not scrolls_sideways(shown), path
            assert accessibility_faults(shown) == [], path
    with page(chromium, DESKTOP) as shown:
        shown.goto(base + PAGES[0])
        picture(shown, "fund-1440")
        shown.locator("[data-chart]").first.focus()
        shown.keyboard.press("ArrowRight")
        assert "21,384 亿元" in shown.locator("[data-chart-said]").first.inner_text()
        shown.emulate_media(media="print")
        picture(shown, "fund-print")
    for name, options in (("dark", {"color_scheme": "dark"}), ("forced", {"forced_colors": "active"})):
        with page(chromium, PHONE, javascript=False, **options) as shown:
            shown.goto(base + PAGES[0])
            picture(shown, f"fund-{name}")
            assert shown.locator(".chart__sheet--narrow").first.is_visible()
