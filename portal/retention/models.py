"""Tables of retention: schedules, holds, batches to destroy. Ids, codes and days; nothing of any report."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id
from portal.retention.states import BatchState, ItemState


def _names(values: type[BatchState] | type[ItemState]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class RetentionSchedule(Base):
    """One adopted version of all terms (JSON, see docs/formats/retention.md)."""

    __tablename__ = "retention_schedule"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    in_force_from: Mapped[date] = mapped_column(index=True)
    terms: Mapped[str] = mapped_column(Text)
    adopted_on: Mapped[date]
    adopted_by: Mapped[Id | None]


class RetentionHold(Base):
    """Somebody keeps a report beyond its term, for a reason of the list, until somebody lifts that."""

    __tablename__ = "retention_hold"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    set_by: Mapped[Id]
    set_on: Mapped[date]
    lifted_by: Mapped[Id | None]
    lifted_on: Mapped[date | None]


class ShredBatch(Base):
    """Reports of one office that one person proposes and another approves. ``digest``: of the frozen list, hex."""

    __tablename__ = "shred_batch"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(BatchState)})", name="state"),
        Index("ix_shred_batch_office_id_proposed_on", "office_id", "proposed_on"),
        Index("ix_shred_batch_state", "state"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    schedule: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=BatchState.OPEN.value)
    reason: Mapped[str] = mapped_column(String(16), default="")  # why it was refused
    proposed_by: Mapped[Id]
    proposed_on: Mapped[date]
    expires_on: Mapped[date]
    decided_by: Mapped[Id | None]
    decided_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class ShredItem(Base):
    """One report of a batch. ``head_id``: the report that it was merged into, or itself; these go together."""

    __tablename__ = "shred_item"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(ItemState)})", name="state"),
        Index("ix_shred_item_tip_id", "tip_id"),
    )
    batch_id: Mapped[Id] = mapped_column(ForeignKey("shred_batch.id"), primary_key=True)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), primary_key=True)
    head_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(24))
    kept_until: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=ItemState.WAITING.value)
    why: Mapped[str] = mapped_column(String(16), default="")  # why it was left out
