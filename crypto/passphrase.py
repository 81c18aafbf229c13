"""A staff seed at rest under a passphrase, and for a session under a key that a restart forgets.

Passphrases are generated, never chosen: six words of the SLIP-39 list (60 bits), made slow by Argon2id with a pepper
that lives outside the database.
"""

from __future__ import annotations

import secrets
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import _hpke, envelope
from crypto._fields import VERSION, joined, scrub, wipe
from crypto.envelope import HEAD_SIZE, Kind
from crypto.errors import Malformed, Tampered, WrongKey
from crypto.kdf import PASSPHRASE_COST, KdfCost, argon2id

__all__ = [
    "PASSPHRASE_COST",
    "KdfCost",
    "generate",
    "lock",
    "lock_with_key",
    "session_key",
    "unlock",
    "unlock_with_key",
]

FEWEST_WORDS = 6
SALT_SIZE = 16
PEPPER_SIZE = 32
COST_SIZE = 4 + 4 + 1
LOCKED_SIZE = HEAD_SIZE + COST_SIZE + SALT_SIZE + _hpke.sealed_size(_hpke.SEED_SIZE)


def generate(words: int = FEWEST_WORDS) -> str:
    """That many words (at least six) drawn from the 1,024 of SLIP-39, with spaces between."""
    from shamir_mnemonic.wordlist import WORDLIST  # whoever only unlocks needs no list

    if words < FEWEST_WORDS:
        raise Malformed(f"a passphrase has at least {FEWEST_WORDS} words")
    return " ".join(secrets.choice(WORDLIST) for _ in range(words))


def lock(seed: bytes, passphrase: str, pepper: bytes, cost: KdfCost = PASSPHRASE_COST) -> bytes:
    """A 32-byte seed sealed under a passphrase; the cost and a fresh salt stand in the blob and are authenticated."""
    if len(seed) != _hpke.SEED_SIZE:
        raise Malformed("a seed is 32 bytes")
    start = envelope.head(Kind.LOCKED) + _cost_bytes(cost) + secrets.token_bytes(SALT_SIZE)
    key = _key(passphrase, pepper, start, cost)
    try:
        return start + envelope.encrypt_body(key, joined("mingjing/locked", start), seed)
    finally:
        scrub(key)


def unlock(blob: bytes, passphrase: str, pepper: bytes, least: KdfCost) -> bytes:
    """The seed. WrongKey for a wrong passphrase or pepper, and for altered bytes: the two cannot be told apart.

    Malformed when the blob is of another shape or its cost is below `least`, before anything is computed: whoever
    can write the database must not make guessing cheap.
    """
    suite = envelope.read_head(blob, Kind.LOCKED)
    if len(blob) != LOCKED_SIZE:
        raise Malformed("a locked seed is of another length")
    cost = _cost_of(blob[HEAD_SIZE : HEAD_SIZE + COST_SIZE])
    if not cost.at_least(least):
        raise Malformed("a locked seed is cheaper than allowed")
    start = blob[: HEAD_SIZE + COST_SIZE + SALT_SIZE]
    key = _key(passphrase, pepper, start, cost)
    try:
        return envelope.decrypt_body(key, joined("mingjing/locked", start), blob[len(start) :], suite)
    except Tampered:
        raise WrongKey("the passphrase does not open this") from None
    finally:
        scrub(key)


def _key(passphrase: str, pepper: bytes, start: bytes, cost: KdfCost) -> bytes:
    if len(pepper) < PEPPER_SIZE:
        raise Malformed(f"a pepper is at least {PEPPER_SIZE} bytes")
    words = " ".join(unicodedata.normalize("NFKC", passphrase).lower().split())
    try:
        typed = words.encode()
    except UnicodeEncodeError:  # a lone surrogate: no generated passphrase has one
        raise WrongKey("the passphrase does not open this") from None
    return argon2id(typed, start[-SALT_SIZE:], cost, pepper)


def _cost_bytes(cost: KdfCost) -> bytes:
    return cost.memory_kib.to_bytes(4, "big") + cost.iterations.to_bytes(4, "big") + bytes((cost.lanes,))


def _cost_of(data: bytes) -> KdfCost:
    return KdfCost(int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"), data[8])


def session_key(cookie_secret: bytes, boot_secret: bytes) -> bytes:
    """HKDF-SHA256(cookie secret ‖ boot secret): neither the cookie nor the machine alone opens a session row.

    Both are at least 32 bytes (Malformed). The boot secret lives in memory only, so a restart signs everybody out.
    """
    if len(cookie_secret) < 32 or len(boot_secret) < 32:
        raise Malformed("a session secret is at least 32 bytes")
    both = bytearray(joined(cookie_secret, boot_secret))
    try:
        return HKDF(SHA256(), 32, salt=None, info=joined("mingjing/session-key", VERSION)).derive(both)
    finally:
        wipe(both)


def lock_with_key(seed: bytes, key: bytes, record: bytes) -> bytes:
    """A seed sealed for the row of one session; `record` is that row's id, so rows cannot be swapped."""
    context = envelope.bound(Kind.SESSION, _hpke.SUITE, "session", record)
    return envelope.head(Kind.SESSION) + envelope.encrypt_body(key, context, seed)


def unlock_with_key(blob: bytes, key: bytes, record: bytes) -> bytes:
    """The inverse; WrongKey when key, row or bytes differ."""
    suite = envelope.read_head(blob, Kind.SESSION)
    context = envelope.bound(Kind.SESSION, suite, "session", record)
    try:
        return envelope.decrypt_body(key, context, blob[HEAD_SIZE:], suite)
    except Tampered:
        raise WrongKey("this session does not open") from None
