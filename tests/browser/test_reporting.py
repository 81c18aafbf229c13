"""The reporting journey in a real Chromium: with and without scripts, small screens, keyboard alone, axe-core."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from portal.kernel.transaction import reading
from portal.tips.models import Tip
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.journeys.conftest import app, keys  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a browser shows does not depend on the database."""
    return sqlite_database


@pytest.fixture
def evidence(tmp_path: Path) -> tuple[Path, Path]:
    """A photo, and a program that calls itself one."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 90, 200)).save(buffer, "JPEG")
    good, bad = tmp_path / "现场.jpg", tmp_path / "程序.exe"
    good.write_bytes(buffer.getvalue())
    bad.write_bytes(b"MZ" + bytes(300))
    return good, bad


def onwards(shown: Page) -> None:
    shown.click("button[value=continue]")


def walk(shown: Page, base: str, evidence: tuple[Path, Path], seen: Callable[[str], None]) -> None:
    """A report with a file, without a name, from the first page to the receipt."""
    shown.goto(base + "/report/")
    seen("start")
    shown.check("input[value=adult]")
    shown.click("main form button")
    for level, code in (("province", "320000"), ("city", "320100"), ("county", "320106")):
        shown.select_option(f"#{level}", code)
        onwards(shown)
    seen("subject")
    shown.check("input[value=institution]")
    onwards(shown)
    seen("conduct")
    shown.check("#conduct-2")
    onwards(shown)
    shown.fill("#target", "健康大药房（演示）")
    onwards(shown)
    shown.fill("#start-year", "2025")
    shown.fill("#start-month", "13")
    onwards(shown)
    seen("period-error")
    shown.fill("#start-month", "3")
    onwards(shown)
    shown.fill("#words", "店员把大米打成药品。")
    seen("words")
    onwards(shown)
    shown.check("input[value=files]")
    seen("more")
    onwards(shown)
    shown.set_input_files("#files", evidence[1])
    shown.click("button[value=add] >> nth=1")
    shown.get_by_text("不能接收这种文件").first.wait_for()
    seen("files-error")
    shown.set_input_files("#files", evidence[0])
    shown.click("button[value=add] >> nth=0")
    shown.get_by_text("已经添加的文件").wait_for()
    seen("files")
    onwards(shown)
    seen("known")
    shown.check("input[value=no_name]")
    onwards(shown)
    shown.get_by_text("提交前请检查").first.wait_for()
    seen("check")
    shown.check("#truth")
    shown.dblclick("main form button.button--primary")
    shown.get_by_text("我已保存回执码").wait_for()
    seen("receipt")


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE, DESKTOP])
def test_the_whole_journey_with_scripts(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    evidence: tuple[Path, Path],
    size: tuple[int, int],
) -> None:
    base = serve(app)
    faults: list[str] = []
    with page(chromium, size) as shown:
        shown.on("pageerror", lambda error: faults.append(f"script: {error}"))
        shown.on("request", lambda asked: None if asked.url.startswith(base) else faults.append(f"asked {asked.url}"))

        def seen(name: str) -> None:
            picture(shown, f"report-{size[0]}-{name}")
            if scrolls_sideways(shown):
                faults.append(f"{name}: scrolls sideways")
            faults.extend(f"{name}: {fault}" for fault in accessibility_faults(shown))

        walk(shown, base, evidence, seen)
        digits = shown.inner_text("#code")
        shown.reload()
        assert shown.inner_text("#code") == digits
        shown.click("main form button.button--primary")
        seen("done")
        shown.go_back()
        shown.wait_for_load_state()
        assert digits[:4] not in shown.content()
    assert faults == []
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 1


def test_the_whole_journey_without_scripts(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
    evidence: tuple[Path, Path],
) -> None:
    with page(chromium, PHONE, javascript=False) as shown:
        walk(shown, serve(app), evidence, lambda _name: None)
        assert len(shown.inner_text("#code").replace(" ", "").replace("\n", "")) == 24


def test_the_first_questions_by_keyboard_alone(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
) -> None:
    with page(chromium, DESKTOP) as shown:
        shown.goto(serve(app) + "/report/")
        shown.keyboard.press("Tab")
        assert "跳到正文" in shown.evaluate("document.activeElement.textContent")
        shown.keyboard.press("Tab")
        assert "快速离开" in shown.evaluate("document.activeElement.textContent")
        shown.focus("input[name=who]")
        shown.keyboard.press("Space")
        shown.keyboard.press("Enter")
        shown.locator("#province").wait_for()
        shown.focus("#province")
        shown.keyboard.press("ArrowDown")
        shown.keyboard.press("Tab")
        shown.keyboard.press("Enter")
        shown.get_by_text("您要举报的是谁？").first.wait_for()
        shown.focus("input[name=subject_type]")
        shown.keyboard.press("ArrowUp")
        shown.keyboard.press("Enter")
        shown.locator("#target").wait_for()


def test_three_presses_of_shift_cover_the_words_and_end_the_draft(
    app: Flask,  # noqa: F811 - the fixture
    serve: Serve,
    chromium: Browser,
) -> None:
    base = serve(app)
    with page(chromium, PHONE) as shown:
        shown.goto(base + "/report/")
        shown.check("input[value=adult]")
        shown.click("main form button")
        shown.locator("#province").wait_for()
        for _ in range(3):
            shown.keyboard.press("Shift")
        shown.wait_for_url("**/away")
        shown.goto(base + "/report/where/")
        assert "没有找到正在填写的举报" in shown.inner_text("main")
