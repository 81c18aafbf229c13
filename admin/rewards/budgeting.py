"""Whether a reward still fits into the year's budget of the office that pays it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.errors import Refused
from portal.kernel.values import Fen, Id
from portal.payments.batching import BudgetLevel, BudgetState
from portal.payments.budget import budget_state
from portal.rewards.claim_models import RewardCase
from portal.rewards.states import RewardState
from portal.tips.models import Tip

PROMISED = (RewardState.DECIDED, RewardState.NOTIFIED, RewardState.FIGURE_REVIEW, RewardState.RETURNED)
"""Approved, and no payment stands for it: not claimed yet, or sent back by the bank."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The budget, and how much beside its payments is spoken for once this reward is approved."""

    state: BudgetState
    more_fen: Fen

    @property
    def level(self) -> BudgetLevel:
        return self.state.level(self.more_fen)

    @property
    def percent(self) -> int | None:
        return self.state.percent(self.more_fen)

    @property
    def refuses(self) -> bool:
        return self.state.refuses(self.more_fen)


def fit(session: Session, office: Id, year: int, amount_fen: int) -> Fit:
    """How the budget of *office* for *year* would stand with *amount_fen* (fen) more."""
    promised = (
        select(func.sum(RewardCase.amount_fen))
        .join(Tip, Tip.id == RewardCase.tip_id)
        .where(Tip.office_id == office, RewardCase.state.in_([state.value for state in PROMISED]))
    )
    # A sum of BIGINT is NUMERIC on PostgreSQL, which Python has as a Decimal.
    return Fit(budget_state(session, office, year), Fen(int(session.scalar(promised) or 0) + amount_fen))


def must_fit(session: Session, office: Id, year: int, amount_fen: int) -> None:
    """Refused ("over_budget") where the budget is kept to strictly and this would go above it."""
    if fit(session, office, year, amount_fen).refuses:
        raise Refused("over_budget", "加上这一笔就超过本年度预算了，而预算设定为不得超过。请先由负责人调整预算。")
