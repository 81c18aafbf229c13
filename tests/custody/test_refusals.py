"""What is refused between the question and the name: in plain words, on record where a person did it, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from crypto.signing import generate_signer
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.directory.keys import forget_proofs
from portal.directory.models import BoardSeat
from portal.kernel.site import bind_site, site
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.routing import choose
from portal.tips.models import IdentityRecord, IdentityShare
from tests.custody.conftest import NAME, Office
from tests.staff.deployment import StaffBrowser, said, signed_in, token

KEEPERS = ("keeper1", "keeper2")


def entries(kind: str) -> list[dict[str, object]]:
    """What the ledger says in entries of a kind, with the person who did it."""
    with reading() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind)).all()
    return [{**json.loads(row.payload)["event"], "by": row.actor_id} for row in rows]


def seats() -> list[BoardSeat]:
    with reading() as session:
        return list(session.scalars(select(BoardSeat).order_by(BoardSeat.position)))


def swapped_share(request: str, sealed: Callable[[bytes], bytes]) -> bytes:
    """Put something else where the first seat's share of a request's record stood; returns what stood there."""
    with transaction() as session:
        asked = session.scalars(select(IdentityRequest)).all()
        record = next(one.record_id for one in asked if str(one.id) == request)
        share = session.scalars(
            select(IdentityShare).where(IdentityShare.record_id == record, IdentityShare.position == 1)
        ).one()
        before, share.sealed = share.sealed, sealed(share.sealed)
        return before


def of_another_record(request: str) -> Callable[[bytes], bytes]:
    with reading() as session:
        mine = next(one.record_id for one in session.scalars(select(IdentityRequest)) if str(one.id) == request)
        other = session.scalars(select(IdentityRecord.id).where(IdentityRecord.id != mine)).one()
        foreign = session.scalars(
            select(IdentityShare.sealed).where(IdentityShare.record_id == other, IdentityShare.position == 1)
        ).one()
    return lambda _: foreign


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda blob: blob[:at] + bytes((blob[at] ^ 1,)) + blob[at + 1 :]


def opens(office: Office, number: str, request: str) -> bool:
    return NAME in office.look(number, request).text


@pytest.mark.parametrize("bent", ["of another record", "flipped"])
def test_a_share_that_is_not_the_seats_own_is_refused_to_its_keeper_on_record_and_the_true_one_still_opens(
    office: Office, bent: str
) -> None:
    number, _ = office.report(), office.report()
    request = office.asked(number)
    before = swapped_share(request, of_another_record(request) if bent == "of another record" else flipped(900))
    tried = office.answer("keeper1", request)
    assert tried.status_code == 422 and "打不开" in tried.text and "审计" in tried.text
    assert [(one["error"], one["where"], one["by"]) for one in entries("seal-broken")] == [
        ("Tampered", "custody.answer", seats()[0].holder_id)
    ]
    assert entries("identity-answered") == [] and office.requests(number)[0].state == "asked"
    swapped_share(request, lambda _: before)
    assert all(office.answer(keeper, request).status_code == 303 for keeper in KEEPERS)
    assert opens(office, number, request)


@pytest.mark.parametrize("bent", ["flipped", "of another request"])
def test_a_share_that_was_bent_on_its_way_names_its_giver_to_the_asker_and_on_record(office: Office, bent: str) -> None:
    number = office.report()
    earlier = office.asked(number)
    office.answer("keeper2", earlier)
    with reading() as session:
        old = session.scalars(select(IdentityAnswer.passed)).one()
    page = office.browsers["county"].get(f"/tips/{number}/identity/").text
    office.browsers["county"].post(f"/tips/{number}/identity/{earlier}/drop/", data={"csrf_token": token(page)})
    request = office.asked(number)
    for keeper in KEEPERS:
        office.answer(keeper, request)
    with transaction() as session:
        passed = session.scalars(
            select(IdentityAnswer).where(IdentityAnswer.passed.is_not(None), IdentityAnswer.position == 2)
        ).one()
        assert passed.passed is not None and old is not None
        true, passed.passed = passed.passed, flipped(1500)(passed.passed) if bent == "flipped" else old
        answer = passed.id
    tried = office.look(number, request)
    assert tried.status_code == 422 and "第 2 号席位" in said(tried) and NAME not in tried.text
    assert [(one["number"], one["share"]) for one in entries("seal-broken")] == [(number, 2)]
    with transaction() as session:
        session.get_one(IdentityAnswer, answer).passed = true
    assert opens(office, number, request), "nothing was lost"


def test_with_one_share_too_few_the_asker_is_refused_and_no_opening_stands_on_record(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    office.answer("keeper1", request)
    path = f"/tips/{number}/identity/{request}/"
    csrf = token(office.browsers["county"].get(f"/tips/{number}/identity/").text)
    tried = office.browsers["county"].post(path, data={"csrf_token": csrf, "code": office.code("county")})
    assert tried.status_code in (409, 422) and NAME not in tried.text
    assert entries("identity-opened") == [] and office.requests(number)[0].state == "asked"
    office.answer("keeper2", request)
    assert opens(office, number, request)


def test_one_share_too_few_opens_nothing_even_where_the_row_says_granted(office: Office) -> None:
    """The owner of the database lifts the request over the line; the body stays closed."""
    number = office.report()
    request = office.asked(number)
    office.answer("keeper1", request)
    with transaction() as session:
        asked = session.scalars(select(IdentityRequest)).one()
        asked.state, asked.k = "granted", 1
    tried = office.look(number, request)
    assert tried.status_code == 422 and NAME not in tried.text
    assert [one["error"] for one in entries("seal-broken")] == ["QuorumNotMet"]
    assert len(entries("identity-opened")) == 1, "that it was tried is on record"


def test_a_consent_that_is_sent_again_is_refused_and_counts_once(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    browser = office.browsers["keeper1"]
    form = {"csrf_token": token(browser.get(f"/custody/{request}/").text), "answer": "consent"}
    path = f"/custody/{request}/"
    first = browser.post(path, data={**form, "code": office.code("keeper1")})
    again = browser.post(path, data={**form, "code": office.code("keeper1")})
    assert (first.status_code, again.status_code) == (303, 422) and "已经答复过" in again.text
    assert len(entries("identity-answered")) == 1 and office.requests(number)[0].state == "asked"


def test_a_consent_after_the_last_day_is_refused_and_keeps_no_share(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    browser = office.browsers["keeper1"]
    form = {"csrf_token": token(browser.get(f"/custody/{request}/").text), "answer": "consent"}
    office.clock.advance(days=8)
    office.browsers["keeper1"], late = _signed_in_again(office, "keeper1"), f"/custody/{request}/"
    csrf = token(office.browsers["keeper1"].get(late).text)
    tried = office.browsers["keeper1"].post(late, data={**form, "csrf_token": csrf, "code": office.code("keeper1")})
    assert tried.status_code == 422 and "已经过期" in tried.text
    assert entries("identity-answered") == []
    with reading() as session:
        assert session.scalars(select(IdentityAnswer)).all() == []


def test_a_keepers_stolen_session_without_the_second_factor_consents_to_nothing(office: Office) -> None:
    request = office.asked(office.report())
    for code in ("", "000000"):
        browser = office.browsers["keeper1"]
        form = {"csrf_token": token(browser.get(f"/custody/{request}/").text), "answer": "consent", "code": code}
        assert browser.post(f"/custody/{request}/", data=form).status_code in (400, 422)
    assert entries("identity-answered") == []


def test_under_a_checkpoint_key_that_does_not_match_no_share_is_passed_and_no_seat_changes_its_key(
    office: Office,
) -> None:
    """The settings pin another key: nothing that the ledger says of anybody's key can be believed."""
    number = office.report()
    request = office.asked(number)
    seat = seats()[0].id
    assert office.post("keeper1", f"/custody/seats/{seat}/reseal/", do="begin").status_code == 303
    office.deployment.sequence()
    pinned = site()
    bind_site(replace(pinned, checkpoint_vkey=generate_signer(pinned.ledger_origin)[1]))
    forget_proofs()
    choose.forget()
    tried = office.answer("keeper2", request)
    assert tried.status_code == 422 and "不能确认" in said(tried)
    page = office.browsers["keeper1"].get(f"/custody/seats/{seat}/reseal/").text
    moved = office.browsers["keeper1"].post(
        f"/custody/seats/{seat}/reseal/", data={"csrf_token": token(page), "do": "go"}
    )
    assert moved.status_code == 422 and "检查点" in said(moved)
    assert entries("identity-answered") == []
    bind_site(pinned)
    choose.forget()
    assert all(office.answer(keeper, request).status_code == 303 for keeper in KEEPERS)
    assert opens(office, number, request)


def test_a_share_that_was_altered_stops_the_change_of_a_seats_key_and_changes_nothing(office: Office) -> None:
    numbers = [office.report() for _ in range(3)]
    request, seat = office.asked(numbers[1]), seats()[0].id
    before = swapped_share(request, flipped(700))
    assert office.post("keeper1", f"/custody/seats/{seat}/reseal/", do="begin").status_code == 303
    office.deployment.sequence()
    path = f"/custody/seats/{seat}/reseal/"

    def press() -> int:
        browser = office.browsers["keeper1"]
        return browser.post(path, data={"csrf_token": token(browser.get(path).text), "do": "go"}).status_code

    assert press() == 422
    assert [one["where"] for one in entries("seal-broken")] == ["seats.reseal"]
    with reading() as session:
        keys = set(session.scalars(select(IdentityShare.key_id).where(IdentityShare.seat_id == seat)))
    assert len(keys) == 1, "all of them are sealed to the key of before"
    swapped_share(request, lambda _: before)
    assert press() == 303
    for keeper in KEEPERS:
        office.answer(keeper, request)
    assert opens(office, numbers[1], request)


def _signed_in_again(office: Office, name: str) -> StaffBrowser:
    office.clock.advance(seconds=31)
    browser = signed_in(office.deployment, office.people[name])
    assert isinstance(browser, StaffBrowser)
    return browser
