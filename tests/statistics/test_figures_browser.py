"""Pages of the figures on handling in a real Chromium: whole on a small phone, in the dark, in forced colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.statistics.values import Month
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.statistics.bulletin_rows import invented, publish_row

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES = ("/figures/", "/figures/2026-08/", "/figures/2026-08/1/", "/figures/2026-07/")


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def test_the_pages_are_whole(public_app: Flask, chromium: Browser, serve: Callable[[WSGIApplication], str]) -> None:
    publish_row(invented(Month(2026, 7), {"web": 25, "12393": 3, "fax": 0}, days=tuple(range(1, 29))))
    publish_row(invented(Month(2026, 8), {"web": 31, "12393": 12}))
    publish_row(invented(Month(2026, 8), {"web": 20, "12393": 23}), 2, reason="record", words="登记错了（虚构）。")
    base = serve(public_app)
    looks: list[tuple[tuple[int, int], bool, dict[str, str]]] = [
        (SMALL_PHONE, True, {}),
        (DESKTOP, False, {"color_scheme": "dark"}),
    ]
    for size, script, options in looks:
        with page(chromium, size, script, **options) as shown:
            for path in (*PAGES, *(f"/en{one}" for one in PAGES)):
                shown.goto(base + path)
                picture(shown, f"figures-{size[0]}{path}".replace("/", "-"))
                assert not scrolls_sideways(shown), path
                assert not script or accessibility_faults(shown) == [], path
    with page(chromium, PHONE, forced_colors="active") as shown:
        shown.goto(base + PAGES[0])
        picture(shown, "figures-forced")
        assert shown.locator(".chart__sheet--narrow").first.is_visible()
        shown.emulate_media(media="print")
        picture(shown, "figures-print")
