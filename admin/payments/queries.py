"""Reads for the pages of payments: what waits, batches and what is in them, budgets. Never whom it goes to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.payments.answering import outcomes_of
from admin.staff.models import Staff
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Fen, Id
from portal.payments.batch_models import PaymentBatch, PaymentBudget, PaymentOutcome
from portal.payments.batching import BudgetState
from portal.payments.budget import budget_state
from portal.payments.models import Payment
from portal.payments.values import PaymentState

RECENT = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be paid by one office out of one year's budget."""

    office: Office
    year: int
    count: int
    total_fen: Fen


@dataclass(frozen=True, slots=True)
class NamedBatch:
    row: PaymentBatch
    office: str
    maker: str


@dataclass(frozen=True, slots=True)
class Item:
    """A payment of a batch; ``outcome``: what the bank said of it, if it has."""

    row: Payment
    outcome: PaymentOutcome | None


@dataclass(frozen=True, slots=True)
class OfficeBudget:
    office: Office
    state: BudgetState


@dataclass(frozen=True, slots=True)
class NamedBudget:
    row: PaymentBudget
    office: str
    setter: str


def waiting(session: Session, offices: Sequence[Office]) -> list[Waiting]:
    """What can go into a batch now, by office and year."""
    named = {office.id: office for office in offices}
    rows = session.execute(
        select(Payment.office_id, Payment.year, func.count(), func.sum(Payment.amount_fen))
        .where(Payment.office_id.in_(named), Payment.state == PaymentState.SEALED.value)
        .group_by(Payment.office_id, Payment.year)
        .order_by(Payment.office_id, Payment.year)
    )
    return [Waiting(named[office], year, count, Fen(int(total))) for office, year, count, total in rows]


def batches(session: Session, offices: Sequence[Office]) -> list[NamedBatch]:
    """The latest batches of these offices, those that are not finished first."""
    rows = session.scalars(
        select(PaymentBatch)
        .where(PaymentBatch.office_id.in_([office.id for office in offices]))
        .order_by(PaymentBatch.ended_on.is_not(None), PaymentBatch.made_on.desc(), PaymentBatch.number)
        .limit(RECENT)
    ).all()
    return _named(session, rows)


def one_batch(session: Session, actor: Actor, batch: Id) -> tuple[NamedBatch, list[Item]] | None:
    """A batch with its payments by number; None where *actor* does not pay."""
    row = session.get(PaymentBatch, batch)
    if row is None or not actor.may(Permission.PAY_REWARD, row.office_id):
        return None
    said = outcomes_of(session, row)
    payments = session.scalars(select(Payment).where(Payment.batch_id == batch).order_by(Payment.number))
    return _named(session, [row])[0], [Item(payment, said.get(payment.id)) for payment in payments]


def budgets(session: Session, offices: Sequence[Office], years: Collection[int]) -> list[OfficeBudget]:
    """How each office stands in each of *years*; a year for which nothing was set or claimed is left out."""
    states = [OfficeBudget(office, budget_state(session, office.id, year)) for office in offices for year in years]
    return [one for one in states if one.state.amount_fen is not None or one.state.committed_fen]


def budget_history(session: Session, offices: Sequence[Office]) -> list[NamedBudget]:
    """What was set, the newest first."""
    names = {office.id: office.name for office in offices}
    rows = session.scalars(
        select(PaymentBudget)
        .where(PaymentBudget.office_id.in_(names))
        .order_by(PaymentBudget.set_on.desc(), PaymentBudget.year.desc(), PaymentBudget.version.desc())
        .limit(RECENT)
    ).all()
    people = _people(session, {row.set_by for row in rows})
    return [NamedBudget(row, names[row.office_id], people.get(row.set_by, "")) for row in rows]


def _named(session: Session, rows: Sequence[PaymentBatch]) -> list[NamedBatch]:
    people = _people(session, {row.made_by for row in rows})
    ids = {row.office_id for row in rows}
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name).where(Office.id.in_(ids)))}
    return [NamedBatch(row, offices[row.office_id], people.get(row.made_by, "")) for row in rows]


def _people(session: Session, ids: Collection[Id]) -> Mapping[Id, str]:
    return {row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))}
