"""An editor writes a draft in Chromium, with and without scripts, at a desk and on a phone, and brings it to review."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.kernel.db import Database
from tests.browser.chromium import DESKTOP, PHONE, page
from tests.browser.test_circulars import Serve, press, whole
from tests.browser.test_every_staff_page import sign_in
from tests.custody.test_draft_check import Checking
from tests.exposures.conftest import Docket, docket  # noqa: F401 - the fixture
from tests.exposures.drafts import desk

TOLD = "我是演示第一医院的夜班会计周例外（虚构），看见他们把空针管摆在桌上反复拍照，再按三份收钱。"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What a browser draws does not depend on the database."""
    return sqlite_database


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_draft_is_written_masked_answered_and_submitted(
    docket: Docket,  # noqa: F811 - the fixture
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    scripts: bool,
) -> None:
    at, base, face = desk(docket, words=TOLD), serve(staff_app), f"draft-{size[0]}"
    with page(chromium, size, javascript=scripts) as shown:
        sign_in(shown, docket.world, base, docket.editor)
        shown.goto(f"{base}/exposures/drafts/")
        whole(shown, f"{face}-list", scripts)
        with shown.expect_navigation():
            shown.get_by_role("link", name=at.number).click()
        whole(shown, f"{face}-begun", scripts)
        body = shown.input_value("#body")
        assert "周例外" not in body
        shown.fill("#body", f"{body}\n联系人钱例，电话13900001111。工作人员把空针管摆在桌上反复拍照。")
        press(shown, "保存并送审")
        whole(shown, f"{face}-refused", scripts)
        assert "不能送审" in shown.inner_text(".error-summary")
        shown.get_by_role("link", name="13900001111").first.click()
        press(shown, "全部遮盖并保存")
        assert "联系人钱某，电话［电话号码］" in shown.input_value("#body")
        for one in shown.locator("select[name^=keep-]").all():
            one.select_option(index=1)
        for reason in shown.locator("input[name^=words-]").all():
            reason.fill("看过了，认不出是谁（虚构）。")
        press(shown, "保存并送审")
        whole(shown, f"{face}-submitted", scripts)
        assert "现在不能改" in shown.inner_text("main")
        assert "看见他们" not in (at.draft() or at.proposed()).to_json()
    assert at.exposure.state == "in-review"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
def test_a_board_is_asked_and_the_page_says_hit_or_no_hit(
    docket: Docket,  # noqa: F811 - the fixture
    staff_app: Flask,
    serve: Serve,
    chromium: Browser,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("admin.custody.views.take_factor", lambda _typed: None)  # codes have tests of their own
    at, base = Checking(docket), serve(staff_app)
    at.desk.write("据测试人甲反映（虚构）。")
    request = at.granted()
    with page(chromium, size) as shown:
        sign_in(shown, docket.world, base, at.scene.asker)
        shown.goto(f"{base}/tips/{at.number}/identity/")
        whole(shown, f"check-{size[0]}-asked", True)
        shown.goto(f"{base}/tips/{at.number}/identity/{request}/")
        whole(shown, f"check-{size[0]}-before", True)
        shown.fill("#code", "000000")
        press(shown, "记录并核对")
        whole(shown, f"check-{size[0]}-hit", True)
        said = shown.inner_text("main")
        assert "稿子里有举报人的信息" in said
        assert "测试人甲" not in said
