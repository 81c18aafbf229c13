"""The follow-up pages in a real browser: a phone, no script, the keyboard, the small screen, and leaving."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.staff.roles import Role
from admin.tips.conversation import ask, write
from admin.tips.transfer import transfer
from admin.tips.triage import record_reading
from portal.kernel.clock import now
from tests.admin_tips.world import DISTRICT, OTHER, World
from tests.browser.chromium import DESKTOP, PHONE, SMALL_PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.conftest import StandingClock
from tests.followup.conftest import Handed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES = ("overview", "messages", "messages/1/remove", "sent", "identity", "withdraw", "pressure")
# What a browser draws does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def address(public_app: Flask, serve: Callable[[WSGIApplication], str]) -> str:
    """Where the public site answers."""
    return serve(public_app)


@pytest.fixture
def busy(mine: Handed, world: World, clock: StandingClock) -> Handed:
    """A report that was read, passed on, and asked about."""
    first, second = world.person(DISTRICT, Role.INTAKE), world.person(OTHER, Role.INTAKE)
    clock.advance(days=1)
    with world.at(mine.number, first) as (session, tip, keys):
        record_reading(session, tip, first, now())
        transfer(session, tip, world.offices[OTHER].id, "事发在乙区", first, now(), keys)
    clock.advance(days=10)
    with world.at(mine.number, second) as (session, tip, keys):
        record_reading(session, tip, second, now())
        write(session, tip, "材料收到了，谢谢。我们正在调取三号楼的结算记录。", second, now(), keys)
        ask(session, tip, "请问您看到的是哪一个院区？大概几点钟？记得多少写多少。", second, now(), keys)
    return mine


def sign_in(shown: Page, address: str, mine: Handed, prefix: str = "") -> None:
    shown.goto(f"{address}{prefix}/followup/")
    shown.get_by_role("textbox").fill(mine.code.grouped)
    shown.locator("main form button.button--primary").click()
    expect(shown.locator("main")).to_contain_text(mine.number)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_page_is_accessible_and_fits_a_small_phone(
    prefix: str, dark: bool, chromium: Browser, address: str, busy: Handed
) -> None:
    with page(chromium, SMALL_PHONE, color_scheme="dark" if dark else "light") as shown:
        complaints: list[str] = []
        shown.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        name = f"followup-320{'-dark' if dark else ''}{prefix.replace('/', '-')}"
        shown.goto(f"{address}{prefix}/followup/")
        assert accessibility_faults(shown) == []
        picture(shown, f"{name}-door")
        sign_in(shown, address, busy, prefix)
        for path in PAGES:
            shown.goto(f"{address}{prefix}/followup/{path}/")
            assert accessibility_faults(shown) == [], path
            assert not scrolls_sideways(shown), path
            picture(shown, f"{name}-{path.replace('/', '-')}")
        assert complaints == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_as_pictures(size: tuple[int, int], chromium: Browser, address: str, busy: Handed) -> None:
    with page(chromium, size) as shown:
        sign_in(shown, address, busy)
        for path in PAGES:
            shown.goto(f"{address}/followup/{path}/")
            expect(shown.locator("h1")).to_have_count(1)
            assert not scrolls_sideways(shown)
            picture(shown, f"followup-{size[0]}-{path.replace('/', '-')}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_conversation_with_a_file(
    scripts: bool, chromium: Browser, address: str, busy: Handed, tmp_path: Path
) -> None:
    (tmp_path / "结算单.txt").write_text("三号楼 1200 元\n" * 40, "utf-8")
    with page(chromium, PHONE, javascript=scripts) as shown:
        sign_in(shown, address, busy)
        shown.get_by_role("button", name="去回复").click()
        shown.get_by_label("写给办理单位").fill("本部院区，晚上九点左右。")
        shown.get_by_label("附上文件").set_input_files(tmp_path / "结算单.txt")
        shown.get_by_role("button", name="发送", exact=True).click()
        expect(shown.locator("main")).to_contain_text("已经送达办理单位")
        expect(shown.get_by_label("写给办理单位")).to_have_value("")
        with shown.expect_download() as download:
            shown.get_by_role("link", name="结算单.txt").click()
        assert download.value.suggested_filename == "结算单.txt"
        assert Path(download.value.path()).read_text("utf-8") == "三号楼 1200 元\n" * 40


def test_without_scripts_a_wrong_code_is_explained_beside_the_field(
    chromium: Browser, address: str, mine: Handed
) -> None:
    with page(chromium, PHONE, javascript=False) as shown:
        shown.goto(f"{address}/followup/")
        shown.get_by_role("textbox").fill(str((int(mine.code.digits[0]) + 1) % 10) + mine.code.digits[1:])
        shown.get_by_role("button", name="查看我的举报").click()
        expect(shown).to_have_title(re.compile("^错误："))
        expect(shown.locator(".error-message")).to_contain_text("有一位数字输错了")
        assert "followup" in shown.url
        assert mine.code.digits[1:] not in shown.url
        picture(shown, "followup-390-wrong-code")


def test_the_end_of_the_session_is_announced_and_put_off_by_one_key(
    chromium: Browser, address: str, mine: Handed
) -> None:
    with page(chromium, PHONE) as shown:
        shown.clock.install()
        sign_in(shown, address, mine)
        notice = shown.get_by_role("alertdialog")
        shown.clock.fast_forward("12:30")
        expect(notice).to_be_hidden()
        shown.clock.fast_forward("00:45")
        expect(notice).to_be_visible()
        picture(shown, "followup-390-ending")
        with shown.expect_response("**/followup/stay/") as kept:
            shown.keyboard.press("Enter")
        assert kept.value.status == 204
        expect(notice).to_be_hidden()


def test_quick_exit_leaves_nothing_behind_the_back_button(chromium: Browser, address: str, busy: Handed) -> None:
    with page(chromium, PHONE) as shown:
        sign_in(shown, address, busy)
        for _ in range(3):
            shown.keyboard.press("Shift")
        shown.wait_for_url("**/away")
        shown.go_back()
        expect(shown.locator("body")).not_to_contain_text(busy.number)
        shown.goto(f"{address}/followup/overview/")
        expect(shown.locator("body")).not_to_contain_text(busy.number)


def test_a_code_on_a_slip_is_changed_on_a_sheet_that_names_nothing(
    chromium: Browser, address: str, hand_in: Callable[..., Handed]
) -> None:
    slip = hand_in(first_use_only=True)
    with page(chromium, PHONE) as shown:
        shown.goto(f"{address}/followup/")
        shown.get_by_role("textbox").fill(slip.code.digits)
        shown.get_by_role("button", name="查看我的举报").click()
        expect(shown.locator(".code")).to_be_visible()
        assert accessibility_faults(shown) == []
        picture(shown, "followup-390-new-code")
        shown.emulate_media(media="print")
        for word in ("明镜", "举报", "医保"):
            assert word not in shown.locator("body").inner_text()
            assert word not in shown.title()
        shown.emulate_media(media="screen")
        shown.get_by_role("button", name="我已保存新的回执码").click()
        expect(shown.locator("main")).to_contain_text(slip.number)
