"""The staff's pages in a real browser: keys, sizes, and nothing that axe-core finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import expect

from admin.staff.roles import Role
from admin.tips import conversation, proposals, triage
from admin.web import cookies
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from portal.tips import reporter
from portal.tips.states import Action
from portal.tips.values import SubjectType
from tests.admin_tips.test_findings import Bureau
from tests.admin_tips.world import DISTRICT, World, found, make_world
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.conftest import StandingClock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from playwright.sync_api import Browser, Locator, Page

    from portal.kernel.db import Database
    from portal.kernel.site import Site

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind is enough for what a page looks like."""
    return sqlite_database


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


def _fill(world: World, clock: StandingClock) -> str:
    """Thirty reports of all ages; returns one with a conversation and a proposal."""
    intake, handler = world.person(DISTRICT, Role.INTAKE), world.person(DISTRICT, Role.HANDLER)
    kinds = [SubjectType.INSTITUTION, SubjectType.PERSON, SubjectType.OTHER, SubjectType.UNKNOWN]
    for index in range(28):
        number = world.report(subject_type=kinds[index % 4], conduct="inst-38-1" if index % 4 == 0 else None)
        if index % 3 == 0:
            with world.at(number, intake) as (session, tip, _):
                triage.record_reading(session, tip, intake, now())
                triage.assign(session, tip, handler.id, intake, now())
        if index % 5 == 0:
            clock.advance(days=1)
    number = world.report(
        words="该院三月至八月以“住院”名义给没有住院的老人结算费用，每人七天左右。\n护士站的登记本与结算单对不上。",
        place="演示路 18 号三楼",
        persons="住院部负责人",
        how_known="家里老人收到了结算短信",
        amount_estimate_fen=12_345_600,
        named=True,
    )
    with world.at(number, intake) as (session, tip, _):
        triage.record_reading(session, tip, intake, now())
    world.do(number, conversation.ask, "请补充涉及的月份和大约人数。", by=intake)
    code = world.mailboxes[number]
    with transaction() as session:
        mine = reporter.open_own(session, code.tag, code.mailbox)
        reporter.reply(session, mine, "六月到八月，我知道的有五个人。", (), now())
    world.do(number, triage.accept, by=intake)
    world.do(number, triage.note, "已调取六月至八月住院清单。", by=handler)
    world.do(number, proposals.propose, Action.FILE, "", "住院登记与结算不符，事实清楚。", by=handler)
    clock.advance(days=23)
    return number


def _open(shown: Page, world: World, address: str, actor: Actor, path: str) -> None:
    from flask.testing import FlaskClient
    from werkzeug.wrappers import Response

    client = FlaskClient(lambda *_: [], Response)
    world.sign_in(client, actor)
    kept = client.get_cookie(cookies.SESSION)
    assert kept is not None
    shown.context.add_cookies([{"name": cookies.SESSION, "value": kept.value, "url": address}])
    shown.goto(address + path)


@pytest.fixture
def filled(world: World, clock: StandingClock, staff_app: Flask, serve: Serve) -> tuple[str, str]:
    """The address of the staff site over a filled queue, and a number in it."""
    number = _fill(world, clock)
    return serve(staff_app), number


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_queue_case_act_and_record_have_no_fault_that_axe_finds(
    world: World, filled: tuple[str, str], chromium: Browser, size: tuple[int, int]
) -> None:
    address, number = filled
    head = world.person(DISTRICT, Role.HEAD)
    intake = world.person(DISTRICT, Role.INTAKE)
    pages = [
        ("queue", head, "/"),
        ("case", head, f"/tips/{number}/"),
        ("act", head, f"/tips/{number}/not_file/"),
        ("print", head, f"/tips/{number}/print/"),
        ("list", head, "/print/"),
        ("record", intake, "/record/"),
    ]
    for name, actor, path in pages:
        with page(chromium, size) as shown:
            _open(shown, world, address, actor, path)
            picture(shown, f"staff-{name}-{size[0]}")
            assert accessibility_faults(shown) == [], name
            assert not scrolls_sideways(shown), name


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_forms_and_tables_of_what_was_found_have_no_fault_that_axe_finds(
    world: World, staff_app: Flask, serve: Serve, chromium: Browser, size: tuple[int, int]
) -> None:
    bureau, address = Bureau(world), serve(staff_app)
    filed, decided, corrected = bureau.filed(), bureau.decided(), bureau.decided(found(fine_fen=10_000_000))
    for given in ({"recovered_fen": 5_000_000}, {"loss_fen": 4_200_050, "recovered_fen": 4_200_050}):
        bureau.approve(corrected, bureau.ask(corrected, found(**given)))
    bureau.ask(decided, found(loss_fen=7_000_000, grade="1", grade_reason="指认了时间、床位和经手人，全部属实。"))
    pages = [
        ("decide", bureau.handler, f"/tips/{filed}/decide/"),
        ("close", bureau.handler, f"/tips/{decided}/close/"),
        ("correct", bureau.handler, f"/tips/{decided}/correct/"),
        ("asked", bureau.head, f"/tips/{decided}/"),
        ("corrected", bureau.head, f"/tips/{corrected}/"),
        ("paper", bureau.head, f"/tips/{corrected}/print/"),
    ]
    for name, actor, path in pages:
        with page(chromium, size) as shown:
            _open(shown, world, address, actor, path)
            picture(shown, f"staff-findings-{name}-{size[0]}")
            assert accessibility_faults(shown) == [], name
            assert not scrolls_sideways(shown), name


def test_a_decision_is_typed_without_scripts_and_what_is_missing_is_said_at_its_place(
    world: World, staff_app: Flask, serve: Serve, chromium: Browser
) -> None:
    bureau, address = Bureau(world), serve(staff_app)
    number = bureau.filed()
    with page(chromium, PHONE, javascript=False) as shown:
        _open(shown, world, address, bureau.handler, f"/tips/{number}/decide/")
        shown.get_by_label("违法事实成立，给予行政处罚").check()
        shown.get_by_label("决定内容").fill("退回并罚款。")
        shown.get_by_label("举报事项损失").fill("1.2345")
        send = shown.get_by_role("button", name="作出决定")
        with shown.expect_navigation():
            send.click()
        picture(shown, "staff-findings-errors-390")
        shown.get_by_role("link", name="金额最多写到分").click()
        assert "loss_fen" in shown.url
        shown.get_by_label("举报事项损失").fill("1.23万")
        shown.get_by_label("一般违法违规").check()
        shown.get_by_label("部分相符").check()
        shown.get_by_label("不定等级").check()
        shown.get_by_label("举报人与被举报方的关系").select_option("unknown")
        send.click()
        expect(shown.locator("main")).to_contain_text("12,300 元")


def test_twenty_five_rows_of_the_queue_fit_an_office_screen(
    world: World, filled: tuple[str, str], chromium: Browser
) -> None:
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.INTAKE), "/")
        bottom = shown.locator("[data-row]").nth(24).bounding_box()
        assert bottom is not None
        assert bottom["y"] + bottom["height"] <= DESKTOP[1]


def test_the_queue_is_worked_by_keys_alone(world: World, filled: tuple[str, str], chromium: Browser) -> None:
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.INTAKE), "/")
        shown.keyboard.press("j")
        shown.keyboard.press("j")
        shown.keyboard.press("k")
        shown.keyboard.press("x")
        expect(shown.locator("[data-row] input:checked")).to_have_count(1)
        first = shown.locator("[data-row] a").first.inner_text()
        shown.keyboard.press("Enter")
        shown.wait_for_url("**/tips/**")
        assert first in shown.url


def test_a_call_is_written_down_by_keyboard_alone_with_the_institution_suggested(
    world: World, filled: tuple[str, str], chromium: Browser
) -> None:
    from portal.directory.models import Institution

    with transaction() as session:
        session.add(
            Institution(code="D1", name="演示区人民医院", kind="hospital", region="320104", address="演示路 1 号")
        )
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.HANDLER), "/record/")
        shown.locator("#channel-0").focus()
        for keys in ("Space", "Tab"):
            shown.keyboard.press(keys)
        shown.keyboard.type("来电人反映该院空刷医保卡。")
        shown.locator("#target").focus()
        with shown.expect_response("**/institutions.json"):
            shown.keyboard.type("演示区")
        shown.locator("#target-list li").first.wait_for()
        shown.keyboard.press("ArrowDown")
        shown.keyboard.press("Enter")
        assert shown.locator("#target").input_value() == "演示区人民医院"
        shown.locator("#known_as-0").focus()
        shown.keyboard.press("Space")
        shown.locator("#answer_way-0").focus()
        shown.keyboard.press("Space")
        shown.get_by_role("button", name="登记并封存").focus()
        shown.keyboard.press("Enter")
        shown.locator(".code").wait_for()
        picture(shown, "staff-record-done")
        assert accessibility_faults(shown) == []
        shown.emulate_media(media="print")
        picture(shown, "staff-record-slip")
        printed = shown.locator("main").inner_text()
        assert "只供第一次使用" in printed
        for word in ("明镜", "医保", "举报", "MJ-"):
            assert word not in shown.locator(".slip").inner_text()
        assert shown.title() == "24 位数字"
        seen = shown.locator(".staff-header, h1, .notice, .site-footer").all()
        assert not any(one.is_visible() for one in seen)


def test_what_was_typed_outlives_a_browser_that_is_killed(
    world: World, filled: tuple[str, str], chromium: Browser
) -> None:
    person = world.person(DISTRICT, Role.HANDLER)
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], person, "/record/")
        shown.locator("#channel-0").focus()
        for keys in ("Space", "Tab"):
            shown.keyboard.press(keys)
        with shown.expect_response("**/save/") as answered:
            shown.keyboard.type("来电人反映该院空刷医保卡，")
        assert answered.value.status == 200
        shown.locator("[data-autosave-said]", has_text="已保存").wait_for()
        assert shown.locator("[data-autosave-said]").get_attribute("role") == "status"
        with shown.expect_response("**/save/"):
            shown.keyboard.type("说到这里电话断了。")
        with shown.expect_response("**/save/"):
            shown.locator("#target").focus()
            shown.keyboard.type("演示")
            shown.keyboard.press("Enter")  # saves, and neither sends the report nor leaves the page
        assert shown.locator("#target").input_value() == "演示"
        address = shown.url
        assert "/record/" in address[:-1]
        picture(shown, "staff-record-saved")
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], person, "/record/")
        picture(shown, "staff-record-waiting")
        assert accessibility_faults(shown) == []
        shown.get_by_role("link", name="说到这里").focus()
        shown.keyboard.press("Enter")
        shown.wait_for_url(address)
        assert shown.locator("#words").input_value() == "来电人反映该院空刷医保卡，说到这里电话断了。"
        assert shown.locator("#target").input_value() == "演示"
        assert accessibility_faults(shown) == []


def test_saving_that_fails_is_said_and_made_up_for(world: World, filled: tuple[str, str], chromium: Browser) -> None:
    with page(chromium, DESKTOP) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.HANDLER), "/record/")
        shown.route("**/save/", lambda route: route.abort())
        shown.locator("#words").fill("网络断了也不能丢。")
        shown.locator("[data-autosave-said]", has_text="没有保存上").wait_for()
        shown.unroute("**/save/")
        shown.locator("[data-autosave-said]", has_text="已保存").wait_for(timeout=8000)


def _removal(shown: Page, name: str) -> Locator:
    return shown.locator("button[name=remove]", has_text=name)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_fax_is_added_and_removed_and_the_words_stay(
    world: World, filled: tuple[str, str], chromium: Browser, javascript: bool
) -> None:
    scan = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
    with page(chromium, DESKTOP, javascript=javascript) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.HANDLER), "/record/")
        shown.locator("#channel-2").check()
        shown.locator("#words").fill("传真共两页，反映虚构住院。")
        for name in ("传真第一页.png", "传真第二页.png"):
            shown.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": scan})
            shown.get_by_role("button", name="添加选好的文件").click()
            _removal(shown, name).wait_for()
        picture(shown, f"staff-record-files-{'script' if javascript else 'plain'}")
        assert not scrolls_sideways(shown)
        if javascript:
            assert accessibility_faults(shown) == []
        _removal(shown, "传真第二页.png").click()
        _removal(shown, "传真第二页.png").wait_for(state="detached")
        assert shown.locator("#words").input_value() == "传真共两页，反映虚构住院。"
        shown.locator("#known_as-0").check()
        shown.locator("#answer_way-0").check()
        shown.locator("input[type=file]").set_input_files(
            {"name": "录音.txt", "mimeType": "text/plain", "buffer": "整理稿".encode()}
        )
        shown.get_by_role("button", name="登记并封存").click()
        shown.locator(".code").wait_for()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_letter_with_files_is_written_in_a_browser(
    world: World, filled: tuple[str, str], chromium: Browser, size: tuple[int, int]
) -> None:
    number = filled[1]
    with page(chromium, size) as shown:
        _open(shown, world, filled[0], world.person(DISTRICT, Role.HANDLER), f"/tips/{number}/letter/")
        shown.locator("#text").fill("请看随信的告知书。")
        shown.locator("input[type=file]").set_input_files(
            {"name": "告知书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + bytes(range(256))}
        )
        shown.get_by_role("button", name="添加选好的文件").click()
        _removal(shown, "告知书.pdf").wait_for()
        picture(shown, f"staff-letter-{size[0]}")
        assert accessibility_faults(shown) == []
        assert not scrolls_sideways(shown)
        shown.get_by_role("button", name="写信给举报人").click()
        shown.get_by_role("link", name="告知书.pdf").wait_for()
