"""Boards that keep whom rewards are paid to: formed, seated, handed over, watched and retired like those of identities,
by other people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from admin.plan import MemberPlan
from admin.staff.models import Staff, StaffRole
from admin.staff.roles import Role
from portal.directory.models import CustodyBoard
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen, new_id
from portal.payments.models import PayeeShare, Payment
from portal.payments.payees import register
from portal.routing import choose
from tests.custody.conftest import Office
from tests.custody.test_boards import board_called, board_of_report, county, found_seat, id_of, press, seat_of
from tests.payments.vault import PEOPLE
from tests.staff import deployment
from tests.staff.deployment import said

NEW = "演示区付款保管组"
MORE = (
    *(MemberPlan(f"payer{number}", f"{number}号付款保管", "COUNTY", (Role.PAYMENT_KEEPER,)) for number in (1, 2, 3)),
    MemberPlan("keeper3", "三号保管", "COUNTY", (Role.CUSTODIAN,)),
)


@pytest.fixture(autouse=True)
def more_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keepers of payees and one more of identities at the county, who hold nothing yet."""
    monkeypatch.setattr(deployment, "PLAN", replace(deployment.PLAN, members=deployment.PLAN.members + MORE))


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office("admin", "county", "payer1", "payer2", "payer3", "keeper3")


def form_board(office: Office, *keepers: str, path: str = "/custody/boards/new/payment/") -> int:
    fields = {"name": NEW, "office": str(county().id), "k": "2"}
    for at, name in enumerate(keepers):
        fields |= {f"seats-{at}-person": id_of(name), f"seats-{at}-person_no": f"P-{name}"}
    return press(office, "admin", path, fields).status_code


def with_board(office: Office, *keepers: str) -> None:
    assert form_board(office, *keepers) == 303
    for name in keepers:
        found_seat(office, name)
    office.deployment.sequence()
    office.clock.advance(seconds=6)


def pay() -> Payment:
    choose.forget()
    with transaction() as session:
        return register(session, new_id(), county().id, 2026, Fen(100), PEOPLE[0], now())


def test_a_county_gets_a_payment_board_and_its_payees_go_there_and_no_identity_does(office: Office) -> None:
    with_board(office, "payer1", "payer2")
    made, number = pay(), office.report()
    assert made.board_id == board_called(NEW).id
    assert board_of_report(number) == "保管组"
    with reading() as session:
        assert len(session.scalars(select(PayeeShare)).all()) == 2
    page = office.browsers["admin"].get("/custody/boards/").text
    assert "保管 1 份奖励的收款信息" in page and "使用它的单位：演示区医保局" in page


def test_its_page_offers_keepers_of_payees_and_nobody_else(office: Office) -> None:
    offered = {path: office.browsers["admin"].get(f"/custody/boards/new/{path}").text for path in ("", "payment/")}
    assert "1号付款保管" in offered["payment/"] and "三号保管" not in offered["payment/"]
    assert "1号付款保管" not in offered[""] and "三号保管" in offered[""]
    assert form_board(office, "payer1", "keeper3") == 422
    assert form_board(office, "payer1", "keeper3", path="/custody/boards/new/") == 422
    with reading() as session:
        assert NEW not in session.scalars(select(CustodyBoard.name)).all()


def test_whoever_handles_reports_under_another_account_is_not_appointed(office: Office) -> None:
    with transaction() as session:
        handler = session.scalars(select(Staff).where(Staff.sign_in == "county")).one()
        handler.person_no = "P-PAYER2"
        assert session.scalars(select(StaffRole).where(StaffRole.staff_id == handler.id)).all()
    assert form_board(office, "payer1", "payer2") == 422


def test_a_seat_is_handed_over_to_another_keeper_of_payees(office: Office) -> None:
    with_board(office, "payer1", "payer2")
    made, seat = pay(), seat_of("payer1")
    appointed = office.post("admin", "/custody/boards/", seat=str(seat.id), person=id_of("keeper3"), person_no="K-3")
    assert appointed.status_code == 422 and "还不是付款保管人" in said(appointed)
    appointed = office.post("admin", "/custody/boards/", seat=str(seat.id), person=id_of("payer3"), person_no="P-3")
    assert appointed.status_code == 303
    path = f"/custody/seats/{seat.id}/hand-over/"
    shown = re.search(r'name="fingerprint" value="([^"]*)"', office.browsers["payer1"].get(path).text)
    assert shown and office.post("payer1", path, fingerprint=shown[1]).status_code == 303
    assert seat_of("payer3").id == seat.id
    assert NEW in office.browsers["payer3"].get("/custody/seats/").text
    assert made.board_id == board_called(NEW).id


def test_the_last_payment_board_is_not_retired_and_no_keeper_leaves_it_too_few(office: Office) -> None:
    with_board(office, "payer1", "payer2")
    pay()
    retired = press(office, "admin", f"/custody/boards/{board_called(NEW).id}/retire/")
    assert retired.status_code == 422 and "新的收款信息就没有保管组" in said(retired)
    left = press(office, "admin", f"/staff/{id_of('payer1')}/leave")
    assert left.status_code == 422 and "现在离不开这个人" in left.text
    assert "再少一席就打不开了" in office.browsers["payer1"].get("/custody/seats/").text
