"""How long whom a payment went to is kept, as data with source and confidence (docs/formats/retention.md). Pure but
for the shipped terms, read from the package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from portal.payments.values import PaymentState

ENDED = (PaymentState.PAID, PaymentState.RETURNED)
"""States whose payee has a term. What waits or is in a batch is kept."""


@dataclass(frozen=True, slots=True)
class PayeeTerm:
    """Calendar days after the bank's answer was taken in; ``rule`` and ``basis`` say why, ``confidence`` how sure."""

    outcome: PaymentState
    days: int
    rule: str
    basis: str
    confidence: str

    def last_day(self, settled_on: date) -> date:
        """The last day on which the payee is kept."""
        return settled_on + timedelta(days=self.days)

    def settled_before(self, today: date) -> date:
        """What was settled before this day is past its term."""
        return today - timedelta(days=self.days)


@cache
def payee_terms() -> Mapping[PaymentState, PayeeTerm]:
    """The shipped terms, one for each state of :data:`ENDED`. ValueError when they are not."""
    data = json.loads((files("portal.payments") / "data" / "terms.json").read_text(encoding="utf-8"))
    terms = {PaymentState(one["outcome"]): PayeeTerm(**{**one, "outcome": PaymentState(one["outcome"])})
             for one in data["terms"]}  # fmt: skip
    if tuple(terms) != ENDED or any(one.days < 1 or not one.basis for one in terms.values()):
        raise ValueError("a term for each end of a payment, with its source")
    return terms
