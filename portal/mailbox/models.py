"""The mailbox behind a receipt code, and its letters: notices, and the conversation with the office."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, partial_index
from portal.kernel.values import Id, new_id

_IN = "direction = 'in'"


class Mailbox(Base):
    """Found by its lookup tag alone. Shredded, the row stays as a tombstone (``destroyed_on``, ``destroyed_by``)."""

    __tablename__ = "mailbox"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tag: Mapped[bytes] = mapped_column(unique=True)  # 32 bytes, see docs/formats/receipt.md
    pepper_version: Mapped[int]
    public: Mapped[bytes]
    tip_id: Mapped[Id] = mapped_column(unique=True)
    wrapped_report_key: Mapped[bytes]
    first_use_only: Mapped[bool] = mapped_column(default=False)  # a code handed over by staff
    destroyed_on: Mapped[date | None]
    destroyed_by: Mapped[str] = mapped_column(String(24), default="")


class Letter(Base):
    """One sealed message. ``notice`` names the kind of an official notice; its words are in the sealed body."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("direction in ('in','out')", name="direction"),
        UniqueConstraint("mailbox_id", "position"),
        Index("ix_letter_tip_id_position", "tip_id", "position"),
        partial_index("ix_letter_day_in", "day", where=_IN),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    mailbox_id: Mapped[Id] = mapped_column(ForeignKey("mailbox.id"))
    tip_id: Mapped[Id]
    position: Mapped[int]
    direction: Mapped[str] = mapped_column(String(4))  # in: from the reporter; out: to the reporter
    notice: Mapped[str] = mapped_column(String(40), default="")  # kind of notice; "" = a written message
    day: Mapped[date]
    sealed: Mapped[bytes]  # under derive(report key, shred key, "message", letter id)
    attachments: Mapped[int] = mapped_column(default=0)
    read_by_office: Mapped[bool] = mapped_column(default=False)
    removed_by_reporter: Mapped[bool] = mapped_column(default=False)
