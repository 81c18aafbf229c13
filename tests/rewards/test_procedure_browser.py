"""The pages of a reward in a real browser: an officer, a head, a reporter on a telephone, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.rewards import deciding
from admin.web import cookies
from portal.kernel.actors import Actor
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.payments.values import Payee
from tests.browser.chromium import DESKTOP, PHONE, accessibility_faults, page, picture, scrolls_sideways
from tests.followup.conftest import hand_in_report
from tests.payments.vault import PEOPLE
from tests.rewards.court import Court

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


def look(shown: Page, name: str) -> None:
    """Nothing for axe-core to find, nothing beside the window; a picture for eyes."""
    width = (shown.viewport_size or {"width": 0})["width"]
    picture(shown, f"reward-{name}-{width}")
    assert accessibility_faults(shown) == [], name
    assert not scrolls_sideways(shown), name


def signed_in(shown: Page, root: str, court: Court, app: Flask, actor: Actor) -> Page:
    """The page of somebody whose session is in force."""
    client = app.test_client()
    court.world.sign_in(client, actor)
    cookie = client.get_cookie(cookies.SESSION)
    assert cookie is not None
    shown.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": root}])
    return shown


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_officer_and_head_see_all_that_a_decision_rests_on(
    court: Court,
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr("admin.web.stepup.take_factor", lambda _typed: None)
    number, root = court.ready(), serve(staff_app)
    court.ready(loss_fen=60_000_000)
    with page(chromium, size) as shown:
        signed_in(shown, root, court, staff_app, court.officer).goto(f"{root}/rewards/")
        look(shown, "list")
        shown.get_by_role("link", name=number).click()
        look(shown, "under-review")
        shown.get_by_role("button", name="计算并提出意见").click()
        look(shown, "computed")
        shown.get_by_label("主要事实和证据，医保部门事先已经掌握").check()
        shown.get_by_role("button", name="按上面填的重新计算").click()
        expect(shown.get_by_text("算出来不予奖励")).to_be_visible()
        look(shown, "excluded")
        shown.get_by_role("button", name="提出，交另一个人批准").click()
        expect(shown.get_by_role("alert")).to_contain_text("请填写理由")
        shown.get_by_label("主要事实和证据，医保部门事先已经掌握").uncheck()
        shown.get_by_role("button", name="提出，交另一个人批准").click()
        expect(shown.get_by_text("这是您提出的，要由另一个人决定")).to_be_visible()
    with page(chromium, size) as shown:
        signed_in(shown, root, court, staff_app, court.head).goto(f"{root}/rewards/{number}/")
        look(shown, "to-decide")
        shown.get_by_role("button", name="批准").click()
        look(shown, "factor")
        shown.get_by_label("验证码").fill("123456")
        shown.get_by_role("button", name="确认").click()
        expect(shown.get_by_text("已通知，待领取")).to_be_visible()
        look(shown, "decided")
        shown.goto(f"{root}/tips/{number}/")
        look(shown, "on-the-case")


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, False), (PHONE, True), (DESKTOP, True)])
def test_a_reporter_claims_on_the_page(
    court: Court,
    site: Site,
    public_app: Flask,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    scripts: bool,
) -> None:
    handed, root = hand_in_report(site), serve(public_app)
    with page(chromium, size, javascript=scripts) as shown:
        shown.goto(f"{root}/followup/")
        shown.get_by_label("输入回执码").fill(handed.code.grouped)
        shown.locator("main").get_by_role("button", name="登录").or_(shown.locator("main form button")).first.click()
        shown.goto(f"{root}/followup/reward/")
        court.take(handed.number)
        shown.reload()
        drawn(shown, "wish", scripts)
        shown.get_by_role("button", name="我想领奖励").click()
        court.decided(handed.number, loss_fen=60_000_000)
        shown.goto(f"{root}/followup/reward/")
        drawn(shown, "review", scripts)
        court.propose(handed.number)
        court.do(handed.number, deciding.approve, by=court.head)
        shown.reload()
        drawn(shown, "figure", scripts)
        shown.get_by_role("button", name="领取奖励").click()
        shown.get_by_role("button", name="封存并领取").click()
        drawn(shown, "claim-faults", scripts)
        fill(shown, PEOPLE[0])
        drawn(shown, "claim", scripts)
        shown.get_by_role("button", name="封存并领取").click()
        expect(shown.get_by_text("已经领取，等待付款")).to_be_visible()
        drawn(shown, "claimed", scripts)
        court.bank("returned")
        court.sweep()
        shown.reload()
        drawn(shown, "returned", scripts)
        shown.get_by_role("button", name="更正收款信息").click()
        fill(shown, PEOPLE[1])
        shown.get_by_role("button", name="封存并领取").click()
        expect(shown.get_by_text("已经领取，等待付款")).to_be_visible()
        court.bank("paid")
        court.sweep()
        shown.goto(f"{root}/followup/messages/")
        drawn(shown, "messages", scripts)
        shown.goto(f"{root}/en/followup/reward/")
        drawn(shown, "english", scripts)


def fill(shown: Page, payee: Payee) -> None:
    """The four fields of the claim."""
    shown.get_by_label("收款人姓名").fill(payee.name)
    shown.get_by_label("身份证号码").fill(payee.id_number)
    shown.get_by_label("开户银行").fill(payee.bank)
    shown.get_by_label("银行账号").fill(payee.account)


def drawn(shown: Page, name: str, scripts: bool) -> None:
    """axe-core needs scripts; a page without them is looked at by eye."""
    if scripts:
        look(shown, f"own-{name}")
    else:
        picture(shown, f"reward-own-{name}-plain")
