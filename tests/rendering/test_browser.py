"""The pages of a file in a real browser: pictures appear, with and without a script, and nothing else is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from admin.rendering import kept
from admin.rendering.values import RenderingSettings
from admin.staff.roles import Role
from admin.web import cookies
from portal.kernel.db import Database
from portal.kernel.site import Site
from tests.admin_tips.world import DISTRICT, World, make_world
from tests.browser.chromium import DESKTOP, accessibility_faults, page, picture, scrolls_sideways
from tests.conftest import StandingClock
from tests.rendering import samples
from tests.rendering.clamd import daemon

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


def files_of_every_kind() -> list[tuple[str, bytes]]:
    """Made when a test asks, not when the tests are looked for."""
    return [
        ("2026年3月至8月住院结算清单（护士站登记本对照）.pdf", samples.pdf(12)),
        ("收费处照片.jpg", samples.jpeg_and_html()),
        ("整理稿.txt", "三月：甲，七天。\n四月：乙，七天。\n".encode() * 40),
        ("压缩.docx", samples.bomb_docx()),
        ("录音.mp3", b"ID3" + bytes(500)),
        ("附件.txt", samples.EICAR),
    ]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def world(
    database: Database,
    site: Site,
    checkpoint_key: tuple[str, str],
    clock: StandingClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setattr(kept, "IN_MEMORY", tmp_path)
    return make_world(database, checkpoint_key[0])


@pytest.mark.parametrize("size", [DESKTOP, (360, 740)], ids=["desktop", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_files_are_seen_in_a_browser(
    world: World,
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    javascript: bool,
    tmp_path: Path,
) -> None:
    files = files_of_every_kind()
    number = world.report(files=files)
    base, strange, name = serve(staff_app), [], f"files-{size[0]}-{'script' if javascript else 'plain'}"
    with daemon(tmp_path) as running, page(chromium, size, javascript=javascript) as shown:
        staff_app.extensions["mingjing_rendering"] = RenderingSettings(clamd=running.address)
        shown.on("request", lambda r: None if r.url.startswith(base) else strange.append(r.url))
        _sign_in(shown, world, base)
        for index, (file, _) in enumerate(files):
            shown.goto(f"{base}/tips/{number}/")
            shown.get_by_role("link", name=file).click()
            shown.wait_for_load_state("networkidle")
            for one in shown.locator(".sheet img").all():
                one.scroll_into_view_if_needed()
            _wait_for_pictures(shown, javascript)
            assert not scrolls_sideways(shown), file
            picture(shown, f"{name}-{index}")
            if javascript:
                assert accessibility_faults(shown) == [], file
        shown.get_by_role("button", name="下载原件前请先看说明").click()
        picture(shown, f"{name}-original-found")
        assert not scrolls_sideways(shown)
        with shown.expect_download() as saved:
            shown.get_by_role("button", name="我知道有危险").click()
        assert Path(saved.value.path()).read_bytes() == samples.EICAR
    assert strange == []


def _sign_in(shown: Page, world: World, base: str) -> None:
    client = FlaskClient(lambda *_: [], Response)
    world.sign_in(client, world.person(DISTRICT, Role.INTAKE))
    kept_cookie = client.get_cookie(cookies.SESSION)
    assert kept_cookie is not None
    shown.context.add_cookies([{"name": cookies.SESSION, "value": kept_cookie.value, "url": base}])


def _wait_for_pictures(shown: Page, javascript: bool) -> None:
    """Every picture is drawn."""
    shown.wait_for_load_state("load")
    if javascript:
        for one in shown.locator(".sheet img").all():
            assert one.evaluate("async picture => (await picture.decode(), picture.naturalWidth)") > 0
