"""Tables of batches of payments, of what the bank answered, and of budgets. Numbers, sums, codes and days; no payee."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base
from portal.kernel.values import Id, new_id
from portal.payments.answers import Result, ReturnReason
from portal.payments.batching import BudgetReason
from portal.payments.layout import FileKind
from portal.payments.states import BatchState


def _names(values: type[BatchState] | type[FileKind] | type[Result] | type[ReturnReason] | type[BudgetReason]) -> str:
    return ",".join(f"'{value.value}'" for value in values)


class PaymentBatch(Base):
    """Payments of one office, one year and one board that go out in one file.

    Which ones: ``payment.batch_id``, so that no payment stands in two. ``total_fen`` and ``size`` say what they are
    together. ``file_kind`` and ``file_sha256`` (hex) are those of the file that was released, "" before; the file
    itself is kept nowhere. Nobody who is ``made_by`` releases it.
    """

    __tablename__ = "payment_batch"
    __table_args__ = (
        CheckConstraint(f"state in ({_names(BatchState)})", name="state"),
        CheckConstraint(f"file_kind in ({_names(FileKind)},'')", name="file_kind"),
        Index("ix_payment_batch_office_id_made_on", "office_id", "made_on"),
    )
    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"))
    board_id: Mapped[Id] = mapped_column(ForeignKey("custody_board.id"), index=True)
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=BatchState.DRAFT.value)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int]
    made_by: Mapped[Id]
    made_on: Mapped[date]
    file_kind: Mapped[str] = mapped_column(String(4), default="")
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    released_on: Mapped[date | None]
    ended_on: Mapped[date | None]  # dropped, or answered to the last line


class PaymentOutcome(Base):
    """What the bank said of a payment: one row a payment, never changed. ``day`` and ``reference`` are the bank's."""

    __tablename__ = "payment_outcome"
    __table_args__ = (
        CheckConstraint(f"result in ({_names(Result)})", name="result"),
        CheckConstraint(f"reason in ({_names(ReturnReason)},'')", name="reason"),
        CheckConstraint("(result = 'returned') = (reason <> '')", name="returned_has_reason"),
    )
    payment_id: Mapped[Id] = mapped_column(ForeignKey("payment.id"), primary_key=True)
    batch_id: Mapped[Id] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    result: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    reference: Mapped[str] = mapped_column(String(40))
    taken_by: Mapped[Id]
    taken_on: Mapped[date]


class PaymentBudget(Base):
    """What an office may spend on rewards in a year; the highest ``version`` is in force, the others are history.

    ``strict``: what would go above it is refused, not only warned of.
    """

    __tablename__ = "payment_budget"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint(f"reason in ({_names(BudgetReason)})", name="reason"),
    )
    office_id: Mapped[Id] = mapped_column(ForeignKey("office.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    strict: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(10))
    set_by: Mapped[Id]
    set_on: Mapped[date]
