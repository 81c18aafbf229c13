"""Tables of the monthly bulletins. The public reads ``published_bulletin`` and sees nothing of the others.

``published_bulletin`` is never changed: a correction is another version of the same month.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, partial_index
from portal.kernel.values import Id, new_id
from portal.statistics.states import BulletinState

_STATES = ",".join(f"'{state.value}'" for state in BulletinState)
_OPEN = "state in ('draft','approved')"


class Bulletin(Base):
    """Figures of a month on their way to the public (月报). ``content``: canonical JSON, as it would be published.

    ``version``: the one that it will be, 1 for the first. ``reason``, ``words``: of a correction, for the public.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("approved_by is null or approved_by <> made_by", name="two_people"),
        partial_index("ix_bulletin_open", "month", unique=True, where=_OPEN),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    month: Mapped[str] = mapped_column(String(7), index=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    ledger_size: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[Id]
    made_on: Mapped[date]
    approved_by: Mapped[Id | None]
    published_on: Mapped[date | None]

    @property
    def said(self) -> dict[str, Any]:
        """The content as a value."""
        found: dict[str, Any] = json.loads(self.content)
        return found

    @property
    def mark(self) -> str:
        """SHA-256 (hex) of all that a second person reads: an approval names it, so that it stands for nothing else."""
        read = (self.sha256, self.month, self.version, self.reason, self.words)
        return hashlib.sha256(json.dumps(read, ensure_ascii=False).encode()).hexdigest()


class BulletinStep(Base):
    """One line of the history of a bulletin, in codes; ``words``: why it was sent back. Never changed."""

    __tablename__ = "bulletin_step"
    __table_args__ = (UniqueConstraint("bulletin_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    bulletin_id: Mapped[Id] = mapped_column(ForeignKey("bulletin.id"))
    position: Mapped[int]
    day: Mapped[date]
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[Id | None]


class PublishedBulletin(Base):
    """A published version of a month's figures; the newest is what the month says now. Never changed."""

    __tablename__ = "published_bulletin"
    __table_args__ = (UniqueConstraint("month", "version"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    ledger_size: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    published_on: Mapped[date] = mapped_column(index=True)

    @property
    def said(self) -> dict[str, Any]:
        """The content as a value (docs/formats/figures.md)."""
        found: dict[str, Any] = json.loads(self.content)
        return found


class RecoveredMonth(Base):
    """What came back to the fund in a month, in all cases together: which case it was stands in no row.

    ``cases``: in which anything was stated for the first time; ``fen``: in sum, less what was corrected downwards;
    ``largest_fen``: the most that one statement added. A past month is never written again.
    """

    __tablename__ = "recovered_month"
    __table_args__ = (CheckConstraint("cases >= 0 and largest_fen >= 0", name="counts"),)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    cases: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)
    largest_fen: Mapped[int] = mapped_column(BigInteger)
