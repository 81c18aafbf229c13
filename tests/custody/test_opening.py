"""From the question to the name: two keepers in two browsers, the asker in a third, and what the reporter is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from admin.custody.ending import sweep_requests
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.queries import openings
from portal.custody.states import RequestState
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.tips import reporter
from portal.tips.models import IdentityShare, Tip
from portal.tips.values import AnswerWay
from tests.custody.conftest import NAME, PHONE, WHY, Office
from tests.staff.deployment import said


def kinds(number: str) -> list[str]:
    with reading() as session:
        rows = session.scalars(
            select(LedgerEntry.kind).where(LedgerEntry.subject == number, LedgerEntry.kind.like("identity-%"))
        )
        return sorted(rows)


def state_of(office: Office) -> str:
    return office.requests()[-1].state


def test_two_keepers_agree_and_the_asker_reads_the_name(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    page = office.browsers["keeper1"].get(f"/custody/{request}/").text
    assert WHY in page and NAME not in page
    assert office.answer("keeper1", request).status_code == 303
    waiting = office.browsers["county"].get(f"/tips/{number}/identity/{request}/").text
    assert "已有 1 位" in waiting and NAME not in waiting
    assert office.answer("keeper2", request).status_code == 303
    assert state_of(office) == "granted"
    shown = office.look(number, request)
    assert shown.status_code == 200 and NAME in shown.text and PHONE in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert kinds(number) == [
        "identity-answered", "identity-answered", "identity-asked", "identity-opened", "identity-sealed",
    ]  # fmt: skip


def test_the_reporter_reads_who_asked_who_agreed_and_why(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    office.look(number, request)
    code = office.mailboxes[number]
    with reading() as session:
        mine = reporter.open_own(session, code.tag, code.mailbox)
        told = openings(session, mine.tip.id)
        letters = reporter.view(session, mine).letters
    assert [(one.reason, one.state, one.role, one.consents, one.office) for one in told] == [
        ("facts", RequestState.OPENED, "handler", 2, "演示区医保局")
    ]
    assert told[0].opened_on == now().date()
    assert [letter.body.notice for letter in letters] == ["received", "identity_opened"]


def test_contact_alone_shows_no_name(office: Office) -> None:
    number = office.report()
    request = office.asked(number, use="contact", reason="due_notice")
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    shown = office.look(number, request).text
    assert PHONE in shown and NAME not in shown


def test_a_call_back_is_asked_for_where_there_is_no_name(office: Office) -> None:
    number = office.report(named=False, way=AnswerWay.CALLBACK)
    assert "举报人是谁" not in office.browsers["county"].get(f"/tips/{number}/identity/").text
    request = office.asked(number, use="contact", reason="call_back")
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    assert PHONE in office.look(number, request).text


def test_one_consent_is_not_enough_and_nothing_is_shown(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    office.answer("keeper1", request)
    with reading() as session:
        before = session.scalars(select(LedgerEntry.id).where(LedgerEntry.kind == "identity-opened")).all()
    page = office.browsers["county"].get(f"/tips/{number}/identity/{request}/")
    assert "记录并打开" not in page.text and not before


def test_a_keeper_who_objects_says_why_and_ends_it_when_k_cannot_be_reached(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    silent = office.answer("keeper1", request, "object")
    assert silent.status_code == 400 and "请选择原因" in silent.text
    assert office.answer("keeper1", request, "object", reason="not_needed").status_code == 303
    ended = office.requests()[-1]
    assert (ended.state, ended.once_public, ended.once_sealed) == ("refused", None, None)
    assert "identity-request-ended" in kinds(number)
    again = office.browsers["keeper2"].get(f"/custody/{request}/").text
    assert "提交答复" not in again
    assert office.ask(number).status_code == 303  # with a better reason


def test_a_consent_takes_a_fresh_code_and_is_given_once(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    assert office.answer("keeper1", request, code="000000").status_code == 422
    code = office.code("keeper1")
    assert office.answer("keeper1", request, code=code).status_code == 303
    with reading() as session:
        assert len(session.scalars(select(IdentityAnswer)).all()) == 1
    second = office.asked(office.report())
    assert office.answer("keeper1", second, code=code).status_code == 422, "a code counts once"


def test_a_stolen_session_without_the_telephone_opens_nothing(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    tried = office.look(number, request, code="123456")
    assert tried.status_code == 422 and NAME not in tried.text
    assert state_of(office) == "granted" and "identity-opened" not in kinds(number)


def test_after_half_an_hour_it_is_closed_and_the_keys_are_gone(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    office.look(number, request)
    office.clock.advance(minutes=28)
    assert NAME in office.look(number, request).text
    office.clock.advance(minutes=3)
    late = office.look(number, request)
    assert late.status_code == 422 and NAME not in late.text
    with transaction() as session:
        assert sweep_requests(session, now()) == 1
        assert sweep_requests(session, now()) == 0
    ended = office.requests()[-1]
    assert (ended.state, ended.once_sealed) == ("closed", None)
    with reading() as session:
        assert set(session.scalars(select(IdentityAnswer.passed))) == {None}
    assert office.ask(number).status_code == 303, "it can be asked for again"


def test_a_request_that_nobody_answers_expires_and_takes_no_consent_afterwards(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    office.answer("keeper1", request)
    with transaction() as session:
        past = now().date() - timedelta(days=1)
        session.execute(update(IdentityRequest).values(expires_on=past))
    assert "提交答复" not in office.browsers["keeper2"].get(f"/custody/{request}/").text
    assert office.answer("keeper2", request).status_code == 422
    with transaction() as session:
        assert sweep_requests(session, now()) == 1
    assert state_of(office) == "expired"


def test_the_asker_alone_takes_it_back_and_the_asker_alone_looks(
    make_office: Callable[..., Office],
) -> None:
    office = make_office("county", "handler", "keeper1", "keeper2")
    number = office.report()
    request = office.asked(number)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    # The city's handler does not hold this report: it is not there for them.
    assert office.browsers["handler"].get(f"/tips/{number}/identity/{request}/").status_code == 404
    dropped = office.browsers["county"]
    page = dropped.get(f"/tips/{number}/identity/").text
    from tests.staff.deployment import token

    answer = dropped.post(f"/tips/{number}/identity/{request}/drop/", data={"csrf_token": token(page)})
    assert answer.status_code == 303 and state_of(office) == "dropped"
    assert office.look(number, request).status_code == 422


def test_an_anonymous_report_has_nothing_to_open(office: Office) -> None:
    number = office.report(named=False)
    assert "没有封存身份信息" in office.browsers["county"].get(f"/tips/{number}/identity/").text


def test_a_reason_of_the_other_list_is_refused(office: Office) -> None:
    answer = office.ask(office.report(), use="identity", reason="call_back")
    assert answer.status_code == 400 and "不适用" in answer.text


def test_a_share_that_was_swapped_underneath_names_its_giver(office: Office) -> None:
    number = office.report()
    request = office.asked(number)
    for keeper in ("keeper1", "keeper2"):
        office.answer(keeper, request)
    with transaction() as session:
        one, two = session.scalars(select(IdentityAnswer).order_by(IdentityAnswer.position))
        two.passed = one.passed
    tried = office.look(number, request)
    assert tried.status_code == 422 and "第 2 号席位" in said(tried) and NAME not in tried.text


def test_a_one_time_key_that_was_swapped_underneath_gets_no_share(office: Office) -> None:
    """Whoever writes the database and puts a key of their own into the request still needs the asker's own key."""
    from crypto.keys import Purpose, generate_inner

    number = office.report()
    request = office.asked(number)
    thief = generate_inner(Purpose.OPENING)
    with transaction() as session:
        session.execute(update(IdentityRequest).values(once_public=thief.public.raw))
    office.answer("keeper1", request)
    with reading() as session:
        passed = session.scalars(select(IdentityAnswer.passed)).one()
    assert passed is not None
    from crypto import envelope
    from crypto.envelope import Kind
    from crypto.errors import WrongKey

    try:
        envelope.open_from_one(Kind.SHARE, passed, thief, "passed-share", office.requests()[-1].id.bytes, b"\x01")
        raise AssertionError("the thief's key opened it")
    except WrongKey:
        pass


def test_a_share_of_another_record_is_refused_at_once(office: Office) -> None:
    number, other = office.report(), office.report()
    request = office.asked(number)
    with transaction() as session:
        tips = {tip.number: tip.id for tip in session.scalars(select(Tip))}
        from portal.tips.models import IdentityRecord

        records = {row.tip_id: row.id for row in session.scalars(select(IdentityRecord))}
        mine, foreign = (
            session.scalars(
                select(IdentityShare).where(
                    IdentityShare.record_id == records[tips[which]], IdentityShare.position == 1
                )
            ).one()
            for which in (number, other)
        )
        mine.sealed = foreign.sealed
    assert office.answer("keeper1", request).status_code >= 400
    assert state_of(office) == "asked"
    with reading() as session:
        assert session.scalars(select(IdentityAnswer)).all() == []
