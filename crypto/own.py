"""Opening what is sealed to a key that the visitor brings: mailbox, draft, supervisor.

The public process imports this module and no other opener. Its functions refuse, by type and when run, the keys of
staff, offices, seats and recovery sheets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from crypto import envelope
from crypto.errors import WrongKey
from crypto.keys import OwnKey


def _own(key: OwnKey) -> OwnKey:
    if not isinstance(key, OwnKey):
        raise WrongKey("only a visitor's own key opens here")
    return key


def unwrap(wrapped: bytes, key: OwnKey, purpose: str, record: bytes) -> bytes:
    """The 32-byte key that `sealing.wrap` sealed. WrongKey, Tampered, Malformed, UnknownVersion."""
    return envelope.unwrap(wrapped, _own(key), purpose, record)


def open_sealed(blob: bytes, key32: bytes, purpose: str, record: bytes) -> bytes:
    """The payload that `sealing.seal` sealed under that 32-byte key, without its padding."""
    return envelope.open_body(blob, key32, purpose, record)


def open_stream(source: BinaryIO, key32: bytes, purpose: str, record: bytes, true_length: int) -> Iterator[bytes]:
    """The plaintext of a file in pieces; a Tampered may come after the first pieces, and then all of them are void."""
    return envelope.open_stream(source, key32, purpose, record, true_length)


def open_envelope(blob: bytes, key: OwnKey, purpose: str, record: bytes) -> bytes:
    """The payload that `sealing.seal_to` sealed to this key among others."""
    return envelope.open_envelope(blob, _own(key), purpose, record)
