"""Signing in: refused before the slow hash when throttled, and one same answer for every way of failing."""

from __future__ import annotations

from dataclasses import dataclass, field

from admin.staff import unlocking
from admin.staff.factors import Given, take_given
from admin.staff.models import Staff
from admin.staff.passkeys import fresh_answer
from admin.staff.queries import by_sign_in
from admin.staff.vault import Vault
from crypto.keys import scrub
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.kernel.values import Id
from portal.signin import throttle
from portal.signin.challenges import Ceremony
from portal.signin.passkeys import RelyingParty
from portal.signin.sessions import SessionKind, open_session
from portal.signin.throttle import Counter


@dataclass(frozen=True, slots=True)
class Attempted:
    """What was typed, and where it came from. ``device``: a mark that was checked to belong to this sign-in name.

    ``passkey``: a device's answer instead of the code; ``page``: what its challenge was bound to.
    """

    name: str
    passphrase: str = field(repr=False)
    code: str = field(repr=False)
    address: str | None = field(repr=False)
    device: str | None = field(default=None, repr=False)
    passkey: str = field(default="", repr=False)
    page: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """The person and the new session's cookie."""

    staff_id: Id
    name: str
    enrolling: bool
    cookie: str = field(repr=False)


def sign_in(attempted: Attempted, vault: Vault, now: Utc, party: RelyingParty | None = None) -> Admitted:
    """Check name, passphrase and second factor, and open a session.

    Spans two stores and a slow hash, so it makes its own short transactions: the try is counted and committed before
    the hash runs. Raises Throttled, Refused ("sign_in_failed") or Unavailable.
    """
    counters = _counters(attempted, now)
    given = Given(attempted.code, party, by_passkey=bool(attempted.passkey))
    with session_transaction() as store:
        throttle.enter(store, counters, now)
        if given.by_passkey:
            given.answer = fresh_answer(store, attempted.passkey, Ceremony.SIGN_IN, attempted.page, now)
    with reading() as session:
        staff = by_sign_in(session, attempted.name[:80])
    known = staff.locked_seed if staff is not None and staff.state != "left" else None
    try:
        seed = vault.unlock(known, attempted.passphrase[:400])
    except Unavailable:
        with session_transaction() as store:
            throttle.succeeded(store, counters, now)  # nothing was tried, so nothing is counted
        raise
    if staff is None or seed is None or not _second_factor(staff.id, seed, given, now):
        raise Refused("sign_in_failed", "登录名、口令或验证码不对。请核对后再试。")
    try:
        payload = unlocking.enrolling_payload(seed) if staff.must_change else unlocking.full_payload(seed)
        with session_transaction() as store:
            throttle.succeeded(store, counters, now)
            cookie = open_session(store, SessionKind.STAFF, payload, now, owner=staff.id)
    finally:
        scrub(seed)
    return Admitted(staff.id, staff.sign_in, staff.must_change, cookie)


def _second_factor(staff_id: Id, seed: bytes, given: Given, now: Utc) -> bool:
    """The code is used up even when the browser never gets the answer. Who enrols has no second factor yet."""
    with transaction() as session:
        staff = session.get_one(Staff, staff_id, with_for_update=True)
        return staff.must_change or take_given(session, staff, seed, given, now)


def _counters(attempted: Attempted, now: Utc) -> list[Counter]:
    own = throttle.device_counter(attempted.device) if attempted.device else throttle.account_counter(attempted.name)
    return [own, throttle.network_counter(attempted.address, now)]
