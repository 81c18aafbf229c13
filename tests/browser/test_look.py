"""The look and the small script, in a real browser, over the small site."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.web.small_site import small_site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]
PATHS = ["/", "/safe/", "/how-we-protect/", "/next-steps/", "/rights/", "/privacy/", "/accessibility/", "/contact/",
         "/sitemap/", "/wechat/", "/report/", "/nowhere"]  # fmt: skip


@pytest.fixture
def address(serve: Serve) -> str:
    """Where the small site answers."""
    return serve(small_site(demo=True))


def watched(shown: Page) -> tuple[list[str], list[str]]:
    """Requests to other hosts, and complaints of the browser (a policy broken, a script that failed)."""
    foreign: list[str] = []
    complaints: list[str] = []
    shown.on("request", lambda r: foreign.append(r.url) if "127.0.0.1" not in r.url else None)
    shown.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    shown.on("pageerror", lambda e: complaints.append(str(e)))
    return foreign, complaints


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_is_accessible_and_fits_a_small_phone(chromium: Browser, address: str, prefix: str) -> None:
    with page(chromium, SMALL_PHONE) as shown:
        foreign, complaints = watched(shown)
        for path in PATHS:
            shown.goto(address + prefix + path)
            assert accessibility_faults(shown) == [], path
            assert not scrolls_sideways(shown), path
            picture(shown, f"320{prefix}{path}".replace("/", "-"))
    assert foreign == []
    assert [c for c in complaints if "404" not in c] == []


COLOURS: list[dict[str, Any]] = [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"contrast": "more"}]


@pytest.mark.parametrize("options", COLOURS, ids=["dark", "forced", "more"])
def test_other_colours_keep_their_contrast(chromium: Browser, address: str, options: dict[str, Any]) -> None:
    with page(chromium, DESKTOP, **options) as shown:
        for path in ("/", "/report/"):
            shown.goto(address + path)
            assert accessibility_faults(shown) == [], path
            picture(shown, f"{next(iter(options))}{path}".replace("/", "-"))


@pytest.mark.parametrize(
    "choice", ["name=text&value=200", "name=senior&value=1", "name=contrast&value=1", "name=theme&value=dark"]
)
def test_every_choice_of_the_toolbar_fits_a_phone(chromium: Browser, address: str, choice: str) -> None:
    with page(chromium, PHONE) as shown:
        shown.goto(f"{address}/display/set?{choice}&next=/report/")
        assert accessibility_faults(shown) == []
        assert not scrolls_sideways(shown)
        picture(shown, choice.replace("&", "-").replace("=", "-"))


def test_the_text_can_be_enlarged_without_losing_what_is_written(chromium: Browser, address: str) -> None:
    with page(chromium, DESKTOP) as shown:
        shown.goto(f"{address}/report/")
        shown.fill("#place", "某街 3 号")
        before = shown.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        shown.click(".toolbar__more summary")
        with shown.expect_response("**/display/set**"):
            shown.click("text=200%")
        assert shown.input_value("#place") == "某街 3 号"
        assert shown.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 2 * before == 36
        shown.goto(f"{address}/safe/")
        assert shown.get_attribute("html", "data-text") == "200"


def test_the_quick_exit_is_the_second_stop_of_the_tab_key(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/report/")
        stops = []
        for _ in range(2):
            shown.keyboard.press("Tab")
            stops.append(shown.evaluate("document.activeElement.className"))
        assert stops[0] == "skip-link" and "quick-exit" in stops[1]


def _left(shown: Page, address: str) -> None:
    shown.wait_for_url(f"{address}/away")
    assert shown.inner_text("body").strip() == ""
    for _ in range(50):  # the session ends by a request of its own, which the browser sends when it likes
        if not shown.context.cookies():
            break
        shown.wait_for_timeout(100)
    assert shown.context.cookies() == []
    shown.go_back()
    assert "/report/" not in shown.url


def test_leaving_by_the_button_ends_the_session_and_back_shows_no_words(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/")
        shown.goto(f"{address}/report/")
        shown.fill("#words", "不能让人看到的话")
        shown.click(".quick-exit__button")
        _left(shown, address)


def test_leaving_by_three_presses_of_shift_says_how_many_are_left(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/")
        shown.goto(f"{address}/report/")
        shown.keyboard.press("Shift")
        expect(shown.locator("[data-exit-said]")).to_contain_text("2")
        shown.keyboard.press("a")
        expect(shown.locator("[data-exit-said]")).to_be_empty()
        for _ in range(3):
            shown.keyboard.press("Shift")
        _left(shown, address)


def test_leaving_works_with_scripts_off(chromium: Browser, address: str) -> None:
    with page(chromium, javascript=False) as shown:
        shown.goto(f"{address}/report/")
        assert len(shown.context.cookies()) == 1
        shown.click(".quick-exit__button")
        assert shown.url == f"{address}/away"
        assert shown.context.cookies() == []


@pytest.mark.parametrize("javascript", [True, False])
def test_errors_come_back_with_what_was_typed(chromium: Browser, address: str, javascript: bool) -> None:
    with page(chromium, javascript=javascript) as shown:
        shown.goto(f"{address}/report/")
        shown.fill("#words", "写了很久的话")
        shown.check("#known_as-2")
        with shown.expect_navigation():
            shown.click("main button:has-text('继续')")
        assert shown.title().startswith("错误：")
        assert shown.input_value("#words") == "写了很久的话" and shown.is_checked("#known_as-2")
        if javascript:
            assert shown.evaluate("document.activeElement.className") == "error-summary"
            assert accessibility_faults(shown) == []
        shown.click(".error-summary a:has-text('请写下地点')")
        assert shown.evaluate("document.activeElement.id") == "place"
        picture(shown, f"errors-{javascript}")


def test_the_characters_left_are_shown_and_never_cut(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/report/")
        shown.fill("#words", "字" * 20003)
        expect(shown.locator("#words-count")).to_have_text("多出 3 个字")
        assert len(shown.input_value("#words")) == 20003
        expect(shown.locator("[data-count-said]")).to_have_text("多出 3 个字")


def test_a_double_click_sends_once(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/report/")
        sent: list[str] = []
        shown.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
        with shown.expect_navigation():
            shown.dblclick("main button:has-text('继续')")
        assert len(sent) == 1


def test_a_page_with_a_form_weighs_at_most_sixty_kilobytes(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        sizes: list[int] = []
        shown.on("response", lambda r: sizes.append(len(r.body())))
        shown.goto(f"{address}/report/", wait_until="networkidle")
        assert 3 <= len(sizes) <= 4
        assert sum(sizes) <= 60_000


def test_the_smallest_target_of_a_finger_is_48_pixels(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/report/")
        small = shown.eval_on_selector_all(
            "button, .input, .toolbar__item, .doors-nav a, .choice label, .footer-links a, .back-link",
            "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML)",
        )
        assert small == []


def test_the_senior_version_keeps_every_warning(chromium: Browser, address: str) -> None:
    with page(chromium) as shown:
        shown.goto(f"{address}/safe/")
        before = shown.locator("main").inner_text()
        shown.click("[data-senior-switch]")
        assert shown.get_attribute("html", "data-senior") is not None
        assert shown.locator("main").inner_text() == before


def test_the_printed_sheet_of_a_code_names_neither_site_nor_subject(chromium: Browser, address: str) -> None:
    with page(chromium, DESKTOP) as shown:
        shown.goto(f"{address}/report/")
        shown.evaluate("document.documentElement.setAttribute('data-print-bare', '')")
        shown.emulate_media(media="print")
        expect(shown.locator("#code")).to_be_visible()
        for hidden in ("h1", "header", "footer", ".summary-list", ".timeline"):
            expect(shown.locator(hidden).first).to_be_hidden()
        assert shown.evaluate("document.documentElement.scrollHeight <= innerHeight")
