"""Pages of published cases in a real browser: on phones, in English, in the dark, printed; no script, no cookie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.exposures.values import VersionKind
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    accessibility_faults,
    page,
    picture,
    scrolls_sideways,
)
from tests.browser.test_every_page import Look
from tests.exposures.test_public_pages import HOSPITAL, PHARMACY, Showcase, showcase

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["showcase"]
Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def paths(showcase: Showcase) -> dict[str, int]:
    """Every page of cases with what it answers: one case corrected, one withdrawn, one past its term."""
    corrected = showcase.show(replace(PHARMACY, title="演示安康大药房案"), issued=True)
    showcase.correct(corrected, PHARMACY, "标题写得太短（虚构）。")
    other, withdrawn, expired = (showcase.show(one, issued=True) for one in (HOSPITAL, PHARMACY, HOSPITAL))
    showcase.withdraw(withdrawn, "处理决定已被撤销（虚构）。")
    showcase.withdraw(expired, "", VersionKind.EXPIRE)
    cases = {f"/exposures/{code}/": 200 for code in (corrected, other)}
    gone = {f"/exposures/{code}/": 410 for code in (withdrawn, expired)}
    asked, nothing = urlencode({"q": "串换", "province": "320000", "city": "320100"}), urlencode({"q": "没有"})
    lists = ("", f"?{asked}", f"?{nothing}", "withdrawn/", "issues/", "issues/demo/2026-3/")
    return cases | gone | {f"/exposures/{one}": 200 for one in lists}


@pytest.mark.parametrize(("prefix", "size"), [("", SMALL_PHONE), ("/en", SMALL_PHONE), ("", DESKTOP)], ids=str)
def test_every_page_of_cases_is_whole(
    public_app: Flask, serve: Serve, chromium: Browser, paths: dict[str, int], prefix: str, size: tuple[int, int]
) -> None:
    base = serve(public_app)
    with page(chromium, size) as shown:
        look = Look(shown, base, str(size[0]))
        for path, status in paths.items():
            look.at(prefix + path, status)
        assert look.faults == []
        assert shown.context.cookies() == []


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"contrast": "more"}, {"forced_colors": "active"}])
def test_a_case_can_be_read_in_the_dark_and_with_high_contrast(
    public_app: Flask, serve: Serve, chromium: Browser, paths: dict[str, int], options: dict[str, Any]
) -> None:
    base = serve(public_app)
    with page(chromium, PHONE, **options) as shown:
        for number, path in enumerate(paths):
            shown.goto(base + path)
            picture(shown, f"exposures-{'-'.join(options.values())}-{number}")
            assert accessibility_faults(shown) == [], path


def test_the_search_works_without_a_script_and_keeps_what_was_typed(
    public_app: Flask, serve: Serve, chromium: Browser, paths: dict[str, int]
) -> None:
    base = serve(public_app)
    with page(chromium, PHONE, javascript=False) as shown:
        shown.goto(f"{base}/exposures/")
        shown.fill("#q", "理疗")
        shown.click("main form button")
        assert shown.input_value("#q") == "理疗"
        assert shown.locator(".case-list a").all_inner_texts() == [HOSPITAL.title]
        shown.locator("summary", has_text="按地区").click()
        shown.select_option("#subject", "pharmacy")
        shown.click("main form button")
        assert shown.locator(".case-list a").count() == 0
        assert shown.locator("#subject").is_visible()


def test_a_printed_case_has_its_words_and_none_of_the_site_around_them(
    public_app: Flask, serve: Serve, chromium: Browser, paths: dict[str, int]
) -> None:
    base = serve(public_app)
    with page(chromium, (794, 1123)) as shown:
        shown.emulate_media(media="print")
        for number, path in enumerate([next(iter(paths)), "/exposures/issues/demo/2026-3/"]):
            shown.goto(base + path)
            picture(shown, f"exposures-print-{number}")
            assert shown.get_by_text(PHARMACY.paragraphs[0]).first.is_visible()
            for unwanted in (".site-header", ".site-footer", ".back-link", ".no-print"):
                assert not any(one.is_visible() for one in shown.locator(unwanted).all()), unwanted


@pytest.mark.parametrize("choice", ["name=text&value=200", "name=senior&value=1", "name=contrast&value=1"])
def test_pages_of_cases_fit_the_smallest_phone_however_the_reader_wants_them(
    public_app: Flask, serve: Serve, chromium: Browser, paths: dict[str, int], choice: str
) -> None:
    base = serve(public_app)
    with page(chromium, SMALL_PHONE) as shown:
        shown.goto(f"{base}/display/set?{choice}&next=/exposures/")
        for path in (next(iter(paths)), "/exposures/", "/exposures/withdrawn/"):
            shown.goto(base + path)
            for part in shown.locator("summary").all()[1:]:  # the first is of the display settings
                part.click()
            assert not scrolls_sideways(shown), path
            assert accessibility_faults(shown) == [], path
