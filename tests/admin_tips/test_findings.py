"""What a decision found, in the file: needed or not, never overwritten, corrected by two people, sealed, on record."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select

from admin.staff.roles import Role
from admin.tips import decisions, proposals, triage
from admin.tips.findings import outcome_of
from crypto.errors import CryptoError
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.models import LedgerEntry
from portal.mailbox.reasons import Closing, Outcome, Reopening
from portal.tips.findings import Findings
from portal.tips.findings_kept import LOSS, NO_LOSS, STATED, Version, findings_of, has_findings, versions_of
from portal.tips.models import TipEvent, TipRecord
from portal.tips.states import Action, State
from tests.admin_tips.world import DISTRICT, World, found

REASON = "单据上的合计写错了一位。"


class Bureau:
    """One office with its three people, and reports brought as far as a decision."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.intake, self.handler, self.head = (
            world.person(DISTRICT, role) for role in (Role.INTAKE, Role.HANDLER, Role.HEAD)
        )

    def verifying(self) -> str:
        number = self.world.report()
        with self.world.at(number, self.intake) as (session, tip, keys):
            triage.record_reading(session, tip, self.intake, now())
            triage.accept(session, tip, self.intake, now(), keys)
        return number

    def filed(self) -> str:
        number = self.verifying()
        asked = self.world.do(number, proposals.propose, Action.FILE, "", "理由充分。", by=self.handler)
        self.world.do(number, proposals.approve, asked.id, by=self.head)
        return number

    def decided(self, findings: Findings | None = None) -> str:
        number = self.filed()
        self.decide(number, Outcome.PENALTY, findings or found())
        return number

    def decide(self, number: str, outcome: Outcome, findings: Findings | None, why: str = "") -> None:
        self.world.do(number, decisions.decide, outcome, "决定。", by=self.handler, findings=findings, why=why)

    def close(self, number: str, closing: Closing, findings: Findings | None = None, why: str = "") -> None:
        self.world.do(number, decisions.close, closing, "", by=self.handler, findings=findings, why=why)

    def ask(self, number: str, findings: Findings, why: str = REASON) -> Any:
        return self.world.do(number, proposals.propose_correction, findings, why, by=self.handler)

    def approve(self, number: str, proposal: Any, by: Actor | None = None) -> None:
        self.world.do(number, proposals.approve, proposal.id, by=by or self.head)

    def versions(self, number: str) -> list[Version]:
        with self.world.at(number, self.handler) as (session, tip, keys):
            return versions_of(session, tip, keys)

    def standing(self, number: str) -> Findings | None:
        with self.world.at(number, self.handler) as (session, tip, keys):
            return findings_of(session, tip, keys)

    def stated(self, number: str) -> list[str]:
        """The codes that the history keeps in clear."""
        with reading() as session:
            lines = select(TipEvent.code).where(TipEvent.action == STATED, TipEvent.tip_id == self.world.tip(number).id)
            return list(session.scalars(lines.order_by(TipEvent.position)))


@pytest.fixture
def bureau(world: World) -> Bureau:
    return Bureau(world)


# --- with a decision


def test_a_decision_keeps_what_it_found_and_says_in_clear_only_that_there_was_a_loss(bureau: Bureau) -> None:
    number = bureau.decided(found(fine_fen=10_000_000))
    assert bureau.standing(number) == found(fine_fen=10_000_000)
    assert [(one.statement.version, one.by) for one in bureau.versions(number)] == [(1, bureau.handler.id)]
    assert bureau.stated(number) == [LOSS]


def test_a_fine_alone_is_no_loss(bureau: Bureau) -> None:
    number = bureau.decided(found(loss_fen=0, fine_fen=10_000_000))
    assert bureau.stated(number) == [NO_LOSS]


@pytest.mark.parametrize("outcome", [Outcome.PENALTY, Outcome.NO_PENALTY])
def test_a_decision_on_a_proven_breach_needs_findings(bureau: Bureau, outcome: Outcome) -> None:
    number = bureau.filed()
    with pytest.raises(Refused) as refused:
        bureau.decide(number, outcome, None)
    assert refused.value.code == "findings_missing"
    assert bureau.world.tip(number).state == State.FILED


@pytest.mark.parametrize("outcome", [Outcome.NOT_PROVEN, Outcome.OTHER_AUTHORITY, Outcome.JUSTICE])
def test_other_decisions_may_go_without(bureau: Bureau, outcome: Outcome) -> None:
    number = bureau.filed()
    bureau.decide(number, outcome, None)
    assert bureau.standing(number) is None
    assert bureau.stated(number) == []


@pytest.mark.parametrize(
    ("outcome", "findings", "code"),
    [
        (Outcome.NOT_PROVEN, found(), "amounts_not_proven"),
        (Outcome.NOT_PROVEN, found(loss_fen=0, damages_fen=1), "amounts_not_proven"),
        (Outcome.NO_PENALTY, found(fine_fen=1), "fine_without_penalty"),
    ],
)
def test_findings_that_say_another_thing_than_the_decision_are_refused(
    bureau: Bureau, outcome: Outcome, findings: Findings, code: str
) -> None:
    number = bureau.filed()
    with pytest.raises(Refused) as refused:
        bureau.decide(number, outcome, findings)
    assert refused.value.code == code


# --- with the closing


def test_an_agreement_case_states_its_findings_when_it_is_closed(bureau: Bureau) -> None:
    number = bureau.verifying()
    bureau.world.do(number, decisions.agree, "演示经办机构", "按照协议处理。", by=bureau.handler)
    with pytest.raises(Refused) as refused:
        bureau.close(number, Closing.AGREEMENT_DONE)
    assert refused.value.code == "findings_missing"
    bureau.close(number, Closing.AGREEMENT_DONE, found(damages_fen=300_000))
    assert bureau.standing(number) == found(damages_fen=300_000)


def test_closing_with_nothing_new_adds_no_version(bureau: Bureau) -> None:
    number = bureau.decided()
    bureau.close(number, Closing.PERFORMED, found())
    assert len(bureau.versions(number)) == 1


def test_what_came_back_until_the_closing_is_a_new_version_with_a_reason(bureau: Bureau) -> None:
    number = bureau.decided()
    paid = found(recovered_fen=5_000_000)
    with pytest.raises(Refused) as refused:
        bureau.close(number, Closing.RECOVERED, paid)
    assert refused.value.code == "why_missing"
    bureau.close(number, Closing.RECOVERED, paid, why="损失已全部退回。")
    newest, first = bureau.versions(number)
    assert (newest.statement.version, newest.statement.why) == (2, "损失已全部退回。")
    assert (first.statement.version, first.statement.findings) == (1, found())
    assert bureau.standing(number) == paid


def test_a_case_that_is_taken_up_again_is_measured_by_its_new_decision(bureau: Bureau) -> None:
    number = bureau.filed()
    bureau.decide(number, Outcome.NOT_PROVEN, None)
    bureau.close(number, Closing.NO_ACTION)
    bureau.world.do(number, triage.reopen, Reopening.NEW_CLUE, "", by=bureau.intake)
    with bureau.world.at(number, bureau.handler) as (session, tip, _):
        assert outcome_of(session, tip) is None
    bureau.world.do(number, triage.accept, by=bureau.intake)
    bureau.world.do(number, decisions.agree, "演示经办机构", "按照协议处理。", by=bureau.handler)
    bureau.close(number, Closing.AGREEMENT_DONE, found())
    assert bureau.stated(number) == [LOSS]


# --- corrections


@pytest.mark.parametrize("closed", [False, True])
def test_a_correction_stands_once_the_head_agrees_and_the_first_version_stays(bureau: Bureau, closed: bool) -> None:
    number = bureau.decided()
    if closed:
        bureau.close(number, Closing.PERFORMED)
    before = bureau.world.tip(number).state
    asked = bureau.ask(number, found(loss_fen=0))
    assert bureau.standing(number) == found()
    bureau.approve(number, asked)
    assert bureau.standing(number) == found(loss_fen=0)
    assert [(one.statement.version, one.statement.why) for one in bureau.versions(number)] == [(2, REASON), (1, "")]
    assert bureau.stated(number) == [LOSS, NO_LOSS]
    assert bureau.world.tip(number).state == before


def test_a_refused_correction_changes_nothing(bureau: Bureau) -> None:
    number = bureau.decided()
    asked = bureau.ask(number, found(loss_fen=1))
    with bureau.world.at(number, bureau.head) as (session, tip, _):
        proposals.refuse(session, tip, asked.id, bureau.head, now())
    assert bureau.standing(number) == found()
    with pytest.raises(Refused):
        bureau.approve(number, asked)


def test_a_report_that_ended_before_findings_were_kept_gets_its_first_ones_this_way(bureau: Bureau) -> None:
    number = bureau.filed()
    bureau.decide(number, Outcome.JUSTICE, None)
    bureau.approve(number, bureau.ask(number, found()))
    assert [one.statement.version for one in bureau.versions(number)] == [1]


def test_nobody_approves_an_own_correction_and_intake_asks_for_none(bureau: Bureau) -> None:
    number = bureau.decided()
    with pytest.raises(NotAllowed):
        bureau.world.do(number, proposals.propose_correction, found(loss_fen=1), REASON, by=bureau.intake)
    asked = bureau.ask(number, found(loss_fen=1))
    with pytest.raises(NotAllowed):
        bureau.approve(number, asked, by=bureau.handler)
    both = Actor(
        bureau.handler.kind,
        bureau.handler.id,
        bureau.handler.name,
        {office: held | bureau.head.permissions[office] for office, held in bureau.handler.permissions.items()},
    )
    with pytest.raises(NotAllowed) as refused:
        bureau.approve(number, asked, by=both)
    assert refused.value.code == "same_person"


def test_a_correction_that_changes_nothing_or_comes_too_early_is_refused(bureau: Bureau) -> None:
    number = bureau.decided()
    with pytest.raises(Refused) as refused:
        bureau.ask(number, found())
    assert refused.value.code == "nothing_changed"
    with pytest.raises(IllegalMove):
        bureau.ask(bureau.filed(), found())


def test_a_correction_is_measured_by_the_decision_too(bureau: Bureau) -> None:
    number = bureau.filed()
    bureau.decide(number, Outcome.NOT_PROVEN, None)
    with pytest.raises(Refused) as refused:
        bureau.ask(number, found())
    assert refused.value.code == "amounts_not_proven"


def test_closing_drops_a_correction_that_nobody_decided(bureau: Bureau) -> None:
    number = bureau.decided()
    asked = bureau.ask(number, found(loss_fen=1))
    bureau.close(number, Closing.PERFORMED)
    with pytest.raises(Refused) as refused:
        bureau.approve(number, asked)
    assert refused.value.code == "proposal_decided"


# --- what is kept, and where


def test_every_version_is_on_the_ledger_with_the_digest_of_what_was_sealed(bureau: Bureau) -> None:
    number = bureau.decided()
    bureau.approve(number, bureau.ask(number, found(loss_fen=1)))
    with reading() as session:
        rows = session.scalars(select(TipRecord).where(TipRecord.kind.in_(("facts", "facts_asked"))))
        kept = {(row.kind, hashlib.sha256(row.sealed).hexdigest()) for row in rows}
        written = select(LedgerEntry.payload).where(LedgerEntry.subject == number, LedgerEntry.kind == "record-written")
        events = [json.loads(payload)["event"] for payload in session.scalars(written)]
    told = {(one["record"], one["sha256"]) for one in events if one["record"] != "decision"}
    assert len(kept) == 3
    assert kept == told


def test_neither_sums_nor_the_relation_of_the_reporter_stand_in_clear(bureau: Bureau) -> None:
    number = bureau.decided(found(loss_fen=77_123_456_789, relation="insider", grade="1", grade_reason="铁证如山在此"))
    with reading() as session:
        assert has_findings(session, bureau.world.tip(number))
        sealed = session.scalars(select(TipRecord.sealed)).all()
        told = session.scalars(select(LedgerEntry.payload)).all()
        history = session.execute(select(TipEvent.action, TipEvent.code)).all()
    everything = b"".join([*sealed, *told]) + repr(history).encode()
    for word in ("77123456789", "insider", "铁证如山在此"):
        assert word.encode() not in everything


def test_a_version_that_was_changed_underneath_does_not_open(bureau: Bureau) -> None:
    number = bureau.decided()
    with transaction() as session:
        row = session.scalars(select(TipRecord).where(TipRecord.kind == "facts")).one()
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with pytest.raises(CryptoError):
        bureau.standing(number)
