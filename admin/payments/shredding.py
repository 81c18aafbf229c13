"""Destroying whom payments went to, once the term is over. Opens nothing and loads nothing that could.

Rows go first, on record; the keys after the commit, which destroys the payees in older backups. Killed between the two,
the next call finishes what was begun.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of
from portal.kernel.shred import destroy_shred_keys, wipe_traces
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.payments.events import PayeesShredded
from portal.payments.models import PassedPayeeShare, PayeeRecord, PayeeShare, Payment
from portal.payments.terms import PayeeTerm, payee_terms
from portal.payments.values import PaymentState

AGAIN_FOR = timedelta(days=30)
"""So long keys are destroyed again that a shred store from a backup may have brought back: none is older."""

_AT_A_TIME = 200


def shred_due(now: Utc) -> int:
    """Destroy every payee past its term; returns how many payments."""
    done = 0
    for term in payee_terms().values():
        while True:
            with transaction() as session:
                gone = _clear(session, term, now)
            done += gone
            if gone < _AT_A_TIME:
                break
    destroy_again(now)
    return done


def destroy_again(now: Utc) -> None:
    """Destroy the keys of what the main database says was destroyed lately; may be repeated."""
    for term in payee_terms().values():
        lately = select(Payment.id).where(Payment.shredded_on >= day_of(now) - AGAIN_FOR, Payment.state == _after(term))
        with reading() as session:
            gone = session.scalars(lately).all()
        destroy_shred_keys(gone, day_of(now), term.rule)
    wipe_traces()


def without_payment(session: Session, ids: list[Id]) -> list[Id]:
    """Which of *ids* are of no payment that still has its payee."""
    kept = set(session.scalars(select(Payment.id).where(Payment.id.in_(ids), Payment.shredded_on.is_(None))))
    return [one for one in ids if one not in kept]


def _clear(session: Session, term: PayeeTerm, now: Utc) -> int:
    """Some payees of one outcome: their rows go, and the book says so."""
    due = session.scalars(
        select(Payment)
        .where(
            Payment.state == term.outcome.value,
            Payment.shredded_on.is_(None),
            Payment.settled_on < term.settled_before(day_of(now)),
        )
        .order_by(Payment.number)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True)
    ).all()
    ids = [payment.id for payment in due]
    for table in (PassedPayeeShare, PayeeShare, PayeeRecord):
        session.execute(delete(table).where(table.payment_id.in_(ids)))
    for payment in due:
        payment.shredded_on, payment.state = day_of(now), _after(term)
    if due:
        append(session, PayeesShredded(term.rule, tuple(payment.number for payment in due)), SYSTEM, now)
    return len(due)


def _after(term: PayeeTerm) -> str:
    """What was paid stays so; what came back was never paid."""
    return (PaymentState.PAID if term.outcome is PaymentState.PAID else PaymentState.SHREDDED).value
