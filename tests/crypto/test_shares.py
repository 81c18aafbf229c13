from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import envelope, own, sealing, shares
from crypto.envelope import Kind
from crypto.errors import CryptoError, Malformed, QuorumNotMet, Tampered, WrongKey
from crypto.keys import InnerKey, Purpose, generate_inner
from crypto.sealing import QuorumSealed
from tests.crypto.conftest import RECORD
from tests.crypto.test_sealing import flipped

SHRED = bytes(range(32))
PAYLOAD = "张三（虚构）".encode()


@given(st.binary(min_size=32, max_size=32), st.data())
def test_any_k_shares_give_the_key_back(secret: bytes, data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    k = data.draw(st.integers(2, n))
    parts = shares.split(secret, k, n)
    chosen = data.draw(st.permutations(parts))[: data.draw(st.integers(k, n))]
    assert shares.combine(chosen, k) == secret


def test_k_less_one_shares_are_refused_and_say_nothing() -> None:
    secret = sealing.new_key()
    for k, n in ((2, 3), (3, 5), (7, 7)):
        parts = shares.split(secret, k, n)
        for few in combinations(parts, k - 1):
            with pytest.raises(QuorumNotMet):
                shares.combine(few, k)
            if k > 2:  # combined as if fewer were enough they give something else
                assert shares.combine(few, k - 1) != secret


def test_the_same_share_twice_is_one_share() -> None:
    parts = shares.split(sealing.new_key(), 2, 3)
    with pytest.raises(QuorumNotMet):
        shares.combine([parts[0], parts[0]], 2)


@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 3), (0, 3), (4, 3), (2, 8), (8, 8), (-1, 3)])
def test_a_quorum_of_one_or_of_more_than_there_are_is_refused(k: int, n: int) -> None:
    with pytest.raises(QuorumNotMet):
        shares.split(sealing.new_key(), k, n)
    with pytest.raises(QuorumNotMet):
        shares.combine([], min(k, 1))


def test_a_wrong_share_gives_another_key_or_is_seen_when_there_are_more_than_k() -> None:
    secret = sealing.new_key()
    parts = shares.split(secret, 2, 3)
    bad = flipped(parts[2], 7)
    assert shares.combine([parts[0], bad], 2) != secret
    with pytest.raises(Tampered):
        shares.combine([parts[0], bad, parts[1]], 2)


@pytest.mark.parametrize("share", [b"", bytes(33), bytes(32), b"\x01" * 34, b"\x08" + bytes(32)])
def test_a_share_of_another_shape_is_refused(share: bytes) -> None:
    good = shares.split(sealing.new_key(), 2, 2)[0]
    with pytest.raises(Malformed):
        shares.combine([good, share], 2)


def test_only_32_bytes_are_split() -> None:
    for length in (0, 16, 31, 33):
        with pytest.raises(Malformed):
            shares.split(bytes(length), 2, 3)


# --- sealed to seats


def sealed(seats: list[InnerKey], k: int = 2) -> QuorumSealed:
    return sealing.seal_for_quorum(PAYLOAD, [seat.public for seat in seats], k, "identity", RECORD, SHRED)


def clear_share(quorum: QuorumSealed, i: int, seat: InnerKey, record: bytes = RECORD) -> bytes:
    share = quorum.shares[i]
    return envelope.open_from_one(Kind.SHARE, share.sealed, seat, "identity", record, bytes((share.index,)))


def opened(quorum: QuorumSealed, parts: list[bytes], k: int, shred: bytes = SHRED) -> bytes:
    key = sealing.quorum_key(shares.combine(parts, k), shred, "identity", RECORD)
    return own.open_sealed(quorum.body, key, "identity", RECORD)


def test_any_two_of_three_seats_open_an_identity_together(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    parts = [clear_share(quorum, i, seat) for i, seat in enumerate(seats)]
    for two in combinations(parts, 2):
        assert opened(quorum, list(two), 2) == PAYLOAD


def test_a_share_opens_for_its_own_seat_only(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    assert [share.seat for share in quorum.shares] == [seat.public.key_id for seat in seats]
    with pytest.raises(WrongKey):
        clear_share(quorum, 0, seats[1])
    with pytest.raises(Tampered):
        clear_share(quorum, 0, seats[0], b"another record")


def test_a_share_cannot_be_passed_off_under_another_index(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    with pytest.raises(Tampered):
        envelope.open_from_one(Kind.SHARE, quorum.shares[0].sealed, seats[0], "identity", RECORD, b"\x02")


def test_no_byte_of_a_sealed_share_can_be_changed(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    blob = quorum.shares[0].sealed
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            envelope.open_from_one(Kind.SHARE, flipped(blob, at), seats[0], "identity", RECORD, b"\x01")


def test_a_digest_names_who_gave_a_wrong_share(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    good, bad = clear_share(quorum, 0, seats[0]), flipped(clear_share(quorum, 1, seats[1]), 20)
    assert hashlib.sha256(good).digest() == quorum.shares[0].digest
    assert hashlib.sha256(bad).digest() != quorum.shares[1].digest
    with pytest.raises(Tampered):
        opened(quorum, [good, bad], 2)


def test_a_share_of_another_identity_does_not_help(seats: list[InnerKey]) -> None:
    quorum, foreign = sealed(seats), sealed(seats)
    with pytest.raises(Tampered):
        opened(quorum, [clear_share(quorum, 0, seats[0]), clear_share(foreign, 1, seats[1])], 2)


def test_without_the_shred_key_nobody_opens_an_identity(seats: list[InnerKey]) -> None:
    quorum = sealed(seats)
    parts = [clear_share(quorum, i, seat) for i, seat in enumerate(seats)]
    with pytest.raises(Tampered):
        opened(quorum, parts, 2, shred=bytes(32))
    for absent in (b"", bytes(31)):
        with pytest.raises(Malformed):
            opened(quorum, parts, 2, shred=absent)


def test_all_identities_have_one_size(seats: list[InnerKey]) -> None:
    public = [seat.public for seat in seats]
    sizes = {
        len(sealing.seal_for_quorum(b"x" * n, public, 2, "identity", RECORD, SHRED).body) for n in (0, 1, 600, 1024)
    }
    assert len(sizes) == 1
    with pytest.raises(Malformed):
        sealing.seal_for_quorum(bytes(1025), public, 2, "identity", RECORD, SHRED)


def test_quorums_that_are_none_are_refused(seats: list[InnerKey]) -> None:
    for k in (0, 1, 4):
        with pytest.raises(QuorumNotMet):
            sealed(seats, k)
    with pytest.raises(QuorumNotMet):
        sealed([generate_inner(Purpose.SEAT) for _ in range(8)])


def test_one_person_cannot_hold_two_seats_of_an_identity(seats: list[InnerKey]) -> None:
    with pytest.raises(Malformed):
        sealed([seats[0], seats[1], seats[0]])
