"""A second opener, written from the specifications and sharing no code with `crypto`.

X-Wing decapsulation (draft-connolly-cfrg-xwing-kem) from ML-KEM-768, X25519 and SHA3-256; the RFC 9180 key schedule in
base mode; C2SP chunked-encryption with HKDF-SHA-512 and AES-256-GCM. It keeps old data readable whatever the library
does to its own hybrid KEM, and it is what docs/formats/envelope.md says in code.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")
SUITE_ID = b"HPKE" + bytes.fromhex("647a") + bytes.fromhex("0001") + bytes.fromhex("0002")
CHUNK = 16384


def fields(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def hkdf_expand(algorithm: str, prk: bytes, info: bytes, length: int) -> bytes:
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes((counter,)), algorithm)
        out, counter = out + block, counter + 1
    return out[:length]


def xwing_decapsulate(seed: bytes, encapsulated: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    ct_lattice, ct_curve = encapsulated[:1088], encapsulated[1088:]
    shared_lattice = lattice.decapsulate(ct_lattice)
    shared_curve = curve.exchange(x25519.X25519PublicKey.from_public_bytes(ct_curve))
    public_curve = curve.public_key().public_bytes_raw()
    return hashlib.sha3_256(shared_lattice + shared_curve + ct_curve + public_curve + XWING_LABEL).digest()


def labeled_extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE_ID + label + secret, "sha256")


def labeled_expand(prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return hkdf_expand("sha256", prk, length.to_bytes(2, "big") + b"HPKE-v1" + SUITE_ID + label + info, length)


def hpke_open(seed: bytes, sealed: bytes, info: bytes) -> bytes:
    shared = xwing_decapsulate(seed, sealed[:1120])
    context = b"\x00" + labeled_extract(b"", b"psk_id_hash", b"") + labeled_extract(b"", b"info_hash", info)
    secret = labeled_extract(shared, b"secret", b"")
    key = labeled_expand(secret, b"key", context, 32)
    nonce = labeled_expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed[1120:], b"")


def cobblestone_open(key: bytes, context: bytes, sealed: bytes) -> bytes:
    salt, commitment, rest = sealed[:24], sealed[24:56], sealed[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + context
    derived = hkdf_expand("sha512", key, info, 32 + 12 + 32)
    aead, nonce = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big")
    assert hmac.compare_digest(derived[44:], commitment)
    chunks = [rest[at : at + CHUNK + 16] for at in range(0, len(rest), CHUNK + 16)]
    assert len(chunks[-1]) < CHUNK + 16
    return b"".join(aead.decrypt((nonce ^ i).to_bytes(12, "big"), chunk, None) for i, chunk in enumerate(chunks))


def unwrap(seed: bytes, wrapped: bytes, purpose: str, record: bytes) -> bytes:
    assert wrapped[:3] == b"\x01\x01\x01"
    key_id = wrapped[3:19]
    info = fields(b"mingjing/wrapped", b"\x01", b"\x01", purpose.encode(), record, key_id)
    return hpke_open(seed, wrapped[19:], info)


def open_share(seed: bytes, sealed: bytes, purpose: str, record: bytes, index: int) -> bytes:
    assert sealed[:3] == b"\x01\x01\x05"
    key_id = sealed[3:19]
    info = fields(b"mingjing/share", b"\x01", b"\x01", purpose.encode(), record, key_id, bytes((index,)))
    return hpke_open(seed, sealed[19:], info)


def open_body(key: bytes, blob: bytes, purpose: str, record: bytes) -> bytes:
    assert blob[:3] == b"\x01\x01\x02"
    context = fields(b"mingjing/body", b"\x01", b"\x01", purpose.encode(), record)
    clear = cobblestone_open(key, context, blob[3:])
    return clear[8 : 8 + int.from_bytes(clear[:8], "big")]
