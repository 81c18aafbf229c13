"""Splitting a 32-byte key into n shares of which any k give it back (Shamir 1979), by pycryptodomex.

The library shares 16 bytes at a time, so a share is index (1 byte) ‖ share of the first half ‖ share of the second.
Shamir alone gives a wrong key without an error when a share is wrong: whoever combines compares each share with the
digest that was recorded when it was made.
"""

from __future__ import annotations

from collections.abc import Sequence

from Cryptodome.Protocol.SecretSharing import Shamir

from crypto.errors import Malformed, QuorumNotMet, Tampered

HALF = 16
SHARE_SIZE = 1 + 2 * HALF
FEWEST = 2
MOST = 7


def check_quorum(k: int, n: int) -> None:
    """QuorumNotMet unless 2 <= k <= n <= 7: one holder alone is no quorum, and more than n can never come together."""
    if not FEWEST <= k <= n <= MOST:
        raise QuorumNotMet(f"a quorum of {k} of {n} is not allowed")


def split(secret32: bytes, k: int, n: int) -> list[bytes]:
    """n shares of 33 bytes with the indexes 1 to n. Raises QuorumNotMet, or Malformed when not 32 bytes."""
    check_quorum(k, n)
    if len(secret32) != 2 * HALF:
        raise Malformed("only a 32-byte key is split")
    first = Shamir.split(k, n, secret32[:HALF], False)
    second = Shamir.split(k, n, secret32[HALF:], False)
    return [bytes((i,)) + a + b for (i, a), (_, b) in zip(first, second, strict=True)]


def combine(shares: Sequence[bytes], k: int) -> bytes:
    """The 32-byte key from k or more shares.

    QuorumNotMet with fewer than k, or the same index twice; Malformed for a share of another shape. With more than k
    shares they are also checked against each other: Tampered when they disagree. With exactly k a wrong share cannot
    be seen here (see the module's text).
    """
    check_quorum(k, MOST)
    for share in shares:
        if len(share) != SHARE_SIZE or not 1 <= share[0] <= MOST:
            raise Malformed("not a share")
    if len({share[0] for share in shares}) != len(shares) or len(shares) < k:
        raise QuorumNotMet(f"{k} different shares are needed")
    secret = _interpolated(shares[:k])
    if len(shares) > k and _interpolated(shares) != secret:
        raise Tampered("the shares do not belong together")
    return secret


def _interpolated(shares: Sequence[bytes]) -> bytes:
    halves = (slice(1, 1 + HALF), slice(1 + HALF, SHARE_SIZE))
    return b"".join(Shamir.combine([(share[0], share[half]) for share in shares], False) for half in halves)
