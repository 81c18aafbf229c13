from __future__ import annotations

import hashlib
import io
import tracemalloc
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import envelope, own, sealing
from crypto.envelope import Kind, padme
from crypto.errors import CryptoError, Malformed, Tampered
from crypto.sealing import SealedStream
from tests.crypto.conftest import RECORD
from tests.crypto.test_sealing import cuts, flipped

KEY = bytes(range(32))


def sealed(content: bytes, piece: int = 1 << 20) -> tuple[bytes, SealedStream]:
    sink = io.BytesIO()
    sealer = sealing.seal_stream(KEY, "file", RECORD, sink)
    for at in range(0, len(content), piece):
        sealer.write(content[at : at + piece])
    result = sealer.finish()
    return sink.getvalue(), result


def opened(blob: bytes, length: int, key: bytes = KEY, purpose: str = "file", record: bytes = RECORD) -> bytes:
    return b"".join(own.open_stream(io.BytesIO(blob), key, purpose, record, length))


@given(st.binary(max_size=70_000), st.integers(min_value=1, max_value=40_000))
def test_a_file_opens_as_it_was_however_it_came_in(content: bytes, piece: int) -> None:
    blob, result = sealed(content, piece)
    assert opened(blob, result.true_length) == content
    assert result == SealedStream(len(content), hashlib.sha256(content).digest(), len(blob))


@pytest.mark.parametrize("length", [0, 1, 16383, 16384, 16385, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_a_file_of_any_length_opens_and_its_size_is_padded(length: int) -> None:
    content = hashlib.shake_128(b"content").digest(length)
    blob, result = sealed(content)
    assert opened(blob, length) == content
    assert result.sealed_length == len(blob) == 3 + 56 + padme(length) + 16 * (padme(length) // 16384 + 1)


def test_two_seals_of_one_file_share_no_bytes_to_compare() -> None:
    one, other = sealed(b"x" * 1000)[0], sealed(b"x" * 1000)[0]
    assert one[3:27] != other[3:27]
    assert one[59:] != other[59:]


def test_a_file_does_not_open_under_another_key_purpose_or_record() -> None:
    blob, _ = sealed(b"content")
    for key, purpose, record in ((bytes(32), "file", RECORD), (KEY, "other", RECORD), (KEY, "file", b"other")):
        with pytest.raises(Tampered):
            opened(blob, 7, key, purpose, record)


def test_a_file_with_another_length_than_its_manifest_says_is_refused() -> None:
    blob, _ = sealed(b"x" * 1000)
    for length in (-1, 0, 900, 999, 1025, 100_000):
        with pytest.raises(Tampered):
            opened(blob, length)


def test_no_byte_of_a_file_can_be_changed() -> None:
    blob, result = sealed(b"x" * 500)
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            opened(flipped(blob, at), result.true_length)


@pytest.mark.parametrize("length", [0, 16384, 50_000])
def test_a_file_cut_at_any_chunk_edge_is_refused(length: int) -> None:
    blob, _ = sealed(b"x" * length)
    for cut in cuts(len(blob)):
        with pytest.raises((Tampered, Malformed)):
            opened(blob[:cut], length)
    with pytest.raises(Tampered):
        opened(blob + b"\0", length)


def test_chunks_that_change_places_are_refused() -> None:
    blob, result = sealed(bytes(16384) + b"\1" * 16384 + b"end")
    start, step = 59, 16400
    swapped = (
        blob[:start] + blob[start + step : start + 2 * step] + blob[start : start + step] + blob[start + 2 * step :]
    )
    with pytest.raises(Tampered):
        opened(swapped, result.true_length)


def test_a_file_that_breaks_off_late_raises_after_its_first_pieces() -> None:
    blob, result = sealed(hashlib.shake_128(b"c").digest(5 << 20))
    pieces = own.open_stream(io.BytesIO(blob[:-1]), KEY, "file", RECORD, result.true_length)
    assert len(next(pieces)) > 1_000_000
    with pytest.raises(Tampered):
        list(pieces)


def test_padding_that_is_not_empty_is_refused() -> None:
    cipher_text = envelope.encrypt_body(KEY, envelope.bound(Kind.STREAM, 1, "file", RECORD), b"content" + b"\1" * 1)
    assert padme(8) == 8
    with pytest.raises(Tampered):
        opened(envelope.head(Kind.STREAM) + cipher_text, 7)


def test_a_body_is_not_a_file() -> None:
    blob = sealing.seal(b"content", KEY, "file", RECORD, sealing.Padding.FILE)
    with pytest.raises(Malformed):
        opened(blob, 7)
    with pytest.raises(Tampered):
        opened(envelope.head(Kind.STREAM) + blob[3:], 15)


def test_a_finished_stream_takes_nothing_more() -> None:
    sealer = sealing.seal_stream(KEY, "file", RECORD, io.BytesIO())
    sealer.finish()
    with pytest.raises(Malformed):
        sealer.write(b"x")
    with pytest.raises(Malformed):
        sealer.finish()


class Reluctant(io.RawIOBase):
    """A raw sink that takes at most 100 bytes at a time."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))[:100]  # type: ignore[arg-type]
        self.taken += piece
        return len(piece)


def test_a_sink_that_takes_little_at_a_time_still_gets_everything() -> None:
    sink = Reluctant()
    sealer = sealing.seal_stream(KEY, "file", RECORD, cast(BinaryIO, sink))
    sealer.write(b"x" * 5000)
    assert sealer.written == 5000
    result = sealer.finish()
    assert len(sink.taken) == result.sealed_length
    assert opened(bytes(sink.taken), 5000) == b"x" * 5000


class Counting(io.RawIOBase):
    """Throws away what it is given and counts."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, data: object) -> int:
        self.count += len(memoryview(data))  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]


def test_memory_stays_flat_while_a_large_file_is_sealed() -> None:
    sink, piece = Counting(), bytes(1 << 20)
    sealer = sealing.seal_stream(KEY, "file", RECORD, cast(BinaryIO, sink))
    tracemalloc.start()
    for _ in range(64):
        sealer.write(piece)
    result = sealer.finish()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 1 << 20 < peak < 4 << 20  # one sealed piece at a time, whatever the length
    assert sink.count == result.sealed_length


def test_a_write_larger_than_memory_wants_is_taken_in_pieces() -> None:
    sink = Counting()
    sealer = sealing.seal_stream(KEY, "file", RECORD, cast(BinaryIO, sink))
    sealer.write(memoryview(bytearray(5 << 20)))
    assert sealer.finish().true_length == 5 << 20
