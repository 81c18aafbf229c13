"""Seats pass on: by the holder's hand or from paper, with a new key of the new holder's, and no identity opened."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin.custody import seats
from admin.staff import unlocking
from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import actor_of
from admin.staff.vault import Vault
from crypto import recovery
from crypto.keys import InnerKey, Purpose, inner_from_seed
from portal.directory.models import BoardSeat, SealingKey
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.tips.models import IdentityShare
from tests.custody.conftest import NAME, Office
from tests.staff.deployment import said, token


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """Handler and keepers at work, and a third keeper who has no seat yet."""
    office = make_office("county", "keeper1", "keeper2", "admin")
    invite(office, "keeper3", "庚保管")
    return office


def invite(office: Office, sign_in: str, name: str, at: str = "演示市医保局", role: str = "custodian") -> None:
    """The administrator makes an account for somebody new, who signs in for the first time."""
    admin = office.browsers["admin"]
    page = admin.get("/staff/invite").text
    where = re.search(rf'<option value="([0-9a-f-]{{36}})">{at}', page)
    assert where
    fields = {"sign_in": sign_in, "name": name, "office": where[1], "roles": role}
    if 'name="code"' in page:
        fields["code"] = office.code("admin")
    made = admin.post("/staff/invite", data={"csrf_token": token(page), **fields})
    words = re.search(r'class="phrase">([^<]+)<', made.text)
    assert words, said(made)
    office.browsers[sign_in], office.people[sign_in] = office.deployment.enrolled(sign_in, words[1])
    office.deployment.sequence()


def seat_of(name: str) -> BoardSeat:
    with reading() as session:
        person = session.scalars(select(Staff).where(Staff.sign_in == name)).one()
        return session.scalars(select(BoardSeat).where(BoardSeat.holder_id == person.id)).one()


def person(name: str) -> Staff:
    with reading() as session:
        return session.scalars(select(Staff).where(Staff.sign_in == name)).one()


def appoint(office: Office, seat: Id, name: str, number: str = "A-3") -> int:
    answer = office.post("admin", "/custody/boards/", seat=str(seat), person=str(person(name).id), person_no=number)
    return answer.status_code


def hand_over(office: Office, seat: Id, by: str = "keeper2") -> int:
    page = office.browsers[by].get(f"/custody/seats/{seat}/hand-over/").text
    shown = re.search(r'name="fingerprint" value="([^"]*)"', page)
    assert shown
    return office.post(by, f"/custody/seats/{seat}/hand-over/", fingerprint=shown[1]).status_code


def change_key(office: Office, seat: Id, by: str) -> None:
    assert office.post(by, f"/custody/seats/{seat}/reseal/", do="begin").status_code == 303
    office.deployment.sequence()
    for _ in range(20):
        browser = office.browsers[by]
        page = browser.get(f"/custody/seats/{seat}/reseal/").text
        if "<progress" not in page:
            return
        pressed = browser.post(f"/custody/seats/{seat}/reseal/", data={"csrf_token": token(page), "do": "go"})
        assert pressed.status_code == 303, said(pressed)
    raise AssertionError("the change of the key never ended")


def opens(office: Office, number: str, keepers: tuple[str, str]) -> bool:
    request = office.asked(number)
    for keeper in keepers:
        assert office.answer(keeper, request).status_code == 303
    return NAME in office.look(number, request).text


def test_a_seat_is_handed_over_its_key_changed_and_old_records_open_with_the_new_holder(office: Office) -> None:
    old, seat = office.report(), seat_of("keeper2").id
    assert appoint(office, seat, "keeper3") == 303
    assert hand_over(office, seat) == 303
    assert seat_of("keeper3").id == seat
    change_key(office, seat, "keeper3")
    new = office.report()
    for number in (old, new):
        assert opens(office, number, ("keeper1", "keeper3"))
    # The leaver has nothing left: no seat, no grant, no request.
    with reading() as session:
        left = session.scalars(
            select(KeyGrant.id)
            .join(SealingKey, SealingKey.id == KeyGrant.key_id)
            .where(KeyGrant.staff_id == person("keeper2").id, SealingKey.purpose == "seat")
        ).all()
        keys = seats.generations(session, seat)
        shares = set(session.scalars(select(IdentityShare.key_id).where(IdentityShare.seat_id == seat)))
    assert left == [] and [key.generation for key in keys] == [2] and shares == {keys[0].id}
    assert office.browsers["keeper2"].get("/custody/").text.count("MJ-") == 0


def test_between_two_batches_both_generations_open_and_nothing_is_lost(office: Office) -> None:
    numbers = [office.report() for _ in range(3)]
    seat = seat_of("keeper1").id
    assert office.post("keeper1", f"/custody/seats/{seat}/reseal/", do="begin").status_code == 303
    early = office.browsers["keeper1"]
    page = early.get(f"/custody/seats/{seat}/reseal/").text
    answer = early.post(f"/custody/seats/{seat}/reseal/", data={"csrf_token": token(page), "do": "go"})
    assert answer.status_code == 422 and "检查点" in said(answer), "not before the ledger vouches for the new key"
    office.deployment.sequence()
    with transaction() as session:  # one of three, then the power goes
        row = seats.find_seat(session, seat, lock=True)
        old, new = (_seat_key(office, "keeper1", session, row, key.id) for key in seats.generations(session, seat))
        actor = actor_of(session, person("keeper1"))
        assert seats.reseal_some(session, row, old, new, actor, now(), limit=1) == 2
    assert all(opens(office, number, ("keeper1", "keeper2")) for number in numbers)
    change = office.browsers["keeper1"].get(f"/custody/seats/{seat}/reseal/").text
    assert "还有 2 份" in change


def _seat_key(office: Office, name: str, session: Session, seat: BoardSeat, key: bytes) -> InnerKey:
    """What the keeper's session would open."""
    settings, staff = office.deployment.settings, person(name)
    vault = Vault(settings.passphrase_pepper, settings.passphrase_cost)
    seed = vault.unlock(staff.locked_seed, office.people[name].passphrase)
    assert seed is not None
    own = inner_from_seed(Purpose.STAFF, seed)
    found = unlocking.open_granted(session, staff, own, Purpose.SEAT, seat.id, key)
    assert found is not None
    return found


def test_from_paper_when_the_holder_is_gone(office: Office) -> None:
    number, seat = office.report(), seat_of("keeper2").id
    with transaction() as session:  # an accident: the account is closed although the board needs it
        session.execute(update(BoardSeat).where(BoardSeat.id == seat).values(holder_id=None))
        session.execute(update(Staff).where(Staff.sign_in == "keeper2").values(state="left", locked_seed=None))
    boards = office.browsers["admin"].get("/custody/boards/").text
    assert "能行使职责的席位不够" in boards
    assert appoint(office, seat, "keeper3") == 303
    sheets = next(one for one in office.deployment.handed.sheets if one.owner == "保管组")
    path = f"/custody/seats/{seat}/paper/"
    wrong = office.post("keeper3", path, first=sheets.words[0], second="abc def")
    assert wrong.status_code == 422 and "恢复词不对" in said(wrong)
    other = next(one for one in office.deployment.handed.sheets if one.owner != "保管组")
    foreign = office.post("keeper3", path, first=other.words[0], second=other.words[1])
    assert foreign.status_code == 422
    assert office.post("keeper3", path, first=sheets.words[0], second=sheets.words[2]).status_code == 303
    change_key(office, seat, "keeper3")
    assert opens(office, number, ("keeper1", "keeper3"))


def test_two_accounts_of_one_person_cannot_hold_two_seats(office: Office) -> None:
    invite(office, "keeper9", "戊保管")  # the name of the first keeper, whose number is not known yet
    seat = seat_of("keeper2").id
    assert appoint(office, seat, "keeper9", "A-1") == 422
    with transaction() as session:
        session.execute(update(Staff).where(Staff.sign_in == "keeper1").values(person_no="A-3"))
    assert appoint(office, seat, "keeper3", " a-3 ") == 422
    assert appoint(office, seat, "keeper3", "A-4") == 303


def test_only_the_appointed_only_with_the_fingerprint_that_was_shown_and_never_oneself(office: Office) -> None:
    seat = seat_of("keeper2").id
    none = office.browsers["keeper2"].get(f"/custody/seats/{seat}/hand-over/").text
    assert "还没有任命" in none
    assert appoint(office, seat, "keeper3") == 303
    assert office.post("keeper2", f"/custody/seats/{seat}/hand-over/", fingerprint="0000 0000").status_code == 422
    assert office.browsers["keeper1"].get(f"/custody/seats/{seat}/hand-over/").status_code == 404
    assert office.browsers["keeper1"].get(f"/custody/seats/{seat}/paper/").status_code == 404


def test_a_keeper_without_whom_nothing_could_be_opened_cannot_leave(office: Office) -> None:
    office.report()
    admin = office.browsers["admin"]
    for path, fields in (
        (f"/staff/{person('keeper2').id}/leave", {}),
        (
            f"/staff/{person('keeper2').id}/roles",
            {"do": "take", "role": "custodian", "office": str(seat_of("keeper2").holder_office_id)},
        ),
    ):
        page = admin.get(f"/staff/{person('keeper2').id}/").text
        code = {"code": office.code("admin")}
        answer = admin.post(path, data={"csrf_token": token(page), **code, **fields})
        assert answer.status_code >= 400 and "凑不够" in answer.text
    assert person("keeper2").state == "active"
    seat = seat_of("keeper2").id
    appoint(office, seat, "keeper3")
    hand_over(office, seat)
    page = admin.get(f"/staff/{person('keeper2').id}/").text
    left = admin.post(
        f"/staff/{person('keeper2').id}/leave", data={"csrf_token": token(page), "code": office.code("admin")}
    )
    assert left.status_code == 303 and person("keeper2").state == "left"


def test_every_step_of_a_seat_is_on_the_ledger(office: Office) -> None:
    seat = seat_of("keeper2").id
    appoint(office, seat, "keeper3")
    hand_over(office, seat)
    change_key(office, seat, "keeper3")
    with reading() as session:
        rows = session.scalars(
            select(LedgerEntry.payload).where(LedgerEntry.kind.in_(("staff-changed", "key-retired")))
        )
        text = b"\n".join(rows).decode()
    assert "seat-appointed" in text and "seat-taken" in text and '"purpose":"seat"' in text


def test_the_sheets_are_those_of_slip_39() -> None:
    seed = bytes(range(32))
    words = recovery.to_words(seed)
    assert recovery.from_words([words[0], words[2]]) == seed and len(words[0].split()) == recovery.WORDS
