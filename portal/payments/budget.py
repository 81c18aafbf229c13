"""Reads: what an office has for rewards in a year, and how much of it is spoken for."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.values import Fen, Id
from portal.payments.batch_models import PaymentBudget
from portal.payments.batching import BudgetState
from portal.payments.models import Payment
from portal.payments.values import PaymentState


def budget_state(session: Session, office: Id, year: int) -> BudgetState:
    """The budget of *office* for *year* and what is paid, under way and waiting; what came back counts no more.

    Rewards that are approved and not claimed have no payment yet: whoever approves adds theirs as ``more``.
    """
    sums = select(Payment.state, func.sum(Payment.amount_fen)).where(Payment.office_id == office, Payment.year == year)
    # A sum of BIGINT is NUMERIC on PostgreSQL, which Python has as a Decimal.
    spent = {state: Fen(int(total)) for state, total in session.execute(sums.group_by(Payment.state))}
    budget = budget_in_force(session, office, year)
    return BudgetState(
        year,
        Fen(budget.amount_fen) if budget else None,
        spent.get(PaymentState.PAID, Fen(0)),
        spent.get(PaymentState.IN_BATCH, Fen(0)),
        spent.get(PaymentState.SEALED, Fen(0)),
        budget is not None and budget.strict,
    )


def budget_in_force(session: Session, office: Id, year: int) -> PaymentBudget | None:
    """What was set last; None when nobody has set one."""
    query = select(PaymentBudget).where(PaymentBudget.office_id == office, PaymentBudget.year == year)
    return session.scalar(query.order_by(PaymentBudget.version.desc()).limit(1))
