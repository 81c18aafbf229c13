"""Tables of a tip. What stands in clear here is the complete list of what a thief of the database reads."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, index_where_filled, partial_index
from portal.kernel.values import Id, new_id
from portal.tips.states import State


def _names(values: type[State]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


def _partial(name: str, where: str, *columns: str) -> Index:
    """An index of some rows. What *where* names is among the columns: else SQLite looks up each row to see it."""
    return partial_index(name, *columns, where=where)


class Tip(Base):
    """A report in an office's book. Days, never moments; nothing of what it says and nobody's name."""

    __tablename__ = "tip"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(State)})", name="state"),
        CheckConstraint("channel in ('web','12393','email','fax','post','visit')", name="channel"),
        CheckConstraint("answer_way in ('code','callback','letter','none')", name="answer_way"),
        Index("ix_tip_office_id_due_on_id", "office_id", "due_on", "id"),
        Index("ix_tip_office_id_received_on_id", "office_id", "received_on", "id"),
        Index("ix_tip_office_id_state_due_on_id", "office_id", "state", "due_on", "id"),
        Index("ix_tip_office_id_state_received_on_id", "office_id", "state", "received_on", "id"),
        Index("ix_tip_office_id_assignee_id_due_on_id", "office_id", "assignee_id", "due_on", "id"),
        Index("ix_tip_office_id_subject_type_due_on_id", "office_id", "subject_type", "due_on", "id"),
        Index("ix_tip_office_id_region_due_on_id", "office_id", "region", "due_on", "id"),
        Index("ix_tip_office_id_channel_due_on_id", "office_id", "channel", "due_on", "id"),
        partial_index(
            "ix_tip_pressured", "office_id", where="pressured = 1", on_postgresql="pressured"
        ),  # a handful of rows, asked for at every page of a superior's queue
        index_where_filled("tip", "against_office_id"),
        index_where_filled("tip", "merged_into_id"),
        index_where_filled("tip", "duplicate_tag"),
        _partial("ix_tip_decided_after", "decided_month is not null", "office_id", "decided_month", "decided_after"),
        _partial(
            "ix_tip_decided_received", "decided_month is not null", "office_id", "decided_month", "received_on", "id"
        ),
        _partial("ix_tip_dated_region", "due_on is not null", "office_id", "region", "due_on"),
        _partial("ix_tip_undated", "due_on is null", "office_id", "state", "due_on", "region", "assignee_id"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    received_on: Mapped[date]
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    region: Mapped[str] = mapped_column(String(6), default="")  # county, or the nearest known level, or ""
    subject_type: Mapped[str] = mapped_column(String(16))
    conduct: Mapped[str] = mapped_column(String(40), default="")  # catalogue code or ""
    channel: Mapped[str] = mapped_column(String(8))
    answer_way: Mapped[str] = mapped_column(String(10))
    named: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]  # the nearest running clock
    provisional: Mapped[bool] = mapped_column(default=False)  # due_on falls in a year whose calendar is not out
    assignee_id: Mapped[Id | None]
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"))
    rule: Mapped[str] = mapped_column(String(60))  # rulebook version/rule id that matched
    against_office_id: Mapped[Id | None] = mapped_column(ForeignKey("office.id"))  # who must never see it
    pressured: Mapped[bool] = mapped_column(default=False)
    withdrawn_on: Mapped[date | None]
    merged_into_id: Mapped[Id | None] = mapped_column(ForeignKey("tip.id"))
    duplicate_tag: Mapped[bytes | None]  # keyed with the office; set at the first reading
    destroyed_on: Mapped[date | None]  # the row is a tombstone from this day on
    destroyed_by: Mapped[str | None] = mapped_column(String(24))  # the rule of retention
    attachments: Mapped[int] = mapped_column(default=0)
    sealed_size: Mapped[int] = mapped_column(default=0)
    decided_month: Mapped[str | None] = mapped_column(String(7))  # of the last decision, as 2026-09
    decided_after: Mapped[int | None]  # calendar days from arrival to that decision


class TipKey(Base):
    """The report key sealed to one office. Transfer replaces it; escalation removes it."""

    __tablename__ = "tip_key"
    __table_args__ = (UniqueConstraint("tip_id", "office_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    key_id: Mapped[bytes] = mapped_column(ForeignKey("sealing_key.id"))
    wrapped: Mapped[bytes]


class TipBody(Base):
    """The report itself, sealed under derive(report key, shred key, "report", tip id); manifest of files beside it."""

    __tablename__ = "tip_body"
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), primary_key=True)
    report: Mapped[bytes]
    manifest: Mapped[bytes]


class IdentityRecord(Base):
    """Who the reporter is, sealed to a custody board and to nobody else."""

    __tablename__ = "identity_record"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), index=True)
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12), default="identity")  # identity | contact (for call-back or letter)
    k: Mapped[int]
    sealed: Mapped[bytes]
    made_on: Mapped[date]


class IdentityShare(Base):
    """Share ``position`` of an identity key, sealed to one seat; ``digest`` is SHA-256 of the clear share."""

    __tablename__ = "identity_share"
    __table_args__ = (UniqueConstraint("record_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[Id] = mapped_column(ForeignKey("identity_record.id"))
    seat_id: Mapped[Id] = mapped_column(ForeignKey("board_seat.id"), index=True)
    key_id: Mapped[bytes] = mapped_column(ForeignKey("sealing_key.id"), index=True)
    position: Mapped[int]
    sealed: Mapped[bytes]
    digest: Mapped[bytes]


class Clock(Base):
    """A legal clock of a tip: its rule, start, due day, and the calendar it was computed with.

    ``about_office``: the report was about an office when the clock began, and may have become so only later.
    """

    __tablename__ = "clock"
    __table_args__ = (
        CheckConstraint("state in ('running','paused','met','missed','void')", name="state"),
        Index("ix_clock_tip_id", "tip_id"),
        Index("ix_clock_state_due_on", "state", "due_on"),
        Index("ix_clock_missed", "office_id", "state", "due_on", "rule", "tip_id"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))  # the holder who answers for it
    rule: Mapped[str] = mapped_column(String(24))
    started_on: Mapped[date]
    due_on: Mapped[date]
    calendar: Mapped[str] = mapped_column(String(60))
    provisional: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(8), default="running")
    ended_on: Mapped[date | None]
    about_office: Mapped[bool] = mapped_column(default=False)


class ClockChange(Base):
    """What moved the day of a clock: a pause or an extension, from when to when, why (a code) and who approved it; or
    another calendar. ``known_on``: the day on which it was recorded; ``due_before``: the day as it was until then."""

    __tablename__ = "clock_change"
    __table_args__ = (Index("uq_clock_change_clock_id_position", "clock_id", "position", unique=True),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    clock_id: Mapped[Id] = mapped_column(ForeignKey("clock.id"))
    position: Mapped[int]
    known_on: Mapped[date]
    due_before: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(12))  # pause | extension | calendar
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    days: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(40))  # a code
    rule: Mapped[str] = mapped_column(String(24), default="")
    approved_by: Mapped[Id | None]


class TipHolding(Base):
    """Which office held the tip from when to when: every holder's days stay visible and counted."""

    __tablename__ = "tip_holding"
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(40))  # a code: received, transfer, escalation …


class TipEvent(Base):
    """One line of the tip's history, in codes: what was done, by whom, with what new state."""

    __tablename__ = "tip_event"
    __table_args__ = (
        UniqueConstraint("tip_id", "position"),
        Index("ix_tip_event_office_id_action_day", "office_id", "action", "day"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    position: Mapped[int]
    day: Mapped[date]
    action: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(20))
    office_id: Mapped[Id | None] = mapped_column(ForeignKey("office.id"))
    actor_id: Mapped[Id | None]
    code: Mapped[str] = mapped_column(String(40), default="")  # reason, outcome …


class TipRecord(Base):
    """What staff wrote: a note, findings, a decision. Sealed under derive(report key, shred key, "record", id)."""

    __tablename__ = "tip_record"
    __table_args__ = (Index("ix_tip_record_tip_id", "tip_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    kind: Mapped[str] = mapped_column(String(24))  # note | findings | decision | closing | reason
    day: Mapped[date]
    actor_id: Mapped[Id]
    sealed: Mapped[bytes]


class Proposal(Base):
    """An act that needs a second person (an extension, HR-12.2; a filing decision): proposed, approved or refused."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("state in ('open','approved','refused','dropped')", name="state"),
        Index("ix_proposal_tip_id", "tip_id"),
        Index("ix_proposal_office_id_state", "office_id", "state"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    action: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    proposed_by: Mapped[Id]
    proposed_on: Mapped[date]
    decided_by: Mapped[Id | None]
    decided_on: Mapped[date | None]
    reason: Mapped[bytes]  # sealed like a TipRecord, with this row's id


class Draft(Base):
    """A report being written: ciphertext whose key is with the reporter. Dies after seven days."""

    __tablename__ = "draft"
    tag: Mapped[bytes] = mapped_column(primary_key=True)  # derived from the draft key
    tip_id: Mapped[Id] = mapped_column(unique=True)  # fixed at the start: shred key, files and the tip share it
    sealed: Mapped[bytes]
    return_tag: Mapped[bytes | None] = mapped_column(unique=True)  # from the return code, if one was asked for
    return_wrap: Mapped[bytes | None]
    expires_on: Mapped[date] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=0)
