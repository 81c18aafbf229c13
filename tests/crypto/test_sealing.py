from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import _hpke, envelope, opening, own, sealing
from crypto.envelope import Kind, padme
from crypto.errors import CryptoError, Malformed, Tampered, UnknownVersion, WrongKey
from crypto.keys import InnerKey, OwnKey, PublicKey, Purpose, generate_inner, generate_own
from crypto.sealing import Padding
from tests.crypto.conftest import RECORD

PAYLOAD = "虚构：同一人同一天在两地住院".encode()


def flipped(blob: bytes, at: int) -> bytes:
    return blob[:at] + bytes((blob[at] ^ 1,)) + blob[at + 1 :]


def cuts(length: int) -> list[int]:
    """Where a blob is cut in the truncation tests: around the head, the ids, each chunk edge, and the end."""
    edges = {0, 1, 2, 3, 4, 19, 59, length - 17, length - 16, length - 1}
    edges |= {3 + 56 + i * (16384 + 16) + d for i in range(1 + length // 16400) for d in (-1, 0, 1, 16)}
    return sorted(edge for edge in edges if 0 <= edge < length)


# --- wrapped keys


def test_a_wrapped_key_opens_for_its_recipient(mailbox: OwnKey, office: InnerKey) -> None:
    key = sealing.new_key()
    assert own.unwrap(sealing.wrap(key, mailbox.public, "report-key", RECORD), mailbox, "report-key", RECORD) == key
    assert opening.unwrap(sealing.wrap(key, office.public, "report-key", RECORD), office, "report-key", RECORD) == key


def test_a_wrapped_key_does_not_open_for_another_purpose_record_or_recipient(mailbox: OwnKey) -> None:
    blob = sealing.wrap(sealing.new_key(), mailbox.public, "report-key", RECORD)
    with pytest.raises(Tampered):
        own.unwrap(blob, mailbox, "other", RECORD)
    with pytest.raises(Tampered):
        own.unwrap(blob, mailbox, "report-key", b"another record")
    with pytest.raises(WrongKey):
        own.unwrap(blob, generate_own(Purpose.MAILBOX), "report-key", RECORD)


def test_one_seed_under_another_purpose_does_not_open(mailbox: OwnKey) -> None:
    blob = sealing.wrap(sealing.new_key(), mailbox.public, "report-key", RECORD)
    twin = OwnKey(Purpose.DRAFT, mailbox.seed)
    with pytest.raises(WrongKey):
        own.unwrap(blob, twin, "report-key", RECORD)
    forged = blob[:3] + twin.public.key_id + blob[19:]
    with pytest.raises(Tampered):
        own.unwrap(forged, twin, "report-key", RECORD)


def test_joined_fields_cannot_be_shifted(mailbox: OwnKey) -> None:
    blob = sealing.wrap(sealing.new_key(), mailbox.public, "ab", b"c")
    with pytest.raises(Tampered):
        own.unwrap(blob, mailbox, "a", b"bc")


def test_no_byte_of_a_wrapped_key_can_be_changed(mailbox: OwnKey) -> None:
    blob = sealing.wrap(sealing.new_key(), mailbox.public, "report-key", RECORD)
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            own.unwrap(flipped(blob, at), mailbox, "report-key", RECORD)


def test_a_wrapped_key_cut_short_or_lengthened_is_refused(mailbox: OwnKey) -> None:
    blob = sealing.wrap(sealing.new_key(), mailbox.public, "report-key", RECORD)
    for cut in range(len(blob)):
        with pytest.raises(Malformed):
            own.unwrap(blob[:cut], mailbox, "report-key", RECORD)
    with pytest.raises(Malformed):
        own.unwrap(blob + b"\0", mailbox, "report-key", RECORD)


def test_only_keys_of_32_bytes_are_wrapped(mailbox: OwnKey) -> None:
    for length in (0, 31, 33):
        with pytest.raises(Malformed):
            sealing.wrap(bytes(length), mailbox.public, "report-key", RECORD)


def test_a_public_key_of_small_order_is_refused(mailbox: OwnKey) -> None:
    weak = PublicKey(Purpose.MAILBOX, mailbox.public.raw[:1184] + b"\x01" + bytes(31))
    with pytest.raises(Malformed):
        sealing.wrap(sealing.new_key(), weak, "report-key", RECORD)


def test_the_openers_refuse_each_others_keys(mailbox: OwnKey, office: InnerKey) -> None:
    to_office = sealing.wrap(sealing.new_key(), office.public, "report-key", RECORD)
    to_mailbox = sealing.wrap(sealing.new_key(), mailbox.public, "report-key", RECORD)
    with pytest.raises(WrongKey, match="own key"):
        own.unwrap(to_office, office, "report-key", RECORD)  # type: ignore[arg-type]
    with pytest.raises(WrongKey, match="staff"):
        opening.unwrap(to_mailbox, mailbox, "report-key", RECORD)  # type: ignore[arg-type]
    both = sealing.seal_to(PAYLOAD, [office.public, mailbox.public], "letter", RECORD, Padding.MESSAGE)
    with pytest.raises(WrongKey, match="own key"):
        own.open_envelope(both, office, "letter", RECORD)  # type: ignore[arg-type]
    with pytest.raises(WrongKey, match="staff"):
        opening.open_envelope(both, mailbox, "letter", RECORD)  # type: ignore[arg-type]


# --- bodies


@given(st.binary(max_size=6000), st.sampled_from(list(Padding)))
def test_whatever_is_sealed_opens_as_it_was(payload: bytes, pad: Padding) -> None:
    key = sealing.new_key()
    if pad is Padding.IDENTITY:
        payload = payload[:1024]
    assert own.open_sealed(sealing.seal(payload, key, "p", RECORD, pad), key, "p", RECORD) == payload


def test_the_caller_keeps_what_it_passed_in() -> None:
    key, payload = sealing.new_key(), bytes(bytearray(b"payload of the caller"))
    before = bytes(bytearray(key))
    blob = sealing.seal(payload, key, "p", RECORD, Padding.FILE)
    assert own.open_sealed(blob, key, "p", RECORD) == payload == b"payload of the caller"
    assert key == before


def test_a_body_does_not_open_under_another_key_purpose_or_record() -> None:
    key = sealing.new_key()
    blob = sealing.seal(PAYLOAD, key, "report", RECORD, Padding.REPORT)
    for other, purpose, record in (
        (sealing.new_key(), "report", RECORD),
        (key, "message", RECORD),
        (key, "report", RECORD + b"x"),
    ):
        with pytest.raises(Tampered):
            own.open_sealed(blob, other, purpose, record)


def test_no_byte_of_a_body_can_be_changed() -> None:
    key = sealing.new_key()
    blob = sealing.seal(PAYLOAD, key, "report", RECORD, Padding.REPORT)
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            own.open_sealed(flipped(blob, at), key, "report", RECORD)


@pytest.mark.parametrize("length", [0, 16376, 40000])
def test_a_body_cut_at_any_chunk_edge_is_refused(length: int) -> None:
    key = sealing.new_key()
    blob = sealing.seal(b"x" * length, key, "report", RECORD, Padding.FILE)
    for cut in cuts(len(blob)):
        with pytest.raises((Tampered, Malformed)):
            own.open_sealed(blob[:cut], key, "report", RECORD)
    with pytest.raises(Tampered):
        own.open_sealed(blob + b"\0", key, "report", RECORD)


@pytest.mark.parametrize("clear", [b"", bytes(7), (9).to_bytes(8, "big") + b"12345678", bytes(8) + b"\1"])
def test_a_length_or_padding_that_we_would_not_write_is_refused(clear: bytes) -> None:
    key = sealing.new_key()
    forged = envelope.encrypt_body(key, envelope.bound(Kind.BODY, 1, "report", RECORD), clear)
    with pytest.raises(Tampered):
        own.open_sealed(envelope.head(Kind.BODY) + forged, key, "report", RECORD)


def test_unknown_versions_suites_and_kinds_are_named_as_such() -> None:
    key = sealing.new_key()
    blob = sealing.seal(PAYLOAD, key, "report", RECORD, Padding.REPORT)
    with pytest.raises(UnknownVersion):
        own.open_sealed(b"\x02" + blob[1:], key, "report", RECORD)
    with pytest.raises(UnknownVersion):
        own.open_sealed(blob[:1] + b"\x02" + blob[2:], key, "report", RECORD)
    with pytest.raises(Malformed):
        own.open_sealed(blob[:2] + bytes((Kind.STREAM,)) + blob[3:], key, "report", RECORD)


# --- padding


@given(st.integers(min_value=2, max_value=2**40))
def test_padme_never_shrinks_and_costs_at_most_twelve_percent(length: int) -> None:
    padded = padme(length)
    assert length <= padded <= length * 1.12
    assert padme(padded) == padded


@given(st.integers(min_value=2, max_value=2**40))
def test_padme_follows_the_formula_of_the_paper(length: int) -> None:
    exponent = math.frexp(length)[1] - 1  # floor(log2(length)), exact below 2^53
    low = exponent - (math.frexp(exponent)[1] - 1 + 1)
    assert padme(length) % 2**low == 0
    assert padme(length) - length < 2**low


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=0, max_value=10**6))
def test_a_longer_payload_never_gets_a_smaller_size(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    for pad in (Padding.REPORT, Padding.MESSAGE, Padding.FILE):
        assert longer <= pad.size(longer)
        assert pad.size(shorter) <= pad.size(longer)


@pytest.mark.parametrize(("pad", "most"), [(Padding.REPORT, 4096), (Padding.MESSAGE, 1024), (Padding.IDENTITY, 1024)])
def test_short_payloads_cannot_be_told_apart_by_size(pad: Padding, most: int) -> None:
    sizes = {len(sealing.seal(b"x" * n, sealing.new_key(), "p", RECORD, pad)) for n in (0, 1, most // 2, most)}
    assert sizes == {3 + _hpke.sealed_size(8 + most)}


def test_an_identity_larger_than_its_size_is_refused() -> None:
    with pytest.raises(Malformed):
        sealing.seal(bytes(1025), sealing.new_key(), "identity", RECORD, Padding.IDENTITY)


# --- envelopes


def test_an_envelope_opens_for_each_recipient_and_nobody_else(mailbox: OwnKey, office: InnerKey) -> None:
    blob = sealing.seal_to(PAYLOAD, [office.public, mailbox.public], "letter", RECORD, Padding.MESSAGE)
    assert opening.open_envelope(blob, office, "letter", RECORD) == PAYLOAD
    assert own.open_envelope(blob, mailbox, "letter", RECORD) == PAYLOAD
    with pytest.raises(WrongKey):
        own.open_envelope(blob, generate_own(Purpose.MAILBOX), "letter", RECORD)
    with pytest.raises(Tampered):
        own.open_envelope(blob, mailbox, "report", RECORD)
    with pytest.raises(Tampered):
        own.open_envelope(blob, mailbox, "letter", b"another")


def test_no_byte_of_an_envelope_can_be_changed_not_even_another_recipients(mailbox: OwnKey, office: InnerKey) -> None:
    blob = sealing.seal_to(PAYLOAD, [office.public, mailbox.public], "letter", RECORD, Padding.MESSAGE)
    for at in range(len(blob)):
        with pytest.raises(CryptoError):
            own.open_envelope(flipped(blob, at), mailbox, "letter", RECORD)


def test_a_recipient_cannot_be_taken_out_of_an_envelope(mailbox: OwnKey, office: InnerKey) -> None:
    blob = sealing.seal_to(PAYLOAD, [office.public, mailbox.public], "letter", RECORD, Padding.MESSAGE)
    parsed = envelope.read_envelope(blob)
    less = envelope.write_envelope(envelope.Envelope(parsed.wrapped[1:], parsed.body))
    with pytest.raises(Tampered):
        own.open_envelope(less, mailbox, "letter", RECORD)


def test_an_envelope_cut_short_is_refused(mailbox: OwnKey) -> None:
    blob = sealing.seal_to(PAYLOAD, [mailbox.public], "letter", RECORD, Padding.MESSAGE)
    for cut in range(0, len(blob), 7):
        with pytest.raises((Malformed, Tampered)):
            own.open_envelope(blob[:cut], mailbox, "letter", RECORD)


def test_an_envelope_has_at_least_one_recipient(mailbox: OwnKey) -> None:
    for recipients in ([], [mailbox.public] * 65):
        with pytest.raises(Malformed):
            sealing.seal_to(PAYLOAD, recipients, "letter", RECORD, Padding.MESSAGE)


# --- derived keys and grants


def test_a_derived_key_needs_both_halves_the_label_and_the_record() -> None:
    key, shred = sealing.new_key(), sealing.new_key()
    keys = {
        sealing.derive(key, shred, "report", RECORD),
        sealing.derive(key, shred, "report"),
        sealing.derive(key, shred, "message", RECORD),
        sealing.derive(key, sealing.new_key(), "report", RECORD),
        sealing.derive(sealing.new_key(), shred, "report", RECORD),
        sealing.derive(shred, key, "report", RECORD),
        sealing.derive(key, b"", "report", RECORD),
    }
    assert len(keys) == 7
    assert {len(one) for one in keys} == {32}


@pytest.mark.parametrize(("key", "shred"), [(31, 32), (32, 31), (32, 33), (0, 32), (64, 0)])
def test_keys_of_another_length_are_not_derived_from(key: int, shred: int) -> None:
    with pytest.raises(Malformed):
        sealing.derive(bytes(key), bytes(shred), "report", RECORD)


def test_a_grant_gives_the_holder_the_very_key(office: InnerKey, staff: InnerKey) -> None:
    grant = opening.seal_grant(office, staff.public, RECORD)
    with opening.open_grant(grant, staff, office.public, RECORD) as key:
        assert key.seed == office.seed
        assert key.purpose is Purpose.OFFICE


def test_a_grant_opens_for_no_other_holder_key_or_record(office: InnerKey, staff: InnerKey) -> None:
    grant = opening.seal_grant(office, staff.public, RECORD)
    other = generate_inner(Purpose.OFFICE)
    with pytest.raises(WrongKey):
        opening.open_grant(grant, generate_inner(Purpose.STAFF), office.public, RECORD)
    with pytest.raises(Tampered):
        opening.open_grant(grant, staff, other.public, RECORD)
    with pytest.raises(Tampered):
        opening.open_grant(grant, staff, office.public, b"another office")


def test_a_grant_that_holds_another_seed_than_it_names_is_refused(office: InnerKey, staff: InnerKey) -> None:
    other = generate_inner(Purpose.OFFICE)
    for seed, error in ((other.seed, Tampered), (b"short", Malformed)):
        forged = envelope.seal_to_one(Kind.GRANT, seed, staff.public, "office", RECORD, office.public.key_id)
        with pytest.raises(error):
            opening.open_grant(forged, staff, office.public, RECORD)


def test_a_kind_cannot_be_passed_off_for_another(office: InnerKey, staff: InnerKey) -> None:
    grant = opening.seal_grant(office, staff.public, RECORD)
    as_key = grant[:2] + bytes((Kind.WRAPPED,)) + grant[3:]
    with pytest.raises(Tampered):
        opening.unwrap(as_key, staff, "office", RECORD)
