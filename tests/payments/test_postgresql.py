"""Each process in its own role: the public one seals whom to pay and reads nothing of it back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from admin.upkeep import ended_releases
from portal.kernel.actors import REPORTER
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.ledger.models import LedgerEntry
from portal.payments.events import PayeesOpened
from portal.payments.models import PayeeRecord, PayeeShare, Payment, PaymentAnswer, PaymentRelease
from portal.routing import choose
from tests.conftest import StandingClock
from tests.payments.vault import PEOPLE, Vault
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_the_public_process_registers_a_payee_once_with_its_own_rights(vault: Vault, as_role: AsRole) -> None:
    as_role("public")
    choose.forget()
    claim = new_id()
    made = vault.register(claim=claim)
    with pytest.raises(Refused, match="payee_there"):
        vault.register(PEOPLE[1], claim=claim)
    bind(vault.world.database)
    with reading() as session:
        assert session.get_one(Payment, made.id).number == made.number
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "payee-sealed")).one()
        assert entry.actor_id is None


@pytest.mark.parametrize("column", [Payment.id, Payment.number, PayeeRecord.sealed, PayeeShare.sealed,
                                    PaymentRelease.id, PaymentAnswer.id])  # fmt: skip
def test_the_public_process_reads_nothing_of_payments(vault: Vault, as_role: AsRole, column: Any) -> None:
    vault.register()
    as_role("public")
    with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(select(column)).all()


def test_the_public_process_neither_changes_nor_removes_a_payment(vault: Vault, as_role: AsRole) -> None:
    vault.register()
    as_role("public")
    for statement in (update(Payment).values(amount_fen=1), delete(PayeeRecord), update(PayeeShare).values(sealed=b"")):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction() as session:
            session.execute(statement)


def test_the_public_process_cannot_say_in_the_book_that_payees_were_opened(vault: Vault, as_role: AsRole) -> None:
    as_role("public")
    with pytest.raises(ProgrammingError, match="row-level security"), transaction() as session:
        append(session, PayeesOpened(str(new_id()), str(new_id()), 1), REPORTER, now())


def test_the_worker_reads_neither_a_payee_nor_a_share(vault: Vault, as_role: AsRole) -> None:
    vault.register()
    as_role("worker")
    for column in (PayeeRecord.sealed, PayeeShare.sealed, PayeeShare.digest):
        with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(select(column)).all()


def test_staff_release_a_batch_and_the_worker_ends_another_each_with_its_own_rights(
    vault: Vault, as_role: AsRole, clock: StandingClock
) -> None:
    as_role("staff")
    taken, left = vault.ask(vault.batch(100)), vault.ask(vault.batch(200))
    vault.consent(taken, 1, 2)
    vault.consent(left, 3, 4)
    assert "测试收款甲" in vault.take(taken).content.decode()
    clock.advance(days=8)
    as_role("worker")
    assert ended_releases(now()) == 1
    bind(vault.world.database)
    assert [vault.release(one).state for one in (taken, left)] == ["released", "expired"]
