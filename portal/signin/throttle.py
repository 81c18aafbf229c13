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
from datetime import timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.kernel.boot import boot_secret
from portal.kernel.clock import Utc, day_of
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


_WAITS = select(Attempt.until).where(
    Attempt.tag.in_(bindparam("tags", expanding=True)), Attempt.until > bindparam("now")
)


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
    waits = session.scalars(_WAITS, {"tags": tags, "now": now}).all()
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
    """Add a failure to each of *counters*."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for counter in sorted(counters, key=lambda one: one.tag):
        blank = {"tag": counter.tag, "failures": 0, "last_at": now, "until": now}
        session.execute(insert(Attempt).values(blank).on_conflict_do_nothing(index_elements=["tag"]))
        row = session.get_one(Attempt, counter.tag, with_for_update=True, populate_existing=True)
        row.failures = 1 if now - row.last_at > FORGET_AFTER else row.failures + 1
        row.last_at = now
        row.until = now + wait_after(counter.policy, row.failures)
    session.flush()


def succeeded(session: Session, counters: Sequence[Counter], now: Utc) -> None:
    """The right person came in: an account or device starts again at nothing, a network takes back this one try."""
    for counter in counters:
        row = session.get(Attempt, counter.tag, with_for_update=True)
        if row is None:
            continue
        if counter.policy in (ACCOUNT, DEVICE) or row.failures <= 1:
            session.delete(row)
        else:
            row.failures -= 1
            row.until = now


def wait_after(policy: Policy, failures: int) -> timedelta:
    """How long the next try waits after that many failures."""
    beyond = failures - policy.free
    if beyond <= 0:
        return timedelta(0)
    return min(policy.longest, timedelta(seconds=2 ** min(beyond - 1, 20)))


def sweep_attempts(session: Session, now: Utc) -> None:
    """Delete what no longer counts."""
    session.execute(delete(Attempt).where(Attempt.last_at < now - FORGET_AFTER))


def _tag(kind: str, value: str) -> bytes:
    """Keyed with the boot secret: the table tells nobody which account or network was tried."""
    return hmac.digest(boot_secret(), f"mingjing/attempt/{kind}\0{value}".encode(errors="replace"), hashlib.sha256)
