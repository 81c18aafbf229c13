"""Days the State Council or an administrator set apart from the shipped calendar."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id


class WorkdayOverride(Base):
    """One day that is a working day, or is not, whatever the shipped calendar says."""

    __tablename__ = "workday_override"
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    basis: Mapped[str] = mapped_column(String(200))
    set_by: Mapped[Id | None]
