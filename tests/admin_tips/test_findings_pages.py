"""The forms that state what was found, and the case page and paper that show it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from admin.staff.roles import Role
from portal.kernel.actors import Actor
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from portal.tips.states import State
from tests.admin_tips.test_findings import Bureau
from tests.admin_tips.world import DISTRICT, World, found

SignIn = Callable[[Actor], FlaskClient]

TYPED = {
    "reason": "penalty",
    "text": "退回并罚款。",
    "loss_fen": "５２，３００．５０",
    "fine_fen": "10.46万",
    "subject_type": "institution",
    "nature": "fraud",
    "match": "main",
    "grade": "2",
    "grade_reason": "附了结算单照片。",
    "relation": "competitor",
}


@pytest.fixture
def bureau(world: World) -> Bureau:
    return Bureau(world)


@pytest.fixture
def as_person(world: World, staff_app: Flask) -> SignIn:
    """A browser in which this person is signed in."""

    def sign_in(actor: Actor) -> FlaskClient:
        client = staff_app.test_client()
        world.sign_in(client, actor)
        return client

    return sign_in


def _hidden(page: str) -> dict[str, str]:
    found_ones = re.findall(r'name="(csrf_token|seen)" value="([^"]+)"', page)
    return dict(found_ones)


def _send(client: FlaskClient, number: str, slug: str, **fields: str) -> tuple[int, str]:
    """Open the form of an act and send it."""
    address = f"/tips/{number}/{slug}/"
    page = client.get(address).get_data(as_text=True)
    answer = client.post(address, data={**_hidden(page), **fields})
    return answer.status_code, answer.get_data(as_text=True)


def _readings(number: str) -> int:
    with reading() as session:
        wanted = select(func.count()).where(LedgerEntry.kind == "tip-read", LedgerEntry.subject == number)
        return session.scalar(wanted) or 0


def test_a_decision_typed_into_the_form_stands_on_the_case_page_and_on_paper(bureau: Bureau, as_person: SignIn) -> None:
    number, handler = bureau.filed(), as_person(bureau.handler)
    assert _send(handler, number, "decide", **TYPED)[0] == 302
    for page in ("", "print/"):
        shown = handler.get(f"/tips/{number}/{page}").get_data(as_text=True)
        for words in (
            "52,300.50 元",
            "104,600 元",
            "欺诈骗保",
            "二级",
            "附了结算单照片。",
            "同行竞争者",
            "主要事实相符",
        ):
            assert words in shown, (page, words)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("loss_fen", "", "请填写“举报事项损失”"),
        ("loss_fen", "-5", "金额不能是负数。"),
        ("loss_fen", "12.345", "金额最多写到分，也就是小数点后两位。"),
        ("fine_fen", "约三万", "金额要写准确的数字"),
        ("recovered_fen", "52300.51", "“追回”不能多于"),
        ("relation", "", "请选择“举报人与被举报方的关系”"),
        ("match", "", "请选择“查实的与举报的是否相符”"),
        ("match", "none", "“举报事项损失”应当是 0"),
        ("grade_reason", " ", "请写明定这个等级的理由"),
        ("grade_reason", "证" * 1_001, "最多 1000 个字"),
        ("nature", "other", "请检查下面的内容"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(
    bureau: Bureau, as_person: SignIn, field: str, typed: str, said: str
) -> None:
    number = bureau.filed()
    status, page = _send(as_person(bureau.handler), number, "decide", **{**TYPED, field: typed})
    assert status == 200
    assert said in page
    assert bureau.world.tip(number).state == State.FILED
    for name, words in TYPED.items():
        if name != field and name not in ("reason", "nature", "match", "grade", "subject_type", "relation"):
            assert words in page, name
    assert field == "relation" or '<option value="competitor" selected>' in page


def test_a_breach_that_is_not_proven_needs_none_of_it(bureau: Bureau, as_person: SignIn) -> None:
    number = bureau.filed()
    fields = {"reason": "not_proven", "text": "查无此事。", "subject_type": "institution"}  # as the form came
    assert _send(as_person(bureau.handler), number, "decide", **fields)[0] == 302
    assert bureau.standing(number) is None


def test_the_closing_form_shows_what_stands_and_asks_why_it_changes(bureau: Bureau, as_person: SignIn) -> None:
    number, handler = bureau.decided(), as_person(bureau.handler)
    before = _readings(number)
    form = handler.get(f"/tips/{number}/close/").get_data(as_text=True)
    assert 'name="loss_fen" type="text" value="50000"' in form
    assert _readings(number) == before + 1  # it shows sealed words: like the case page, on record
    typed = {"reason": "recovered", "loss_fen": "50000", "recovered_fen": "50000", "subject_type": "institution"}
    typed |= {"nature": "general", "match": "complete", "grade": "none", "relation": "unknown"}
    status, page = _send(handler, number, "close", **typed)
    assert (status, "请写明更正的理由" in page) == (200, True)
    assert _send(handler, number, "close", **typed, why="已经全部退回。")[0] == 302
    case = handler.get(f"/tips/{number}/").get_data(as_text=True)
    assert "已经全部退回。" in case
    assert "第 1 次登记" in case


def test_a_correction_goes_to_the_head_who_sees_what_would_change(bureau: Bureau, as_person: SignIn) -> None:
    number = bureau.decided()
    handler, head = as_person(bureau.handler), as_person(bureau.head)
    typed = {"loss_fen": "30000", "subject_type": "institution", "nature": "general", "match": "complete"}
    typed |= {"grade": "none", "relation": "unknown", "text": "两张单据重复计算。"}
    assert _send(handler, number, "correct", **typed)[0] == 302
    case = head.get(f"/tips/{number}/").get_data(as_text=True)
    assert "30,000 元（原来：50,000 元）" in case
    assert "两张单据重复计算。" in case
    address = re.search(r'action="(/tips/[^"]+/approve/)"', case)
    assert address is not None
    head.post(address[1], data=_hidden(case))
    assert bureau.standing(number) == found(loss_fen=3_000_000)
    assert "更正查实金额" in head.get(f"/tips/{number}/").get_data(as_text=True)


def test_a_correction_of_nothing_is_refused_on_the_form(bureau: Bureau, as_person: SignIn) -> None:
    status, page = _send(as_person(bureau.handler), bureau.decided(), "correct", text="理由。")
    assert (status, "请填写“举报事项损失”" in page) == (200, True)


def test_who_may_not_ask_for_a_correction_is_not_shown_the_form(bureau: Bureau, as_person: SignIn) -> None:
    number, intake = bureau.decided(), as_person(bureau.world.person(DISTRICT, Role.INTAKE))
    before = _readings(number)
    assert intake.get(f"/tips/{number}/correct/").status_code == 403
    assert _readings(number) == before
