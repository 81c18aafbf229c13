"""Offices, custody boards, public keys, institutions, grid areas and settings with a legal basis."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.directory.values import BoardPurpose
from portal.kernel.db import Base
from portal.kernel.values import Id, new_id


class Office(Base):
    """A bureau, agency (经办机构), discipline office or area administration that answers for reports."""

    __tablename__ = "office"
    __table_args__ = (
        CheckConstraint("kind in ('bureau','agency','discipline')", name="kind"),
        CheckConstraint("level in ('nation','province','city','county')", name="level"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6), index=True)
    superior_id: Mapped[Id | None] = mapped_column(ForeignKey("office.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    members: Mapped[int | None]  # people who can open its reports now; None: not counted yet. 0 routes past the office
    shared: Mapped[dict[str, int] | None]  # office id in hex -> how many of these see no report about it
    contact: Mapped[str] = mapped_column(String(400), default="")
    rotate_since: Mapped[date | None]  # somebody left with the key in memory: its holders are asked to change it
    board_id: Mapped[Id | None]  # the custody board it chose; None: as its place in the line says


class CustodyBoard(Base):
    """Keeps identities, or payees of rewards: ``k`` of its seats must consent to open one.

    ``office_id`` None: the site's default board.
    """

    __tablename__ = "custody_board"
    __table_args__ = (
        CheckConstraint("k >= 2 and k <= 7", name="k"),
        CheckConstraint("purpose in ('identity','payment')", name="purpose"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    office_id: Mapped[Id | None] = mapped_column(ForeignKey("office.id"), index=True)
    k: Mapped[int] = mapped_column(default=2)
    purpose: Mapped[str] = mapped_column(String(10), default=BoardPurpose.IDENTITY.value)
    retired_on: Mapped[date | None]  # from then on nothing new is sealed to it; what it keeps can still be opened


class BoardSeat(Base):
    """One seat of a board. Its key is granted to one person of ``holder_office_id`` (None: not filled)."""

    __tablename__ = "board_seat"
    __table_args__ = (UniqueConstraint("board_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"))
    position: Mapped[int]
    holder_office_id: Mapped[Id | None] = mapped_column(ForeignKey("office.id"), index=True)
    holder_id: Mapped[Id | None] = mapped_column(index=True)
    next_holder_id: Mapped[Id | None] = mapped_column(index=True)  # appointed, still without the seat's key


class SealingKey(Base):
    """A public key of an office, seat, recovery paper or member of staff. An entry of the ledger vouches for it."""

    __tablename__ = "sealing_key"
    __table_args__ = (
        CheckConstraint("purpose in ('office','seat','office-recovery','board-recovery','staff')", name="purpose"),
        UniqueConstraint("purpose", "owner_id", "generation"),
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)  # crypto key_id, 16 bytes
    purpose: Mapped[str] = mapped_column(String(24))
    owner_id: Mapped[Id] = mapped_column(index=True)
    generation: Mapped[int] = mapped_column(default=1)
    public: Mapped[bytes]
    entry_id: Mapped[Id] = mapped_column(index=True)  # the ledger entry that published it
    since: Mapped[date]
    retired_on: Mapped[date | None]


class Institution(Base):
    """A designated institution (定点医药机构) from the imported register: for type-ahead, never linked from a tip."""

    __tablename__ = "institution"
    __table_args__ = (Index("ix_institution_region_name", "region", "name"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    credit_code: Mapped[str] = mapped_column(String(18), default="")
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    region: Mapped[str] = mapped_column(String(6))
    address: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)


class GridArea(Base):
    """A grid area (网格) inside a county that names the office in charge of it."""

    __tablename__ = "grid_area"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(6), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)


class RuleSetting(Base):
    """A value that a region sets for a rule which the law leaves open (days, unit), with its basis. Newest wins."""

    __tablename__ = "rule_setting"
    __table_args__ = (UniqueConstraint("rule", "region", "in_force_from"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    rule: Mapped[str] = mapped_column(String(24))
    region: Mapped[str] = mapped_column(String(6), default="")  # "" = everywhere
    amount: Mapped[int]
    unit: Mapped[str] = mapped_column(String(8))
    basis: Mapped[str] = mapped_column(String(300))
    in_force_from: Mapped[date]
    set_by: Mapped[Id | None]
