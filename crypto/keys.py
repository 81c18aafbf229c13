"""Key pairs, their purposes, ids and fingerprints.

A key pair is stored or derived as a 32-byte seed. There are two types of private key so that a type checker, and the
running program, refuse misuse: `OwnKey` is what a reporter or supervisor brings, `InnerKey` is what staff hold.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import TracebackType
from typing import ClassVar, NoReturn, Self

from crypto import _hpke
from crypto._fields import VERSION, joined, scrub, wipe
from crypto.errors import Malformed, WrongKey

__all__ = [
    "InnerKey",
    "OwnKey",
    "PrivateKey",
    "PublicKey",
    "Purpose",
    "generate_inner",
    "generate_own",
    "inner_from_seed",
    "own_from_seed",
    "scrub",
    "wipe",
]

KEY_ID_SIZE = 16
SEED_SIZE = _hpke.SEED_SIZE
PUBLIC_SIZE = _hpke.PUBLIC_SIZE


class Purpose(StrEnum):
    """What a key pair is for. It is part of the key id, so a key cannot be passed off for another purpose."""

    STAFF = "staff"
    OFFICE = "office"
    SEAT = "seat"
    OFFICE_RECOVERY = "office-recovery"
    BOARD_RECOVERY = "board-recovery"
    OPENING = "opening"  # of one request to open an identity; destroyed when the request ends
    MAILBOX = "mailbox"
    DRAFT = "draft"
    SUPERVISOR = "supervisor"


OWN_PURPOSES = frozenset({Purpose.MAILBOX, Purpose.DRAFT, Purpose.SUPERVISOR})
INNER_PURPOSES = frozenset(Purpose) - OWN_PURPOSES


@dataclass(frozen=True)
class PublicKey:
    """The public half: 1184 bytes of ML-KEM-768 and 32 bytes of X25519.

    Making one raises Malformed for a wrong length, an all-zero X25519 half or an ML-KEM half out of range.
    """

    purpose: Purpose
    raw: bytes

    def __post_init__(self) -> None:
        _ = self.hybrid

    @cached_property
    def hybrid(self) -> _hpke.HybridPublic:
        """The library's object, parsed once."""
        return _hpke.public_from(self.raw)

    @cached_property
    def key_id(self) -> bytes:
        """16 bytes that name this key: SHA-256 over label, version, suite, purpose and raw bytes, cut."""
        return hashlib.sha256(self._named("mingjing/key-id")).digest()[:KEY_ID_SIZE]

    @cached_property
    def fingerprint(self) -> str:
        """Eight groups of four digits, to be compared by voice (about 106 bits)."""
        number = int.from_bytes(hashlib.sha256(self._named("mingjing/fingerprint")).digest(), "big") % 10**32
        digits = f"{number:032d}"
        return " ".join(digits[i : i + 4] for i in range(0, 32, 4))

    def _named(self, label: str) -> bytes:
        return joined(label, VERSION, _hpke.SUITE, self.purpose, self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.purpose}, {self.fingerprint})"


class PrivateKey:
    """A seed in memory that can be wiped, with its public half. Use it as a context manager.

    Leaving the context overwrites the seed in place; from then on every use raises WrongKey. The repr is the
    fingerprint, and it cannot be copied or pickled.
    """

    allowed: ClassVar[frozenset[Purpose]] = frozenset()

    def __init__(self, purpose: Purpose, seed: bytes | bytearray) -> None:
        if purpose not in self.allowed:
            raise WrongKey(f"{type(self).__name__} is not for {purpose}")
        if len(seed) != SEED_SIZE:
            raise Malformed(f"a seed is {SEED_SIZE} bytes")
        self._hybrid: _hpke.HybridPrivate | None = None
        self._seed = bytearray(seed)
        self._hybrid, raw = _hpke.private_from(self._seed)
        self.purpose = purpose
        self.public = PublicKey(purpose, raw)

    @property
    def seed(self) -> bytes:
        """A copy of the 32-byte seed, to be sealed at once; the caller owns it and may `scrub` it."""
        self.hybrid()
        return bytes(self._seed)

    def hybrid(self) -> _hpke.HybridPrivate:
        """The library's object; WrongKey once the key is wiped."""
        if self._hybrid is None:
            raise WrongKey("this key has been wiped")
        return self._hybrid

    def wipe(self) -> None:
        """Overwrite the seed in place and let go of the library's object (OpenSSL clears it when freed)."""
        wipe(self._seed)
        self._hybrid = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.wipe()

    def __del__(self) -> None:
        if hasattr(self, "_seed"):  # not there when the constructor refused
            self.wipe()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.purpose}, {self.public.fingerprint})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is neither copied nor pickled")


class OwnKey(PrivateKey):
    """A key that a reporter or supervisor brings in the very request; `crypto.own` opens with it."""

    allowed = OWN_PURPOSES


class InnerKey(PrivateKey):
    """A key of staff, an office, a seat or a recovery sheet; only `crypto.opening` opens with it."""

    allowed = INNER_PURPOSES


def generate_own(purpose: Purpose) -> OwnKey:
    """A fresh key for a mailbox, draft or supervisor; WrongKey for another purpose."""
    seed = secrets.token_bytes(SEED_SIZE)
    try:
        return own_from_seed(purpose, seed)
    finally:
        scrub(seed)


def own_from_seed(purpose: Purpose, seed: bytes | bytearray) -> OwnKey:
    """The OwnKey of a 32-byte seed; the same seed always gives the same key."""
    return OwnKey(purpose, seed)


def generate_inner(purpose: Purpose) -> InnerKey:
    """A fresh key for staff, an office, a seat or a recovery sheet; WrongKey for another purpose."""
    seed = secrets.token_bytes(SEED_SIZE)
    try:
        return inner_from_seed(purpose, seed)
    finally:
        scrub(seed)


def inner_from_seed(purpose: Purpose, seed: bytes | bytearray) -> InnerKey:
    """The InnerKey of a 32-byte seed; the same seed always gives the same key."""
    return InnerKey(purpose, seed)
