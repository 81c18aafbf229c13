"""What a member of staff keeps for the own work: saved views of the queue, reports not yet written down to the end."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id


class SavedView(Base):
    """A named set of filters of one person. ``query`` is the canonical query string of the queue page."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400))


class RecordDraft(Base):
    """A report that came by another channel and is still being written down: ciphertext that one person opens.

    ``wrapped`` is the draft's key sealed to that person's own key; the content is sealed under it and the shred key
    ``shred_id``, which is destroyed when the report is recorded, so that no backup tells later who reported.
    """

    __tablename__ = "record_draft"
    tip_id: Mapped[Id] = mapped_column(primary_key=True)  # of the report it becomes: its files carry this id
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"), index=True)
    shred_id: Mapped[Id] = mapped_column(unique=True)
    wrapped: Mapped[bytes]
    sealed: Mapped[bytes]
    expires_on: Mapped[date] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=0)
