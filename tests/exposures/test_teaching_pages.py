"""Pages of teaching notices: from the editor's list to the public page and its poster."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.kernel.actors import Actor
from portal.kernel.site import site
from tests.admin_tips.world import DISTRICT
from tests.conftest import StandingClock
from tests.exposures.conftest import Docket
from tests.exposures.test_teaching import Classroom, classroom

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

__all__ = ["classroom"]


def _client(docket: Docket, app: Flask, actor: Actor) -> FlaskClient:
    client = app.test_client()
    docket.world.sign_in(client, actor)
    return client


def _post(client: FlaskClient, page: str, path: str = "", **fields: object) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return client.post(path or page, data={"csrf_token": found[1], **fields})


def test_an_editor_picks_an_audience_and_hands_it_in(classroom: Classroom, staff_app: Flask) -> None:
    client = _client(classroom.docket, staff_app, classroom.docket.editor)
    assert classroom.code in client.get("/exposures/teaching/").text
    choose = f"/exposures/teaching/{classroom.code}/"
    assert "民营中型医院" in client.get(choose).text
    begun = _post(client, choose, audience="hospital")
    assert begun.status_code == 303
    page = begun.headers["Location"]
    assert "这类对象" not in client.get(page).text
    assert "已经有了" in _post(client, choose, kind="hospital", ownership="unknown", size="unknown").text
    doubted = _post(client, page, lead="一家医院多收了钱（虚构）。", check="昨天的账查了吗？")
    assert doubted.status_code == 422 and "具体日期：昨天" in doubted.text
    assert _post(client, page, lead="请打 13812345678。", check="查一查。").status_code == 422
    saved = _post(client, page, lead="一家医院多收了钱（虚构）。", check="昨天的账查了吗？", answered="exact-day:昨天")
    assert saved.status_code == 303
    assert _post(client, page, page + "submit/").status_code == 303
    assert "等审批" in client.get(page).text


def test_a_publisher_reads_what_was_let_stand_and_has_to_step_up(classroom: Classroom, staff_app: Flask) -> None:
    classroom.begin()
    classroom.write(check=["昨天的账查了吗？"], answered=["exact-day:昨天"])
    classroom.do_submit()
    client = _client(classroom.docket, staff_app, classroom.docket.publisher)
    page = f"/exposures/teaching/review/{classroom.code}/hospital/"
    assert "hospital" in client.get("/exposures/teaching/review/").text
    assert "<mark>昨天</mark>" in client.get(page).text
    asked = _post(client, page, page + "approve/", seen="2")
    assert "验证码" in asked.text and classroom.public() is None
    assert _post(client, page, page + "send-back/", words="").status_code == 400
    assert _post(client, page, page + "send-back/", words="太短（虚构）。").status_code == 303
    assert "没有送审" in client.get(page).text


def test_neither_opens_the_pages_of_the_other(classroom: Classroom, staff_app: Flask) -> None:
    editor = _client(classroom.docket, staff_app, classroom.docket.editor)
    publisher = _client(classroom.docket, staff_app, classroom.docket.publisher)
    assert editor.get("/exposures/teaching/review/").status_code == 403
    assert publisher.get("/exposures/teaching/").status_code == 403
    handler = _client(classroom.docket, staff_app, classroom.docket.world.person(DISTRICT, Role.HANDLER))
    assert handler.get("/exposures/teaching/").status_code == 403


def test_the_public_reads_the_notice_and_its_poster_and_finds_them_by_who_they_are(
    classroom: Classroom, public_app: Flask, clock: StandingClock
) -> None:
    classroom.shown()
    client = public_app.test_client()
    page = f"/exposures/{classroom.code}/for/hospital/"
    read = client.get(page)
    assert "给医院的提醒" in read.text and "12393" in read.text and "虚构" in read.text
    assert "Set-Cookie" not in read.headers and "public" in read.headers["Cache-Control"]
    assert client.get(page, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    assert "不要这样做" in client.get(page + "poster/").text
    assert page in client.get("/exposures/teaching/?kind=hospital&ownership=private").text
    assert page not in client.get("/exposures/teaching/?kind=pharmacy").text
    assert page in client.get(f"/exposures/{classroom.code}/").text
    assert "Do not do this" in client.get("/en" + page).text
    for wrong in ("pharmacy", "hospital-unknown", "x"):
        assert client.get(f"/exposures/{classroom.code}/for/{wrong}/").status_code == 404
    assert client.get("/exposures/teaching/?page=2").status_code == 404


@pytest.mark.parametrize("tail", ["", "poster/"], ids=["page", "poster"])
def test_after_a_correction_it_says_so_and_after_a_withdrawal_it_is_gone(
    classroom: Classroom, public_app: Flask, tail: str
) -> None:
    classroom.shown()
    page, client = f"/exposures/{classroom.code}/for/hospital/{tail}", public_app.test_client()
    classroom.change()
    paused = client.get(page)
    assert paused.status_code == 200 and "正在重新核对" in paused.text
    assert "不要这样做" not in paused.text
    classroom.take_down()
    gone = client.get(page)
    assert gone.status_code == 410 and "已经撤下" in gone.text
    assert page not in client.get("/exposures/teaching/").text


def test_the_poster_has_squares_once_the_site_knows_its_address(
    classroom: Classroom, public_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.shown()
    page, client = f"/exposures/{classroom.code}/for/hospital/poster/", public_app.test_client()
    assert "poster__squares" not in client.get(page).text
    told = replace(site(), address="https://report.example.org")
    monkeypatch.setattr("portal.exposures.teaching_views.site", lambda: told)
    text = client.get(page).text
    assert "poster__squares" in text
    assert f"https://report.example.org/exposures/{classroom.code}/for/hospital/" in text
