"""The one place that calls the cipher suite: HPKE for keys, Cobblestone for bodies. Imported inside `crypto` only.

Suite 1 is HPKE (RFC 9180, base mode, single shot) with X-Wing (ML-KEM-768 with X25519), HKDF-SHA256 and AES-256-GCM,
and Cobblestone-256 (C2SP chunked-encryption) for bodies. The suite byte in every blob is the door for others, for
instance one of SM2, SM3 and SM4: a new entry of `SUITES`, old ones kept for opening.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from crypto._fields import scrub, wipe
from crypto.errors import Malformed, Tampered, UnknownVersion

SUITE = 1
SEED_SIZE = 32
KEY_SIZE = 32
MLKEM_PUBLIC = 1184
X25519_PUBLIC = 32
PUBLIC_SIZE = MLKEM_PUBLIC + X25519_PUBLIC
WRAP_OVERHEAD = 1120 + 16  # encapsulated key (1088 + 32) and the tag
COBBLESTONE_HEAD = 24 + 32  # salt and commitment
CHUNK = 16 * 1024
TAG = 16

HybridPrivate = hpke.MLKEM768X25519PrivateKey
HybridPublic = hpke.MLKEM768X25519PublicKey


@dataclass(frozen=True)
class CipherSuite:
    """What a suite byte stands for."""

    hpke: hpke.Suite
    encryptor: type[Cobblestone256Encryptor]
    decryptor: type[Cobblestone256Decryptor]


SUITES: Mapping[int, CipherSuite] = {
    SUITE: CipherSuite(
        hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
        Cobblestone256Encryptor,
        Cobblestone256Decryptor,
    )
}


def suite(number: int) -> CipherSuite:
    """The suite of that byte; UnknownVersion otherwise."""
    try:
        return SUITES[number]
    except KeyError:
        raise UnknownVersion(f"unknown suite {number}") from None


def private_from(seed: bytes | bytearray) -> tuple[HybridPrivate, bytes]:
    """The key pair of a 32-byte seed by the X-Wing expansion (SHAKE-256 to 96 bytes), and its 1216 public bytes."""
    digest = hashlib.shake_256(seed).digest(96)
    expanded = bytearray(digest)
    scrub(digest)
    halves = bytearray(expanded[:64]), bytearray(expanded[64:])
    try:
        lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(halves[0])
        curve = x25519.X25519PrivateKey.from_private_bytes(halves[1])
    finally:
        for buffer in (expanded, *halves):
            wipe(buffer)
    raw = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return HybridPrivate(lattice, curve), raw


def public_from(raw: bytes) -> HybridPublic:
    """The public key of 1216 bytes. Malformed on another length, an all-zero X25519 half or an ML-KEM half out of
    range (FIPS 203 modulus check)."""
    if len(raw) != PUBLIC_SIZE:
        raise Malformed(f"a public key is {PUBLIC_SIZE} bytes")
    if not any(raw[MLKEM_PUBLIC:]):
        raise Malformed("the X25519 half of a public key is all zero")
    try:
        lattice = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC])
        return HybridPublic(lattice, x25519.X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC:]))
    except ValueError:
        raise Malformed("not an ML-KEM-768 public key") from None


def encrypt(clear: bytes | bytearray, to: HybridPublic, info: bytes) -> bytes:
    """HPKE single shot; the result is WRAP_OVERHEAD longer. Malformed for a public key of small order."""
    try:
        return suite(SUITE).hpke.encrypt(clear, to, info)
    except ValueError:
        raise Malformed("this public key yields no shared secret") from None


def decrypt(sealed: bytes, key: HybridPrivate, info: bytes, suite_number: int) -> bytes:
    """The inverse of `encrypt`; Tampered when the bytes, the key or the info differ in anything."""
    try:
        return suite(suite_number).hpke.decrypt(sealed, key, info)
    except (InvalidTag, ValueError):
        raise Tampered("a sealed key does not open") from None


def body_key(key: bytes | bytearray) -> bytes | bytearray:
    """`key` itself when it is 32 bytes, else Malformed."""
    if len(key) != KEY_SIZE:
        raise Malformed(f"a key is {KEY_SIZE} bytes")
    return key


def sealed_size(clear: int) -> int:
    """Length of the Cobblestone ciphertext of `clear` bytes (the last chunk is always short, and may be empty)."""
    return COBBLESTONE_HEAD + clear + TAG * (clear // CHUNK + 1)
