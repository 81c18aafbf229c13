"""Moving a reward: state, history and ledger together. Whoever calls it has locked the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import TipNumber
from portal.ledger.book import append
from portal.rewards.claim_events import RewardMoved
from portal.rewards.claim_models import RewardCase, RewardStep
from portal.rewards.states import RewardAction, RewardState, next_state
from portal.tips.clocks import rule_for
from portal.tips.deadlines import deadline
from portal.tips.models import Tip
from portal.workdays.setapart import calendar_of


def move(
    session: Session,
    case: RewardCase,
    tip: Tip,
    action: RewardAction,
    actor: Actor,
    now: Utc,
    *,
    code: str = "",
    amount_fen: int = 0,
    record: str = "",
) -> None:
    """Make a move of the table. IllegalMove when it has no such move from here."""
    before = case.state
    case.state = next_state(RewardState(before), action).value
    step(session, case, action, actor, now, code)
    event = RewardMoved(TipNumber(tip.number), action.value, before, case.state, code, amount_fen, record)
    append(session, event, actor, now)


def begin(session: Session, tip: Tip, state: RewardState, actor: Actor, now: Utc) -> RewardCase:
    """The reward of a report that had none: in WISHED or REVIEW."""
    case = RewardCase(tip_id=tip.id, state=state.value, opened_on=day_of(now), due_on=None)
    session.add(case)
    session.flush()
    step(session, case, RewardAction.OPEN, actor, now)
    append(session, RewardMoved(TipNumber(tip.number), RewardAction.OPEN.value, "", case.state), actor, now)
    return case


def step(session: Session, case: RewardCase, action: RewardAction, actor: Actor, now: Utc, code: str = "") -> None:
    """One line of history; a second writer meets the unique position."""
    last = session.scalar(select(func.max(RewardStep.position)).where(RewardStep.tip_id == case.tip_id)) or 0
    line = {"tip_id": case.tip_id, "position": last + 1, "day": day_of(now), "action": action.value}
    session.add(RewardStep(**line, state=case.state, code=code, actor_id=actor.id))
    session.flush()


def last_day(session: Session, tip: Tip, rule_id: str, start: date, months: int | None = None) -> date:
    """The last day of a clock of rewards that starts on *start*, as the region set it.

    ``months``: what the schedule says instead, where no setting does.
    """
    rule = rule_for(session, tip.region, rule_id, start)
    if months is not None and rule.confidence != "setting":
        rule = replace(rule, amount=months)
    return deadline(rule, start, calendar_of(session)).due
