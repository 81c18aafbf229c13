"""Destroying whom payments went to, once the term is over. Opens nothing and loads nothing that could."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.values import Id
from portal.payments.models import Payment


def without_payment(session: Session, ids: list[Id]) -> list[Id]:
    """Which of *ids* are of no payment that still has its payee."""
    kept = set(session.scalars(select(Payment.id).where(Payment.id.in_(ids), Payment.shredded_on.is_(None))))
    return [one for one in ids if one not in kept]
