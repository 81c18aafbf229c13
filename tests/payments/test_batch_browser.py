"""The pages of payments in a real browser, with something on each of them, at an office screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin.payments import batch_views
from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import make_world
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.browser.test_every_staff_page import sign_in
from tests.conftest import StandingClock
from tests.payments.treasury import HEAD, Treasury, back, paid

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    return Treasury(make_world(database, checkpoint_key[0]))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_whole_with_something_on_it(
    treasury: Treasury,
    staff_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    size: tuple[int, int],
) -> None:
    treasury.budget(4_000, strict=True)
    treasury.budget(5_000)
    answered, (one, two) = treasury.released(100, 100)
    treasury.answer(answered, paid(one), back(two))
    open_batch, _ = treasury.released(123_450, 20_000)
    treasury.waiting(123_456, 50_000)
    draft = treasury.draft()
    treasury.waiting(100_000, 20_000)
    addresses = {
        "index": "/payments/",
        "draft": f"/payments/batches/{draft}/",
        "released": f"/payments/batches/{open_batch}/",
        "answered": f"/payments/batches/{answered}/",
        "upload": f"/payments/batches/{open_batch}/answer/",
    }
    base, faults = serve(staff_app), []
    for person, shown_to in ((treasury.finance, addresses), (treasury.head, {"budget": "/payments/budget/"})):
        with page(chromium, size) as shown:
            sign_in(shown, treasury.world, base, person)
            for name, address in shown_to.items():
                answer = shown.goto(base + address)
                assert answer is not None and answer.status == 200, address
                picture(shown, f"payments-{size[0]}-{name}")
                faults += [f"{address} scrolls sideways"] if scrolls_sideways(shown) else []
                faults += [f"{address}: {fault}" for fault in accessibility_faults(shown)]
    assert faults == []


def test_a_faulty_file_and_then_the_right_one_without_a_script(
    treasury: Treasury,
    staff_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_views, "take_factor", lambda _typed: None)
    batch, (one, two) = treasury.released(100, 100)
    base = serve(staff_app)
    with page(chromium, PHONE, javascript=False) as shown:
        sign_in(shown, treasury.world, base, treasury.finance)
        for name, rows in (("faulty", (paid(one, "9.99"), "坏")), ("taken", (paid(one), back(two)))):
            shown.goto(f"{base}/payments/batches/{batch}/answer/")
            content = (HEAD + "\n".join(rows)).encode("gb18030")
            shown.set_input_files("#file", {"name": "答复.csv", "mimeType": "text/csv", "buffer": content})
            shown.fill("#code", "123456")
            with shown.expect_navigation():
                shown.get_by_role("button", name="检查并登记").click()
            picture(shown, f"payments-{PHONE[0]}-{name}")
            assert not scrolls_sideways(shown)
            states = ["in_batch"] * 2 if name == "faulty" else ["paid", "returned"]
            assert treasury.states([one, two]) == states
