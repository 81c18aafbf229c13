"""The pages of reward schedules in a real browser, at an office screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from admin.rewards.schedules import adopt, propose
from admin.staff.roles import Role
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import transaction
from portal.rewards.entries import shipped_texts
from tests.admin_tips.world import PROVINCE, make_world
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.browser.test_every_staff_page import sign_in
from tests.conftest import StandingClock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES = {
    "index": "",
    "beijing": "beijing-2023/",
    "nanjing": "nanjing-2019/",
    "unseen": "yunnan-2023/",
    "try": "beijing-2023/0/try/",
    "edit": "hebei-2023/edit/",
    "grades": "fujian-2024/edit/",
    "text": "beijing-2023/text/",
    "new": "new_one/flat/",
    "version": "hebei-2023/2/",
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_whole_with_something_on_it(
    database: Database,
    site: Site,
    checkpoint_key: tuple[str, str],
    clock: StandingClock,
    staff_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    size: tuple[int, int],
) -> None:
    world = make_world(database, checkpoint_key[0])
    reviewer, head = (world.person(PROVINCE, role) for role in (Role.REWARD_REVIEWER, Role.HEAD))
    text = shipped_texts()["hebei-2023"]
    for version, cap in ((1, "15000000"), (2, "12000000")):
        with transaction() as session:
            changed = text.replace("20000000", cap).replace('"number": null', '"number": "冀医保规〔2026〕1号（虚构）"')
            propose(session, changed, "按新文件修改最高数额（虚构）", reviewer, now())
            if version == 1:
                adopt(session, "hebei-2023", 1, head, now())
    base, faults = serve(staff_app) + "/rewards/schedules/", []
    with page(chromium, size) as shown:
        for person, names in ((reviewer, tuple(PAGES)), (head, ("version",))):
            sign_in(shown, world, base.removesuffix("/rewards/schedules/"), person)
            for name in names:
                answer = shown.goto(base + PAGES[name])
                assert answer is not None and answer.status == 200, name
                faults += [f"{name}: {fault}" for fault in accessibility_faults(shown)]
                faults += [f"{name} scrolls sideways"] if scrolls_sideways(shown) else []
                picture(shown, f"schedules-{size[0]}-{name}-{person.name[:2]}")
        shown.goto(base + PAGES["try"])
        shown.get_by_label("案值（元）").fill("600000")
        shown.get_by_role("button", name="试算").click()
        expect(shown.locator("main")).to_contain_text("试算结果：24,000 元")
        faults += accessibility_faults(shown)
        picture(shown, f"schedules-{size[0]}-tried")
    assert faults == []
