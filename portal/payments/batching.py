"""Batches and budgets: their numbers, limits and what a budget says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from portal.kernel.values import Fen
from portal.payments.values import new_payment_number

BatchNumber = NewType("BatchNumber", str)
"""The number of a batch, e.g. ``PB-7K3M-Q9RT``. Random, so that it counts nothing."""

MOST_IN_BATCH = 500
"""Payments in one file: what a person can still look through."""
WARN_PERCENT = 80


def new_batch_number() -> BatchNumber:
    """A random number like that of a payment, with letters of its own."""
    return BatchNumber("PB" + new_payment_number().removeprefix("PN"))


class BudgetReason(StrEnum):
    """Why a budget was set to what it is."""

    APPROVED = "approved"  # the year's budget was approved
    ADJUSTED = "adjusted"  # it was adjusted in the course of the year
    CORRECTED = "corrected"  # it had been typed in wrong


class BudgetLevel(StrEnum):
    UNSET = "unset"
    WITHIN = "within"
    NEAR = "near"  # from WARN_PERCENT on
    USED_UP = "used_up"  # from 100 percent on


@dataclass(frozen=True, slots=True)
class BudgetState:
    """How much of an office's budget for a year is spoken for. ``amount_fen`` None: nobody has set one.

    ``paid_fen``, ``under_way_fen`` (in a batch) and ``waiting_fen`` (claimed, in no batch yet) do not overlap.
    """

    year: int
    amount_fen: Fen | None
    paid_fen: Fen
    under_way_fen: Fen
    waiting_fen: Fen
    strict: bool = False

    @property
    def committed_fen(self) -> Fen:
        """Paid, under way and waiting together."""
        return Fen(self.paid_fen + self.under_way_fen + self.waiting_fen)

    def percent(self, more: int = 0) -> int | None:
        """Committed and *more* fen, in whole percent of the budget, rounded down; of a budget of nothing, 100."""
        if self.amount_fen is None:
            return None
        return (self.committed_fen + more) * 100 // self.amount_fen if self.amount_fen else 100

    def level(self, more: int = 0) -> BudgetLevel:
        """How close it is once *more* fen are committed."""
        percent = self.percent(more)
        if percent is None:
            return BudgetLevel.UNSET
        if percent >= 100:
            return BudgetLevel.USED_UP
        return BudgetLevel.NEAR if percent >= WARN_PERCENT else BudgetLevel.WITHIN

    def refuses(self, more: int) -> bool:
        """Whether *more* fen would go above a budget that is kept to strictly."""
        return self.strict and self.amount_fen is not None and self.committed_fen + more > self.amount_fen
