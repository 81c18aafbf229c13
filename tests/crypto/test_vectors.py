"""Data sealed by an earlier build stays readable, by our code and by an opener that shares none of it."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from crypto import checkpoints, envelope, kdf, opening, own, passphrase, receipts, sealing, shares, tree
from crypto.keys import InnerKey, OwnKey, Purpose, inner_from_seed, own_from_seed
from tests.crypto import independent

VECTORS = Path(__file__).parent / "vectors"
VERSIONS = sorted(path.name.removesuffix("-keys.json") for path in VECTORS.glob("*-keys.json"))


def load(version: str, name: str) -> Any:
    return json.loads((VECTORS / f"{version}-{name}.json").read_text(encoding="utf-8"))


def seeds(version: str) -> dict[str, bytes]:
    return {row["purpose"]: bytes.fromhex(row["seed"]) for row in load(version, "keys")}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def keys_of(version: str) -> tuple[OwnKey, InnerKey, InnerKey]:
    seed = seeds(version)
    mailbox = own_from_seed(Purpose.MAILBOX, seed["mailbox"])
    return mailbox, inner_from_seed(Purpose.OFFICE, seed["office"]), inner_from_seed(Purpose.STAFF, seed["staff"])


def test_there_are_vectors_of_the_first_version() -> None:
    assert "v1" in VERSIONS


def test_a_seed_still_gives_the_same_key_id_and_fingerprint(version: str) -> None:
    for row in load(version, "keys"):
        purpose, seed = Purpose(row["purpose"]), bytes.fromhex(row["seed"])
        kind = OwnKey if purpose in OwnKey.allowed else InnerKey
        public = kind(purpose, seed).public
        assert hashlib.sha256(public.raw).hexdigest() == row["public_sha256"]
        assert public.key_id.hex() == row["key_id"]
        assert public.fingerprint == row["fingerprint"]


def test_old_keys_bodies_and_envelopes_open(version: str) -> None:
    data = load(version, "sealed")
    mailbox, office, _ = keys_of(version)
    key, payload, record = (bytes.fromhex(data[name]) for name in ("key", "payload", "record"))
    assert own.unwrap(bytes.fromhex(data["wrapped_to_mailbox"]), mailbox, "report-key", record) == key
    assert opening.unwrap(bytes.fromhex(data["wrapped_to_office"]), office, "report-key", record) == key
    assert own.open_sealed(bytes.fromhex(data["body"]), key, "message", record) == payload
    both = bytes.fromhex(data["envelope"])
    assert own.open_envelope(both, mailbox, "letter", record) == payload
    assert opening.open_envelope(both, office, "letter", record) == payload


def test_old_derivations_give_the_same_keys(version: str) -> None:
    data = load(version, "sealed")
    key, shred, record = (bytes.fromhex(data[name]) for name in ("key", "shred_key", "record"))
    assert sealing.derive(key, shred, "report", record).hex() == data["derived_report"]
    assert sealing.derive(key, b"", "draft").hex() == data["derived_draft"]


def test_old_files_open(version: str) -> None:
    data = load(version, "sealed")
    source = io.BytesIO(bytes.fromhex(data["stream"]["sealed"]))
    record, key = bytes.fromhex(data["record"]), bytes.fromhex(data["key"])
    clear = b"".join(own.open_stream(source, key, "file", record, data["stream"]["true_length"]))
    assert hashlib.sha256(clear).hexdigest() == data["stream"]["sha256"]


def test_old_quorums_open_with_any_two_seats(version: str) -> None:
    data = load(version, "sealed")
    quorum, record = data["quorum"], bytes.fromhex(data["record"])
    clear = []
    for seed, share in zip(quorum["seats"], quorum["shares"], strict=True):
        seat = inner_from_seed(Purpose.SEAT, bytes.fromhex(seed))
        index = bytes((share["index"],))
        blob = bytes.fromhex(share["sealed"])
        clear.append(envelope.open_from_one(envelope.Kind.SHARE, blob, seat, "identity", record, index))
        assert hashlib.sha256(clear[-1]).hexdigest() == share["digest"]
    for two in ((0, 1), (0, 2), (1, 2)):
        key = shares.combine([clear[i] for i in two], quorum["k"])
        body_key = sealing.quorum_key(key, bytes.fromhex(data["shred_key"]), "identity", record)
        assert own.open_sealed(bytes.fromhex(quorum["body"]), body_key, "identity", record).hex() == data["payload"]


def test_old_grants_passphrases_and_sessions_open(version: str) -> None:
    data = load(version, "sealed")
    _, office, staff = keys_of(version)
    record = bytes.fromhex(data["record"])
    assert opening.open_grant(bytes.fromhex(data["grant"]), staff, office.public, record).seed == office.seed
    locked = data["locked"]
    cost = kdf.KdfCost(64, 1, 1)
    blob, pepper = bytes.fromhex(locked["blob"]), bytes.fromhex(locked["pepper"])
    assert passphrase.unlock(blob, locked["passphrase"], pepper, cost) == office.seed
    session = data["session"]
    key = passphrase.session_key(bytes.fromhex(session["cookie_secret"]), bytes.fromhex(session["boot_secret"]))
    assert passphrase.unlock_with_key(bytes.fromhex(session["blob"]), key, record) == office.seed


def test_an_old_code_leads_to_the_same_mailbox(version: str) -> None:
    data = load(version, "receipts")
    site = receipts.SiteSecrets(
        bytes.fromhex(data["salt"]), {int(v): bytes.fromhex(p) for v, p in data["peppers"].items()}, 2
    )
    r = receipts.slow_hash(receipts.parse(data["digits"]), site, kdf.KdfCost(*data["cost"]))
    assert r.hex() == data["slow_hash"]
    for row in data["secrets"]:
        one = receipts.secrets_from(r, site, row["version"])
        back = receipts.return_secrets(r, site, row["version"])
        found = [one.tag, one.mailbox.seed, one.leaf, back.tag, back.key]
        assert [value.hex() for value in found] == [
            row[name] for name in ("tag", "mailbox_seed", "leaf", "return_tag", "return_key")
        ]


def test_an_old_ledger_has_the_same_roots_and_its_proofs_hold(version: str) -> None:
    data = load(version, "ledger")
    leaves = [bytes.fromhex(leaf) for leaf in data["leaves"]]
    nodes = {(level, index): value for level, index, value in tree.new_nodes(0, leaves, lambda _l, _i: b"")}
    roots = [tree.root(size, lambda level, index: nodes[level, index]).hex() for size in range(len(leaves) + 1)]
    assert roots == data["roots"]
    assert checkpoints.verify(data["note"], data["vkey"]).root.hex() == data["roots"][13]
    assert checkpoints.verify_proof(data["proof_of_5"], leaves[5], data["vkey"]).size == 13
    steps = [bytes.fromhex(step) for step in data["consistency_6_13"]]
    tree.verify_consistency(6, 13, bytes.fromhex(roots[6]), bytes.fromhex(roots[13]), steps)


def test_an_opener_of_another_hand_reads_old_keys_and_bodies(version: str) -> None:
    data = load(version, "sealed")
    record = bytes.fromhex(data["record"])
    for name in ("mailbox", "office"):
        wrapped = bytes.fromhex(data[f"wrapped_to_{name}"])
        key = independent.unwrap(seeds(version)[name], wrapped, "report-key", record)
        assert key.hex() == data["key"]
        assert independent.open_body(key, bytes.fromhex(data["body"]), "message", record).hex() == data["payload"]


@pytest.mark.parametrize("length", [0, 1, 16_375, 16_376, 16_377, 32_760, 50_000])
def test_an_opener_of_another_hand_reads_new_bodies_of_any_length(length: int) -> None:
    key = sealing.new_key()
    payload = b"\x07" * length
    blob = sealing.seal(payload, key, "report", b"r", sealing.Padding.FILE)
    assert independent.open_body(key, blob, "report", b"r") == payload
