"""A circular on the evaluation in Chromium: at a desk and on a small phone, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize

from admin.staff.roles import Role
from portal.kernel.actors import Actor
from portal.kernel.db import Database
from portal.statistics.evaluation import Period
from tests.admin_tips.world import DISTRICT
from tests.browser.chromium import DESKTOP, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.browser.test_every_staff_page import sign_in
from tests.evaluation.told import Teller, signs

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAPER: ViewportSize = {"width": 640, "height": 970}
"""A4 between its margins, at 96 dots an inch."""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def whole(shown: Page, name: str, scripts: bool) -> None:
    picture(shown, name)
    assert not scrolls_sideways(shown), name
    assert not scripts or accessibility_faults(shown) == [], name


def test_the_pages_are_whole(
    teller: Teller, staff_app: Flask, serve: Callable[[WSGIApplication], str], chromium: Browser
) -> None:
    base, reader = serve(staff_app), teller.world.person(DISTRICT, Role.HEAD)
    told, new = (
        teller.sent(words="请没有得分的单位报告改进的措施（虚构）。"),
        f"{teller.office}/circular/?period=2026-Q1",
    )
    signs(told, reader)
    waiting = teller.proposed(period=Period(2026, 2))
    pages: list[tuple[Actor, dict[str, str]]] = [
        (
            teller.accountant,
            {
                "index": "/evaluation/?period=2026-Q3",
                "office": f"/evaluation/{teller.world.offices[DISTRICT].id}/?period=2026-Q4",
                "new": f"/evaluation/{new}",
                "sheet": "/evaluation/sheet/?period=2026-Q3",
                "receipts": f"/evaluation/circulars/{told}/",
            },
        ),
        (teller.head, {"waiting": f"/evaluation/circulars/{waiting}/"}),
        (reader, {"list": "/circulars/", "read": f"/circulars/{told}/", "paper": f"/circulars/{told}/print/"}),
    ]
    for size, scripts, scheme in ((SMALL_PHONE, False, "dark"), (DESKTOP, True, "light")):
        for who, paths in pages:
            with page(chromium, size, scripts, color_scheme=scheme) as shown:
                sign_in(shown, teller.world, base, who)
                for name, path in paths.items():
                    shown.goto(base + path)
                    if name == "paper":
                        shown.emulate_media(media="print")
                        shown.set_viewport_size(PAPER)
                    whole(shown, f"evaluation-{size[0]}-{name}", scripts)
