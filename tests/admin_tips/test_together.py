"""Two officers, two threads, one report: one of them wins and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select

from admin.staff.roles import Role
from admin.tips import decisions, proposals, transfer, triage
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.kernel.transaction import reading
from portal.ledger.models import LedgerEntry
from portal.mailbox.reasons import DeclineReason
from portal.tips.models import Clock, TipEvent, TipHolding, TipKey
from portal.tips.states import Action, State
from tests.admin_tips.world import CITY, DISTRICT, OTHER, World

Act = Callable[[], object]


def race(*acts: Act) -> list[str]:
    """Run the acts at once; returns "done" or the code of the refusal, in their order."""
    start = threading.Barrier(len(acts))
    answers = [""] * len(acts)

    def run(index: int, act: Act) -> None:
        start.wait()
        try:
            act()
            answers[index] = "done"
        except DomainError as error:
            answers[index] = error.code

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _open(world: World, number: str, actor: Actor) -> None:
    with world.at(number, actor) as (session, tip, _):
        triage.record_reading(session, tip, actor, now())


@pytest.mark.parametrize("round_", range(3))
def test_one_accepts_while_another_declines(world: World, round_: int) -> None:
    one, two = world.new_person(DISTRICT, Role.INTAKE), world.new_person(DISTRICT, Role.INTAKE)
    number = world.report()
    _open(world, number, one)
    answers = race(
        partial(world.do, number, triage.accept, by=one),
        partial(world.do, number, triage.decline, DeclineReason.NO_FACTS, "", by=two),
    )
    assert sorted(answers) == ["done", "illegal_move"]
    assert world.tip(number).state == (State.VERIFYING if answers[0] == "done" else State.NOT_ACCEPTED)
    assert len(world.notices(number)) == 2  # received, and one of the two


def test_a_transfer_while_another_decides(world: World) -> None:
    intake, handler = world.person(DISTRICT, Role.INTAKE), world.person(DISTRICT, Role.HANDLER)
    number = world.report()
    _open(world, number, intake)
    world.do(number, triage.accept, by=intake)
    answers = race(
        partial(world.do, number, transfer.transfer, world.offices[OTHER].id, "在乙区。", by=intake),
        partial(world.do, number, decisions.not_file, "没有违法事实。", by=handler),
    )
    assert answers.count("done") == 1
    tip = world.tip(number)
    moved = answers[0] == "done"
    assert tip.office_id == world.offices[OTHER if moved else DISTRICT].id
    assert tip.state == (State.RECEIVED if moved else State.NOT_FILED)
    with reading() as session:
        keys = session.scalars(select(TipKey.office_id).where(TipKey.tip_id == tip.id)).all()
        held = session.scalars(select(TipHolding).where(TipHolding.tip_id == tip.id, TipHolding.to_day.is_(None))).all()
    assert keys == [tip.office_id]
    assert [one.office_id for one in held] == [tip.office_id]


def test_two_transfers_at_once_leave_one_holder_with_one_key(world: World) -> None:
    one, two = world.new_person(DISTRICT, Role.INTAKE), world.new_person(DISTRICT, Role.INTAKE)
    number = world.report()
    _open(world, number, one)
    answers = race(
        partial(world.do, number, transfer.transfer, world.offices[OTHER].id, "在乙区。", by=one),
        partial(world.do, number, transfer.transfer, world.offices[CITY].id, "案情重大。", by=two),
    )
    assert sorted(answers) == ["done", "no_tip"]
    tip = world.tip(number)
    with reading() as session:
        assert session.scalars(select(TipKey.office_id).where(TipKey.tip_id == tip.id)).all() == [tip.office_id]


def test_a_proposal_approved_twice_at_once_takes_effect_once(world: World) -> None:
    intake, handler = world.person(DISTRICT, Role.INTAKE), world.person(DISTRICT, Role.HANDLER)
    heads = [world.new_person(DISTRICT, Role.HEAD) for _ in range(2)]
    number = world.report()
    _open(world, number, intake)
    world.do(number, triage.accept, by=intake)
    proposal = world.do(number, proposals.propose, Action.FILE, "", "事实清楚。", by=handler)
    answers = race(*(partial(world.do, number, proposals.approve, proposal.id, by=head) for head in heads))
    assert sorted(answers) == ["done", "proposal_decided"]
    with reading() as session:
        tip = world.tip(number)
        running = session.scalars(select(Clock.rule).where(Clock.tip_id == tip.id, Clock.state == "running")).all()
        decided = select(func.count()).where(LedgerEntry.kind == "proposal-decided", LedgerEntry.subject == number)
        assert session.scalar(decided) == 1
    assert running == ["PP-45"]


def test_the_history_of_a_report_has_no_gap_and_no_double_when_eight_write_at_once(world: World) -> None:
    people = [world.new_person(DISTRICT, Role.HANDLER) for _ in range(8)]
    number = world.report()
    answers = race(*(partial(world.do, number, triage.note, f"第{i}条。", by=one) for i, one in enumerate(people)))
    assert answers == ["done"] * 8
    with reading() as session:
        tip = world.tip(number)
        positions = session.scalars(
            select(TipEvent.position).where(TipEvent.tip_id == tip.id).order_by(TipEvent.position)
        ).all()
    assert positions == list(range(1, 10))
