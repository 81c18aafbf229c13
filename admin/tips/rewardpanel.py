"""The reward of a report in one line, for the page of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.rewards.claim_queries import reward_of
from portal.rewards.states import ENDED, STAFF_LABEL, RewardState
from portal.tips.models import Tip


@dataclass(frozen=True, slots=True)
class RewardPanel:
    """``last``: the last day to decide or to claim."""

    words: str
    kind: str
    last: date | None


def reward_panel(session: Session, tip: Tip) -> RewardPanel | None:
    """None where there is no reward."""
    case = reward_of(session, tip.id)
    if case is None:
        return None
    state = RewardState(case.state)
    return RewardPanel(STAFF_LABEL[state], "neutral" if state in ENDED else "open", case.due_on or case.claim_until)
