"""Two people: who may propose, who may answer, until when; what nobody sees; and what the commands say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin import retention_commands
from admin.cli import _mingjing
from admin.config import StaffSettings
from admin.retention import holding
from admin.retention.adopting import adopt
from admin.retention.facts import in_force, past_term
from admin.retention.proposing import approve, propose, refuse
from admin.retention.queries import preview_for
from admin.staff.models import Staff
from admin.staff.roles import Role
from admin.tips import decisions, proposals, triage
from portal.custody.models import IdentityRequest
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.shred import drop_shred_keys
from portal.kernel.site import bind_site, site
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry
from portal.mailbox.reasons import Closing, Outcome
from portal.retention import rules
from portal.retention.models import RetentionSchedule, ShredBatch, ShredItem
from portal.retention.schedule import shipped_schedule
from portal.retention.states import BatchState
from portal.retention.values import HoldReason, Refusal, Wait
from portal.tips.models import IdentityRecord, Proposal, Tip
from portal.tips.states import Action
from tests.admin_tips.world import CITY, DISTRICT, OTHER, found
from tests.retention.conftest import Archive

Run = Callable[..., Result]


def said(archive: Archive, kind: str) -> list[dict[str, object]]:
    with reading() as session:
        payloads = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == kind)).all()
    return [json.loads(payload)["event"] for payload in payloads]


# --- who


def test_both_halves_stand_on_the_ledger_with_the_same_digest(archive: Archive) -> None:
    archive.declined()
    archive.later()
    batch = archive.approved()
    (proposed,), (approved,) = said(archive, "shred-proposed"), said(archive, "shred-decided")
    assert proposed["batch"] == approved["batch"] == str(batch)
    assert proposed["sha256"] == approved["sha256"] == archive.batch(batch).digest
    assert (proposed["rows"], proposed["schedule"], approved["answer"]) == (1, "2026", "approved")


def test_nobody_approves_under_another_account_of_the_same_person(archive: Archive) -> None:
    archive.declined()
    archive.later()
    archivist, head = archive.archivist, archive.head
    with transaction() as session:
        batch = propose(session, archive.office, archivist, now()).id
        session.execute(update(Staff).where(Staff.id.in_([archivist.id, head.id])).values(person_no="A-7"))
    with transaction() as session, pytest.raises(NotAllowed) as refused:
        approve(session, batch, head, now())
    assert refused.value.code == "same_person" and archive.batch(batch).state == BatchState.OPEN


def test_nobody_approves_the_own_proposal_whatever_they_hold(archive: Archive) -> None:
    archive.declined()
    archive.later()
    head = archive.head
    both = Actor(head.kind, head.id, head.name, {archive.office: frozenset({"propose-shred", "approve-shred"})})
    with transaction() as session:
        batch = propose(session, archive.office, both, now()).id
    with transaction() as session, pytest.raises(NotAllowed, match="same_person"):
        approve(session, batch, both, now())
    with transaction() as session, pytest.raises(NotAllowed, match="same_person"):
        refuse(session, batch, Refusal.UNCLEAR, both, now())
    assert archive.batch(batch).state == BatchState.OPEN


@pytest.mark.parametrize("role", [Role.HANDLER, Role.INTAKE, Role.HEAD, Role.SYSADMIN, Role.AUDITOR])
def test_nobody_else_proposes(archive: Archive, role: Role) -> None:
    archive.declined()
    archive.later()
    person = archive.world.person(DISTRICT, role)
    with transaction() as session, pytest.raises(NotAllowed):
        propose(session, archive.office, person, now())


@pytest.mark.parametrize(("office", "role"), [(DISTRICT, Role.HANDLER), (OTHER, Role.HEAD), (CITY, Role.HEAD)])
def test_nobody_else_and_no_other_office_answers(archive: Archive, office: str, role: Role) -> None:
    archive.declined()
    archive.later()
    batch = archive.proposed()
    with transaction() as session, pytest.raises(NotFound, match="no_batch"):
        approve(session, batch, archive.world.person(office, role), now())


def test_a_batch_is_answered_once(archive: Archive) -> None:
    archive.declined()
    archive.later()
    batch = archive.approved()
    with transaction() as session, pytest.raises(IllegalMove):
        refuse(session, batch, Refusal.UNCLEAR, archive.head, now())
    archive.shred()
    with transaction() as session, pytest.raises(IllegalMove):
        approve(session, batch, archive.head, now())


def test_a_batch_that_nobody_answers_expires_and_its_reports_may_be_proposed_again(archive: Archive) -> None:
    archive.declined()
    archive.later()
    batch = archive.proposed()
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()  # they stand in a live batch
    archive.clock.advance(days=rules.OPEN_DAYS + 1)
    with transaction() as session, pytest.raises(Refused, match="batch_expired"):
        approve(session, batch, archive.head, now())
    archive.shred()
    assert archive.batch(batch).state == BatchState.EXPIRED
    assert [event["answer"] for event in said(archive, "shred-decided")] == ["expired"]
    assert archive.batch(archive.proposed()).size == 1


def test_a_list_altered_before_the_answer_cannot_be_approved(archive: Archive) -> None:
    archive.declined()
    archive.later()
    batch = archive.proposed()
    with transaction() as session:
        session.execute(update(ShredItem).values(kept_until=today()))
    with transaction() as session, pytest.raises(Refused, match="altered"):
        approve(session, batch, archive.head, now())


def test_a_batch_holds_no_more_than_one_person_can_look_over(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("admin.retention.proposing.MOST_IN_BATCH", 2)
    numbers = []
    for _ in range(3):
        numbers.append(archive.declined())
        archive.clock.advance(days=1)
    archive.later()
    batch = archive.proposed()
    assert set(archive.items(batch)) == set(numbers[:2]), "the longest here first"
    assert set(archive.items(archive.proposed())) == set(numbers[2:])


def test_people_of_the_accused_office_have_no_hand_in_it(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    accused = archive.world.offices[OTHER].id
    with transaction() as session:
        session.execute(update(Tip).where(Tip.number == number).values(against_office_id=accused))
    insider = Actor(
        archive.archivist.kind,
        archive.archivist.id,
        "",
        dict(archive.archivist.permissions),
        member_of=frozenset({accused}),
    )
    with transaction() as session, pytest.raises(Refused, match="nothing_due"):
        propose(session, archive.office, insider, now())
    with reading() as session:
        assert preview_for(session, insider, in_force(session, today()), today()).due == []
    with transaction() as session, pytest.raises(NotFound):
        holding.hold(session, number, HoldReason.AUDIT, insider, now())
    batch = archive.proposed()
    head = Actor(archive.head.kind, archive.head.id, "", dict(archive.head.permissions), frozenset({accused}))
    with transaction() as session, pytest.raises(NotAllowed, match="accused"):
        approve(session, batch, head, now())


# --- what keeps a report


def waits_of(archive: Archive, number: str) -> set[Wait]:
    with reading() as session:
        found = past_term(session, [archive.office], in_force(session, today()), today())
        return {wait for one in found for wait in one.waits if one.members[0].facts.number == number}


def closed_case(archive: Archive) -> str:
    """A report that went all the way: filed, decided, closed."""
    handler, head = archive.world.person(DISTRICT, Role.HANDLER), archive.head
    number = archive.world.report()
    with archive.world.at(number, archive.intake) as (session, tip, keys):
        triage.record_reading(session, tip, archive.intake, now())
        triage.accept(session, tip, archive.intake, now(), keys)
    with archive.world.at(number, handler) as (session, tip, keys):
        asked = proposals.propose(session, tip, Action.FILE, "", "属实（虚构）", handler, now(), keys).id
    with archive.world.at(number, head) as (session, tip, keys):
        proposals.approve(session, tip, asked, head, now(), keys)
    with archive.world.at(number, handler) as (session, tip, keys):
        decisions.decide(session, tip, Outcome.PENALTY, "罚款（虚构）", handler, now(), keys, findings=found())
        decisions.close(session, tip, Closing.PERFORMED, "", handler, now(), keys)
    return number


def test_a_closed_case_is_kept_ten_years_and_goes_by_the_rule_of_archives(archive: Archive) -> None:
    number = closed_case(archive)
    ended = today()
    archive.clock.advance(days=(ended.replace(year=ended.year + 10) - ended).days)
    archive.place()
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()
    archive.later(1)
    archive.destroy_all_due()
    assert archive.world.tip(number).destroyed_by == "HR-18.1" and not archive.opens(number)
    assert archive.book().faults == []


def test_what_was_never_ended_is_never_due(archive: Archive) -> None:
    archive.world.report()
    archive.later(days=366 * 60)
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()


@pytest.mark.parametrize("reason", list(HoldReason))
def test_a_hold_keeps_it_until_it_is_lifted(archive: Archive, reason: HoldReason) -> None:
    number = archive.declined()
    archive.later()
    with transaction() as session:
        made = holding.hold(session, number, reason, archive.archivist, now()).id
    assert waits_of(archive, number) == {Wait.HOLD}
    with transaction() as session, pytest.raises(Refused, match="held_already"):
        holding.hold(session, number, reason, archive.head, now())
    with transaction() as session:
        holding.lift(session, made, archive.head, now())
    with transaction() as session, pytest.raises(NotFound, match="no_hold"):
        holding.lift(session, made, archive.head, now())
    assert waits_of(archive, number) == set()
    assert [(event["change"], event["reason"]) for event in said(archive, "hold-changed")] in (
        [("set", reason), ("lifted", reason)],
        [("lifted", reason), ("set", reason)],
    )


def test_what_is_destroyed_is_not_held(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    archive.destroy_all_due()
    with transaction() as session, pytest.raises(NotFound, match="shredded"):
        holding.hold(session, number, HoldReason.AUDIT, archive.head, now())


def test_a_reporter_who_was_never_told_is_still_owed_that(archive: Archive) -> None:
    number = archive.world.report(named=True, way="callback")
    handler = archive.world.person(DISTRICT, Role.HANDLER)
    with archive.world.at(number, archive.intake) as (session, tip, keys):
        triage.record_reading(session, tip, archive.intake, now())
        triage.accept(session, tip, archive.intake, now(), keys)
    with archive.world.at(number, handler) as (session, tip, keys):
        decisions.not_file(session, tip, "查无实据（虚构）", handler, now(), keys)
    archive.later(days=366 * 11)
    assert waits_of(archive, number) == {Wait.CLOCK}


# --- schedules


def test_an_adopted_schedule_shortens_from_its_day_on(archive: Archive) -> None:
    archive.declined()
    terms = json.loads(shipped_schedule().text)
    shorter = [{**term, "years": 1, "rule": "PV-19"} for term in terms["terms"]]
    day = today() + timedelta(days=400)
    text = json.dumps({"version": "shorter", "in_force_from": str(day), "terms": shorter}, ensure_ascii=False)
    with transaction() as session:
        adopt(session, text, SYSTEM, now())
    archive.later(399)
    with pytest.raises(Refused, match="nothing_due"):
        archive.proposed()
    archive.later(1)
    assert archive.batch(archive.proposed()).schedule == "shorter"
    with transaction() as session, pytest.raises(Refused, match="schedule_there"):
        adopt(session, text.replace(str(day), str(today() + timedelta(days=99))), SYSTEM, now())


@pytest.mark.parametrize("role", [Role.HEAD, Role.ARCHIVIST, Role.HANDLER])
def test_only_who_manages_rules_adopts(archive: Archive, role: Role) -> None:
    with transaction() as session, pytest.raises(NotAllowed):
        adopt(session, shipped_schedule().text, archive.world.person(DISTRICT, role), now())


# --- commands


@pytest.fixture
def run(archive: Archive, staff_settings: StaffSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """``mingjing …`` over the database and the clock of this test."""
    monkeypatch.setattr("admin.commands.load_staff", lambda _path: staff_settings)
    monkeypatch.setattr("portal.kernel.db.Database.dispose", lambda _database: None)
    place = site()

    def call(*arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(_mingjing, list(arguments), input=stdin)
        bind(archive.world.database)
        bind_site(place)
        return result

    yield call


def test_preview_counts_and_changes_nothing(archive: Archive, run: Run) -> None:
    archive.declined()
    held = archive.declined()
    archive.later()
    with transaction() as session:
        holding.hold(session, held, HoldReason.AUDIT, archive.head, now())
    told = run("retention", "preview")
    assert told.exit_code == 0, told.output
    assert "演示甲区医疗保障局\tnot_accepted\t2026\t1" in told.output and f"kept: {held}" in told.output
    assert "1 may be proposed" in told.output and said(archive, "shred-proposed") == []


def test_adopt_takes_a_file_and_says_from_when(archive: Archive, run: Run, tmp_path: Path) -> None:
    terms = json.loads(shipped_schedule().text)
    day = today() + timedelta(days=30)
    file = tmp_path / "schedule.json"
    file.write_text(json.dumps({**terms, "version": "v2", "in_force_from": str(day)}, ensure_ascii=False), "utf-8")
    told = run("retention", "adopt", str(file))
    assert (told.exit_code, told.output) == (0, f"schedule v2 comes into force on {day}\n")
    with reading() as session:
        assert session.scalars(select(RetentionSchedule.version)).all() == ["v2"]
    assert run("retention", "adopt", stdin="{}").exit_code == 1


def test_backup_restore_and_reconcile_by_command(archive: Archive, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    number = archive.world.report()
    assert run("shred", "backup", str(folder), "--days", "31").exit_code == 2
    made = run("shred", "backup", str(folder))
    assert made.exit_code == 0 and [path.name for path in folder.iterdir()] == [f"shred-{today()}.backup"]
    drop_shred_keys([archive.world.tip(number).id])
    lost = run("shred", "reconcile")
    assert lost.exit_code == 1 and f"lost: {number}" in lost.output
    back = run("shred", "restore", str(folder / f"shred-{today()}.backup"))
    assert (back.exit_code, back.output) == (0, "1 keys came back; 0 stay destroyed\n")
    assert run("shred", "reconcile").exit_code == 0 and archive.opens(number)
    (folder / "cut").write_bytes(b"")
    assert run("shred", "restore", str(folder / "cut")).exit_code == 1


def test_scrub_leaves_the_store_as_it_was(archive: Archive, run: Run) -> None:
    number = archive.world.report()
    told = run("shred", "scrub")
    assert told.exit_code == 0, told.output
    assert archive.opens(number)


def test_every_command_is_in_the_list(run: Run) -> None:
    listed = run("--help").output
    assert "retention" in listed and "shred" in listed
    assert {*retention_commands.shred.commands} == {"backup", "restore", "reconcile", "scrub"}


# --- what stands in the way, and what stands in the rows


def with_request(session: Session, tip: Tip) -> None:
    record = session.scalars(select(IdentityRecord).where(IdentityRecord.tip_id == tip.id)).one()
    session.add(
        IdentityRequest(
            tip_id=tip.id,
            record_id=record.id,
            board_id=tip.board_id,
            office_id=tip.office_id,
            use="identity",
            reason="facts",
            words=b"sealed",
            k=2,
            asked_by=new_id(),
            asker_role="handler",
            asked_on=today(),
            expires_on=today(),
        )
    )


def with_proposal(session: Session, tip: Tip) -> None:
    session.add(
        Proposal(
            tip_id=tip.id,
            office_id=tip.office_id,
            action="extend",
            proposed_by=new_id(),
            proposed_on=today(),
            reason=b"sealed",
        )
    )


@pytest.mark.parametrize(("make", "wait"), [(with_request, Wait.IDENTITY), (with_proposal, Wait.PROPOSAL)])
def test_an_open_request_or_proposal_keeps_it(
    archive: Archive, make: Callable[[Session, Tip], None], wait: Wait
) -> None:
    number, other = archive.declined(named=True), archive.declined(named=True)
    archive.later()
    batch = archive.approved()
    with transaction() as session:
        make(session, session.get_one(Tip, archive.world.tip(number).id))
    archive.shred()
    assert archive.items(batch)[number].why == wait and archive.opens(number)
    assert not archive.opens(other)


def test_a_batch_that_was_written_into_the_database_as_approved_destroys_nothing(archive: Archive) -> None:
    number = archive.declined()
    archive.later()
    batch = archive.proposed()
    with transaction() as session:
        forged = {"state": BatchState.APPROVED.value, "decided_by": archive.head.id, "decided_on": today()}
        session.execute(update(ShredBatch).values(forged))
    assert archive.shred() == 0 and archive.opens(number)
    assert (archive.batch(batch).state, archive.batch(batch).reason) == (BatchState.REFUSED, Refusal.ALTERED)
    with transaction() as session:
        session.execute(update(ShredBatch).values(state=BatchState.RUNNING.value))
    assert archive.shred() == 0 and archive.opens(number), "nor one that seems to be under way"


def test_what_cannot_be_finished_now_is_finished_at_a_later_call(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = archive.declined(files=[("a.png", bytes(64))])
    archive.later()
    batch = archive.approved()
    with monkeypatch.context() as broken:
        broken.setattr("admin.retention.shredding.delete_blobs", _no_disk)
        with pytest.raises(OSError, match="no disk"):
            archive.shred()
    assert not archive.has_key(number) and archive.batch(batch).state == BatchState.RUNNING
    archive.shred()
    assert archive.batch(batch).state == BatchState.DONE


def _no_disk(_: object) -> None:
    raise OSError("no disk")
