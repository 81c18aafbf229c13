"""Rulebooks: who answers for what, as data with *in force from*."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id


class Rulebook(Base):
    """One version of the routing rules (JSON, see docs/formats/rulebook.md). A report stores the rule that matched."""

    __tablename__ = "rulebook"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    in_force_from: Mapped[date] = mapped_column(index=True)
    rules: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(String(300), default="")
