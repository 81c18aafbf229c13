"""Shares that an earlier build sealed and passed on open for ever, by two hands; not one byte of them may differ."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from crypto import custody, own, sealing, shares
from crypto.custody import PassedShare
from crypto.errors import BadShare, CryptoError, QuorumNotMet, Tampered
from crypto.keys import InnerKey, Purpose, inner_from_seed
from tests.crypto import independent
from tests.crypto.test_sealing import flipped
from tests.crypto.test_vectors import VECTORS, load

VERSIONS = sorted(path.name.removesuffix("-custody.json") for path in VECTORS.glob("*-custody.json"))


@dataclass(frozen=True)
class Kept:
    """What stands in the files of one version."""

    record: bytes
    shred_key: bytes
    payload: bytes
    body: bytes
    k: int
    seats: list[bytes]
    sealed: list[bytes]
    digests: list[bytes]
    passed: list[bytes]
    request: bytes
    once: bytes
    asker: bytes
    next_seat: bytes
    sealed_anew: bytes

    def keys(self) -> tuple[InnerKey, InnerKey]:
        return inner_from_seed(Purpose.OPENING, self.once), inner_from_seed(Purpose.STAFF, self.asker)

    def shares(self, *positions: int) -> list[PassedShare]:
        return [PassedShare(one, self.passed[one - 1], self.digests[one - 1]) for one in positions]

    def opened(self, given: list[PassedShare], body: bytes | None = None) -> bytes:
        once, asker = self.keys()
        whole = self.body if body is None else body
        return custody.open_quorum(
            whole, given, self.k, once, asker, self.request, "identity", self.record, self.shred_key
        )

    def share_opened(self, sealed: bytes, position: int = 1) -> bytes:
        seat = inner_from_seed(Purpose.SEAT, self.seats[position - 1])
        return custody.open_share(sealed, seat, position, self.digests[position - 1], "identity", self.record)


@pytest.fixture(params=VERSIONS)
def kept(request: pytest.FixtureRequest) -> Kept:
    sealed, passed = load(request.param, "sealed"), load(request.param, "custody")
    quorum = sealed["quorum"]
    raw = bytes.fromhex
    return Kept(
        raw(sealed["record"]),
        raw(sealed["shred_key"]),
        raw(sealed["payload"]),
        raw(quorum["body"]),
        quorum["k"],
        [raw(one) for one in quorum["seats"]],
        [raw(one["sealed"]) for one in quorum["shares"]],
        [raw(one["digest"]) for one in quorum["shares"]],
        [raw(one) for one in passed["passed"]],
        *(raw(passed[name]) for name in ("request", "once", "asker", "next_seat", "sealed_anew")),
    )


def test_there_are_vectors_of_the_first_version() -> None:
    assert "v1" in VERSIONS


def test_old_shares_that_were_passed_on_open_with_any_two(kept: Kept) -> None:
    for two in ((1, 2), (3, 1), (2, 3)):
        assert kept.opened(kept.shares(*two)) == kept.payload
    assert kept.opened(kept.shares(2, 3, 1)) == kept.payload
    with pytest.raises(QuorumNotMet):
        kept.opened(kept.shares(2))


def test_an_old_share_that_was_sealed_anew_is_the_same_share(kept: Kept) -> None:
    following = inner_from_seed(Purpose.SEAT, kept.next_seat)
    share = custody.open_share(kept.sealed_anew, following, 1, kept.digests[0], "identity", kept.record)
    assert share == kept.share_opened(kept.sealed[0])


def test_an_opener_of_another_hand_takes_a_passed_share_apart(kept: Kept) -> None:
    inner = independent.open_share(kept.asker, kept.passed[1], "passed-share", kept.request, 2)
    share = independent.open_share(kept.once, inner, "passed-share", kept.request, 2)
    assert hashlib.sha256(share).digest() == kept.digests[1]
    assert share == independent.open_share(kept.seats[1], kept.sealed[1], "identity", kept.record, 2)


def refused(attempt: Callable[[bytes], bytes], blob: bytes) -> list[type[CryptoError]]:
    """Every byte of *blob* flipped, and *blob* cut after each: what each of them is answered with."""
    answers = []
    for bad in [flipped(blob, at) for at in range(len(blob))] + [blob[:at] for at in range(len(blob))]:
        with pytest.raises(CryptoError) as caught:
            attempt(bad)
        answers.append(caught.type)
    return answers


def test_a_share_of_which_any_byte_is_flipped_or_missing_does_not_open(kept: Kept) -> None:
    answers = refused(kept.share_opened, kept.sealed[0])
    assert len(answers) == 2 * len(kept.sealed[0])
    assert answers[-1] is Tampered and answers[len(kept.sealed[0]) - 1] is Tampered


def test_a_passed_share_of_which_any_byte_is_flipped_or_missing_names_its_giver(kept: Kept) -> None:
    once, asker = kept.keys()

    def take(bad: bytes) -> bytes:
        return custody.take_share(PassedShare(2, bad, kept.digests[1]), once, asker, kept.request)

    blob = kept.passed[1]
    for bad in [flipped(blob, at) for at in range(len(blob))] + [blob[:at] for at in range(len(blob))]:
        with pytest.raises(BadShare) as caught:
            take(bad)
        assert caught.value.position == 2


def test_a_digest_of_which_any_byte_is_flipped_refuses_the_true_share(kept: Kept) -> None:
    once, asker = kept.keys()
    for at in range(32):
        with pytest.raises(BadShare):
            custody.take_share(PassedShare(1, kept.passed[0], flipped(kept.digests[0], at)), once, asker, kept.request)


def test_a_body_of_which_any_byte_is_flipped_stays_closed(kept: Kept) -> None:
    combined = shares.combine([kept.share_opened(kept.sealed[i], i + 1) for i in (0, 2)], kept.k)
    key = sealing.quorum_key(combined, kept.shred_key, "identity", kept.record)
    assert own.open_sealed(kept.body, key, "identity", kept.record) == kept.payload
    answers = refused(lambda bad: own.open_sealed(bad, key, "identity", kept.record), kept.body)
    assert len(answers) == 2 * len(kept.body)
    with pytest.raises(Tampered):
        kept.opened(kept.shares(1, 3), flipped(kept.body, 700))


@pytest.mark.parametrize("bent", ["record", "request", "shred_key", "once", "asker"])
def test_whatever_it_is_bound_to_may_not_differ_in_a_bit(kept: Kept, bent: str) -> None:
    given = kept.shares(1, 2)
    for at in range(len(getattr(kept, bent))):
        changed: dict[str, Any] = {bent: flipped(getattr(kept, bent), at)}
        other = replace(kept, **changed)
        with pytest.raises(Tampered):
            other.opened(given)
