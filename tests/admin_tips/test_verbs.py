"""What staff do with a report: states, clocks, notices, the ledger, and who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from admin.staff.models import Staff
from admin.staff.roles import Role
from admin.tips import conversation, decisions, merging, proposals, transfer, triage
from admin.tips.casework import find, locked
from admin.tips.reading import open_tip
from crypto import receipts
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.mailbox.reasons import Closing, DeclineReason, ExtensionReason, Outcome, PauseReason, Reopening, Way
from portal.tips import reporter
from portal.tips.models import Clock, Proposal, Tip, TipEvent, TipHolding, TipKey
from portal.tips.states import Action, State
from portal.tips.values import Report
from tests.admin_tips.world import CITY, DISTRICT, OTHER, PROVINCE, World, found
from tests.conftest import StandingClock


@pytest.fixture
def intake(world: World) -> Actor:
    return world.person(DISTRICT, Role.INTAKE)


@pytest.fixture
def handler(world: World) -> Actor:
    return world.person(DISTRICT, Role.HANDLER)


@pytest.fixture
def head(world: World) -> Actor:
    return world.person(DISTRICT, Role.HEAD)


def _read(world: World, number: str, actor: Actor) -> None:
    with world.at(number, actor) as (session, tip, _keys):
        triage.record_reading(session, tip, actor, now())


def _verifying(world: World, intake: Actor, **given: Any) -> str:
    number = world.report(**given)
    _read(world, number, intake)
    world.do(number, triage.accept, by=intake)
    return number


def _filed(world: World, intake: Actor, handler: Actor, head: Actor, **given: Any) -> str:
    number = _verifying(world, intake, **given)
    _approved(world, number, Action.FILE, "", handler, head)
    return number


def _approved(world: World, number: str, action: Action, code: str, handler: Actor, head: Actor) -> None:
    proposal = world.do(number, proposals.propose, action, code, "理由充分。", by=handler)
    world.do(number, proposals.approve, proposal.id, by=head)


def _kinds(number: str) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject == number)))


# --- screening


def test_the_first_reading_is_on_the_ledger_and_starts_the_screening(world: World, intake: Actor) -> None:
    number = world.report()
    _read(world, number, intake)
    assert world.tip(number).state == State.SCREENING
    assert "tip-read" in _kinds(number)


def test_accepting_keeps_the_clock_that_started_with_the_receipt(
    world: World, intake: Actor, clock: StandingClock
) -> None:
    number = world.report()
    _read(world, number, intake)
    due = world.tip(number).due_on
    clock.advance(days=2)
    world.do(number, triage.accept, by=intake)
    assert world.tip(number).due_on == due == date(2026, 10, 23)  # 15 working days across the National Day holidays
    assert world.notices(number)[-1] == "accepted"


@pytest.mark.parametrize(
    ("verb", "code", "state", "notice"),
    [
        (triage.decline, DeclineReason.NO_FACTS, State.NOT_ACCEPTED, "not_accepted"),
        (triage.redirect, Way.PETITION, State.REDIRECTED, "redirected"),
    ],
)
def test_a_report_not_taken_up_ends_with_a_reason_and_without_a_clock(
    world: World, intake: Actor, verb: object, code: object, state: State, notice: str
) -> None:
    number = world.report()
    _read(world, number, intake)
    world.do(number, verb, code, "内部说明", by=intake)  # type: ignore[arg-type]
    tip = world.tip(number)
    assert (tip.state, tip.due_on) == (state, None)
    assert world.notices(number)[-1] == notice


def test_a_handler_cannot_decline_and_intake_cannot_record_findings(
    world: World, intake: Actor, handler: Actor
) -> None:
    number = world.report()
    _read(world, number, intake)
    with pytest.raises(NotAllowed):
        world.do(number, triage.decline, DeclineReason.NO_FACTS, "", by=handler)
    world.do(number, triage.accept, by=intake)
    with pytest.raises(NotAllowed):
        world.do(number, decisions.record_findings, "查到三份病历。", by=intake)
    assert world.tip(number).state == State.VERIFYING


def test_a_report_goes_only_to_a_colleague_who_may_read_it(world: World, intake: Actor, handler: Actor) -> None:
    number = world.report()
    stranger = world.person(OTHER, Role.HANDLER)
    with world.at(number, intake) as (session, tip, _):
        triage.assign(session, tip, handler.id, intake, now())
    assert world.tip(number).assignee_id == handler.id
    with pytest.raises(Refused), world.at(number, intake) as (session, tip, _):
        triage.assign(session, tip, stranger.id, intake, now())


def test_reopening_starts_a_new_clock(world: World, intake: Actor, clock: StandingClock) -> None:
    number = world.report()
    _read(world, number, intake)
    world.do(number, triage.decline, DeclineReason.NO_FACTS, "", by=intake)
    clock.advance(days=20)
    world.do(number, triage.reopen, Reopening.NEW_CLUE, "有了照片。", by=intake)
    tip = world.tip(number)
    assert tip.state == State.SCREENING
    assert tip.due_on is not None and tip.due_on > date(2026, 11, 1)


# --- conversation


def test_a_question_reaches_the_reporter_with_a_date_and_the_answer_moves_the_report_on(
    world: World, intake: Actor
) -> None:
    number = world.report()
    _read(world, number, intake)
    world.do(number, conversation.ask, "是哪几个月？", by=intake)
    letter = world.letters(number)[-1]
    assert letter.body.text == "是哪几个月？"
    assert letter.body.params["due"] == "2026-10-16"
    assert world.tip(number).due_on == date(2026, 10, 23)  # the office's own clock runs on
    code = world.mailboxes[number]
    with transaction() as session:
        mine = reporter.open_own(session, code.tag, code.mailbox)
        reporter.reply(session, mine, "六月到八月。", (), now())
    assert world.tip(number).state == State.SCREENING


def test_a_letter_with_a_receipt_code_in_it_is_refused(world: World, intake: Actor) -> None:
    number = world.report()
    _read(world, number, intake)
    with pytest.raises(Refused):
        world.do(number, conversation.write, f"您的码是 {receipts.generate().grouped}", by=intake)


def test_nobody_can_write_to_a_reporter_who_has_no_mailbox(world: World, intake: Actor) -> None:
    number = world.report(way="none")
    _read(world, number, intake)
    with pytest.raises(Refused):
        world.do(number, conversation.ask, "是哪几个月？", by=intake)
    assert world.tip(number).state == State.SCREENING


# --- two people


def test_filing_takes_a_proposal_and_another_person(world: World, intake: Actor, handler: Actor, head: Actor) -> None:
    number = _verifying(world, intake, named=True)
    proposal = world.do(number, proposals.propose, Action.FILE, "", "事实清楚。", by=handler)
    assert world.tip(number).state == State.VERIFYING
    with pytest.raises(NotAllowed):
        world.do(number, proposals.approve, proposal.id, by=handler)
    world.do(number, proposals.approve, proposal.id, by=head)
    tip = world.tip(number)
    assert (tip.state, tip.due_on) == (State.FILED, date(2026, 12, 28))  # 90 days end on Sunday the 27th
    assert "filed" in world.notices(number)
    with reading() as session:
        told = session.scalars(select(Clock).where(Clock.tip_id == tip.id, Clock.rule == "HR-12.3")).one()
    assert told.state == "met"  # the notice is in the mailbox the same day


def test_a_head_does_not_approve_what_was_proposed_under_another_account(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _verifying(world, intake)
    proposal = world.do(number, proposals.propose, Action.FILE, "", "事实清楚。", by=handler)
    with transaction() as session:
        session.execute(update(Staff).where(Staff.id.in_([handler.id, head.id])).values(person_no="A-7"))
    with pytest.raises(NotAllowed) as refused:
        world.do(number, proposals.approve, proposal.id, by=head)
    assert refused.value.code == "same_person"


def test_the_head_who_also_proposes_cannot_approve_the_own_proposal(world: World, intake: Actor, head: Actor) -> None:
    number = _verifying(world, intake)
    both = Actor(
        head.kind,
        head.id,
        head.name,
        {office: held | {"propose"} for office, held in head.permissions.items()},
    )
    proposal = world.do(number, proposals.propose, Action.FILE, "", "事实清楚。", by=both)
    with pytest.raises(NotAllowed) as refused:
        world.do(number, proposals.approve, proposal.id, by=both)
    assert refused.value.code == "same_person"


def test_a_proposal_is_decided_once(world: World, intake: Actor, handler: Actor, head: Actor) -> None:
    number = _verifying(world, intake)
    proposal = world.do(number, proposals.propose, Action.FILE, "", "事实清楚。", by=handler)
    with world.at(number, head) as (session, tip, _):
        proposals.refuse(session, tip, proposal.id, head, now())
    with pytest.raises(Refused):
        world.do(number, proposals.approve, proposal.id, by=head)
    assert world.tip(number).state == State.VERIFYING


def test_the_fifteen_days_are_extended_once_and_the_reporter_is_told(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _verifying(world, intake)
    _approved(world, number, Action.EXTEND, ExtensionReason.COMPLEX, handler, head)
    assert world.tip(number).due_on == date(2026, 11, 13)
    assert world.letters(number)[-1].body.params["due"] == "2026-11-13"
    with pytest.raises(Refused) as refused:
        world.do(number, proposals.propose, Action.EXTEND, ExtensionReason.COMPLEX, "还不够。", by=handler)
    assert refused.value.code == "no_extension"


def test_a_real_name_reporter_without_a_mailbox_is_owed_a_call_within_five_working_days(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _verifying(world, intake, named=True, way="callback")
    world.do(number, decisions.not_file, "没有违法事实。", by=handler)
    tip = world.tip(number)
    assert (tip.state, tip.due_on) == (State.NOT_FILED, date(2026, 10, 10))
    world.do(number, decisions.record_told, "9月29日下午电话告知。", by=handler)
    assert world.tip(number).due_on is None


def test_the_police_hear_of_it_quietly_when_a_notice_would_warn_somebody(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _verifying(world, intake)
    _approved(world, number, Action.SEND_POLICE, proposals.QUIET, handler, head)
    assert world.tip(number).state == State.POLICE
    assert world.notices(number)[-1] == "accepted"
    world.do(number, decisions.police_return, "公安机关不予立案。", by=handler)
    assert world.tip(number).state == State.FILED


def test_a_pause_is_added_to_the_ninety_days(
    world: World, intake: Actor, handler: Actor, head: Actor, clock: StandingClock
) -> None:
    number = _filed(world, intake, handler, head)
    clock.advance(days=10)
    world.do(number, decisions.suspend, PauseReason.COURT, "等待判决。", by=handler)
    assert world.tip(number).due_on is None
    clock.advance(days=30)
    world.do(number, decisions.resume, by=handler)
    assert world.tip(number).due_on == date(2027, 1, 26)  # 27 December and 30 days


def test_from_filing_to_closing_the_reporter_reads_each_step(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _filed(world, intake, handler, head)
    world.do(number, decisions.record_findings, "核对了三十份病历。", by=handler)
    world.do(number, decisions.decide, Outcome.PENALTY, "罚款。", by=handler, findings=found())
    world.do(number, decisions.close, Closing.RECOVERED, "", by=handler)
    tip = world.tip(number)
    assert (tip.state, tip.due_on) == (State.CLOSED, None)
    assert world.notices(number) == ["received", "accepted", "filed", "decided", "closed"]


def test_what_the_table_refuses_changes_nothing(world: World, intake: Actor, handler: Actor) -> None:
    number = _verifying(world, intake)
    with pytest.raises(IllegalMove):
        world.do(number, decisions.close, Closing.RECOVERED, "", by=handler)
    assert world.tip(number).state == State.VERIFYING


# --- giving away


def test_a_transfer_rewraps_the_key_and_keeps_the_first_receipt(
    world: World, intake: Actor, clock: StandingClock
) -> None:
    number = world.report()
    _read(world, number, intake)
    clock.advance(days=3)
    world.do(number, transfer.transfer, world.offices[OTHER].id, "发生地在乙区。", by=intake)
    tip = world.tip(number)
    assert tip.office_id == world.offices[OTHER].id
    assert (tip.received_on, tip.state, tip.assignee_id) == (date(2026, 9, 28), State.RECEIVED, None)
    assert tip.due_on == date(2026, 10, 27)
    with reading() as session:
        key = session.scalars(select(TipKey).where(TipKey.tip_id == tip.id)).one()
        held = session.scalars(
            select(TipHolding).where(TipHolding.tip_id == tip.id).order_by(TipHolding.from_day)
        ).all()
        old_clock = session.scalars(select(Clock).where(Clock.tip_id == tip.id, Clock.state == "void")).one()
    assert key.office_id == world.offices[OTHER].id
    assert [(one.from_day, one.to_day) for one in held] == [
        (date(2026, 9, 28), date(2026, 10, 1)),
        (date(2026, 10, 1), None),
    ]
    assert old_clock.office_id == world.offices[DISTRICT].id
    with pytest.raises(NotFound), reading() as session:
        find(session, number, intake)
    _read(world, number, world.person(OTHER, Role.INTAKE))
    assert world.notices(number)[-1] == "transferred"


def test_a_report_about_our_own_office_leaves_it_at_once_and_for_ever(world: World, intake: Actor) -> None:
    number = world.report()
    follower = world.report()
    _read(world, number, intake)
    _read(world, follower, intake)
    with transaction() as session:
        main, other = locked(session, number, intake), locked(session, follower, intake)
        merging.merge(session, other, main, intake, now(), world.keys_of(session, other))
    with world.at(number, intake) as (session, tip, keys):
        other = session.scalars(select(Tip).where(Tip.number == follower)).one()
        with_it = {other.id: world.keys_of(session, other)}
        office = transfer.escalate(session, tip, "涉及本局股长。", intake, now(), keys, with_it)
    assert office.id not in {world.offices[DISTRICT].id, world.offices[OTHER].id}
    for one in (number, follower):
        tip = world.tip(one)
        assert (tip.office_id, tip.against_office_id) == (office.id, world.offices[DISTRICT].id)
        with reading() as session:
            holders = session.scalars(select(TipKey.office_id).where(TipKey.tip_id == tip.id)).all()
            assert holders == [office.id]
            with pytest.raises(NotFound):
                find(session, one, intake)


def test_a_report_is_never_given_back_to_the_office_it_is_about(world: World, intake: Actor) -> None:
    number = world.report()
    _read(world, number, intake)
    office = world.do(number, transfer.escalate, "", by=intake)
    code = next(code for code, one in world.offices.items() if one.id == office.id)
    above = world.person(code, Role.INTAKE)
    _read(world, number, above)
    with pytest.raises(Refused) as refused:
        world.do(number, transfer.transfer, world.offices[DISTRICT].id, "请自查。", by=above)
    assert refused.value.code == "accused_office"


def test_somebody_of_two_offices_does_not_see_a_report_about_one_of_them_in_the_other(
    world: World, intake: Actor
) -> None:
    number = world.report()
    _read(world, number, intake)
    office = world.do(number, transfer.escalate, "", by=intake)
    code = next(code for code, one in world.offices.items() if one.id == office.id)
    both = Actor(
        intake.kind, intake.id, intake.name, {**intake.permissions, **world.person(code, Role.INTAKE).permissions}
    )
    with pytest.raises(NotFound), reading() as session:
        find(session, number, both)


def test_another_department_gets_it_with_a_written_notice(world: World, intake: Actor) -> None:
    number = world.report()
    _read(world, number, intake)
    world.do(number, transfer.refer, "演示市卫生健康委员会", "属于行医资格问题。", by=intake)
    letter = world.letters(number)[-1]
    assert letter.body.notice == "referred"
    assert letter.body.params == {"to": "演示市卫生健康委员会", "rule": "HR-11.2"}


# --- merging


def test_reports_on_one_thing_find_each_other_only_after_both_were_read(world: World, intake: Actor) -> None:
    first, second = world.report(target="演示 第一医院"), world.report(target="演示第一医院")
    key = world.keys[world.offices[DISTRICT].id]
    tags: list[bytes] = []
    for number in (first, second):
        with world.at(number, intake) as (session, tip, keys):
            view = open_tip(session, tip, keys)
            of_this = triage.duplicate_tags(view.report, [key])
            assert len(merging.duplicates(session, tip, of_this, intake)) == len(tags)
            tip.duplicate_tag = of_this[0]
            tags.append(tip.duplicate_tag)
    assert tags[0] == tags[1]
    with world.at(second, intake) as (session, tip, _):
        assert [one.number for one in merging.duplicates(session, tip, tags[:1], intake)] == [first]
    with world.database.reading() as session:
        assert "演示" not in repr(session.scalars(select(Tip.duplicate_tag)).all())


def test_the_office_key_makes_the_tag_so_two_offices_cannot_compare(world: World) -> None:
    report = Report(words="甲", target="演示第一医院")
    one, two = (triage.duplicate_tags(report, [world.keys[world.offices[code].id]]) for code in (DISTRICT, OTHER))
    assert one != two
    assert triage.duplicate_tags(Report(words="甲"), [world.keys[world.offices[OTHER].id]]) == []


def test_a_merged_report_keeps_its_day_and_its_reporter_hears_the_outcome(
    world: World, intake: Actor, handler: Actor, head: Actor, clock: StandingClock
) -> None:
    first = world.report()
    clock.advance(days=1)
    second = world.report()
    _read(world, first, intake)
    _read(world, second, intake)
    with transaction() as session:
        main, tip = locked(session, first, intake), locked(session, second, intake)
        merging.merge(session, tip, main, intake, now(), world.keys_of(session, tip))
    merged = world.tip(second)
    assert (merged.state, merged.received_on, merged.due_on) == (State.MERGED, date(2026, 9, 29), None)
    world.do(first, triage.accept, by=intake)
    with pytest.raises(Refused):  # the page did not know of the merger
        world.do(first, decisions.not_file, "没有违法事实。", by=handler)
    with world.at(first, handler) as (session, main, keys):
        other = session.get_one(Tip, merged.id)
        followers = {other.id: world.keys_of(session, other)}
        decisions.not_file(session, main, "没有违法事实。", handler, now(), keys, followers)
    assert world.notices(second) == ["received", "merged", "not_filed"]


@pytest.mark.parametrize("why", ["itself", "ended", "elsewhere"])
def test_a_report_merges_only_into_an_open_one_of_the_same_office(world: World, intake: Actor, why: str) -> None:
    number = world.report()
    _read(world, number, intake)
    into = number if why == "itself" else world.report(region="320105" if why == "elsewhere" else "320104")
    if why == "ended":
        _read(world, into, intake)
        world.do(into, triage.decline, DeclineReason.NO_FACTS, "", by=intake)
    with pytest.raises(Refused), transaction() as session:
        tip = locked(session, number, intake)
        main = session.scalars(select(Tip).where(Tip.number == into)).one()
        merging.merge(session, tip, main, intake, now(), world.keys_of(session, tip))


# --- the record


def test_every_verb_leaves_a_line_of_history_and_a_ledger_entry(
    world: World, intake: Actor, handler: Actor, head: Actor
) -> None:
    number = _filed(world, intake, handler, head)
    with reading() as session:
        tip = world.tip(number)
        actions = session.scalars(
            select(TipEvent.action).where(TipEvent.tip_id == tip.id).order_by(TipEvent.position)
        ).all()
        decided = session.scalars(select(Proposal.state).where(Proposal.tip_id == tip.id)).all()
    assert actions == ["receive", "open", "accept", "propose_file", "file"]
    assert decided == ["approved"]
    assert _kinds(number).count("tip-moved") == 3
    assert {"proposal-made", "proposal-decided", "letter-sent"} <= set(_kinds(number))


def test_a_page_that_is_out_of_date_is_told_so(world: World, intake: Actor) -> None:
    number = world.report()
    _read(world, number, intake)
    world.do(number, triage.note, "先看病历。", by=intake)
    with pytest.raises(Refused) as refused, transaction() as session:
        locked(session, number, intake, seen=2)
    assert refused.value.code == "changed"


def test_province_and_city_see_nothing_of_what_a_district_holds(world: World) -> None:
    number = world.report()
    for code in (PROVINCE, CITY):
        with pytest.raises(NotFound), reading() as session:
            find(session, number, world.person(code, Role.INTAKE))
