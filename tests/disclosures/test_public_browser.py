"""Pages of the fund accounts in a real Chromium: whole on a small phone, with charts that say their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.disclosures.values import COUNTRY
from portal.kernel.transaction import transaction
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.conftest import StandingClock
from tests.disclosures.figures import bulletins, publish
from tests.disclosures.test_many_places import some_of_many

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


MANY = ("/fund/regions/", "/fund/regions/320000/", "/fund/regions/?place=吉林", "/fund/compare/",
        "/fund/compare/?place=吉林&year=2025&place=南京&year=2025&place=杭州&year=2025&place=没有的地方&year=2025",
        "/en/fund/regions/", "/en/fund/regions/?place=nan",
        "/en/fund/compare/?place=Nanjing&year=2025&place=x&year=2025")  # fmt: skip


def on_paper(printed: bytes) -> None:
    """Every column of the widest table, the site and the address are on the sheets, in ink that is seen."""
    document = pypdfium2.PdfDocument(printed)
    first = document[0]
    said = first.get_textpage().get_text_bounded()
    assert f"/en{PAGES[0]}" in said and "Last updated: Tuesday 1 September 2026" in said
    words = [sheet.get_textpage().get_text_bounded() for sheet in document]
    assert any(
        re.search(r"Fund\s+Income\s+Expenditure\s+Balance of the\s+period\s+Cumulative\s+balance", one) for one in words
    )
    assert re.search(rf"1 / {len(document)}", said)
    assert first.render().to_pil().convert("L").getextrema()[0] < 60, "nothing dark on the paper"
    document.close()


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
        for path in (PAGES[0], f"/en{PAGES[0]}"):
            shown.goto(f"{base}/display/set?name=text&value=200&next={path}")
            assert not scrolls_sideways(shown), path
    with page(chromium, DESKTOP) as shown:
        shown.goto(base + PAGES[0])
        picture(shown, "fund-1440")
        shown.locator("[data-chart]").first.focus()
        shown.keyboard.press("ArrowRight")
        assert "21,384 亿元" in shown.locator("[data-chart-said]").first.inner_text()
        shown.emulate_media(media="print")
        picture(shown, "fund-print")
        english = f"{base}/en{PAGES[0]}"
        shown.goto(f"{base}/display/set?name=theme&value=dark&next=/en{PAGES[0]}")
        assert shown.url == english
        on_paper(shown.pdf(format="A4"))
    for name, options in (("dark", {"color_scheme": "dark"}), ("forced", {"forced_colors": "active"})):
        with page(chromium, PHONE, javascript=False, **options) as shown:
            shown.goto(base + PAGES[0])
            picture(shown, f"fund-{name}")
            assert shown.locator(".chart__sheet--narrow").first.is_visible()


def test_many_places_can_be_found_and_compared_without_a_script(
    public_app: Flask, clock: StandingClock, chromium: Browser, serve: Callable[[WSGIApplication], str]
) -> None:
    with transaction() as session:
        publish(session, some_of_many())
    base = serve(public_app)
    with page(chromium, SMALL_PHONE, javascript=False) as shown:
        for path in MANY:
            shown.goto(base + path)
            picture(shown, f"fund-many-320{path}".replace("/", "-"))
            assert not scrolls_sideways(shown), path
        shown.goto(f"{base}/fund/compare/")
        shown.get_by_label("地区 1").fill("南京")
        shown.get_by_label("地区 2").fill("杭州")
        shown.get_by_role("button", name="放在一起看").click()
        assert shown.get_by_role("columnheader", name="浙江省杭州市 2025年全年").is_visible()
        assert shown.get_by_label("地区 1").input_value() == "江苏省南京市"
    with page(chromium, DESKTOP) as shown:
        for path in MANY:
            shown.goto(base + path)
            picture(shown, f"fund-many-1440{path}".replace("/", "-"))
            assert accessibility_faults(shown) == [], path
