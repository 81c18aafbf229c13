"""A board of one's own: planned by the administrator, brought to life by its keepers, chosen, watched, retired."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.custody.founding import retire_board
from admin.plan import MemberPlan
from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import actor_of
from admin.staff.roles import Role
from portal.directory.models import BoardSeat, CustodyBoard, SealingKey
from portal.directory.models import Office as OfficeRow
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.tips.models import IdentityRecord, IdentityShare, Tip
from tests.custody.conftest import NAME, Office
from tests.custody.test_at_once import at_once
from tests.staff import deployment
from tests.staff.deployment import said, token

NEW = "演示区身份保管组"
MORE = (
    *(MemberPlan(f"keeper{number}", f"{number}号保管", "COUNTY", (Role.CUSTODIAN,)) for number in (3, 4, 5)),
    MemberPlan("head", "演示区负责人", "COUNTY", (Role.HEAD,)),
)


@pytest.fixture(autouse=True)
def more_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three keepers and a head at the county, who hold nothing yet."""
    monkeypatch.setattr(deployment, "PLAN", replace(deployment.PLAN, members=deployment.PLAN.members + MORE))


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office("admin", "county", "keeper1", "keeper2", "keeper3", "keeper4", "keeper5")


def id_of(name: str) -> str:
    with reading() as session:
        return str(session.scalars(select(Staff.id).where(Staff.sign_in == name)).one())


def county() -> OfficeRow:
    with reading() as session:
        return session.scalars(select(OfficeRow).where(OfficeRow.code == "COUNTY")).one()


def board_called(name: str) -> CustodyBoard:
    with reading() as session:
        return session.scalars(select(CustodyBoard).where(CustodyBoard.name == name)).one()


def seat_of(name: str) -> BoardSeat:
    """The seat that somebody holds or is appointed to."""
    person = id_of(name)
    with reading() as session:
        rows = session.scalars(select(BoardSeat)).all()
    return next(row for row in rows if person in (str(row.holder_id), str(row.next_holder_id)))


def press(office: Office, by: str, path: str, fields: dict[str, str] | None = None) -> TestResponse:
    """Send a form; when the site asks whether it is really them, they answer."""
    browser = office.browsers[by]
    return browser.post(path, data={"csrf_token": token(browser.get("/custody/boards/").text), **(fields or {})})


def form_board(office: Office, *keepers: str, k: str = "2", **fields: str) -> TestResponse:
    seats = {f"seats-{at}-person": id_of(name) for at, name in enumerate(keepers)}
    numbers = {f"seats-{at}-person_no": f"G-{name}" for at, name in enumerate(keepers)}
    given = {"name": NEW, "office": str(county().id), "k": k, **seats, **numbers, **fields}
    return press(office, "admin", "/custody/boards/new/", given)


def found_seat(office: Office, name: str) -> list[str]:
    """The keeper makes the key of the own new seat; returns the three sheets."""
    browser, path = office.browsers[name], f"/custody/seats/{seat_of(name).id}/key/"
    before = browser.get(path).text
    shown = browser.post(path, data={"csrf_token": token(before), "do": "make"}).text
    sheets = [
        " ".join(re.findall(r"<li>([a-z]+)</li>", sheet)) for sheet in re.findall(r"sheet__words.*?</ol>", shown, re.S)
    ]
    paper = re.search(r'name="paper"[^>]*value="([^"]+)"', shown)
    assert paper and len(sheets) == 3
    done = browser.post(path, data={"csrf_token": token(shown), "do": "found", "paper": paper[1], "kept": "y"})
    assert done.status_code == 303, said(done)
    return sheets


def with_own_board(office: Office, *keepers: str) -> None:
    answer = form_board(office, *keepers)
    assert answer.status_code == 303, said(answer)
    for name in keepers:
        found_seat(office, name)
    office.deployment.sequence()


def board_of_report(number: str) -> str:
    with reading() as session:
        query = (
            select(CustodyBoard.name)
            .join(IdentityRecord, IdentityRecord.board_id == CustodyBoard.id)
            .join(Tip, Tip.id == IdentityRecord.tip_id)
        )
        return session.scalars(query.where(Tip.number == number)).one()


def test_a_county_gets_a_board_of_its_own_seat_by_seat_and_its_identities_go_there(office: Office) -> None:
    assert form_board(office, "keeper3", "keeper4").status_code == 303
    assert "正在组建" in office.browsers["admin"].get("/custody/boards/").text
    found_seat(office, "keeper3")
    office.deployment.sequence()
    assert board_of_report(office.report()) == "保管组", "one seat of two is not enough"
    found_seat(office, "keeper4")
    assert board_of_report(office.report()) == "保管组", "the record does not vouch for the second key yet"
    office.deployment.sequence()
    office.clock.advance(seconds=6)
    number = office.report()
    assert board_of_report(number) == NEW
    request = office.asked(number)
    for keeper in ("keeper3", "keeper4"):
        assert office.answer(keeper, request).status_code == 303
    assert NAME in office.look(number, request).text


def test_whoever_plans_a_board_sees_no_word_of_its_paper_and_holds_no_key(office: Office) -> None:
    form_board(office, "keeper3", "keeper4")
    seat = seat_of("keeper3")
    assert office.browsers["admin"].get(f"/custody/seats/{seat.id}/key/").status_code == 403
    assert office.browsers["keeper4"].get(f"/custody/seats/{seat.id}/key/").status_code == 404
    found_seat(office, "keeper3")
    with reading() as session:
        grants = session.scalars(
            select(KeyGrant).join(SealingKey, SealingKey.id == KeyGrant.key_id).where(SealingKey.owner_id == seat.id)
        ).all()
    assert sorted(str(one.staff_id) for one in grants) == sorted([id_of("keeper3"), "None"])
    assert office.browsers["keeper3"].get(f"/custody/seats/{seat.id}/key/").status_code == 404, "once"


def test_the_sheets_of_one_seat_give_back_that_seat_and_no_other(office: Office) -> None:
    form_board(office, "keeper3", "keeper4")
    sheets, other = found_seat(office, "keeper3"), found_seat(office, "keeper4")
    office.deployment.sequence()
    office.clock.advance(seconds=6)
    number, seat = office.report(), seat_of("keeper3")
    appointed = office.post(
        "admin", "/custody/boards/", seat=str(seat.id), person=id_of("keeper5"), person_no="G-keeper5"
    )
    assert appointed.status_code == 303, said(appointed)
    path = f"/custody/seats/{seat.id}/paper/"
    assert office.post("keeper5", path, first=other[0], second=other[1]).status_code == 422
    assert office.post("keeper5", path, first=sheets[2], second=sheets[0]).status_code == 303
    assert office.post("keeper5", f"/custody/seats/{seat.id}/reseal/", do="begin").status_code == 303
    office.deployment.sequence()
    assert office.post("keeper5", f"/custody/seats/{seat.id}/reseal/", do="go").status_code == 303
    with reading() as session:
        newest = session.scalars(
            select(SealingKey.id).where(SealingKey.owner_id == seat.id, SealingKey.generation == 2)
        ).one()
        assert session.scalars(select(IdentityShare.key_id).where(IdentityShare.seat_id == seat.id)).all() == [newest]
        papers = session.scalars(
            select(KeyGrant.id).where(KeyGrant.key_id == newest, KeyGrant.staff_id.is_(None))
        ).all()
        assert len(papers) == 1, "the new key is on the same sheets again"
    request = office.asked(number)
    for keeper in ("keeper5", "keeper4"):
        assert office.answer(keeper, request).status_code == 303
    assert NAME in office.look(number, request).text


@pytest.mark.parametrize(
    ("keepers", "k", "fields", "why"),
    [
        (("keeper3",), "2", {}, "至少要有 2 个席位"),
        (("keeper3", "keeper4"), "3", {}, "至少要有 3 个席位"),
        (("keeper3", "keeper3"), "2", {}, "同一个人不能有两个席位"),
        (("keeper3", "keeper4"), "2", {"seats-1-person_no": ""}, "工号"),
        (("keeper3", "keeper4"), "2", {"seats-1-person_no": "g-keeper3"}, "一个人用两个账号"),
        (("keeper3", "keeper4"), "2", {"name": "保管组"}, "同名"),
        (("keeper3", "county"), "2", {}, "还不是身份保管人"),
        (("keeper3", "keeper4"), "1", {}, "Not a valid choice"),
    ],
)
def test_a_board_that_cannot_be_is_refused_with_the_reason(
    office: Office, keepers: tuple[str, ...], k: str, fields: dict[str, str], why: str
) -> None:
    answer = form_board(office, *keepers, k=k, **fields)
    assert answer.status_code in (400, 422)
    assert why in answer.text or (why == "Not a valid choice" and "error-summary" in answer.text)
    with reading() as session:
        assert session.scalars(select(CustodyBoard.name)).all() == ["保管组"]


def test_an_office_uses_the_board_that_was_chosen_for_it_and_none_that_is_not_ready(office: Office) -> None:
    form_board(office, "keeper3", "keeper4")
    path = f"/custody/boards/of/{county().id}/"
    assert NEW not in office.browsers["admin"].get(path).text, "without keys it is not offered"
    assert press(office, "admin", path, {"board": str(board_called(NEW).id)}).status_code == 400
    for keeper in ("keeper3", "keeper4"):
        found_seat(office, keeper)
    office.deployment.sequence()
    office.clock.advance(seconds=6)
    assert board_of_report(office.report()) == NEW
    assert press(office, "admin", path, {"board": str(board_called("保管组").id)}).status_code == 303
    assert board_of_report(office.report()) == "保管组"
    assert press(office, "admin", path, {"board": ""}).status_code == 303
    assert board_of_report(office.report()) == NEW
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "setting-changed")).all()
    assert sum(b"office-board" in bytes(one) for one in kinds) == 2


def test_a_retired_board_takes_nothing_new_and_opens_what_it_keeps(office: Office) -> None:
    with_own_board(office, "keeper3", "keeper4")
    office.clock.advance(seconds=6)
    number = office.report()
    retire = f"/custody/boards/{board_called(NEW).id}/retire/"
    assert press(office, "admin", retire).status_code == 303
    assert board_of_report(office.report()) == "保管组"
    assert "停止接收" in office.browsers["admin"].get("/custody/boards/").text
    request = office.asked(number)
    for keeper in ("keeper3", "keeper4"):
        assert office.answer(keeper, request).status_code == 303
    assert NAME in office.look(number, request).text
    again = press(office, "admin", retire)
    assert (again.status_code, "已经停止接收" in said(again)) == (422, True)


def test_the_last_board_is_not_retired(office: Office) -> None:
    answer = press(office, "admin", f"/custody/boards/{board_called('保管组').id}/retire/")
    assert answer.status_code == 422 and "没有保管组可以封存" in said(answer)
    assert board_called("保管组").retired_on is None
    assert board_of_report(office.report()) == "保管组"


def test_of_two_boards_that_are_retired_in_the_same_moment_one_stays(office: Office) -> None:
    with_own_board(office, "keeper3", "keeper4")
    with reading() as session:
        admin = actor_of(session, session.scalars(select(Staff).where(Staff.sign_in == "admin")).one())

    def retire(name: str) -> None:
        board = board_called(name).id
        with transaction() as session:
            retire_board(session, board, admin, now())

    assert sorted(at_once(partial(retire, NEW), partial(retire, "保管组"))) == ["done", "last_board"]
    office.clock.advance(seconds=6)
    assert board_of_report(office.report()) in (NEW, "保管组")


def test_nobody_plans_boards_without_the_directory_and_nobody_appoints_the_own_self(office: Office) -> None:
    for name in ("county", "keeper1"):
        assert office.browsers[name].get("/custody/boards/new/").status_code == 403
    answer = form_board(office, "keeper3", "admin")
    assert answer.status_code == 422 and "还不是身份保管人" in said(answer)


def weak_on(office: Office, name: str, path: str) -> bool:
    return "再少一席就打不开了" in office.browsers[name].get(path).text


def test_that_seats_run_short_is_said_to_administrator_keepers_and_heads_long_before(
    make_office: Callable[..., Office],
) -> None:
    office = make_office("admin", "county", "keeper1", "keeper3", "keeper4", "keeper5", "head")
    grant = office.browsers["county"].get("/staff/waiting/")
    assert grant.status_code == 200
    # Two seats of two: whoever can do something about it reads of it.
    assert weak_on(office, "admin", "/staff/") and weak_on(office, "admin", "/custody/boards/")
    assert weak_on(office, "keeper1", "/custody/") and weak_on(office, "keeper1", "/custody/seats/")
    assert weak_on(office, "head", "/")
    assert not weak_on(office, "county", "/"), "a handler can do nothing about it"
    with_own_board(office, "keeper3", "keeper4", "keeper5")
    office.clock.advance(seconds=6)
    assert not weak_on(office, "head", "/") and not weak_on(office, "keeper3", "/custody/"), "three of which two agree"
    left = press(office, "admin", f"/staff/{id_of('keeper5')}/leave")
    assert left.status_code == 303, said(left)
    assert weak_on(office, "head", "/") and weak_on(office, "keeper3", "/custody/seats/")
    assert press(office, "admin", f"/staff/{id_of('keeper4')}/leave").status_code == 303, "it keeps nothing yet"
    assert "现在打不开任何身份" in office.browsers["head"].get("/").text
    assert "现在打不开任何身份" in office.browsers["admin"].get("/staff/").text
    assert board_of_report(office.report()) == "保管组", "routing passes it over"
