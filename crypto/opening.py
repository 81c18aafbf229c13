"""Opening with the keys of staff and offices, and granting them. Staff process only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from crypto import envelope
from crypto._fields import scrub
from crypto.envelope import Kind
from crypto.errors import Malformed, Tampered, WrongKey
from crypto.keys import InnerKey, PublicKey, inner_from_seed


def _inner(key: InnerKey) -> InnerKey:
    if not isinstance(key, InnerKey):
        raise WrongKey("only a key of staff or an office opens here")
    return key


def unwrap(wrapped: bytes, key: InnerKey, purpose: str, record: bytes) -> bytes:
    """The 32-byte key that `sealing.wrap` sealed. WrongKey, Tampered, Malformed, UnknownVersion."""
    return envelope.unwrap(wrapped, _inner(key), purpose, record)


def open_sealed(blob: bytes, key32: bytes, purpose: str, record: bytes) -> bytes:
    """The payload that `sealing.seal` sealed under that 32-byte key, without its padding."""
    return envelope.open_body(blob, key32, purpose, record)


def open_stream(source: BinaryIO, key32: bytes, purpose: str, record: bytes, true_length: int) -> Iterator[bytes]:
    """The plaintext of a file in pieces; a Tampered may come after the first pieces, and then all of them are void."""
    return envelope.open_stream(source, key32, purpose, record, true_length)


def open_envelope(blob: bytes, key: InnerKey, purpose: str, record: bytes) -> bytes:
    """The payload that `sealing.seal_to` sealed to this key among others."""
    return envelope.open_envelope(blob, _inner(key), purpose, record)


def seal_grant(granted: InnerKey, to: PublicKey, record: bytes) -> bytes:
    """The seed of `granted` sealed to the holder of `to`; `record` is the id of what is granted (office, seat).

    Serves for an office key to a member's staff key, the previous generation to the next, and any of them to paper.
    """
    seed = _inner(granted).seed
    try:
        return envelope.seal_to_one(Kind.GRANT, seed, to, granted.purpose, record, granted.public.key_id)
    finally:
        scrub(seed)


def open_grant(blob: bytes, holder: InnerKey, granted: PublicKey, record: bytes) -> InnerKey:
    """The key that was granted, checked to be the one whose public half is `granted`. Wipe it after use."""
    seed = envelope.open_from_one(Kind.GRANT, blob, _inner(holder), granted.purpose, record, granted.key_id)
    try:
        if len(seed) != envelope.KEY_SIZE:
            raise Malformed("a grant holds a 32-byte seed")
        key = inner_from_seed(granted.purpose, seed)
    finally:
        scrub(seed)
    if key.public.raw != granted.raw:
        key.wipe()
        raise Tampered("the grant holds another key than it names")
    return key
