"""Tables of payments, of the sealed payees, and of the release of a batch. No name, number or account in clear.

``claim_id`` is the id of a reward claim and deliberately no foreign key: nothing here leads to a report. The tables of
batches and budgets follow in the same package.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, partial_index
from portal.kernel.values import Id, new_id
from portal.payments.values import PaymentState, ReleaseState

_LIVE = "state in ('sealed','in_batch','paid')"


def _names(values: type[PaymentState] | type[ReleaseState]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class Payment(Base):
    """One payment of one reward. A claim has at most one that is waiting, under way or paid.

    ``office_id`` pays, out of its budget of ``year``; ``board_id``: whose seats together open the payee, so a batch
    holds payments of one office and one board. ``settled_on``: the day on which the bank's answer (paid or returned)
    was taken in. ``shredded_on``: the day on which the payee was destroyed.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(PaymentState)})", name="state"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        Index("ix_payment_office_id_state", "office_id", "state"),
        Index("ix_payment_state_settled_on", "state", "settled_on"),
        partial_index("uq_payment_claim_id_live", "claim_id", unique=True, where=_LIVE),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    claim_id: Mapped[Id] = mapped_column(index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"), index=True)
    year: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default=PaymentState.SEALED.value)
    batch_id: Mapped[Id | None] = mapped_column(index=True)
    made_on: Mapped[date]
    settled_on: Mapped[date | None]
    shredded_on: Mapped[date | None]


class PayeeRecord(Base):
    """Whom a payment goes to, sealed to a payment board and to nobody else. Gone once it is destroyed."""

    __tablename__ = "payee_record"
    payment_id: Mapped[Id] = mapped_column(ForeignKey("payment.id"), primary_key=True)
    k: Mapped[int]
    sealed: Mapped[bytes]


class PayeeShare(Base):
    """Share ``position`` of a payee key, sealed to one seat; ``digest`` is SHA-256 of the clear share."""

    __tablename__ = "payee_share"
    __table_args__ = (UniqueConstraint("payment_id", "position"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[Id] = mapped_column(ForeignKey("payee_record.payment_id"))
    seat_id: Mapped[Id] = mapped_column(ForeignKey("board_seat.id"), index=True)
    key_id: Mapped[bytes] = mapped_column(ForeignKey("sealing_key.id"), index=True)
    position: Mapped[int]
    sealed: Mapped[bytes]
    digest: Mapped[bytes]


class PaymentRelease(Base):
    """Somebody asks a payment board to let one batch be made into its file, once.

    ``batch_id``: a payment batch. ``content``: SHA-256, in hex, of the numbers, amounts and sealed payees that the
    seats consent to; a batch that says anything else by then is not released. ``once_public`` and ``once_sealed``
    (sealed to the asker's own key) are the one-time key; both go when the release ends.
    """

    __tablename__ = "payment_release"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(ReleaseState)})", name="state"),
        Index("ix_payment_release_board_id_state", "board_id", "state"),
        Index("ix_payment_release_state_expires_on", "state", "expires_on"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[Id] = mapped_column(index=True)
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"))
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)
    content: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=ReleaseState.ASKED.value)
    k: Mapped[int]
    prepared_by: Mapped[Id]
    asked_by: Mapped[Id]
    asked_on: Mapped[date]
    expires_on: Mapped[date]
    once_public: Mapped[bytes | None]
    once_sealed: Mapped[bytes | None]
    ended_on: Mapped[date | None]


class PaymentAnswer(Base):
    """What one seat answered to a release."""

    __tablename__ = "payment_answer"
    __table_args__ = (
        CheckConstraint("answer in ('consent','object')", name="answer"),
        UniqueConstraint("release_id", "seat_id"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    release_id: Mapped[Id] = mapped_column(ForeignKey("payment_release.id"))
    seat_id: Mapped[Id] = mapped_column(ForeignKey("board_seat.id"), index=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), index=True)  # of the holder
    holder_id: Mapped[Id]
    position: Mapped[int]
    answer: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16), default="")
    day: Mapped[date]


class PassedPayeeShare(Base):
    """One share on its way to whoever releases the batch: gone when the release ends."""

    __tablename__ = "passed_payee_share"
    __table_args__ = (UniqueConstraint("answer_id", "payment_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[Id] = mapped_column(ForeignKey("payment_answer.id"))
    payment_id: Mapped[Id] = mapped_column(ForeignKey("payment.id"), index=True)
    passed: Mapped[bytes]
