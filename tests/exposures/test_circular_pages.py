"""The pages of circulars: from the gate to the receipt of whoever reads one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.exposures.models import Circular, CircularReceipt
from portal.kernel.actors import Actor
from portal.kernel.clock import today
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.tips.models import Tip
from tests.admin_tips.world import CITY, OTHER
from tests.exposures.conftest import Docket
from tests.exposures.records import record
from tests.exposures.test_circulars import BODY, TITLE, gated, sent
from tests.exposures.test_record_pages import _client, _post

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def _sign(client: FlaskClient, number: str) -> TestResponse:
    data = {"csrf_token": _token(client, f"/circulars/{number}/")}
    return client.post(f"/circulars/{number}/sign/", data=data)


def _receipts() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(CircularReceipt)) or 0


def _printed() -> int:
    with reading() as session:
        return len(session.scalars(select(LedgerEntry.id).where(LedgerEntry.kind == "print-made")).all())


def _office(docket: Docket, code: str) -> str:
    return docket.world.offices[code].id.hex


def _reader(docket: Docket, app: Flask, role: Role = Role.HANDLER) -> tuple[FlaskClient, Actor]:
    person = docket.world.person(OTHER, role)
    return _client(docket, app, person), person


def test_the_gate_leads_to_the_circular_which_goes_out_and_is_signed_for(docket: Docket, staff_app: Flask) -> None:
    number, publisher = docket.recorded(record()), _client(docket, staff_app, docket.publisher)
    gate = f"/exposures/{number}/gate/"
    answer = _post(publisher, gate, treatment="circulate", rule="gate-light", words="情节较轻（虚构）。")
    new = answer.headers["Location"]
    assert new.endswith(f"/exposures/{number}/circular/new/")
    page = publisher.get(new).text
    assert "演示第一医院违规收费案的内部通报" in page
    assert "院长赵某" in page
    assert "虚构住院" not in page, "not a word of the report"
    assert "写内部通报" in publisher.get(gate).text
    answer = _post(publisher, new, title=TITLE, body=BODY, offices=[_office(docket, OTHER), _office(docket, CITY)])
    assert answer.status_code == 303, answer.text
    mine = publisher.get(answer.headers["Location"]).text
    assert "某院重复收费" in mine
    assert mine.count("还没有签收") == 2
    assert "写内部通报" not in publisher.get(gate).text

    reader, person = _reader(docket, staff_app)
    listed = reader.get("/circulars/").text
    circular = re.search(r"TB-\w{4}-\w{4}", listed)
    assert circular is not None
    assert "等您签收" in listed
    before = reader.get(f"/circulars/{circular[0]}/").text
    assert "签收并阅读" in before
    assert "重复收费" not in before, "nothing is shown before the receipt"
    assert _sign(reader, circular[0]).status_code == 303
    assert "某院重复收费" in reader.get(f"/circulars/{circular[0]}/").text
    assert "等您签收" not in reader.get("/circulars/").text
    mine = publisher.get(f"/circulars/{circular[0]}/").text
    assert f"{person.name}（2026-09-28）" in mine
    assert mine.count("还没有签收") == 1
    assert "1 / 2" in publisher.get("/circulars/").text


def test_what_was_typed_comes_back_with_what_is_wrong(docket: Docket, staff_app: Flask) -> None:
    number, client = gated(docket), _client(docket, staff_app, docket.publisher)
    path, offices = f"/exposures/{number}/circular/new/", [_office(docket, OTHER)]
    named = _post(client, path, title=TITLE, body="院长赵演示甲重复收费。", offices=offices)
    assert named.status_code == 422
    assert "下面的内容不能写进通报" in named.text
    assert f'value="{offices[0]}" checked' in named.text, "the choice is kept"
    masked = _post(client, path, title=TITLE, body="院长赵演示甲重复收费。", offices=offices, do="mask")
    assert "院长赵某重复收费。" in masked.text
    unsure = "唯一的夜班药师反映了这件事。"
    asked = _post(client, path, title=TITLE, body=unsure, offices=offices)
    assert asked.status_code == 422
    keys = re.findall(r'name="answered" value="([^"]+)"', asked.text)
    assert "唯一的夜班药师" in asked.text
    nobody = _post(client, path, title=TITLE, body=BODY).text
    assert '<a href="#offices-0">请至少选择一个接收单位' in nobody
    assert 'id="offices-0"' in nobody, "the error leads to the first choice"
    assert _post(client, path, title=TITLE, body=unsure, offices=offices, answered=keys).status_code == 303


def test_pressing_send_twice_sends_one(docket: Docket, staff_app: Flask) -> None:
    number, client = gated(docket), _client(docket, staff_app, docket.publisher)
    path = f"/exposures/{number}/circular/new/"
    fields = {"csrf_token": _token(client, path), "title": TITLE, "body": BODY, "offices": [_office(docket, OTHER)]}
    assert client.post(path, data=fields).status_code == 303
    again = client.post(path, data=fields)
    assert again.status_code == 422
    assert "已经发出" in again.text
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Circular)) == 1


def test_somebody_of_an_office_that_got_no_copy_finds_nothing(docket: Docket, staff_app: Flask) -> None:
    number = sent(docket, OTHER)
    stranger = _client(docket, staff_app, docket.world.person(CITY, Role.HEAD))
    assert stranger.get(f"/circulars/{number}/").status_code == 404
    assert stranger.get(f"/circulars/{number}/print/").status_code == 404
    token = _token(stranger, "/staff/me/")
    before = _receipts()
    assert stranger.post(f"/circulars/{number}/sign/", data={"csrf_token": token}).status_code == 404
    assert _receipts() == before
    assert number not in stranger.get("/circulars/").text


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.REWARD_REVIEWER])
def test_who_does_not_work_on_cases_has_no_circulars(docket: Docket, staff_app: Flask, role: Role) -> None:
    number = sent(docket, OTHER)
    client, _ = _reader(docket, staff_app, role)
    assert client.get("/circulars/").status_code == 403
    assert client.get(f"/circulars/{number}/").status_code == 403


def test_a_print_waits_for_the_receipt_and_bears_the_readers_name(docket: Docket, staff_app: Flask) -> None:
    number = sent(docket, OTHER)
    client, person = _reader(docket, staff_app)
    path = f"/circulars/{number}/print/"
    early = client.get(path)
    assert early.status_code == 422
    assert "重复收费" not in early.text
    assert _printed() == 0
    _sign(client, number)
    page = client.get(path).text
    assert "某院重复收费" in page
    assert f"打印人：{person.name}" in page
    assert _printed() == 1


def test_when_the_report_is_destroyed_the_words_are_gone_and_the_receipts_stay(
    docket: Docket, staff_app: Flask
) -> None:
    number = sent(docket, OTHER)
    client, person = _reader(docket, staff_app)
    _sign(client, number)
    with transaction() as session:
        circular = session.scalars(select(Circular).where(Circular.number == number)).one()
        tip = session.get_one(Tip, circular.tip_id)
        circular.sealed, tip.destroyed_on, tip.destroyed_by = b"", today(), "HR-18.1"
    page = client.get(f"/circulars/{number}/").text
    assert "通报的内容已经销毁" in page
    assert "重复收费" not in page
    assert client.get(f"/circulars/{number}/print/").status_code == 422
    assert person.name in _client(docket, staff_app, docket.publisher).get(f"/circulars/{number}/").text
    other, _ = _reader(docket, staff_app, Role.HEAD)
    assert "签收并阅读" not in other.get(f"/circulars/{number}/").text
