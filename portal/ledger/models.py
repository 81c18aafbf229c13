"""The append-only record. Triggers refuse update, delete, replace and truncate (admin/migrations/versions/0002…)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Moment, index_where_filled
from portal.kernel.values import Id, new_id


class LedgerEntry(Base):
    """What happened, as canonical bytes without personal data, written in the caller's transaction."""

    __tablename__ = "ledger_entry"
    __table_args__ = (index_where_filled("ledger_entry", "actor_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    day: Mapped[date] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(40), default="", index=True)  # public number of the tip, or ""
    actor_id: Mapped[Id | None]
    payload: Mapped[bytes]


class LedgerNonce(Base):
    """32 random bytes that hide an entry's payload behind its leaf; shredding may empty this table."""

    __tablename__ = "ledger_nonce"
    entry_id: Mapped[Id] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True)
    nonce: Mapped[bytes]


class LedgerQueue(Base):
    """Entries not yet in the tree, with the moment of arrival. The writer empties it within seconds.

    ``leaf`` is set for the second leaf of a report, which comes from the receipt code alone and has no entry.
    """

    __tablename__ = "ledger_queue"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[Id | None] = mapped_column(unique=True)
    leaf: Mapped[bytes | None]
    arrived_at: Mapped[datetime] = mapped_column(Moment, index=True)


class LedgerLeaf(Base):
    """Position ``seq`` of the tree. ``entry_id`` None: a receipt leaf or padding, which look alike."""

    __tablename__ = "ledger_leaf"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[Id | None] = mapped_column(unique=True)
    leaf: Mapped[bytes] = mapped_column(index=True)  # found again by a reporter


class LedgerNode(Base):
    """Hash of a complete subtree (RFC 9162), so that a proof costs O(log n) reads."""

    __tablename__ = "ledger_node"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class LedgerCheckpoint(Base):
    """A signed root (C2SP tlog-checkpoint). ``published`` ones stand on the public page."""

    __tablename__ = "ledger_checkpoint"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    size: Mapped[int] = mapped_column(BigInteger, index=True)
    root: Mapped[bytes]
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment, index=True)
    published: Mapped[bool]
    counts: Mapped[dict[str, int] | None]  # entries under it by kind; published ones only. Shown rounded, never so


class LedgerCosignature(Base):
    """The signature line of a witness on a published checkpoint (C2SP tlog-cosignature); believed when it holds."""

    __tablename__ = "ledger_cosignature"
    __table_args__ = (UniqueConstraint("checkpoint_id", "witness"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    checkpoint_id: Mapped[Id] = mapped_column(ForeignKey("ledger_checkpoint.id"))
    witness: Mapped[str] = mapped_column(String(200))
    line: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Moment)
