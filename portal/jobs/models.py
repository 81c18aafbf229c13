"""Jobs: rows in the caller's transaction, run later by the worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Moment
from portal.kernel.values import Id, new_id


class Job(Base):
    """Ids only, never a word of a report. ``key`` makes a repeated enqueue one job."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state in ('waiting','running','done','failed')", name="state"),
        Index("ix_job_state_run_after", "state", "run_after"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    arguments: Mapped[str] = mapped_column(Text, default="{}")
    run_after: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    error: Mapped[str] = mapped_column(String(120), default="")  # an error's class name, never its text
