"""Reports that were decided with a loss, over the world of casework and a payment board. Everybody is invented.

The conduct was in Beijing, whose rule is in force: 2 percent up to 500,000 yuan, 4 percent above, at least 500.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin.payments.budgeting import set_budget
from admin.rewards import deciding, proposing
from admin.rewards.proposing import Work
from admin.rewards.sweeping import sweep_rewards
from admin.staff.roles import Role
from admin.tips import decisions, merging, proposals, triage
from admin.tips.casework import followers_of, locked
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen
from portal.ledger.sequencer import sequence
from portal.mailbox.reasons import Outcome
from portal.payments.batching import BudgetReason
from portal.payments.models import Payment
from portal.rewards.claim_models import RewardCase, RewardProposal, RewardStep
from portal.rewards.claiming import locked_reward
from portal.rewards.claims import Choices
from portal.tips import reporter
from portal.tips.models import Tip
from portal.tips.reporter import OwnTip
from portal.tips.states import Action
from tests.admin_tips.world import DISTRICT, World, found
from tests.payments.vault import PEOPLE, Vault

BEIJING = "110105"


@dataclass
class Court:
    """The people of one office around a reward."""

    world: World
    vault: Vault

    @property
    def officer(self) -> Actor:
        return self.world.person(DISTRICT, Role.HANDLER)

    @property
    def head(self) -> Actor:
        return self.world.person(DISTRICT, Role.HEAD)

    @property
    def reviewer(self) -> Actor:
        return self.world.person(DISTRICT, Role.REWARD_REVIEWER)

    def filed(self, region: str = BEIJING, **given: Any) -> str:
        """A report with a case; its number."""
        return self.take(self.world.report(**{"wants_reward": True, **given}), region)

    def take(self, number: str, region: str = BEIJING) -> str:
        """Accept a report that came in, on conduct in *region*."""
        with transaction() as session:
            session.execute(update(Tip).where(Tip.number == number).values(region=region))
        intake = self.world.person(DISTRICT, Role.INTAKE)
        with self.world.at(number, intake) as (session, tip, keys):
            triage.record_reading(session, tip, intake, now())
            triage.accept(session, tip, intake, now(), keys)
        return number

    def decided(self, number: str, merged: tuple[str, ...] = (), **facts: Any) -> str:
        """File, merge what is to be merged, decide with a penalty; ``facts`` beside a loss of 50,000 yuan."""
        intake = self.world.person(DISTRICT, Role.INTAKE)
        for one in merged:
            with self.world.at(one, intake) as (session, tip, keys):
                main = locked(session, number, intake)
                merging.merge(session, tip, main, intake, now(), keys)
        with self.world.at(number, self.officer) as (session, tip, keys):
            asked = proposals.propose(session, tip, Action.FILE, "", "事实清楚", self.officer, now(), keys)
        self.world.do(number, proposals.approve, asked.id, by=self.head)
        with self.world.at(number, self.officer) as (session, tip, keys):
            followers = {one.id: self.world.keys_of(session, one) for one in followers_of(session, tip)}
            given = Outcome.PENALTY, "处罚决定", self.officer, now(), keys, followers, found(**facts)
            decisions.decide(session, tip, *given)
        return number

    def ready(self, **facts: Any) -> str:
        """A report whose reward is under review."""
        return self.decided(self.filed(), **facts)

    @contextmanager
    def work(self, number: str, by: Actor) -> Iterator[tuple[Session, Work]]:
        with self.world.at(number, by) as (session, tip, keys):
            main = tip if tip.merged_into_id is None else session.get_one(Tip, tip.merged_into_id)
            yield session, Work(tip, locked_reward(session, tip), keys, self.world.keys_of(session, main))

    def propose(self, number: str, why: str = "", by: Actor | None = None, **chosen: Any) -> RewardProposal:
        by = by or self.officer
        with self.work(number, by) as (session, work):
            return proposing.propose(session, work, Choices(**chosen), why, by, now())

    def do(self, number: str, verb: Callable[..., Any], *args: Any, by: Actor) -> Any:
        with self.work(number, by) as (session, work):
            return verb(session, work, *args, by, now())

    def given(self, **facts: Any) -> str:
        """A reward that the reporter was told of."""
        number = self.ready(**facts)
        self.propose(number)
        self.do(number, deciding.approve, by=self.head)
        return number

    @contextmanager
    def mine(self, number: str) -> Iterator[tuple[Session, OwnTip]]:
        """The reporter's own transaction."""
        code = self.world.mailboxes[number]
        with transaction() as session:
            yield session, reporter.open_own(session, code.tag, code.mailbox)

    def says(self, number: str, verb: Callable[..., Any], *args: Any) -> Any:
        with self.mine(number) as (session, mine):
            return verb(session, mine, *args, now())

    def budget(self, amount_fen: int, *, strict: bool = True) -> None:
        """What the head sets for this year."""
        with transaction() as session:
            given = Fen(amount_fen), strict, BudgetReason.APPROVED, self.head, now()
            set_budget(session, self.world.offices[DISTRICT].id, today().year, *given)

    def sweep(self) -> int:
        with transaction() as session:
            return sweep_rewards(session, now())

    def placed(self) -> None:
        """Every entry has its place in the ledger."""
        with transaction() as session:
            sequence(session, now(), 1000)

    def case(self, number: str) -> RewardCase | None:
        with reading() as session:
            return session.get(RewardCase, self.world.tip(number).id)

    def reward(self, number: str) -> RewardCase:
        found_case = self.case(number)
        assert found_case is not None
        return found_case

    def steps(self, number: str) -> list[str]:
        with reading() as session:
            steps = select(RewardStep.action).where(RewardStep.tip_id == self.world.tip(number).id)
            return list(session.scalars(steps.order_by(RewardStep.position)))

    def payments(self) -> list[Payment]:
        with reading() as session:
            return list(session.scalars(select(Payment).order_by(Payment.number)))

    def bank(self, state: str) -> None:
        """What the bank's answer makes of every payment that waits."""
        with transaction() as session:
            session.execute(update(Payment).where(Payment.state == "sealed").values(state=state))


PAYEE = PEOPLE[0]
