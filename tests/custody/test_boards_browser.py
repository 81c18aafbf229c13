"""Boards in a real browser: planned, brought to life by a keeper, chosen and retired; with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from admin.plan import MemberPlan
from admin.staff.roles import Role
from portal.directory.models import BoardSeat, SealingKey
from portal.kernel.db import Database
from portal.kernel.transaction import reading
from tests.browser.chromium import DESKTOP, PHONE, page
from tests.custody.conftest import Office
from tests.custody.test_browser import Desk
from tests.staff import deployment
from tests.staff.carrying import carry

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]
NAME = "演示区医疗保障局与派驻纪检监察组联合身份保管组"
KEEPERS = ("keeper3", "keeper4")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.fixture
def office(make_office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch) -> Office:
    people = (
        MemberPlan("keeper3", "演示·派驻纪检监察组身份保管人欧阳某某（虚构）", "COUNTY", (Role.CUSTODIAN,)),
        MemberPlan("keeper4", "辛保管", "COUNTY", (Role.CUSTODIAN,)),
    )
    monkeypatch.setattr(deployment, "PLAN", replace(deployment.PLAN, members=deployment.PLAN.members + people))
    return make_office("admin", *KEEPERS)


def confirm(office: Office, desk: Desk, name: str) -> None:
    """The page that asks whether it is really this person."""
    desk.shown.get_by_label("验证码").fill(office.code(name))
    desk.shown.get_by_role("button", name="确认办理").click()


@pytest.mark.parametrize(
    ("size", "javascript"), [(DESKTOP, True), (PHONE, True), (PHONE, False)], ids=["desktop", "phone", "phone-plain"]
)
def test_a_board_is_planned_and_a_keeper_brings_the_own_seat_to_life(
    office: Office, serve: Serve, chromium: Browser, size: tuple[int, int], javascript: bool
) -> None:
    root, foreign = serve(office.deployment.app), list[str]()
    with page(chromium, size, javascript) as admin, page(chromium, size, javascript) as keeper:
        for name, shown in (("admin", admin), ("keeper3", keeper)):
            carry(office.browsers[name], shown, root)
            shown.on("request", lambda r: None if r.url.startswith(root) else foreign.append(r.url))
        desk = Desk(admin, javascript)
        plan(office, desk, root)
        make_key(office, Desk(keeper, javascript), root)
        admin.goto(f"{root}/custody/boards/")
        expect(admin.get_by_text("现在有 1 席")).to_be_visible()
        choose_and_retire(office, desk, root)
    assert foreign == []
    with reading() as session:
        seat = session.scalars(select(BoardSeat).where(BoardSeat.next_holder_id.is_(None), BoardSeat.position == 1))
        kinds = session.scalars(
            select(SealingKey.purpose).where(SealingKey.owner_id.in_([one.id for one in seat])).order_by("purpose")
        ).all()
    assert kinds.count("board-recovery") == 1, "the new seat has sheets of its own; the site's board has its own sheets"


def plan(office: Office, desk: Desk, root: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/custody/boards/")
    desk.look("board-index")
    shown.get_by_role("button", name="组建身份保管组").click()
    shown.get_by_role("button", name="组建", exact=True).click()
    desk.look("board-new-empty")
    expect(shown).to_have_title(re.compile("^错误"))
    shown.get_by_label("名称").fill(NAME)
    shown.get_by_label("给谁用").select_option(label="演示区医保局")
    for at, name in enumerate(KEEPERS, start=1):
        group = shown.get_by_role("group", name=f"第 {at} 席")
        seat = group.get_by_label("保管人")
        seat.select_option(label=next(o for o in seat.locator("option").all_inner_texts() if f"（{name}）" in o))
        if name == "keeper3":
            group.get_by_label("工号").fill("G-3")
    shown.get_by_role("button", name="组建", exact=True).click()
    expect(shown.get_by_text("请填写工号").first).to_be_visible()
    desk.look("board-new-without-number")
    assert shown.get_by_label("名称").input_value() == NAME, "nothing typed is lost"
    shown.get_by_role("group", name="第 2 席").get_by_label("工号").fill("G-4")
    shown.get_by_role("button", name="组建", exact=True).click()
    desk.look("board-confirm")
    confirm(office, desk, "admin")
    expect(shown.get_by_text("等待保管人建立密钥")).to_be_visible()
    desk.look("board-forming")


def make_key(office: Office, desk: Desk, root: str) -> None:
    shown = desk.shown
    shown.goto(f"{root}/custody/seats/")
    desk.look("board-seats-appointed")
    shown.get_by_role("button", name="建立席位密钥").click()
    desk.look("board-seat-before")
    shown.get_by_role("button", name="已经准备好，制作恢复词").click()
    expect(shown.get_by_role("heading", name="第 3 张，共 3 张")).to_be_visible()
    desk.look("board-seat-sheets")
    shown.get_by_role("button", name="建立席位密钥").click()
    desk.look("board-seat-unticked")
    shown.get_by_label("三张恢复词都已经打印或抄好").check()
    shown.get_by_role("button", name="建立席位密钥").click()
    confirm(office, desk, "keeper3")
    expect(shown.get_by_role("button", name="更换席位密钥")).to_be_visible()
    desk.look("board-seats-held")


def choose_and_retire(office: Office, desk: Desk, root: str) -> None:
    shown = desk.shown
    shown.get_by_role("link", name="演示区医保局的保管组").click()
    desk.look("board-choice")
    assert NAME not in shown.get_by_label("保管组", exact=True).inner_text(), "what is not ready is not offered"
    shown.get_by_label("保管组", exact=True).select_option(label="保管组")
    shown.get_by_role("button", name="保存").click()
    confirm(office, desk, "admin")
    expect(shown.get_by_text("指定", exact=True)).to_be_visible()
    shown.get_by_role("button", name="停止接收新的身份").click()
    confirm(office, desk, "admin")
    expect(shown.get_by_text("没有保管组可以封存")).to_be_visible()
    desk.look("board-last-board")
