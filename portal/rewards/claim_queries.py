"""Reading the reward of a report: what both sides may see of it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.values import Id
from portal.rewards.claim_models import RewardCase, RewardStep


def reward_of(session: Session, tip: Id) -> RewardCase | None:
    """The reward of a report; None where there is none."""
    return session.get(RewardCase, tip)


def steps_of(session: Session, tip: Id) -> list[RewardStep]:
    """Its history, oldest first."""
    return list(session.scalars(select(RewardStep).where(RewardStep.tip_id == tip).order_by(RewardStep.position)))
