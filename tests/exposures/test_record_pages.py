"""The pages of case records and of the gate: a handler writes down, a publisher decides."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.exposures.models import Exposure
from portal.kernel.actors import Actor
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from tests.admin_tips.world import DISTRICT
from tests.exposures.conftest import Docket
from tests.exposures.records import record

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""

TYPED = {
    "region": "320104",
    "source": "report",
    "found_in": "2026-03",
    "methods": ["on-site", "data"],
    "subject": "hospital",
    "institution": "演示第一医院",
    "ownership": "private",
    "size": "medium",
    "manner": "charging",
    "conducts": ["inst-38-3", "", ""],
    "began": "2025-03",
    "ended": "2025-08",
    "involved_fen": "5万",
    "fine_base_fen": "50000",
    "fine_times": "2",
    "fine_fen": "100000",
    "recovered_fen": "50000",
    "bases": ["reg-38"],
    "results": ["return", "fine"],
    "people": "赵演示甲 违法当事人 院长\n钱例 患者",
}


def _client(docket: Docket, app: Flask, actor: Actor) -> FlaskClient:
    client = app.test_client()
    docket.world.sign_in(client, actor)
    return client


def _post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return client.post(path, data={"csrf_token": found[1], **fields})


def test_a_handler_records_a_closed_case_and_reads_what_it_would_say(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.closed(), _client(docket, staff_app, docket.handler)
    assert "还没有登记" in client.get("/exposures/cases/").text
    path = f"/exposures/{number}/record/"
    assert 'value="100000"' in client.get(path).text, "the fine of the findings is there already"
    assert _post(client, path, **TYPED).status_code == 303
    assert docket.versions(number)[0].version.record == record()
    page = client.get(path).text
    assert "江苏省南京市秦淮区演示第一医院违规收费案" in page
    assert "相关责任人：院长赵某。" in page
    assert "已登记" in client.get("/exposures/cases/").text


def test_sums_that_do_not_add_up_come_back_in_words_with_everything_typed(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.closed(), _client(docket, staff_app, docket.handler)
    answer = _post(client, f"/exposures/{number}/record/", **{**TYPED, "fine_fen": "90000"})
    assert answer.status_code == 422
    assert "基数 50000 元的 2 倍是 100000 元，罚款写的是 90000 元" in answer.text
    assert "钱例 患者" in answer.text
    for wrong, said in (
        ({"people": "赵演示甲"}, "一行写一人"),
        ({"points": "医师 两人"}, "一行写一类"),
        ({"fine_times": "2.55"}, "最多一位小数"),
        ({"region": "没有的地方"}, "没有认出这个地区"),
    ):
        assert said in _post(client, f"/exposures/{number}/record/", **{**TYPED, **wrong}).text
    assert docket.versions(number) == []


def test_a_correction_starts_from_what_stands(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.recorded(record()), _client(docket, staff_app, docket.handler)
    path = f"/exposures/{number}/record/"
    assert "赵演示甲 违法当事人 院长" in client.get(path).text
    assert "请写明更正的理由" in _post(client, path, **{**TYPED, "marks": ["repeated"]}).text
    assert _post(client, path, **{**TYPED, "marks": ["repeated"]}, why="查到以前的处罚（虚构）。").status_code == 303
    assert "查到以前的处罚（虚构）。" in client.get(path).text


def test_a_record_takes_more_than_three_conducts_and_a_correction_keeps_them(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.closed(), _client(docket, staff_app, docket.handler)
    path, four = f"/exposures/{number}/record/", ["inst-38-1", "inst-38-3", "inst-38-8", "inst-40-1"]
    assert client.get(path).text.count('name="conducts"') == 3
    more = _post(client, path, **{**TYPED, "conducts": four[:3]}, do="more")
    assert (more.status_code, more.text.count('name="conducts"')) == (200, 4)
    assert "钱例 患者" in more.text, "what was typed is still there"
    assert docket.versions(number) == [], "and nothing is recorded yet"
    assert _post(client, path, **{**TYPED, "conducts": four}).status_code == 303
    assert docket.versions(number)[0].version.record.conducts == tuple(four)
    page = client.get(path).text
    assert all(f'value="{one}" selected' in page for one in four)


def test_a_head_is_offered_names_from_the_register(docket: Docket, staff_app: Flask) -> None:
    number, head = docket.closed(), docket.world.person(DISTRICT, Role.HEAD)
    client = _client(docket, staff_app, head)
    client.get(f"/exposures/{number}/record/")
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/me/").text)
    assert found is not None
    asked = client.post("/record/institutions.json", data={"q": "演示第一", "csrf_token": found[1]})
    assert asked.json == [{"value": "演示第一医院", "label": "演示第一医院"}]
    places = client.post("/record/regions.json", data={"q": "秦淮", "csrf_token": found[1]})
    assert places.json is not None
    assert places.json[0]["value"] == "320104"


def test_closing_a_case_leads_on_to_its_record(docket: Docket, staff_app: Flask) -> None:
    number, client = docket.decided(), _client(docket, staff_app, docket.handler)
    page = client.get(f"/tips/{number}/close/").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    answer = _post(client, f"/tips/{number}/close/", seen=seen[1], reason="no_action")
    assert answer.headers.get("Location", "").endswith(f"/tips/{number}/"), answer.text
    other = docket.decided()
    page = client.get(f"/tips/{other}/close/").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    answer = _post(client, f"/tips/{other}/close/", seen=seen[1], reason="performed")
    assert answer.headers.get("Location", "").endswith(f"/exposures/{other}/record/"), answer.text


def test_a_publisher_decides_and_the_draft_stands_open(docket: Docket, staff_app: Flask) -> None:
    number = docket.recorded(record(repeated=True))
    client = _client(docket, staff_app, docket.publisher)
    assert number in client.get("/exposures/gate/").text
    path = f"/exposures/{number}/gate/"
    page = client.get(path).text
    assert "屡教不改" in page
    assert "虚构住院" not in page, "not a word of the report"
    with reading() as session:
        assert "case-read" in session.scalars(select(LedgerEntry.kind)).all()
    wrong = _post(client, path, treatment="publish", rule="gate-light", words="轻（虚构）。")
    assert wrong.status_code == 422
    assert "所选的规则与处理方式不一致" in wrong.text
    assert _post(client, path, treatment="publish", rule="gate-repeated", words="再次违规（虚构）。").status_code == 303
    with reading() as session:
        assert session.scalars(select(Exposure.state)).all() == ["drafting"]
    after = client.get(path).text
    assert "再次违规（虚构）。" in after
    assert f'href="/exposures/{number}/"' in after
    assert "公开曝光" in client.get("/exposures/gate/").text


def test_a_publisher_opens_neither_the_report_nor_the_form_of_the_record(docket: Docket, staff_app: Flask) -> None:
    number = docket.recorded(record())
    client = _client(docket, staff_app, docket.publisher)
    assert client.get(f"/tips/{number}/").status_code == 403
    assert client.get(f"/exposures/{number}/record/").status_code == 403
    assert _client(docket, staff_app, docket.editor).get(f"/exposures/{number}/gate/").status_code == 403
