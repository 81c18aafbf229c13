"""Argon2id (RFC 9106) and its cost, for receipt codes and passphrases."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto.errors import Malformed
from crypto.large_pages import room_for

MOST_MEMORY_KIB = 1024 * 1024
MOST_ITERATIONS = 64
MOST_LANES = 16


@dataclass(frozen=True)
class KdfCost:
    """What one guess costs: memory in KiB, passes over it, parallel lanes.

    Malformed outside what Argon2 allows or beyond 1 GiB, 64 passes and 16 lanes, so that a forged blob cannot make
    the process run out of memory.
    """

    memory_kib: int
    iterations: int
    lanes: int

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= MOST_LANES or not 1 <= self.iterations <= MOST_ITERATIONS:
            raise Malformed("a cost of Argon2id is out of range")
        if not 8 * self.lanes <= self.memory_kib <= MOST_MEMORY_KIB:
            raise Malformed("a memory cost of Argon2id is out of range")

    def at_least(self, least: KdfCost) -> bool:
        """Whether neither memory nor passes are below `least`; lanes only spread the same work."""
        return self.memory_kib >= least.memory_kib and self.iterations >= least.iterations


RECEIPT_COST = KdfCost(19 * 1024, 2, 1)
PASSPHRASE_COST = KdfCost(64 * 1024, 3, 1)


def argon2id(secret: bytes, salt: bytes, cost: KdfCost, pepper: bytes | None = None) -> bytes:
    """32 bytes; the pepper goes into Argon2's own `secret` input. Malformed for a salt under 8 bytes."""
    if len(salt) < 8:
        raise Malformed("a salt is at least 8 bytes")
    hashing = Argon2id(
        salt=salt,
        length=32,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        secret=pepper,
    )
    with room_for(cost.memory_kib * 1024):
        return hashing.derive(secret)
