"""Tables of rewards: versions of reward schedules that were proposed and decided here. No word of any report."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, partial_index
from portal.kernel.values import Id, new_id
from portal.rewards.schedule_values import VersionState

_PROPOSED = "state = 'proposed'"


class RewardSchedule(Base):
    """One version of one schedule, as JSON (docs/formats/reward-schedules.md).

    ``name`` is the schedule's own id. Version 0 of a name is what comes with the program and stands in no row. Of each
    name at most one version waits for an answer. ``sha256`` (hex) is of ``text`` in UTF-8; the ledger says it as well,
    once for each of the two people. ``why`` is the proposer's reason, ``refusal`` that of whoever refused.
    """

    __tablename__ = "reward_schedule"
    __table_args__ = (
        CheckConstraint(f"state in ({','.join(repr(one.value) for one in VersionState)})", name="state"),
        CheckConstraint("version > 0", name="version"),
        UniqueConstraint("name", "version"),
        partial_index("uq_reward_schedule_name_proposed", "name", unique=True, where=_PROPOSED),
    )  # fmt: skip
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=VersionState.PROPOSED.value)
    why: Mapped[str] = mapped_column(String(300))
    refusal: Mapped[str] = mapped_column(String(300), default="")
    proposed_by: Mapped[Id]
    proposed_on: Mapped[date]
    decided_by: Mapped[Id | None]
    decided_on: Mapped[date | None]
