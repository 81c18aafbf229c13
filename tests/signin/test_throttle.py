"""Counting failures: waits that grow, end by themselves, and tell nobody what was tried."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.kernel import clock as kernel_clock
from portal.kernel.db import Database
from portal.kernel.errors import Throttled
from portal.kernel.transaction import session_transaction
from portal.signin import throttle
from portal.signin.models import Attempt
from tests.conftest import StandingClock


@given(st.integers(0, 10_000))
def test_a_wait_never_exceeds_its_policy_and_never_shrinks(failures: int) -> None:
    for policy in (throttle.ACCOUNT, throttle.DEVICE, throttle.NETWORK, throttle.CODE):
        wait = throttle.wait_after(policy, failures)
        assert timedelta(0) <= wait <= policy.longest
        assert wait <= throttle.wait_after(policy, failures + 1)
        assert (wait == timedelta(0)) == (failures <= policy.free)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_addresses_of_one_network_count_as_one(address: str | None, network: str) -> None:
    assert throttle.network_of(address) == network


def _try(counters: list[throttle.Counter]) -> bool:
    try:
        with session_transaction() as store:
            throttle.enter(store, counters, kernel_clock.now())
    except Throttled:
        return False
    return True


def test_after_the_free_tries_each_one_waits(database: Database, clock: StandingClock) -> None:
    counters = [throttle.account_counter("somebody")]
    assert [_try(counters) for _ in range(8)] == [True] * 6 + [False] * 2
    clock.advance(seconds=1.5)
    assert [_try(counters) for _ in range(2)] == [True, False]


def test_one_network_does_not_hold_up_another(database: Database, clock: StandingClock) -> None:
    here, there = (throttle.network_counter(address, kernel_clock.now()) for address in ("192.0.2.1", "192.0.2.2"))
    while _try([here]):
        pass
    assert _try([there])


def test_success_starts_an_account_again_and_takes_one_try_from_a_network(
    database: Database, clock: StandingClock
) -> None:
    account = throttle.account_counter("somebody")
    network = throttle.network_counter("192.0.2.1", kernel_clock.now())
    for _ in range(3):
        _try([account, network])
    with session_transaction() as store:
        throttle.succeeded(store, [account, network], kernel_clock.now())
        counts = {row.tag: row.failures for row in store.scalars(select(Attempt))}
    assert counts == {network.tag: 2}


def test_the_table_names_neither_account_nor_address(database: Database, clock: StandingClock) -> None:
    _try([throttle.account_counter("somebody"), throttle.network_counter("192.0.2.1", kernel_clock.now())])
    with session_transaction() as store:
        tags = [row.tag for row in store.scalars(select(Attempt))]
    assert len(tags) == 2
    assert not [tag for tag in tags if b"somebody" in tag or b"192" in tag]


def test_failures_of_yesterday_are_forgotten(database: Database, clock: StandingClock) -> None:
    counters = [throttle.account_counter("somebody")]
    while _try(counters):
        pass
    clock.advance(hours=25)
    assert [_try(counters) for _ in range(6)] == [True] * 6
    clock.advance(hours=25)
    with session_transaction() as store:
        throttle.sweep_attempts(store, kernel_clock.now())
        assert store.scalars(select(Attempt)).all() == []
