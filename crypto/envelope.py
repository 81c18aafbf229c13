"""The byte formats of everything sealed, and the symmetric code that sealing and opening share.

Written down field by field in docs/formats/envelope.md. Every blob starts with version, suite and kind; what it was
sealed for (purpose, record id, recipient) is bound into HPKE's info or Cobblestone's context, length-prefixed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from crypto import _hpke
from crypto._fields import VERSION, joined, scrub
from crypto.errors import Malformed, Tampered, UnknownVersion, WrongKey
from crypto.keys import KEY_ID_SIZE, PrivateKey, PublicKey

KEY_SIZE = _hpke.KEY_SIZE
HEAD_SIZE = 3
LENGTH_SIZE = 8
WRAPPED_SIZE = HEAD_SIZE + KEY_ID_SIZE + KEY_SIZE + _hpke.WRAP_OVERHEAD
MOST_RECIPIENTS = 64
PIECE = 1 << 20


class Kind(IntEnum):
    """The third byte of a blob: what it is, so that one kind can never be taken for another."""

    WRAPPED = 1  # a 32-byte key to one public key
    BODY = 2  # padded payload under a key, true length in front
    STREAM = 3  # a file under a key, padding at the end, true length kept elsewhere
    ENVELOPE = 4  # wrapped keys and a body
    SHARE = 5  # one share of a quorum key to one seat
    GRANT = 6  # the seed of one key pair to the holder of another
    LOCKED = 7  # a seed under a passphrase
    SESSION = 8  # a seed under a session key


class Padding(StrEnum):
    """To what size a payload grows before it is sealed, so that sizes tell little.

    Padmé (Nikitin and others, PETS 2019) hides all but O(log log n) bits of a length and costs at most 12 %.
    """

    REPORT = "report"  # at least 4 KiB, Padmé above
    MESSAGE = "message"  # at least 1 KiB, Padmé above
    IDENTITY = "identity"  # exactly 1 KiB; Malformed when larger
    FILE = "file"  # Padmé

    def size(self, length: int) -> int:
        """The padded size of a payload of `length` bytes."""
        if self is Padding.IDENTITY:
            if length > 1024:
                raise Malformed("an identity record is at most 1024 bytes")
            return 1024
        least = {Padding.REPORT: 4096, Padding.MESSAGE: 1024, Padding.FILE: 0}[self]
        return max(least, padme(length))


def padme(length: int) -> int:
    """The Padmé size for `length` bytes: the low bits of the length are rounded up to zero."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    low = exponent - exponent.bit_length()
    mask = (1 << low) - 1
    return (length + mask) & ~mask


def head(kind: Kind) -> bytes:
    """Version, suite and kind of a new blob."""
    return bytes((VERSION, _hpke.SUITE, kind))


def read_head(blob: bytes, kind: Kind) -> int:
    """Check the first three bytes and return the suite. Malformed when short or of another kind, UnknownVersion."""
    if len(blob) < HEAD_SIZE:
        raise Malformed("too short for a sealed blob")
    if blob[0] != VERSION:
        raise UnknownVersion(f"unknown version {blob[0]}")
    _hpke.suite(blob[1])
    if blob[2] != kind:
        raise Malformed(f"kind {blob[2]} where {kind.name.lower()} belongs")
    return blob[1]


def bound(kind: Kind, suite: int, purpose: str, record: bytes, *more: bytes | int) -> bytes:
    """The HPKE info or Cobblestone context: label, version, suite, purpose, record id and what else the kind binds."""
    return _bound_kind(kind, suite, purpose) + joined(record, *more)


@lru_cache(maxsize=256)
def _bound_kind(kind: Kind, suite: int, purpose: str) -> bytes:
    return joined(f"mingjing/{kind.name.lower()}", VERSION, suite, purpose)


# --- to one public key -------------------------------------------------------------------------------------------


def seal_to_one(
    kind: Kind, clear: bytes | bytearray, to: PublicKey, purpose: str, record: bytes, *more: bytes
) -> bytes:
    """head ‖ recipient key id ‖ HPKE ciphertext."""
    info = bound(kind, _hpke.SUITE, purpose, record, to.key_id, *more)
    return head(kind) + to.key_id + _hpke.encrypt(clear, to.hybrid, info)


def open_from_one(kind: Kind, blob: bytes, key: PrivateKey, purpose: str, record: bytes, *more: bytes) -> bytes:
    """The inverse; WrongKey when it names another recipient, Tampered when it does not authenticate."""
    suite = read_head(blob, kind)
    recipient = blob[HEAD_SIZE : HEAD_SIZE + KEY_ID_SIZE]
    if recipient != key.public.key_id:
        raise WrongKey("sealed to another key")
    info = bound(kind, suite, purpose, record, recipient, *more)
    return _hpke.decrypt(blob[HEAD_SIZE + KEY_ID_SIZE :], key.hybrid(), info, suite)


def unwrap(wrapped: bytes, key: PrivateKey, purpose: str, record: bytes) -> bytes:
    """The 32-byte key in a wrapped key."""
    if len(wrapped) != WRAPPED_SIZE:
        raise Malformed(f"a wrapped key is {WRAPPED_SIZE} bytes")
    return open_from_one(Kind.WRAPPED, wrapped, key, purpose, record)


# --- under a key -------------------------------------------------------------------------------------------------


def encrypt_body(key: bytes | bytearray, context: bytes, clear: bytes | bytearray) -> bytes:
    """One Cobblestone message in memory."""
    cipher = _hpke.suite(_hpke.SUITE).encryptor(_hpke.body_key(key), context)
    return cipher.update(clear) + cipher.finalize()


def decrypt_body(key: bytes | bytearray, context: bytes, sealed: bytes, suite: int) -> bytes:
    """The inverse, given out only after the end has authenticated; Tampered otherwise."""
    cipher = _hpke.suite(suite).decryptor(_hpke.body_key(key), context)
    try:
        first = cipher.update(sealed)
        last = cipher.finalize()
    except InvalidTag:
        raise Tampered("a sealed body does not open") from None
    if not first or not last:  # joining with nothing gives the same object, which must not be scrubbed
        return first or last
    whole = first + last
    scrub(first, last)
    return whole


def seal_body(payload: bytes, key: bytes, purpose: str, record: bytes, pad: Padding, *more: bytes) -> bytes:
    """head ‖ Cobblestone(8-byte true length ‖ payload ‖ zeros)."""
    clear = bytearray(LENGTH_SIZE + pad.size(len(payload)))
    clear[:LENGTH_SIZE] = len(payload).to_bytes(LENGTH_SIZE, "big")
    clear[LENGTH_SIZE : LENGTH_SIZE + len(payload)] = payload
    return head(Kind.BODY) + encrypt_body(key, bound(Kind.BODY, _hpke.SUITE, purpose, record, *more), clear)


def open_body(blob: bytes, key: bytes, purpose: str, record: bytes, *more: bytes) -> bytes:
    """The payload without its padding; Tampered also when length or padding is not as `seal_body` writes it."""
    suite = read_head(blob, Kind.BODY)
    clear = decrypt_body(key, bound(Kind.BODY, suite, purpose, record, *more), blob[HEAD_SIZE:], suite)
    length = int.from_bytes(clear[:LENGTH_SIZE], "big")
    end = LENGTH_SIZE + length
    if len(clear) < LENGTH_SIZE or end > len(clear) or not _all_zero(clear, end):
        raise Tampered("the length or padding of a body is wrong")
    payload = clear[LENGTH_SIZE:end]
    scrub(clear)
    return payload


# --- envelopes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Envelope:
    """A parsed envelope: keys wrapped to each recipient, and the body they open."""

    wrapped: tuple[bytes, ...]
    body: bytes

    def recipients_digest(self) -> bytes:
        """SHA-256 over the wrapped keys; the body's context binds it, so that no recipient is added or taken away."""
        return recipients_digest(self.wrapped)


def recipients_digest(wrapped: Sequence[bytes]) -> bytes:
    """SHA-256 over the length-prefixed wrapped keys."""
    return hashlib.sha256(joined(*wrapped)).digest()


def write_envelope(envelope: Envelope) -> bytes:
    """head ‖ number of recipients (1 byte) ‖ wrapped keys ‖ body."""
    if not 1 <= len(envelope.wrapped) <= MOST_RECIPIENTS:
        raise Malformed(f"an envelope has 1 to {MOST_RECIPIENTS} recipients")
    return head(Kind.ENVELOPE) + bytes((len(envelope.wrapped),)) + b"".join(envelope.wrapped) + envelope.body


def read_envelope(blob: bytes) -> Envelope:
    """The inverse; Malformed when it cannot be read."""
    read_head(blob, Kind.ENVELOPE)
    count = blob[HEAD_SIZE] if len(blob) > HEAD_SIZE else 0
    body_at = HEAD_SIZE + 1 + count * WRAPPED_SIZE
    if not 1 <= count <= MOST_RECIPIENTS or len(blob) <= body_at:
        raise Malformed("an envelope is cut short")
    starts = range(HEAD_SIZE + 1, body_at, WRAPPED_SIZE)
    return Envelope(tuple(blob[at : at + WRAPPED_SIZE] for at in starts), blob[body_at:])


def open_envelope(blob: bytes, key: PrivateKey, purpose: str, record: bytes) -> bytes:
    """The payload of an envelope that has a wrapped key for `key`; WrongKey when it has none."""
    envelope = read_envelope(blob)
    mine = [w for w in envelope.wrapped if w[HEAD_SIZE : HEAD_SIZE + KEY_ID_SIZE] == key.public.key_id]
    if not mine:
        raise WrongKey("this envelope is not addressed to that key")
    body_key = unwrap(mine[0], key, purpose, record)
    payload = open_body(envelope.body, body_key, purpose, record, envelope.recipients_digest())
    scrub(body_key)
    return payload


# --- streams -----------------------------------------------------------------------------------------------------


def open_stream(source: BinaryIO, key: bytes, purpose: str, record: bytes, true_length: int) -> Iterator[bytes]:
    """Yield the plaintext of a sealed stream in pieces of at most 1 MiB, padding cut off.

    Each piece is authentic, but that nothing is missing at the end is known only when the iterator ends: what was
    yielded before a Tampered must be thrown away (an HTTP response is to be broken off, with the true length sent
    ahead). Raises Tampered, Malformed, UnknownVersion.
    """
    suite = read_head(source.read(HEAD_SIZE), Kind.STREAM)
    cipher = _hpke.suite(suite).decryptor(_hpke.body_key(key), bound(Kind.STREAM, suite, purpose, record))
    seen = 0
    try:
        while piece := source.read(PIECE):
            clear = cipher.update(piece)
            yield from _without_padding(clear, seen, true_length)
            seen += len(clear)
        clear = cipher.finalize()
    except InvalidTag:
        raise Tampered("a sealed file does not open") from None
    yield from _without_padding(clear, seen, true_length)
    if seen + len(clear) != padme(true_length):
        raise Tampered("a sealed file is not as long as its manifest says")


def _all_zero(data: bytes, start: int) -> bool:
    return data.count(0, start) == max(0, len(data) - start)


def _without_padding(clear: bytes, seen: int, true_length: int) -> Iterator[bytes]:
    """The part of `clear` before `true_length`, if any; Tampered when what follows is not all zero."""
    rest = max(0, true_length - seen)
    if not _all_zero(clear, rest):
        raise Tampered("the padding of a sealed file is not empty")
    if clear[:rest]:
        yield clear[:rest]
