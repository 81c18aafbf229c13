"""The dashboard and the evaluation in a browser: readable at both sizes, and a number leads to its list by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin.staff.roles import Role
from tests.admin_tips.world import DISTRICT, World
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
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
