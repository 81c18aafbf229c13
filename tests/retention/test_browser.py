"""The pages of retention in a real browser, with something on each of them, at an office screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from admin.retention import holding
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.retention.values import HoldReason
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.browser.test_every_staff_page import sign_in
from tests.retention.conftest import Archive

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_whole_with_something_on_it(
    archive: Archive,
    staff_app: Flask,
    serve: Callable[[WSGIApplication], str],
    chromium: Browser,
    size: tuple[int, int],
) -> None:
    gone, kept, due = (archive.declined() for _ in range(3))
    archive.later()
    with transaction() as session:
        holds = [holding.hold(session, one, HoldReason.LITIGATION, archive.head, now()).id for one in (kept, due)]
    archive.place()
    done = archive.destroy_all_due()
    archive.declined()
    archive.later()
    waiting = archive.proposed()
    with transaction() as session:
        holding.lift(session, holds[1], archive.head, now())
    addresses = {
        "index": "/retention/",
        "due": "/retention/due/",
        "holds": "/retention/holds/",
        "done": f"/retention/batches/{done}/",
        "decide": f"/retention/batches/{waiting}/",
        "tombstone": f"/tips/{gone}/",
        "queue": "/?show=not_accepted",
    }
    base, faults = serve(staff_app), []
    with page(chromium, size) as shown:
        for person, names in ((archive.archivist, ("index", "due", "holds")), (archive.head, tuple(addresses))):
            sign_in(shown, archive.world, base, person)
            for name in names:
                answer = shown.goto(base + addresses[name])
                assert answer is not None and answer.status == 200, name
                faults += [f"{name}: {fault}" for fault in accessibility_faults(shown)]
                faults += [f"{name} scrolls sideways"] if scrolls_sideways(shown) else []
                picture(shown, f"retention-{size[0]}-{name}-{person.name[:2]}")
        shown.goto(base + addresses["decide"])
        shown.get_by_role("button", name="继续").click()
        expect(shown.locator("main")).to_contain_text("请选择一项")
        picture(shown, f"retention-{size[0]}-decide-empty")
    assert faults == []
