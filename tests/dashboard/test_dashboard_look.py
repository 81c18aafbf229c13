"""The dashboard and the evaluation in a browser: readable at every size, and a number leads to its list by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin.staff.roles import Role
from tests.admin_tips.world import CITY, DISTRICT, World
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    accessibility_faults,
    page,
    picture,
    scrolls_sideways,
)
from tests.browser.test_every_staff_page import sign_in
from tests.dashboard.test_dashboard import fill

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_the_numbers_are_read_at_both_sizes_and_followed_by_keyboard(
    world: World, staff_app: Flask, serve: Callable[[Any], str], chromium: Browser
) -> None:
    world.report()
    fill(world, DISTRICT, 90)
    base = serve(staff_app)
    for size in (PHONE, DESKTOP):
        with page(chromium, size) as shown:
            sign_in(shown, world, base, world.person(DISTRICT, Role.HEAD))
            shown.goto(f"{base}/dashboard/")
            picture(shown, f"dashboard-{size[0]}")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)
            link = shown.locator(".table--counts a").first
            number = int(link.inner_text().rpartition("：")[2])
            link.focus()
            shown.keyboard.press("Enter")
            shown.wait_for_url("**/dashboard/clocks/**")
            assert shown.locator("tbody tr").count() == number > 0
            picture(shown, f"dashboard-clocks-{size[0]}")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)
            shown.goto(f"{base}/dashboard/openings/")
            picture(shown, f"dashboard-openings-{size[0]}")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)
            shown.goto(f"{base}/evaluation/?period=2026-Q3")
            picture(shown, f"evaluation-{size[0]}")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)
            shown.locator("tbody th a").first.click()
            shown.wait_for_url("**/evaluation/*-*/**")
            picture(shown, f"evaluation-office-{size[0]}")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown)


COLOURS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
    {"contrast": "more"},
    {"javascript": False},
)


def test_the_charts_and_the_ways_down_are_seen_small_dark_in_contrast_on_paper_and_without_script(
    world: World, staff_app: Flask, serve: Callable[[Any], str], chromium: Browser
) -> None:
    world.report()
    fill(world, DISTRICT, 90)
    fill(world, CITY, 40)
    fill(world, CITY, 7, region="320505")
    base, head = serve(staff_app), world.person(CITY, Role.HEAD)
    with page(chromium, SMALL_PHONE) as shown:
        sign_in(shown, world, base, head)
        for path, name in PAGES.items():
            shown.goto(base + path)
            picture(shown, f"{name}-320")
            assert accessibility_faults(shown) == [] and not scrolls_sideways(shown), path
    for options in COLOURS:
        with page(chromium, DESKTOP, **options) as shown:
            sign_in(shown, world, base, head)
            shown.goto(f"{base}/dashboard/")
            picture(shown, f"dashboard-{'-'.join(map(str, *options.items()))}")
            assert shown.locator(".chart__sheet--narrow:visible").count() == 3
            if (
                "javascript" not in options and "forced_colors" not in options
            ):  # axe is a script, and sees no forced colour
                assert accessibility_faults(shown) == []
    with page(chromium, DESKTOP) as shown:
        sign_in(shown, world, base, head)
        for path, name in PAGES.items():
            shown.goto(base + path)
            picture(shown, f"{name}-1440")
        shown.goto(f"{base}/dashboard/")
        shown.emulate_media(media="print")
        picture(shown, "dashboard-print")
        assert shown.locator(".chart__sheet--wide:visible").count() == 3


PAGES = {
    "/dashboard/": "city",
    "/dashboard/areas/?area=320100": "areas",
    "/dashboard/offices/": "offices",
    "/dashboard/clocks/?which=missed": "missed",
    "/?show=all&decided=2026-08": "queue-decided",
    "/?show=all&missed=year": "queue-missed",
}
