"""Whom a payment went to is destroyed when its term is over, by the worker, in the tables and in every older backup."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from admin.payments import shredding
from admin.payments.shredding import shred_due
from admin.upkeep import payees_past_their_term
from portal.kernel.clock import now, today
from portal.kernel.errors import NotFound, Refused
from portal.kernel.shred import create_shred_key, read_shred_key
from portal.kernel.transaction import bind, reading, transaction
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.payments.models import PayeeRecord, PayeeShare, Payment
from portal.payments.terms import ENDED, payee_terms
from portal.payments.values import PaymentState
from tests.conftest import StandingClock
from tests.payments.vault import Vault
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]
PAID, RETURNED = payee_terms()[PaymentState.PAID].days, payee_terms()[PaymentState.RETURNED].days


def settled(vault: Vault, state: PaymentState) -> Id:
    """A payment that the bank answered today."""
    made = vault.register().id
    with transaction() as session:
        row = session.get_one(Payment, made)
        row.state, row.settled_on = state.value, today()
    return made


def left() -> tuple[int, int]:
    """How many payees and shares there are."""
    with reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(one)) or 0 for one in (PayeeRecord, PayeeShare))  # type: ignore[return-value]


def has_key(payment: Id) -> bool:
    try:
        return len(read_shred_key(payment)) == 32
    except NotFound:
        return False


def test_each_end_of_a_payment_has_a_term_with_rule_source_and_confidence() -> None:
    for outcome in ENDED:
        term = payee_terms()[outcome]
        assert term.days > 0 and term.rule in ("RW-12.1", "PV-19") and len(term.basis) > 20
        assert term.confidence == "inferred", "no law that was seen names the years"


@pytest.mark.parametrize(
    ("state", "days", "after"), [(PaymentState.PAID, PAID, "paid"), (PaymentState.RETURNED, RETURNED, "shredded")]
)
def test_on_its_last_day_it_is_kept_and_on_the_next_it_is_gone_with_its_key(
    vault: Vault, clock: StandingClock, state: PaymentState, days: int, after: str
) -> None:
    made, other = settled(vault, state), vault.register().id
    clock.advance(days=days)
    assert shred_due(now()) == 0 and left() == (2, 8)
    clock.advance(days=1)
    assert shred_due(now()) == 1 and left() == (1, 4)
    assert (has_key(made), has_key(other)) == (False, True)
    with reading() as session:
        row = session.get_one(Payment, made)
        assert (row.state, row.shredded_on) == (after, today())


def test_the_book_has_the_rule_and_the_numbers_of_what_was_destroyed(vault: Vault, clock: StandingClock) -> None:
    made = settled(vault, PaymentState.PAID)
    clock.advance(days=PAID + 1)
    payees_past_their_term(now())
    with reading() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "payees-shredded")).one()
        number = session.get_one(Payment, made).number
    assert json.loads(entry.payload)["event"] == {"rule": "RW-12.1", "payments": [number]}
    assert payees_past_their_term(now()) == 0


def test_what_waits_or_is_in_a_batch_is_kept_however_long(vault: Vault, clock: StandingClock) -> None:
    vault.batch(100)
    vault.register()
    clock.advance(days=4000)
    assert shred_due(now()) == 0 and left() == (2, 8)


def test_killed_before_the_keys_went_it_is_finished_by_the_next_call(
    vault: Vault, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settled(vault, PaymentState.PAID)
    clock.advance(days=PAID + 1)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(shredding, "destroy_shred_keys", die)
        shred_due(now())
    assert left() == (0, 0) and has_key(made)
    shred_due(now())
    assert not has_key(made)


def test_a_key_that_came_back_with_a_backup_of_the_store_goes_again(vault: Vault, clock: StandingClock) -> None:
    made = settled(vault, PaymentState.PAID)
    clock.advance(days=PAID + 1)
    shred_due(now())
    create_shred_key(made, today() - timedelta(days=PAID))
    clock.advance(days=29)
    shred_due(now())
    assert not has_key(made)


def test_a_claim_whose_payee_is_gone_stays_paid_and_one_that_came_back_may_be_registered_anew(
    vault: Vault, clock: StandingClock
) -> None:
    paid, back = settled(vault, PaymentState.PAID), settled(vault, PaymentState.RETURNED)
    clock.advance(days=PAID + 1)
    shred_due(now())
    with reading() as session:
        claims = [session.get_one(Payment, one).claim_id for one in (paid, back)]
    with pytest.raises(Refused, match="payee_there"):
        vault.register(claim=claims[0])
    assert vault.register(claim=claims[1]).state == "sealed"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_worker_needs_no_more_than_its_own_rights(vault: Vault, clock: StandingClock, as_role: AsRole) -> None:
    made = settled(vault, PaymentState.RETURNED)
    clock.advance(days=RETURNED + 1)
    as_role("worker")
    assert shred_due(now()) == 1
    bind(vault.world.database)
    assert left() == (0, 0) and not has_key(made)
