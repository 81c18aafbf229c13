"""Sealed files. The name, type, true length, hash and key of a file stand in the report's sealed manifest alone."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id


class Attachment(Base):
    """One blob in the sealed store. ``record_id`` is the id of the tip it belongs to (fixed when its draft starts)."""

    __tablename__ = "attachment"
    __table_args__ = (CheckConstraint("state in ('uploading','sealed')", name="state"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[Id] = mapped_column(index=True)
    sealed_size: Mapped[int] = mapped_column(BigInteger, default=0)  # padded
    made_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(12), default="uploading")
