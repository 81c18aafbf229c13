"""Opening what was sealed to a quorum: each seat's own share, its way to the one who asked, and all of them together.

A seat holder opens the own share and passes it on sealed twice: inside to the one-time key of the request, which is
destroyed when the request ends, and outside to the own key of the person who asked, which the ledger vouches for.
Whoever can write the database may put another one-time key into the request, and still reads nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto import envelope, shares
from crypto.envelope import Kind
from crypto.errors import BadShare, CryptoError
from crypto.keys import InnerKey, PublicKey, scrub
from crypto.sealing import quorum_key

PASSED = "passed-share"


@dataclass(frozen=True, slots=True)
class PassedShare:
    """A share on its way: ``position`` from 1, ``digest`` SHA-256 of the clear share as recorded when it was made."""

    position: int
    sealed: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def open_share(sealed: bytes, seat: InnerKey, position: int, digest: bytes, purpose: str, record: bytes) -> bytes:
    """The clear share of a seat (33 bytes); the caller scrubs it.

    Raises WrongKey for another seat's or another generation's key, Tampered when it was altered or belongs to another
    record, BadShare when it opens and is not the share that was recorded.
    """
    share = envelope.open_from_one(Kind.SHARE, sealed, seat, purpose, record, bytes((position,)))
    _check(share, position, digest)
    return share


def seal_share(share: bytes, to: PublicKey, purpose: str, record: bytes) -> bytes:
    """A clear share sealed to a seat: to the next generation of its key, or to a new holder's."""
    return envelope.seal_to_one(Kind.SHARE, share, to, purpose, record, share[:1])


def pass_share(share: bytes, once: PublicKey, asker: PublicKey, request: bytes) -> bytes:
    """A clear share for the one who asked: sealed to the request's one-time key, and that to the asker's own key."""
    inner = envelope.seal_to_one(Kind.SHARE, share, once, PASSED, request, share[:1])
    return envelope.seal_to_one(Kind.SHARE, inner, asker, PASSED, request, share[:1])


def take_share(passed: PassedShare, once: InnerKey, asker: InnerKey, request: bytes) -> bytes:
    """The inverse of :func:`pass_share`. Raises BadShare, naming the giver, for whatever does not come to the share
    that was recorded: altered, of another request, replayed, or made up."""
    place = bytes((passed.position,))
    try:
        inner = envelope.open_from_one(Kind.SHARE, passed.sealed, asker, PASSED, request, place)
        share = envelope.open_from_one(Kind.SHARE, inner, once, PASSED, request, place)
    except CryptoError:
        raise BadShare(passed.position) from None
    _check(share, passed.position, passed.digest)
    return share


def open_quorum(
    body: bytes,
    passed: Sequence[PassedShare],
    k: int,
    once: InnerKey,
    asker: InnerKey,
    request: bytes,
    purpose: str,
    record: bytes,
    shred_key: bytes,
) -> bytes:
    """The payload that ``sealing.seal_for_quorum`` sealed, out of k or more shares that were passed on.

    Raises QuorumNotMet with fewer than k different shares, BadShare for a wrong one, Tampered when the body was changed
    or belongs to another record.
    """
    taken: list[bytes] = []
    try:
        taken += (take_share(one, once, asker, request) for one in passed)
        key = shares.combine(taken, k)
    finally:
        scrub(*taken)
    body_key = quorum_key(key, shred_key, purpose, record)
    try:
        return envelope.open_body(body, body_key, purpose, record)
    finally:
        scrub(key, body_key)


def _check(share: bytes, position: int, digest: bytes) -> None:
    same = hmac.compare_digest(hashlib.sha256(share).digest(), digest)
    if not same or share[:1] != bytes((position,)):
        scrub(share)
        raise BadShare(position)
