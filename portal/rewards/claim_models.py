"""Tables of the reward for one report: how far it is, who proposed and decided what, and its history in codes.

In clear stand states, days, sums and codes. What a figure was computed from is sealed (:mod:`portal.rewards.record`),
the words of staff are sealed like every word of the report.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id
from portal.rewards.claims import Kind, ProposalState
from portal.rewards.states import RewardState


def _names(values: type[RewardState] | type[Kind] | type[ProposalState]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class RewardCase(Base):
    """The reward for one report. ``claim_id`` is all that a payment knows of it: random, and no key to anything.

    ``due_on``: by when the office should have decided. ``claim_until``: the last day to claim, or to correct an account
    that the bank sent back. ``review_until``: the last day to ask for a review, which happens once (``reviewed``).
    ``told``: what the reporter was told of the figure, sealed like a letter's words (reporter and office open it).
    """

    __tablename__ = "reward_case"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(RewardState)})", name="state"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_reward_case_state_claim_until", "state", "claim_until"),
    )
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), primary_key=True)
    claim_id: Mapped[Id] = mapped_column(unique=True, default=new_id)
    state: Mapped[str] = mapped_column(String(16))
    opened_on: Mapped[date]
    due_on: Mapped[date | None]
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    decided_on: Mapped[date | None]
    claim_until: Mapped[date | None]
    review_until: Mapped[date | None]
    reviewed: Mapped[bool] = mapped_column(default=False)
    returned: Mapped[int] = mapped_column(default=0)
    told: Mapped[bytes | None]


class RewardProposal(Base):
    """What one person proposed and another decided, ``turn`` by turn. Never changed but for the answer.

    ``record``: inputs, trace and figure, sealed under ``record_key`` with the shred key of the report, so that it can
    be computed again and dies with the report. ``schedule_text``: the rule itself, in the version that was used.
    ``words``: the proposer's reasons, for whoever may open the report.
    """

    __tablename__ = "reward_proposal"
    __table_args__ = (
        CheckConstraint(f"kind in ({_names(Kind)})", name="kind"),
        CheckConstraint(f"state in ({_names(ProposalState)})", name="state"),
        UniqueConstraint("tip_id", "turn"),
        Index("ix_reward_proposal_state_kind", "state", "kind"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("reward_case.tip_id"))
    turn: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(16), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    schedule: Mapped[str] = mapped_column(String(40), default="")
    schedule_version: Mapped[int] = mapped_column(default=0)
    schedule_sha256: Mapped[str] = mapped_column(String(64), default="")
    schedule_text: Mapped[str] = mapped_column(Text, default="")
    record_key: Mapped[bytes] = mapped_column(default=b"")
    record: Mapped[bytes] = mapped_column(default=b"")
    words: Mapped[bytes] = mapped_column(default=b"")
    state: Mapped[str] = mapped_column(String(10), default=ProposalState.OPEN.value)
    proposed_by: Mapped[Id]
    proposed_on: Mapped[date]
    decided_by: Mapped[Id | None]
    decided_on: Mapped[date | None]


class RewardStep(Base):
    """One line of a reward's history, in codes."""

    __tablename__ = "reward_step"
    __table_args__ = (UniqueConstraint("tip_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("reward_case.tip_id"))
    position: Mapped[int]
    day: Mapped[date]
    action: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(16), default="")
    actor_id: Mapped[Id | None]
