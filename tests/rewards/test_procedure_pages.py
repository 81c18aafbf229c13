"""The pages of a reward: an officer, a head, and a reporter with a receipt code, each in a browser of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.rewards import deciding
from portal.kernel.actors import Actor
from portal.kernel.site import Site
from portal.rewards import claiming
from tests.followup.conftest import Handed, Visitor, hand_in_report
from tests.payments.vault import PEOPLE
from tests.rewards.court import Court

PAYEE = {"name": PEOPLE[0].name, "id_number": PEOPLE[0].id_number, "bank": PEOPLE[0].bank}
PAYEE["account"] = PEOPLE[0].account


@dataclass
class Desk:
    """A staff browser that sends the token of the page it looked at."""

    client: FlaskClient
    factors: list[str | None]

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, page: str, **fields: str) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))
        assert found is not None
        return self.client.post(path, data={"csrf_token": found[1], **fields})


@dataclass
class Counter:
    court: Court
    app: Flask
    factors: list[str | None]

    def desk(self, actor: Actor) -> Desk:
        client = self.app.test_client()
        self.court.world.sign_in(client, actor)
        return Desk(client, self.factors)


@pytest.fixture
def counter(court: Court, staff_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """The staff site; second factors are written down and taken."""
    factors: list[str | None] = []
    monkeypatch.setattr("admin.web.stepup.take_factor", factors.append)
    return Counter(court, staff_app, factors)


@pytest.fixture
def reported(court: Court, site: Site) -> Handed:
    """A report without a name whose reporter wants a reward, decided with a loss."""
    handed = hand_in_report(site, wants_reward=True)
    court.decided(court.take(handed.number))
    return handed


def test_two_people_and_a_reporter_bring_a_reward_to_the_bank(
    counter: Counter, reported: Handed, visitor: Visitor
) -> None:
    officer, head = counter.desk(counter.court.officer), counter.desk(counter.court.head)
    number = reported.number
    assert number in officer.get("/rewards/")
    assert number not in head.get("/rewards/")
    here = f"/rewards/{number}/"
    assert "算出来是 1,000 元" in officer.get(f"{here}propose/")
    assert officer.post(f"{here}propose/", f"{here}propose/", do="propose", joint="1").status_code == 303
    assert "要由另一个人决定" in officer.get(here)
    assert number in head.get("/rewards/")
    asked = head.post(f"{here}decide/approve/", here)
    assert "批准举报" in asked.text
    assert counter.court.reward(number).state == "proposed"
    assert head.post(f"{here}decide/approve/", here, code="123456").status_code == 303
    assert counter.factors == ["123456"]
    visitor.sign_in(reported.code)
    visitor.get("/followup/reward/")
    assert "1,000 元" in visitor.text
    assert "最迟 2026年11月30日" in visitor.text
    assert "× 2%" in visitor.text
    assert "举报时不留姓名也可以领" in visitor.text
    visitor.get("/followup/messages/")
    assert "领取举报奖励通知书" in visitor.text
    visitor.get("/followup/reward/claim/")
    visitor.post("/followup/reward/claim/", PAYEE)
    assert "收款信息已经封存" in visitor.text
    assert not [word for word in PAYEE.values() if word in visitor.get("/followup/reward/").text]
    assert [payment.amount_fen for payment in counter.court.payments()] == [100_000]
    assert "已领取，待支付" in officer.get(here)
    assert "已领取，待支付" in officer.get(f"/tips/{number}/")


@pytest.mark.parametrize(
    ("budget_fen", "said"),
    [(125_100, ""), (125_000, "用到 80%"), (90_000, "用到 111%。预算设定为不得超过，不能批准")],
)
def test_who_decides_sees_how_the_budget_would_stand(
    counter: Counter, reported: Handed, budget_fen: int, said: str
) -> None:
    counter.court.budget(budget_fen)
    counter.court.propose(reported.number)
    page = counter.desk(counter.court.head).get(f"/rewards/{reported.number}/")
    assert (said in page) if said else ("年的奖励预算" not in page)
    assert "年的奖励预算" not in counter.desk(counter.court.officer).get(f"/rewards/{reported.number}/")


def test_a_claim_form_says_field_by_field_what_is_wrong_and_stores_nothing(
    counter: Counter, reported: Handed, visitor: Visitor
) -> None:
    counter.court.propose(reported.number)
    counter.court.do(reported.number, deciding.approve, by=counter.court.head)
    visitor.sign_in(reported.code)
    visitor.get("/followup/reward/claim/")
    wrong = {"name": "1", "id_number": "110101199001010016", "bank": "x", "account": "12"}
    assert visitor.post("/followup/reward/claim/", wrong).status_code == 400
    for words in ("请填写收款人姓名", "身份证号码不对", "请填写开户银行", "银行账号是 12 到 19 位数字"):
        assert words in visitor.text
    assert counter.court.payments() == []
    visitor.get("/en/followup/reward/claim/")
    assert "This ID number is not right" in visitor.post("/en/followup/reward/claim/", wrong).text


def test_a_reporter_wishes_waives_and_asks_again_on_the_page(counter: Counter, site: Site, visitor: Visitor) -> None:
    court, handed = counter.court, hand_in_report(site)
    visitor.sign_in(handed.code)
    visitor.get("/followup/reward/")
    visitor.post("/followup/reward/wish/", {})
    assert "您想领奖励，我们已经登记" in visitor.text
    court.decided(court.take(handed.number))
    court.propose(handed.number, "已经掌握", excluded_by=("RW-4.2",))
    court.do(handed.number, deciding.approve, by=court.head)
    visitor.get("/followup/reward/")
    assert "医保部门事先已经掌握" in visitor.text
    assert "已经掌握。已经掌握" not in visitor.text  # the officer's own words stay in the file
    visitor.post("/followup/reward/review/", {"text": "不是同一件事。"})
    assert "复核申请已经收到" in visitor.text
    reviewer = counter.desk(court.reviewer)
    here = f"/rewards/{handed.number}/"
    assert reviewer.post(f"{here}review/look-again/", here, code="1").status_code == 303
    visitor.get("/followup/reward/")
    assert "正在审查" in visitor.text
    visitor.post("/followup/reward/waive/", {})
    assert "放弃已经登记" in visitor.text
    assert court.reward(handed.number).state == "waived"
    visitor.get("/followup/messages/")
    visitor.post("/followup/reward/waive/", {})
    assert "没有办成" in visitor.text


def test_an_officer_sees_why_no_figure_comes_out(counter: Counter, court: Court) -> None:
    number = court.decided(court.filed(region="320104"))
    page = counter.desk(court.officer).get(f"/rewards/{number}/propose/")
    assert "现在算不出数额" in page
    answer = counter.desk(court.officer).post(
        f"/rewards/{number}/propose/", f"/rewards/{number}/propose/", do="propose", joint="1"
    )
    assert answer.status_code == 200
    assert court.reward(number).state == "review"


def test_what_was_paid_is_taken_back_by_two_people(counter: Counter, court: Court) -> None:
    number = court.given()
    court.says(number, claiming.claim, PEOPLE[0])
    court.bank("paid")
    court.sweep()
    officer, head, here = counter.desk(court.officer), counter.desk(court.head), f"/rewards/{number}/"
    sent = officer.post(f"{here}recover/", f"{here}recover/", reason="forged", why="票据是伪造的（虚构）")
    assert sent.status_code == 303
    assert head.post(f"{here}decide/approve/", here, code="1").status_code == 303
    assert court.reward(number).state == "recovered"
    assert court.world.notices(number)[-1] == "reward_recovered"
    assert "收回奖励" in officer.get(here)


def test_a_reporter_without_a_code_is_told_and_claims_at_the_desk(counter: Counter, court: Court) -> None:
    number = court.decided(court.filed(way="callback", named=True))
    court.propose(number)
    court.do(number, deciding.approve, by=court.head)
    assert court.reward(number).state == "decided"
    officer, here = counter.desk(court.officer), f"/rewards/{number}/"
    assert officer.post(f"{here}told/", here).status_code == 303
    assert court.reward(number).claim_until is not None
    assert officer.post(f"{here}claim/", f"{here}claim/", **PAYEE).status_code == 303
    assert court.reward(number).state == "claimed"
    assert len(court.payments()) == 1
