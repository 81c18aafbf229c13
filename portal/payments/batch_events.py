"""What stands on the ledger of batches, the bank's answers and budgets. Nothing that leads to a report. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class _OfBatch(Event):
    batch: str
    office: str

    @property
    def subject(self) -> str:
        return self.batch


@dataclass(frozen=True, slots=True)
class BatchChanged(_OfBatch):
    """A batch was made, got smaller or was dropped (made, taken-out, dropped): how many payments it has now, fen."""

    kind: ClassVar[str] = "payment-batch"
    change: str
    rows: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class PaymentFileMade(_OfBatch):
    """The file of a batch was made for whoever released it: csv or xlsx, payments, fen, SHA-256 of its bytes."""

    kind: ClassVar[str] = "payment-file"
    file: str
    rows: int
    total_fen: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AnswerTaken(_OfBatch):
    """The bank answered: how many of a batch it paid and returned that were open until then, SHA-256 of its file."""

    kind: ClassVar[str] = "payment-answer"
    paid: int
    returned: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BudgetSet(Event):
    """What an office may spend in a year, in fen, whether more is refused, and why it was set (a code)."""

    kind: ClassVar[str] = "payment-budget"
    office: str
    year: int
    amount_fen: int
    strict: bool
    reason: str
