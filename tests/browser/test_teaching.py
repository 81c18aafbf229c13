"""Teaching notices in a browser: read on a telephone, and the poster on one sheet of paper however much it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin.exposures.teaching import LEAD_LIMIT, LINE_LIMIT, MOST_LINES
from portal.kernel.site import site
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.exposures.conftest import docket
from tests.exposures.test_teaching import Classroom, classroom

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["classroom", "docket"]
Serve = Callable[["WSGIApplication"], str]
A4 = (595, 842)


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def addressed(monkeypatch: pytest.MonkeyPatch, classroom: Classroom) -> None:
    """The site knows its address, so that posters have squares."""
    told = replace(site(), address="https://report.example.org")
    monkeypatch.setattr("portal.exposures.teaching_views.site", lambda: told)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=str)
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["zh", "en"])
def test_the_pages_of_a_notice_are_whole(
    classroom: Classroom, addressed: None, public_app: Flask, serve: Serve, chromium: Browser,
    size: tuple[int, int], prefix: str,
) -> None:  # fmt: skip
    classroom.shown()
    base, notice = serve(public_app), f"/exposures/{classroom.code}/for/hospital/"
    with page(chromium, size) as shown:
        for name, path in (("list", "/exposures/teaching/"), ("notice", notice), ("poster", f"{notice}poster/")):
            shown.goto(f"{base}{prefix}{path}")
            picture(shown, f"teaching-{name}-{size[0]}{prefix.replace('/', '-')}")
            assert not scrolls_sideways(shown)
            assert accessibility_faults(shown) == []


@pytest.mark.parametrize("full", [False, True], ids=["as proposed", "as full as it may be"])
def test_a_poster_is_one_sheet_of_paper(
    classroom: Classroom, addressed: None, public_app: Flask, serve: Serve, chromium: Browser, full: bool
) -> None:
    classroom.begin()
    if full:
        line = f"查{'一查账' * (LINE_LIMIT // 3 - 1)}吗"
        classroom.write("一家医院多收了钱。" * (LEAD_LIMIT // 9), [line] * MOST_LINES)
    classroom.do_submit()
    classroom.approve()
    base = serve(public_app)
    with page(chromium, DESKTOP) as shown:
        shown.goto(f"{base}/exposures/{classroom.code}/for/hospital/poster/")
        printed = shown.pdf(prefer_css_page_size=True)
    with pypdfium2.PdfDocument(printed) as document:
        width, height = document[0].get_size()
        assert (round(width), round(height)) == A4
        assert len(document) == 1
