"""Pages of a circular on the evaluation: proposed, sent with a fresh second factor, signed for, printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.kernel.actors import Actor
from tests.admin_tips.world import DISTRICT, OTHER
from tests.evaluation.test_circulars import rewritten
from tests.evaluation.told import Teller

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""
NEW = "/evaluation/{}/circular/?period=2026-Q3"


@dataclass
class Desk:
    """Somebody at the pages."""

    client: FlaskClient

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, to: str = "", **fields: object) -> TestResponse:
        hidden = re.findall(r'type="hidden" name="(csrf_token|seen)" value="([^"]*)"', self.client.get(path).text)
        return self.client.post(to or path, data={**dict(hidden), "code": "123456", **fields})


@dataclass
class Office:
    teller: Teller
    app: Flask

    def desk(self, actor: Actor) -> Desk:
        client = self.app.test_client()
        self.teller.world.sign_in(client, actor)
        return Desk(client)

    @property
    def new(self) -> str:
        return NEW.format(self.teller.office)

    def ids(self, *codes: str) -> list[str]:
        return [self.teller.world.offices[one].id.hex for one in codes]


@pytest.fixture
def office(teller: Teller, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Second factors are taken without being looked at."""
    monkeypatch.setattr("admin.web.deciding.take_factor", lambda _typed: None)
    return Office(teller, staff_app)


def test_from_the_table_to_the_receipt(office: Office) -> None:
    accountant, teller = office.desk(office.teller.accountant), office.teller
    assert office.new.replace("&", "&amp;") in accountant.get("/evaluation/?period=2026-Q3")
    page = accountant.get(office.new)
    assert page.count(" checked") == 2 and "关于2026 年第三季度举报办理综合评价的通报" in page
    made = accountant.post(office.new, offices=office.ids(DISTRICT, OTHER), words="请报告改进措施。")
    assert made.status_code == 303
    path = made.location
    number = path.rstrip("/").rpartition("/")[2]
    assert "要由另一位负责人签发" in accountant.get(path)
    assert accountant.post(path, f"{path}send/").status_code == 403
    head = office.desk(teller.head)
    assert '<span>等我签发的通报</span> <strong class="numeric">1</strong>' in head.get("/dashboard/")
    assert "等我签发的通报" not in accountant.get("/dashboard/")
    assert "等您签发" in head.get("/evaluation/")
    assert head.post(path, f"{path}send/").status_code == 303
    reader = office.desk(teller.world.person(DISTRICT, Role.HANDLER))
    assert "2026 年第三季度综合评价" in reader.get("/circulars/")
    before = reader.get(f"/circulars/{number}/")
    assert "签收以后才能看到内容" in before and "请报告改进措施" not in before
    assert reader.client.get(f"/circulars/{number}/print/").status_code == 422
    assert reader.post(f"/circulars/{number}/", f"/circulars/{number}/sign/").status_code == 303
    read = reader.get(f"/circulars/{number}/")
    assert "请报告改进措施" in read and "附二　计算" in read and "各单位的签收" not in read
    assert "打印人：" in reader.get(f"/circulars/{number}/print/")
    shown = accountant.get(path)
    assert "已签收" in shown and "还没有签收" in shown


def test_a_page_that_is_out_of_date_sends_nothing(office: Office) -> None:
    number = office.teller.proposed()
    path = f"/evaluation/circulars/{number}/"
    answer = office.desk(office.teller.head).post(path, f"{path}send/", seen="0" * 64)
    assert answer.status_code == 422 and "通报有了变化" in answer.text
    assert office.teller.row(number).state == "proposed"


def test_sending_asks_for_the_second_factor(teller: Teller, staff_app: Flask) -> None:
    number = teller.proposed()
    path, head = f"/evaluation/circulars/{number}/", Office(teller, staff_app).desk(teller.head)
    assert head.post(path, f"{path}send/", code="").status_code == 400
    assert head.post(path, f"{path}send/").status_code == 422
    assert teller.row(number).state == "proposed"


def test_what_must_not_stand_there_is_said_and_what_was_typed_stays(office: Office) -> None:
    accountant, to = office.desk(office.teller.accountant), office.ids(DISTRICT)
    named = accountant.post(office.new, offices=to, words="有事请拨 13900000000。")
    assert named.status_code == 422
    assert "下面的内容不能写进通报" in named.text and "有事请拨" in named.text
    assert named.text.count(" checked") == 1
    asked = accountant.post(office.new, offices=to, words="唯一的夜班药师反映了这件事。")
    keys = re.findall(r'name="answered" value="([^"]+)"', asked.text)
    assert asked.status_code == 422 and keys
    sent = accountant.post(office.new, offices=to, words="唯一的夜班药师反映了这件事。", answered=keys)
    assert sent.status_code == 303


def test_a_period_that_goes_on_and_an_office_of_others_have_no_page(office: Office) -> None:
    accountant = office.desk(office.teller.accountant)
    accountant.get(office.new.replace("Q3", "Q4"), 422)
    other = NEW.format(office.teller.world.offices[DISTRICT].id)
    accountant.get(other, 403)


def test_why_it_was_sent_back_is_read_by_whoever_proposed_it_and_nobody_else_finds_it(office: Office) -> None:
    teller = office.teller
    number = teller.proposed()
    path = f"/evaluation/circulars/{number}/"
    office.desk(teller.head).post(path, f"{path}send-back/", words="先核对乙区（虚构）。")
    assert "先核对乙区（虚构）。" in office.desk(teller.accountant).get(path)
    office.desk(teller.world.person(DISTRICT, Role.HEAD)).get(path, 404)
    assert "已退回" in office.desk(teller.accountant).get("/evaluation/")


def test_a_text_that_was_changed_underneath_is_said_to_be_altered(office: Office) -> None:
    number = office.teller.proposed()
    rewritten(office.teller, number)
    answer = office.desk(office.teller.head).client.get(f"/evaluation/circulars/{number}/")
    assert answer.status_code == 422 and "和封存的时候不一样" in answer.text


def test_a_number_that_is_not_there_is_not_found(office: Office) -> None:
    office.desk(office.teller.head).get("/evaluation/circulars/TB-2222-2222/", 404)
