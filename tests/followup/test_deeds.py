from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from admin.staff.roles import Role
from admin.tips.queries import pressured_below
from crypto import receipts
from portal.kernel.transaction import reading
from portal.mailbox.models import Letter
from portal.tips.models import IdentityRecord, IdentityShare
from tests.admin_tips.world import CITY, World
from tests.followup.conftest import Handed, Visitor, one_database

WHO = {
    "name": "测试人乙",
    "phone": "１３９００００００００",
    "email": "",
    "address": "",
    "relation": "patient",
    "id_kind": "resident",
    "id_number": "",
    "fellows": "",
}


def count(table: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def naming(inside: Visitor) -> Visitor:
    """The reporter on the page for a name."""
    inside.get("/followup/identity/")
    return inside


def test_a_name_said_later_is_sealed_to_the_board_once(mine: Handed, naming: Visitor, world: World) -> None:
    naming.post("/followup/identity/", WHO)
    assert "姓名已经封存" in naming.text
    assert world.tip(mine.number).named is True
    assert (count(IdentityRecord), count(IdentityShare)) == (1, 3)
    naming.get("/followup/identity/")
    assert "您已经留过姓名" in naming.text
    assert "测试人乙" not in naming.text
    naming.get("/followup/messages/")
    naming.post("/followup/identity/", WHO)
    assert count(IdentityRecord) == 1
    assert "留下，已经单独封存" in naming.get("/followup/sent/").text


def test_nothing_of_the_name_stands_in_clear(naming: Visitor) -> None:
    naming.post("/followup/identity/", WHO)
    with reading() as session:
        record = session.scalars(select(IdentityRecord)).one()
        shares = b"".join(share.sealed for share in session.scalars(select(IdentityShare)))
    for told in ("测试人乙", "13900000000"):
        assert told.encode() not in record.sealed + shares


@one_database
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"phone": "abc"}, "电话只写数字"),
        ({"email": "x"}, "电子邮箱的样子不对"),
        ({"relation": "king"}, "请选择一项"),
        ({"id_number": "110101199003070000", "id_consent": "y"}, "身份证号码不对"),
        ({"id_number": "11010119900307803X"}, "单独同意"),
        ({"fellows": "\n".join(f"甲{n}" for n in range(11))}, "最多写 10 位"),
    ],
)
def test_a_wrong_answer_comes_back_with_what_was_typed(change: dict[str, str], answer: str, naming: Visitor) -> None:
    page = naming.post("/followup/identity/", {**WHO, "address": "演示路 1 号", **change})
    assert page.status_code == 400
    assert answer in naming.text
    assert "演示路 1 号" in page.text
    assert page.text.partition("<title>")[2].startswith("错误：")
    assert count(IdentityRecord) == 0


@one_database
def test_who_left_a_name_at_the_start_is_not_asked_again(hand_in: Callable[..., Handed], visitor: Visitor) -> None:
    visitor.sign_in(hand_in(named=True).code)
    assert "补留姓名" not in visitor.text
    assert "您已经留过姓名" in visitor.get("/followup/identity/").text


def test_withdrawing_needs_the_tick_that_says_what_it_costs(mine: Handed, inside: Visitor, world: World) -> None:
    inside.get("/followup/withdraw/")
    assert "不再发给举报奖励" in inside.text
    assert "第五条" in inside.text
    page = inside.post("/followup/withdraw/", {})
    assert page.status_code == 400
    assert world.tip(mine.number).withdrawn_on is None
    inside.post("/followup/withdraw/", {"sure": "y"})
    assert "撤回已经登记" in inside.text
    assert str(world.tip(mine.number).withdrawn_on) == "2026-09-28"
    assert "您撤回了举报" in inside.text
    assert "这份举报已经撤回" in inside.get("/followup/withdraw/").text


def test_withdrawn_twice_is_withdrawn_once(inside: Visitor) -> None:
    for _ in range(2):
        inside.get("/followup/pressure/")
        inside.post("/followup/withdraw/", {"sure": "y"})
    with reading() as session:
        kinds = list(session.scalars(select(Letter.notice).order_by(Letter.position)))
    assert kinds == ["received", "withdrawn"]


def test_pressure_alerts_the_superior_office_without_a_word_of_it(mine: Handed, inside: Visitor, world: World) -> None:
    inside.get("/followup/pressure/")
    inside.post("/followup/pressure/", {"text": "院长打电话让我撤回。"})
    assert "已经提醒上级单位" in inside.text
    assert world.tip(mine.number).pressured is True
    with reading() as session:
        seen = pressured_below(session, world.person(CITY, Role.INTAKE))
    assert [row.number for row in seen] == [mine.number]
    assert "院长" not in str(seen)
    assert "院长打电话让我撤回。" in inside.get("/followup/messages/").text


def test_pressure_can_be_told_without_a_word(mine: Handed, inside: Visitor, world: World) -> None:
    inside.get("/followup/pressure/")
    inside.post("/followup/pressure/", {"text": ""})
    assert world.tip(mine.number).pressured is True
    inside.get("/followup/pressure/")
    assert inside.post("/followup/pressure/", {"text": "又来了。"}).status_code == 200


@one_database
def test_a_receipt_code_is_refused_there_too(mine: Handed, inside: Visitor, world: World) -> None:
    inside.get("/followup/pressure/")
    page = inside.post("/followup/pressure/", {"text": receipts.generate().digits})
    assert page.status_code == 400
    assert "请删去后再发" in inside.text
    assert world.tip(mine.number).pressured is False
