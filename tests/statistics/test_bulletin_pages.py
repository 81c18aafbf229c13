"""Pages of the monthly bulletin: a month is counted, looked at, approved, published and corrected by two people."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.staff.roles import Role
from portal.kernel.actors import Actor
from portal.kernel.transaction import reading
from portal.kernel.values import Id
from portal.statistics.models import Bulletin, PublishedBulletin
from tests.admin_tips.world import CITY
from tests.statistics.conftest import Desk, rows
from tests.statistics.test_making import put_right

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The verbs behind the pages are tested on both databases."""


@dataclass
class Person:
    """Somebody at the pages of the bulletin."""

    client: FlaskClient

    def get(self, path: str = "", status: int = 200) -> str:
        answer = self.client.get(f"/statistics/{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, action: str = "", **fields: str) -> TestResponse:
        hidden = re.findall(r'type="hidden" name="(csrf_token|seen)" value="([^"]*)"', self.get(path))
        return self.client.post(f"/statistics/{path}{action}", data={**dict(hidden), "code": "123456", **fields})


@dataclass
class Office:
    desk: Desk
    app: Flask

    def person(self, actor: Actor) -> Person:
        client = self.app.test_client()
        self.desk.world.sign_in(client, actor)
        return Person(client)

    @property
    def maker(self) -> Person:
        return self.person(self.desk.maker)

    @property
    def approver(self) -> Person:
        return self.person(self.desk.approver)

    def counted(self) -> Id:
        made = self.maker.post("", office=self.desk.office.hex, month="2026-09")
        assert made.status_code == 303
        return Id(made.location.rstrip("/").rpartition("/")[2])


@pytest.fixture
def office(desk: Desk, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Second factors are taken without being looked at."""
    monkeypatch.setattr("admin.web.deciding.take_factor", lambda _typed: None)
    return Office(desk, staff_app)


def test_from_a_month_to_the_public_by_two_people(office: Office) -> None:
    one = office.counted()
    approver = office.approver
    assert "等我办的办理月报" in approver.client.get("/dashboard/").text
    page = approver.get(f"{one}/")
    assert "合计 7。" in page and "演示甲区医疗保障局" in page
    assert approver.post(f"{one}/", "approve").status_code == 303
    assert approver.post(f"{one}/", "publish").status_code == 303
    assert rows(PublishedBulletin) == 1
    assert "已公布" in office.maker.get()


def test_whoever_had_it_counted_is_offered_no_decision(office: Office) -> None:
    one = office.counted()
    page = office.maker.get(f"{one}/")
    assert "重新统计" in page and f"/statistics/{one}/approve" not in page
    assert office.maker.post(f"{one}/", "approve").status_code == 403


def test_a_month_is_offered_once_and_no_other_is_taken(office: Office) -> None:
    maker = office.maker
    assert 'value="2026-09"' in maker.get() and 'value="2026-10"' not in maker.get()
    assert maker.post("", office=office.desk.office.hex, month="2026-10").status_code == 400
    office.counted()
    assert "过完的月份都有了月报" in office.maker.get()
    assert rows(Bulletin) == 1


def test_a_decision_on_figures_that_changed_is_refused_on_the_page(office: Office) -> None:
    one = office.counted()
    answer = office.approver.post(f"{one}/", "approve", seen="0" * 64)
    assert answer.status_code == 422
    assert "月报有了变化" in answer.text


def test_a_bulletin_is_sent_back_with_words_and_given_up(office: Office) -> None:
    one = office.counted()
    assert office.approver.post(f"{one}/", "send-back", words="").status_code == 400
    assert office.approver.post(f"{one}/", "send-back", words="请核对（虚构）。").status_code == 303
    assert "请核对（虚构）。" in office.maker.get(f"{one}/")
    same = office.maker.post(f"{one}/", "count-again")
    assert (same.status_code, "完全一样" in same.text) == (422, True)
    assert office.maker.post(f"{one}/", "drop").status_code == 303
    assert "已经放弃" in office.maker.get(f"{one}/")


def test_a_correction_shows_what_stands_and_what_would_stand(office: Office) -> None:
    office.desk.published()
    with reading() as session:
        one = session.scalars(select(Bulletin.id)).one()
    put_right(7)
    assert office.maker.post(f"{one}/", "correct", reason="", words="").status_code == 400
    leaks = office.maker.post(f"{one}/", "correct", reason="record", words="电话13800138000登记错了。")
    assert leaks.status_code == 422
    made = office.maker.post(f"{one}/", "correct", reason="record", words="来源登记错了（虚构）。")
    assert made.status_code == 303
    page = office.approver.get(made.location.partition("/statistics/")[2])
    assert "更正，第 2 版" in page and "现在公布的那一版" in page and "来源登记错了（虚构）。" in page
    assert "统计更正" not in office.maker.get(f"{one}/"), "one is under way"


def test_who_only_reads_figures_sees_no_action_and_other_offices_see_nothing(office: Office) -> None:
    one = office.counted()
    auditor = office.person(office.desk.world.person("320000", Role.AUDITOR))
    assert "现在没有要您办的" in auditor.get(f"{one}/")
    city = office.person(office.desk.world.person(CITY, Role.FUND_PUBLISHER))
    city.get(f"{one}/", status=404)
    assert "还没有月报" in city.get()
