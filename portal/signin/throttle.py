"""Counting failed attempts, so that guessing is refused before anything slow is computed.

Waits grow with the failures and end by themselves. An account's own wait is short (half a minute), so that nobody can
hold the owner out for long; a browser that has signed in before carries a device mark and is counted by itself, so that
a flood from elsewhere does not touch it at all (OWASP "device cookies"). Networks wait up to a quarter of an hour.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.orm import Session

from portal.kernel.boot import boot_secret
from portal.kernel.clock import Utc, day_of
from portal.kernel.db import insert_of, table_of
from portal.kernel.errors import Throttled
from portal.signin.models import Attempt

FORGET_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Policy:
    """``free`` failures cost nothing; from then on the wait doubles from one second up to ``longest``."""

    name: str
    free: int
    longest: timedelta


ACCOUNT = Policy("account", 5, timedelta(seconds=30))
DEVICE = Policy("device", 5, timedelta(minutes=15))
NETWORK = Policy("network", 20, timedelta(minutes=15))
CODE = Policy("code", 10, timedelta(minutes=15))
"""Wrong receipt or return codes from one network: the check digit has already let typing mistakes out."""


@dataclass(frozen=True, slots=True)
class Counter:
    """One thing that is counted: a policy and the tag of an account, network or device."""

    policy: Policy
    tag: bytes


# Said once, and of the table: to load and watch a row of three numbers takes longer than to count in it.
_ATTEMPTS = table_of(Attempt)
_IS = _ATTEMPTS.c
_OF_TAG = _IS.tag == bindparam("of")
_WAITS = select(_IS.until).where(_IS.tag.in_(bindparam("tags", expanding=True)), _IS.until > bindparam("now"))
_WAIT = update(_ATTEMPTS).where(_OF_TAG).values(until=bindparam("wait_until"))
_TAKE_BACK = update(_ATTEMPTS).where(_OF_TAG).values(failures=_IS.failures - 1, until=bindparam("now"))
_FORGET = delete(_ATTEMPTS).where(_OF_TAG)
_FORGET_ONLY_ONE = _FORGET.where(_IS.failures <= 1)
_SWEEP = delete(_ATTEMPTS).where(_IS.last_at < bindparam("before"))


def account_counter(name: str) -> Counter:
    """Counts failures for a sign-in name, whether or not it exists."""
    return Counter(ACCOUNT, _tag("account", name.strip().lower()[:200]))


def device_counter(mark: str) -> Counter:
    """Counts failures of a browser that carries a valid device mark."""
    return Counter(DEVICE, _tag("device", mark))


def network_counter(address: str | None, now: Utc, policy: Policy = NETWORK) -> Counter:
    """Counts failures from a network: the address, or the /64 of an IPv6 address, under a key of this day and boot."""
    return Counter(policy, _tag(policy.name, f"{day_of(now).isoformat()} {network_of(address)}"))


def network_of(address: str | None) -> str:
    """The network that counts as one: an IPv4 address, the /64 of an IPv6 one, "" when unknown."""
    try:
        parsed = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def refuse_if_waiting(session: Session, counters: Sequence[Counter], now: Utc) -> None:
    """Raise Throttled when any of *counters* still waits. Call it before the slow hash."""
    tags = [counter.tag for counter in counters]
    waits = session.connection().execute(_WAITS, {"tags": tags, "now": now}).scalars().all()
    if waits:
        seconds = max(1, int((max(waits) - now).total_seconds()) + 1)
        later = f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
        raise Throttled("too_many_tries", f"尝试次数过多，请 {later}后再试。")


def enter(session: Session, counters: Sequence[Counter], now: Utc) -> None:
    """Refuse or count, in one: a try counts as failed until :func:`succeeded` says otherwise.

    So tries made at the same moment cannot all slip past the counter. Raises Throttled. Commit before the slow hash.
    """
    refuse_if_waiting(session, counters, now)
    count_failure(session, counters, now)


def count_failure(session: Session, counters: Sequence[Counter], now: Utc) -> None:
    """Add a failure to each of *counters*; the row stays held until the transaction ends."""
    connection = session.connection()
    for counter in sorted(counters, key=lambda one: one.tag):
        told = {"tag": counter.tag, "failures": 1, "last_at": now, "until": now, "before": now - FORGET_AFTER}
        failures = connection.execute(_one_more(connection.dialect.name), told).scalar_one()
        wait = wait_after(counter.policy, failures)
        if wait:
            connection.execute(_WAIT, {"of": counter.tag, "wait_until": now + wait})


@cache
def _one_more(dialect: str) -> Any:
    """Counts up the row of a tag, or makes it; what was last tried before ``before`` is forgotten."""
    insert = insert_of(dialect)(_ATTEMPTS)
    failures = case((_IS.last_at < bindparam("before", type_=_IS.last_at.type), 1), else_=_IS.failures + 1)
    told = insert.excluded
    again = {"failures": failures, "last_at": told.last_at, "until": told.until}
    return insert.on_conflict_do_update(index_elements=["tag"], set_=again).returning(_IS.failures)


def succeeded(session: Session, counters: Sequence[Counter], now: Utc) -> None:
    """The right person came in: an account or device starts again at nothing, a network takes back this one try."""
    connection = session.connection()
    for counter in counters:
        of = {"of": counter.tag}
        if counter.policy in (ACCOUNT, DEVICE):
            connection.execute(_FORGET, of)
        elif not connection.execute(_FORGET_ONLY_ONE, of).rowcount:
            connection.execute(_TAKE_BACK, {**of, "now": now})


def wait_after(policy: Policy, failures: int) -> timedelta:
    """How long the next try waits after that many failures."""
    beyond = failures - policy.free
    if beyond <= 0:
        return timedelta(0)
    return min(policy.longest, timedelta(seconds=2 ** min(beyond - 1, 20)))


def sweep_attempts(session: Session, now: datetime) -> None:
    """Delete what no longer counts."""
    session.connection().execute(_SWEEP, {"before": now - FORGET_AFTER})


def _tag(kind: str, value: str) -> bytes:
    """Keyed with the boot secret: the table tells nobody which account or network was tried."""
    return hmac.digest(boot_secret(), f"mingjing/attempt/{kind}\0{value}".encode(errors="replace"), hashlib.sha256)
