from __future__ import annotations

import copy
import pickle

import pytest

from crypto import keys
from crypto.errors import Malformed, WrongKey
from crypto.keys import InnerKey, OwnKey, PublicKey, Purpose, generate_inner, generate_own, own_from_seed

SEED = bytes(range(32))


def test_the_same_seed_gives_the_same_key() -> None:
    assert own_from_seed(Purpose.DRAFT, SEED).public == own_from_seed(Purpose.DRAFT, SEED).public


def test_fresh_keys_differ() -> None:
    assert generate_inner(Purpose.OFFICE).public.raw != generate_inner(Purpose.OFFICE).public.raw


def test_one_seed_for_two_purposes_has_two_ids_and_two_fingerprints() -> None:
    draft, mailbox = (own_from_seed(purpose, SEED).public for purpose in (Purpose.DRAFT, Purpose.MAILBOX))
    assert draft.key_id != mailbox.key_id
    assert draft.fingerprint != mailbox.fingerprint


def test_a_fingerprint_is_eight_groups_of_four_digits() -> None:
    groups = generate_own(Purpose.MAILBOX).public.fingerprint.split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert "".join(groups).isdigit()


def test_a_key_id_is_sixteen_bytes() -> None:
    assert len(generate_own(Purpose.MAILBOX).public.key_id) == 16


@pytest.mark.parametrize("purpose", [Purpose.STAFF, Purpose.OFFICE, Purpose.SEAT, Purpose.OFFICE_RECOVERY])
def test_a_visitors_key_type_refuses_inner_purposes(purpose: Purpose) -> None:
    with pytest.raises(WrongKey):
        generate_own(purpose)


@pytest.mark.parametrize("purpose", [Purpose.MAILBOX, Purpose.DRAFT, Purpose.SUPERVISOR])
def test_an_inner_key_type_refuses_visitors_purposes(purpose: Purpose) -> None:
    with pytest.raises(WrongKey):
        generate_inner(purpose)


def test_every_purpose_belongs_to_exactly_one_type() -> None:
    assert OwnKey.allowed | InnerKey.allowed == set(Purpose)
    assert not OwnKey.allowed & InnerKey.allowed


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Malformed):
        own_from_seed(Purpose.DRAFT, bytes(length))


def test_a_public_key_survives_being_written_and_read() -> None:
    public = generate_inner(Purpose.STAFF).public
    assert PublicKey(Purpose.STAFF, public.raw).key_id == public.key_id


def test_public_keys_that_cannot_be_are_refused() -> None:
    raw = generate_own(Purpose.MAILBOX).public.raw
    for bad in (b"", raw[:-1], raw + b"\0", raw[:1184] + bytes(32), b"\xff" * 1184 + raw[1184:]):
        with pytest.raises(Malformed):
            PublicKey(Purpose.MAILBOX, bad)


def test_leaving_the_context_overwrites_the_seed_in_place() -> None:
    with generate_own(Purpose.MAILBOX) as key:
        buffer = key._seed
        assert any(buffer)
    assert len(buffer) == 32
    assert not any(buffer)


def test_the_seed_is_overwritten_also_after_an_error_and_when_nobody_holds_the_key() -> None:
    key = generate_inner(Purpose.OFFICE)
    buffer = key._seed
    with pytest.raises(ZeroDivisionError), key:
        raise ZeroDivisionError
    assert not any(buffer)
    other = generate_inner(Purpose.OFFICE)
    buffer = other._seed
    del other
    assert not any(buffer)


def test_a_wiped_key_says_so() -> None:
    key = generate_own(Purpose.MAILBOX)
    key.wipe()
    with pytest.raises(WrongKey):
        _ = key.seed
    with pytest.raises(WrongKey):
        key.hybrid()


def test_a_private_key_shows_only_its_fingerprint() -> None:
    key = generate_own(Purpose.MAILBOX)
    for shown in (repr(key), str(key), f"{key}"):
        assert key.public.fingerprint in shown
        assert key.seed.hex() not in shown
        assert repr(key.seed) not in shown


def test_a_private_key_is_neither_pickled_nor_copied() -> None:
    key = generate_own(Purpose.MAILBOX)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(key)


def test_scrubbing_overwrites_bytes_and_leaves_shared_ones_alone() -> None:
    secret = bytes(bytearray(b"a secret of this test"))
    keys.scrub(secret, b"", b"x")
    assert secret == bytes(21)
    assert bytes((120,)) == b"x"
