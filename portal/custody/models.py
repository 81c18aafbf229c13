"""Tables of requests to open an identity. Codes and days; what explains a request is sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.custody.states import RequestState
from portal.custody.values import Answer, Use
from portal.kernel.db import Base, Moment
from portal.kernel.values import Id, new_id


def _names(values: type[RequestState] | type[Use] | type[Answer]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class IdentityRequest(Base):
    """Somebody asks a custody board to open one sealed record.

    ``once_public`` and ``once_sealed`` (sealed to the asker's own key) are the one-time key; both go when the request
    ends. ``words`` explain it, sealed to the board's seats and to the asking office.
    """

    __tablename__ = "identity_request"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(RequestState)})", name="state"),
        CheckConstraint(f"use in ({_names(Use)})", name="use"),
        Index("ix_identity_request_tip_id", "tip_id"),
        Index("ix_identity_request_board_id_state", "board_id", "state"),
        Index("ix_identity_request_state_expires_on", "state", "expires_on"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"))
    record_id: Mapped[Id] = mapped_column(ForeignKey("identity_record.id"), index=True)
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)
    use: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40))
    words: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(12), default=RequestState.ASKED.value)
    k: Mapped[int]
    asked_by: Mapped[Id]
    asker_role: Mapped[str] = mapped_column(String(16))
    asked_on: Mapped[date]
    expires_on: Mapped[date]
    once_public: Mapped[bytes | None]
    once_sealed: Mapped[bytes | None]
    opened_on: Mapped[date | None]
    shown_until: Mapped[datetime | None] = mapped_column(Moment)
    ended_on: Mapped[date | None]


class IdentityAnswer(Base):
    """What one seat answered. ``passed``: its share on its way to the asker, gone when the request ends."""

    __tablename__ = "identity_answer"
    __table_args__ = (
        CheckConstraint(f"answer in ({_names(Answer)})", name="answer"),
        UniqueConstraint("request_id", "seat_id"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[Id] = mapped_column(ForeignKey("identity_request.id"))
    tip_id: Mapped[Id] = mapped_column(ForeignKey("tip.id"), index=True)
    seat_id: Mapped[Id] = mapped_column(ForeignKey("board_seat.id"), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)  # of the holder
    holder_id: Mapped[Id]
    position: Mapped[int]
    answer: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16), default="")
    day: Mapped[date]
    passed: Mapped[bytes | None]
