"""Opening together: any k seats, in any order, and nobody else; a bad share names its giver."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import custody, envelope, sealing
from crypto.custody import PassedShare
from crypto.envelope import Kind
from crypto.errors import BadShare, QuorumNotMet, Tampered, WrongKey
from crypto.keys import InnerKey, Purpose, generate_inner
from crypto.sealing import QuorumSealed
from tests.crypto.conftest import RECORD
from tests.crypto.test_sealing import flipped

SHRED = bytes(range(32))
REQUEST = b"r" * 16
PAYLOAD = "李四（虚构）".encode()
SEATS = [generate_inner(Purpose.SEAT) for _ in range(7)]
ONCE, ASKER = generate_inner(Purpose.OPENING), generate_inner(Purpose.STAFF)


def sealed_to(k: int, n: int) -> QuorumSealed:
    return sealing.seal_for_quorum(PAYLOAD, [one.public for one in SEATS[:n]], k, "identity", RECORD, SHRED)


def passed(found: QuorumSealed, position: int, request: bytes = REQUEST, once: InnerKey = ONCE) -> PassedShare:
    mine = found.shares[position - 1]
    share = custody.open_share(mine.sealed, SEATS[position - 1], position, mine.digest, "identity", RECORD)
    return PassedShare(position, custody.pass_share(share, once.public, ASKER.public, request), mine.digest)


def opened(found: QuorumSealed, given_: list[PassedShare], k: int, record: bytes = RECORD) -> bytes:
    return custody.open_quorum(found.body, given_, k, ONCE, ASKER, REQUEST, "identity", record, SHRED)


@settings(max_examples=25)
@given(st.data())
def test_any_k_seats_in_any_order_open(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    k = data.draw(st.integers(2, n))
    found = sealed_to(k, n)
    order = data.draw(st.permutations(range(1, n + 1)))[: data.draw(st.integers(k, n))]
    assert opened(found, [passed(found, one) for one in order], k) == PAYLOAD


def test_one_fewer_than_k_and_one_seat_twice_do_not() -> None:
    found = sealed_to(3, 5)
    two = [passed(found, 1), passed(found, 4)]
    for few in (two, [*two, two[0]], []):
        with pytest.raises(QuorumNotMet):
            opened(found, few, 3)


def test_a_wrong_share_names_its_giver() -> None:
    found, other = sealed_to(2, 3), sealed_to(2, 3)
    good = passed(found, 1)
    third = passed(found, 3)
    wrong = {
        "flipped": replace(third, sealed=flipped(third.sealed, 900)),
        "of another record": replace(passed(other, 3), digest=third.digest),
        "of another request": replace(passed(found, 3, request=b"x" * 16), digest=third.digest),
        "to another one-time key": passed(found, 3, once=generate_inner(Purpose.OPENING)),
        "under another number": replace(passed(found, 2), position=3, digest=third.digest),
    }
    for what, bad in wrong.items():
        with pytest.raises(BadShare) as caught:
            opened(found, [good, bad], 2)
        assert caught.value.position == 3, what


def test_whoever_swaps_the_one_time_key_reads_nothing() -> None:
    """The share is inside what only the asker's own key opens."""
    found, thief = sealed_to(2, 3), generate_inner(Purpose.OPENING)
    stolen = passed(found, 1, once=thief)
    with pytest.raises(BadShare):
        custody.take_share(stolen, thief, thief, REQUEST)
    with pytest.raises(WrongKey):
        envelope.open_from_one(Kind.SHARE, stolen.sealed, thief, custody.PASSED, REQUEST, b"\x01")


def test_a_seat_opens_its_own_share_only_and_of_this_record_only() -> None:
    found = sealed_to(2, 3)
    mine = found.shares[0]
    with pytest.raises(WrongKey):
        custody.open_share(mine.sealed, SEATS[1], 1, mine.digest, "identity", RECORD)
    with pytest.raises(Tampered):
        custody.open_share(mine.sealed, SEATS[0], 1, mine.digest, "identity", b"another record ")
    with pytest.raises(Tampered):
        custody.open_share(mine.sealed, SEATS[0], 2, mine.digest, "identity", RECORD)
    with pytest.raises(BadShare):
        custody.open_share(mine.sealed, SEATS[0], 1, found.shares[1].digest, "identity", RECORD)


def test_a_share_that_was_sealed_anew_to_the_next_generation_opens_with_it_alone() -> None:
    found, following = sealed_to(2, 3), generate_inner(Purpose.SEAT)
    mine = found.shares[0]
    share = custody.open_share(mine.sealed, SEATS[0], 1, mine.digest, "identity", RECORD)
    again = custody.seal_share(share, following.public, "identity", RECORD)
    assert custody.open_share(again, following, 1, mine.digest, "identity", RECORD) == share
    with pytest.raises(WrongKey):
        custody.open_share(again, SEATS[0], 1, mine.digest, "identity", RECORD)


def test_a_body_of_another_record_or_after_shredding_stays_closed() -> None:
    found = sealed_to(2, 3)
    both = [passed(found, 1), passed(found, 2)]
    with pytest.raises(Tampered):
        opened(found, both, 2, b"another record..")
    with pytest.raises(Tampered):
        custody.open_quorum(found.body, both, 2, ONCE, ASKER, REQUEST, "identity", RECORD, bytes(32))


def test_a_key_that_was_wiped_opens_nothing() -> None:
    found = sealed_to(2, 2)
    both = [passed(found, 1), passed(found, 2)]
    with generate_inner(Purpose.OPENING) as once:
        pass
    with pytest.raises(BadShare):
        custody.open_quorum(found.body, both, 2, once, ASKER, REQUEST, "identity", RECORD, SHRED)
