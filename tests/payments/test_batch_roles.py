"""Batches in the roles of PostgreSQL: staff need no more than their own rights, and cannot undo what the bank said."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from admin.payments import batches
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site
from portal.kernel.transaction import bind, reading, transaction
from portal.payments.batch_models import PaymentBatch, PaymentBudget, PaymentOutcome
from portal.payments.values import PaymentNumber
from tests.admin_tips.world import make_world
from tests.conftest import StandingClock
from tests.payments.treasury import Treasury, back, paid
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    """With its people, who are appointed with the owner's rights."""
    made = Treasury(make_world(database, checkpoint_key[0]))
    assert made.finance and made.head
    return made


def test_staff_do_all_of_it_with_their_own_rights(treasury: Treasury, as_role: AsRole) -> None:
    numbers = treasury.waiting(100, 100, 100)
    as_role("staff")
    treasury.budget(10)
    batch = treasury.draft()
    with transaction() as session:
        batches.take_out(session, batch, PaymentNumber(numbers[2]), treasury.finance, now())
        batches.drop(session, batch, treasury.finance, now())
    batch = treasury.draft()
    treasury.release(batch)
    treasury.answer(batch, paid(numbers[0]), back(numbers[1]), paid(numbers[2]))
    assert (treasury.batch(batch).state, treasury.states(numbers)) == ("answered", ["paid", "returned", "paid"])
    bind(treasury.world.database)


@pytest.mark.parametrize(
    "statement",
    [
        update(PaymentOutcome).values(result="returned", reason="other"),
        delete(PaymentOutcome),
        update(PaymentBudget).values(amount_fen=1),
        delete(PaymentBudget),
        update(PaymentBatch).values(made_by=None),
        delete(PaymentBatch),
    ],
    ids=["outcome", "no outcome", "budget", "no budget", "maker", "no batch"],
)
def test_staff_change_neither_an_outcome_nor_a_budget_nor_who_made_a_batch(
    treasury: Treasury, as_role: AsRole, statement: Any
) -> None:
    treasury.budget(10)
    batch, (one,) = treasury.released(100)
    treasury.answer(batch, paid(one))
    as_role("staff")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
        session.execute(statement)
    bind(treasury.world.database)


@pytest.mark.parametrize("column", [PaymentBatch.id, PaymentOutcome.payment_id, PaymentBudget.amount_fen])
def test_the_public_process_reads_none_of_it(treasury: Treasury, as_role: AsRole, column: Any) -> None:
    as_role("public")
    with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(select(column)).all()
    bind(treasury.world.database)
