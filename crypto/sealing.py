"""Sealing, with public keys only: nothing in this module can open anything.

A report's body, messages and files are sealed under keys that are HKDF(sealed key ‖ shred key), so that destroying
the shred key destroys them in every backup.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import _hpke, envelope, shares
from crypto._fields import VERSION, heading, joined, scrub, wipe
from crypto.envelope import Kind, Padding
from crypto.errors import Malformed
from crypto.keys import PublicKey

__all__ = [
    "Padding",
    "QuorumSealed",
    "SealedShare",
    "SealedStream",
    "StreamSealer",
    "derive",
    "new_key",
    "quorum_key",
    "seal",
    "seal_for_quorum",
    "seal_stream",
    "seal_to",
    "wrap",
]


def new_key() -> bytes:
    """32 bytes from the system's generator."""
    return secrets.token_bytes(_hpke.KEY_SIZE)


def wrap(key32: bytes, to: PublicKey, purpose: str, record: bytes) -> bytes:
    """A 32-byte key sealed to one public key (1187 bytes), bound to purpose, record and recipient."""
    return envelope.seal_to_one(Kind.WRAPPED, _hpke.body_key(key32), to, purpose, record)


def derive(sealed_key: bytes, shred_key: bytes, label: str, record: bytes = b"") -> bytes:
    """HKDF-SHA256 (RFC 5869) of sealed key ‖ shred key to 32 bytes; info is label and record, length-prefixed.

    Both keys are 32 bytes: without either of them nothing of the result can be known. The shred key may be b"" for
    what no report hangs on and what dies with its own row (a draft). Malformed for any other length.
    """
    if shred_key:
        _hpke.body_key(shred_key)
    both = bytearray(_hpke.body_key(sealed_key)) + shred_key
    info = heading("mingjing/derive", VERSION, _hpke.SUITE, len(both), label) + joined(record)
    try:
        return HKDF(algorithm=SHA256(), length=_hpke.KEY_SIZE, salt=None, info=info).derive(both)
    finally:
        wipe(both)


def quorum_key(key: bytes, shred_key: bytes, purpose: str, record: bytes) -> bytes:
    """The key of a quorum's body, from the combined 32-byte key and the shred key (32 bytes, never empty)."""
    return derive(key, bytes(_hpke.body_key(shred_key)), "quorum", joined(purpose, record))


def seal(payload: bytes, key: bytes, purpose: str, record: bytes, pad: Padding) -> bytes:
    """A payload sealed under a 32-byte key, padded inside the ciphertext; a key may seal many payloads."""
    return envelope.seal_body(payload, key, purpose, record, pad)


def seal_to(payload: bytes, to: Sequence[PublicKey], purpose: str, record: bytes, pad: Padding) -> bytes:
    """An envelope in one shot: a fresh key wrapped to each of 1 to 64 recipients, and the body under it."""
    key = new_key()
    wrapped = tuple(wrap(key, one, purpose, record) for one in to)
    body = envelope.seal_body(payload, key, purpose, record, pad, envelope.recipients_digest(wrapped))
    scrub(key)
    return envelope.write_envelope(envelope.Envelope(wrapped, body))


@dataclass(frozen=True)
class SealedStream:
    """What is known of a file once it is sealed; all of it belongs into the sealed manifest."""

    true_length: int
    sha256: bytes  # of the plaintext
    sealed_length: int


class StreamSealer:
    """Seals a file of unknown length piece by piece into `sink`; memory stays flat whatever the length.

    `finish` pads to the Padmé size and must be called, or the blob will not open.
    """

    def __init__(self, key: bytes, purpose: str, record: bytes, sink: BinaryIO) -> None:
        context = envelope.bound(Kind.STREAM, _hpke.SUITE, purpose, record)
        self._cipher = _hpke.suite(_hpke.SUITE).encryptor(_hpke.body_key(key), context)
        self._sink = sink
        self._digest = hashlib.sha256()
        self._clear = 0
        self._sealed = 0
        self._finished = False
        self._emit(envelope.head(Kind.STREAM))

    def write(self, chunk: bytes | bytearray | memoryview) -> int:
        """Seal the next bytes; returns how many were taken (all). Malformed once finished."""
        if self._finished:
            raise Malformed("this stream is finished")
        view = memoryview(chunk).cast("B")
        for start in range(0, len(view), envelope.PIECE):
            piece = view[start : start + envelope.PIECE]
            self._digest.update(piece)
            self._emit(self._cipher.update(piece))
        self._clear += len(view)
        return len(view)

    def finish(self) -> SealedStream:
        """Pad, seal the end, and say what was sealed. The sink stays open; flushing and syncing are its owner's."""
        if self._finished:
            raise Malformed("this stream is finished")
        self._finished = True
        left = envelope.padme(self._clear) - self._clear
        zeros = bytes(min(left, envelope.PIECE))
        while left:
            self._emit(self._cipher.update(zeros[:left]))
            left -= min(left, len(zeros))
        self._emit(self._cipher.finalize())
        return SealedStream(self._clear, self._digest.digest(), self._sealed)

    @property
    def written(self) -> int:
        """Plaintext bytes taken so far."""
        return self._clear

    def _emit(self, sealed: bytes) -> None:
        view = memoryview(sealed)
        while view:  # a raw (unbuffered) sink may take less than it is given
            view = view[self._sink.write(view) :]
        self._sealed += len(sealed)


def seal_stream(key: bytes, purpose: str, record: bytes, sink: BinaryIO) -> StreamSealer:
    """Start sealing a file under its own 32-byte key into `sink`; `record` is the file's id."""
    return StreamSealer(key, purpose, record, sink)


@dataclass(frozen=True)
class SealedShare:
    """Share `index` (from 1) of a quorum key, sealed to one seat; `digest` is SHA-256 of the clear share."""

    seat: bytes  # key id
    index: int
    sealed: bytes
    digest: bytes


@dataclass(frozen=True)
class QuorumSealed:
    """A body that any k of the seats can open together, and nobody else."""

    body: bytes
    shares: tuple[SealedShare, ...]


def seal_for_quorum(
    payload: bytes,
    seats: Sequence[PublicKey],
    k: int,
    purpose: str,
    record: bytes,
    shred_key: bytes,
    pad: Padding = Padding.IDENTITY,
) -> QuorumSealed:
    """Seal to any k of the seats: a fresh key, Shamir k of n, share i sealed to seat i.

    The body is under `quorum_key`. Raises QuorumNotMet unless 2 <= k <= n <= 7, and
    Malformed when two seats have the same key.
    """
    if len({seat.key_id for seat in seats}) != len(seats):
        raise Malformed("two seats with the same key")
    key = new_key()
    clear_shares = shares.split(key, k, len(seats))
    body_key = quorum_key(key, shred_key, purpose, record)
    body = envelope.seal_body(payload, body_key, purpose, record, pad)
    sealed = tuple(
        SealedShare(
            seat.key_id,
            share[0],
            envelope.seal_to_one(Kind.SHARE, share, seat, purpose, record, share[:1]),
            hashlib.sha256(share).digest(),
        )
        for seat, share in zip(seats, clear_shares, strict=True)
    )
    scrub(key, body_key, *clear_shares)
    return QuorumSealed(body, sealed)
