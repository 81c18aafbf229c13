"""People who want a name and may not have it: one person twice, an asker who has lost the report or the office, an
administrator of a county who reaches for the city's board."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from admin.staff.models import Staff
from portal.custody.models import IdentityRequest
from portal.directory.models import BoardSeat
from portal.directory.models import Office as OfficeRow
from portal.kernel.transaction import reading, transaction
from portal.tips.models import IdentityRecord
from tests.custody.conftest import NAME, Office, make_office  # noqa: F401  # the fixture
from tests.custody.test_seats import appoint, hand_over, invite, person, seat_of
from tests.staff.deployment import said, token

KEEPERS = ("keeper1", "keeper2")


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:  # noqa: F811
    return make_office("county", "keeper1", "keeper2", "admin", "handler")


def test_a_keeper_who_moves_from_one_seat_to_another_does_not_answer_twice(office: Office) -> None:
    """Two colleagues hand their seats over, as they do when they leave; nobody but one person has agreed."""
    invite(office, "keeper3", "庚保管")
    number = office.report()
    request = office.asked(number)
    assert office.answer("keeper2", request).status_code == 303
    second, first = seat_of("keeper2").id, seat_of("keeper1").id
    assert appoint(office, second, "keeper3", "A-3") == 303 and hand_over(office, second) == 303
    assert appoint(office, first, "keeper2", "A-2") == 303 and hand_over(office, first, "keeper1") == 303
    again = office.answer("keeper2", request)
    assert again.status_code == 422 and "已经答复过" in again.text
    assert office.requests(number)[0].state == "asked"


def test_two_accounts_of_one_person_do_not_answer_for_two_seats(office: Office) -> None:
    """The second account came to its seat while the first one, which had answered, held none any more."""
    for name, shown in (("keeper3", "庚保管"), ("keeper9", "己保管乙")):
        invite(office, name, shown)
    number = office.report()
    request = office.asked(number)
    second, first = seat_of("keeper2").id, seat_of("keeper1").id
    assert office.answer("keeper2", request).status_code == 303
    assert appoint(office, second, "keeper3", "A-3") == 303 and hand_over(office, second) == 303
    with transaction() as session:
        session.execute(update(Staff).where(Staff.sign_in == "keeper2").values(person_no="A-2"))
    assert appoint(office, first, "keeper9", "a-2") == 303 and hand_over(office, first, "keeper1") == 303
    assert office.answer("keeper9", request).status_code == 422
    assert office.requests(number)[0].state == "asked"


def test_a_keeper_does_not_ask_under_another_account(office: Office) -> None:
    number = office.report()
    with transaction() as session:
        session.execute(update(Staff).where(Staff.sign_in == "keeper1").values(person_no="A-1"))
        session.execute(update(Staff).where(Staff.sign_in == "county").values(person_no="A-1"))
    refused = office.ask(number)
    assert refused.status_code == 422 and "您是这个保管组的保管人" in said(refused)
    with transaction() as session:  # no number is known of the asker, and the name is a keeper's
        session.execute(update(Staff).where(Staff.sign_in == "county").values(person_no="", name="戊保管"))
    assert office.ask(number).status_code == 422 and office.requests() == []


def test_an_administrator_does_not_appoint_another_account_of_the_own(
    make_office: Callable[..., Office],  # noqa: F811  # the fixture
) -> None:
    office = make_office("county", "keeper1", "keeper2", "admin")
    with transaction() as session:
        for name in ("admin", "keeper2"):
            session.execute(update(Staff).where(Staff.sign_in == name).values(person_no="A-9"))
        seat = session.scalars(select(BoardSeat).order_by(BoardSeat.position)).first()
        keeper = session.scalars(select(Staff.id).where(Staff.sign_in == "keeper2")).one()
    assert seat is not None
    refused = office.post("admin", "/custody/boards/", seat=str(seat.id), person=str(keeper), person_no="A-9")
    assert refused.status_code == 422 and "不能任命自己" in said(refused)


def test_a_keeper_does_not_answer_what_was_asked_under_another_account_of_the_same_person(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    with transaction() as session:
        for name in ("keeper1", "county"):
            session.execute(update(Staff).where(Staff.sign_in == name).values(person_no="A-1"))
    refused = office.answer("keeper1", request)
    assert refused.status_code == 422 and "自己提出的申请" in said(refused)


def given_away(office: Office, number: str) -> None:
    """The county hands the report over to the city."""
    browser, path = office.browsers["county"], f"/tips/{number}/transfer/"
    browser.get(f"/tips/{number}/")
    page = browser.get(path).text
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', page)
    assert seen
    with reading() as session:
        city = session.scalars(select(OfficeRow.id).where(OfficeRow.code == "CITY")).one()
    sent = {"csrf_token": token(page), "seen": seen[1], "office": city.hex, "text": "在市里。"}
    answer = browser.post(path, data=sent)
    assert answer.status_code == 302, said(answer)


def test_who_has_given_the_report_away_gets_no_share_of_the_name_and_does_not_block_the_new_office(
    office: Office,
) -> None:
    number = office.report()
    request = office.asked(number)
    assert office.answer("keeper1", request).status_code == 303
    page = office.browsers["keeper2"].get(f"/custody/{request}/").text
    given_away(office, number)
    sent = {"csrf_token": token(page), "answer": "consent", "code": office.code("keeper2")}
    late = office.browsers["keeper2"].post(f"/custody/{request}/", data=sent)
    assert late.status_code in (409, 422) and office.requests(number)[0].state == "dropped"
    asked = office.ask(number, by="handler")
    assert asked.status_code == 303, said(asked)
    old, new = sorted(office.requests(number), key=lambda one: str(one.id) != request)
    assert old.state == "dropped" and old.once_sealed is None, "what was on its way is destroyed"
    assert new.state == "asked"


def test_who_works_for_the_office_no_more_gets_no_share_of_the_name(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    admin, asker = office.browsers["admin"], person("county")
    home = office.requests(number)[0].office_id
    for role in ("handler", "intake"):
        page = admin.get(f"/staff/{asker.id}/").text
        fields = {"do": "take", "role": role, "office": str(home), "csrf_token": token(page)}
        taken = admin.post(f"/staff/{asker.id}/roles", data={**fields, "code": office.code("admin")})
        if role == "handler":
            assert taken.status_code == 303
            break
    refused = office.answer("keeper1", request)
    assert refused.status_code == 422 and "申请人" in said(refused)


def test_a_request_that_the_owner_of_the_database_points_at_another_name_gets_no_share(office: Office) -> None:
    """The keepers read the number of a harmless report; what would be opened is the name in another one."""
    harmless, wanted = office.report(), office.report()
    request = office.asked(harmless)
    with transaction() as session:
        asked = session.scalars(select(IdentityRequest)).one()
        asked.record_id = session.scalars(select(IdentityRecord.id).where(IdentityRecord.id != asked.record_id)).one()
    refused = office.answer("keeper1", request)
    assert refused.status_code == 422 and "和记录簿" in said(refused)
    assert office.requests(wanted) == [] and NAME not in refused.text


def test_an_administrator_of_a_county_appoints_nobody_to_a_seat_of_the_citys_board(office: Office) -> None:
    """Else a seat that is still to be founded would be founded by whomever the county likes."""
    seat = seat_of("keeper2").id
    invite(office, "below", "辛管理", "演示区医保局", "sysadmin")
    invite(office, "keeper8", "壬保管", "演示区医保局")
    form = office.browsers["below"].get("/custody/boards/").text
    assert str(seat) not in form, "it is not offered"
    page = token(form)
    sent = {"seat": str(seat), "person": str(person("keeper8").id), "person_no": "A-8", "csrf_token": page}
    refused = office.browsers["below"].post("/custody/boards/", data={**sent, "code": office.code("below")})
    assert refused.status_code >= 400
    with reading() as session:
        assert session.get_one(BoardSeat, seat).next_holder_id is None
