"""``mingjing ledger witness``: what an outside body cosigns, and what it refuses to."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from admin.audit import witness as keeping
from admin.commands import ledger
from crypto import checkpoints, signing, tree
from crypto.checkpoints import COSIGNATURE, Checkpoint
from crypto.cosignatures import verify_any, verify_line
from crypto.errors import CryptoError, Malformed, Tampered, WrongKey
from crypto.witness import OutOfStep, request_text
from tests.crypto.test_tree import Nodes

ORIGIN, NAME = "test.example/ledger", "bar.example/witness"
NOW = datetime(2026, 9, 28, 4, 0, tzinfo=UTC)
LEAVES = [tree.leaf_hash(f"leaf {i}".encode()) for i in range(100)]
HONEST = Nodes(LEAVES)
FORKED = Nodes([*LEAVES[:40], tree.leaf_hash(b"another"), *LEAVES[41:]])
Key = tuple[str, str]
VECTOR = Path(__file__).parent.parent / "crypto" / "vectors" / "v1-cosignature.json"


def note(key: Key, size: int, nodes: Nodes = HONEST) -> str:
    return signing.sign(Checkpoint(ORIGIN, size, tree.root(size, nodes.read)), key[0])


def asked(key: Key, old: int, new: int, nodes: Nodes = HONEST) -> str:
    path = tree.consistency_proof(old, new, nodes.read) if 0 < old <= new else []
    return request_text(old, path, note(key, new, nodes))


@pytest.fixture
def folder(tmp_path: Path, checkpoint_key: Key) -> Path:
    """A witness that has seen nothing yet."""
    keeping.found(tmp_path / "w", NAME, checkpoint_key[1])
    return tmp_path / "w"


@pytest.fixture
def vkey(folder: Path) -> str:
    return signing.verifier_of((folder / keeping.KEY).read_text(), COSIGNATURE)


def size(folder: Path) -> int:
    seen = keeping.remembered(folder)
    return seen.size if seen else 0


def test_growing_trees_are_cosigned_one_after_the_other(folder: Path, vkey: str, checkpoint_key: Key) -> None:
    for old, new in ((0, 32), (32, 64), (64, 64), (64, 96)):
        line = keeping.cosign(folder, asked(checkpoint_key, old, new), NOW)
        held = verify_line(line, checkpoints.verify(note(checkpoint_key, new), checkpoint_key[1]), vkey)
        assert (held.witness, held.at, size(folder)) == (NAME, int(NOW.timestamp()), new)


def test_the_line_is_that_of_the_specification(folder: Path, vkey: str, checkpoint_key: Key) -> None:
    """Recomputed here with nothing of ours but the parser of verifier keys."""
    signed = note(checkpoint_key, 32)
    line = keeping.cosign(folder, asked(checkpoint_key, 0, 32), NOW)
    dash, name, encoded = line.rstrip("\n").split(" ")
    raw, (_, public) = base64.b64decode(encoded), checkpoints.read_vkey(vkey, COSIGNATURE)
    assert (dash, name, len(raw)) == ("\u2014", NAME, 4 + 8 + 64)
    assert raw[:4] == checkpoints.key_id(NAME, public, 4)
    message = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{signed.partition(chr(10) * 2)[0]}\n"
    Ed25519PublicKey.from_public_bytes(public).verify(raw[12:], message.encode())


def test_the_written_down_vector_holds() -> None:
    said = json.loads(VECTOR.read_text("utf-8"))
    checkpoint = checkpoints.verify(said["note"], said["ledger_vkey"])
    assert signing.cosign(checkpoint, said["witness_key"], said["time"]) == said["line"]
    assert verify_line(said["line"], checkpoint, said["witness_vkey"]).at == said["time"]
    assert request_text(0, [], said["note"]) == said["request"]


def test_a_checkpoint_with_its_cosignature_is_still_one_note(folder: Path, vkey: str, checkpoint_key: Key) -> None:
    both = note(checkpoint_key, 32) + keeping.cosign(folder, asked(checkpoint_key, 0, 32), NOW)
    assert checkpoints.verify(both, checkpoint_key[1]).size == 32
    assert len(checkpoints.parse(both).signatures) == 2


Bad = Callable[[Key], str]
CUT: dict[str, tuple[Bad, type[CryptoError]]] = {
    "a tree that was cut": (lambda key: asked(key, 64, 32), Tampered),
    "a cut tree that says it starts anew": (lambda key: asked(key, 0, 32), Tampered),
    "a cut tree that names its own size as the old one": (lambda key: asked(key, 32, 32), Tampered),
    "another history of the same size": (lambda key: asked(key, 64, 64, FORKED), Tampered),
    "another history that has grown": (lambda key: asked(key, 64, 96, FORKED), Tampered),
    "a fork with the proof of the honest tree": (
        lambda key: request_text(64, tree.consistency_proof(64, 96, HONEST.read), note(key, 96, FORKED)),
        Tampered,
    ),
    "no proof": (lambda key: request_text(64, [], note(key, 96)), Tampered),
    "a proof with one hash too many": (
        lambda key: request_text(64, [*tree.consistency_proof(64, 96, HONEST.read), bytes(32)], note(key, 96)),
        Tampered,
    ),
    "another starting point": (lambda key: asked(key, 32, 96), OutOfStep),
    "a stranger's ledger": (lambda key: asked(signing.generate_signer(ORIGIN), 64, 96), WrongKey),
    "a signature that does not hold": (
        lambda key: asked(key, 64, 96).replace("\n96\n", "\n97\n", 1),
        Tampered,
    ),
    "no request": (lambda key: note(key, 96), Malformed),
    "nothing": (lambda key: "", Malformed),
    "a size with a leading zero": (lambda key: asked(key, 64, 96).replace("old 64", "old 064"), Malformed),
}


@pytest.mark.parametrize("what", CUT)
def test_a_witness_refuses_and_remembers_what_it_saw(what: str, folder: Path, checkpoint_key: Key) -> None:
    keeping.cosign(folder, asked(checkpoint_key, 0, 64), NOW)
    before = (folder / keeping.SEEN).read_text()
    made, error = CUT[what]
    with pytest.raises(error):
        keeping.cosign(folder, made(checkpoint_key), NOW)
    assert (folder / keeping.SEEN).read_text() == before
    assert keeping.cosign(folder, asked(checkpoint_key, 64, 96), NOW)


def test_the_first_checkpoint_comes_without_a_proof_and_with_leaves(folder: Path, checkpoint_key: Key) -> None:
    empty = signing.sign(Checkpoint(ORIGIN, 0, tree.root(0, HONEST.read)), checkpoint_key[0])
    for bad in (request_text(0, [bytes(32)], note(checkpoint_key, 32)), request_text(0, [], empty)):
        with pytest.raises(Malformed):
            keeping.cosign(folder, bad, NOW)
    assert size(folder) == 0


@pytest.mark.parametrize("content", [None, "", "garbage\n", "nothing yet"])
def test_a_lost_or_spoilt_memory_is_not_taken_for_a_fresh_start(
    folder: Path, checkpoint_key: Key, content: str | None
) -> None:
    keeping.cosign(folder, asked(checkpoint_key, 0, 64), NOW)
    (folder / keeping.SEEN).unlink() if content is None else (folder / keeping.SEEN).write_text(content)
    with pytest.raises((OSError, CryptoError)):
        keeping.cosign(folder, asked(checkpoint_key, 0, 32), NOW)


def test_what_cannot_be_remembered_is_not_signed(
    folder: Path, checkpoint_key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(signing, "cosign", lambda *given: made.append(given))
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OSError, match="no space"):
        keeping.cosign(folder, asked(checkpoint_key, 0, 64), NOW)
    assert made == []
    assert size(folder) == 0


def test_a_witness_killed_before_it_answers_remembers_and_signs_again(
    folder: Path, vkey: str, checkpoint_key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(signing, "cosign", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            keeping.cosign(folder, asked(checkpoint_key, 0, 64), NOW)
    assert size(folder) == 64
    assert keeping.cosign(folder, asked(checkpoint_key, 64, 64), NOW)


@pytest.mark.parametrize("sizes", [(96, 64), (64, 96)])
def test_two_requests_at_once_never_roll_the_memory_back(
    folder: Path, checkpoint_key: Key, tmp_path: Path, sizes: tuple[int, int]
) -> None:
    keeping.cosign(folder, asked(checkpoint_key, 0, 32), NOW)
    running = []
    for new in sizes:
        file = tmp_path / f"request-{new}"
        file.write_text(asked(checkpoint_key, 32, new), "utf-8")
        command = [sys.executable, "-m", "admin.cli", "ledger", "witness", "cosign", str(folder), str(file)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    ended = [process.communicate(timeout=60)[0] for process in running]
    assert sum(bool(line) for line in ended) == 1, "both started from 32 leaves: the second has to ask again"
    assert size(folder) in sizes


def test_a_cosignature_counts_for_its_witness_its_checkpoint_and_its_second_only(
    folder: Path, vkey: str, checkpoint_key: Key
) -> None:
    line = keeping.cosign(folder, asked(checkpoint_key, 0, 64), NOW)
    mine, other = (Checkpoint(ORIGIN, one, tree.root(one, HONEST.read)) for one in (64, 65))
    stranger = signing.generate_signer(NAME, COSIGNATURE)[1]
    assert verify_any(line, mine, [stranger, vkey]) is not None
    assert verify_any(line, mine, [stranger]) is None
    assert verify_any(line, other, [vkey]) is None
    raw = bytearray(base64.b64decode(line.split(" ")[2]))
    for at in range(len(raw)):
        raw[at] ^= 1
        forged = f"\u2014 {NAME} {base64.b64encode(raw).decode()}\n"
        assert verify_any(forged, mine, [vkey]) is None
        raw[at] ^= 1
    assert verify_any(line + line, mine, [vkey]) is None


def test_a_key_of_one_kind_is_not_taken_for_the_other(checkpoint_key: Key, tmp_path: Path) -> None:
    private, public = signing.generate_signer(NAME, COSIGNATURE)
    with pytest.raises(Malformed):
        checkpoints.read_vkey(public)
    with pytest.raises(Malformed):
        signing.sign(Checkpoint(NAME, 1, bytes(32)), private)
    with pytest.raises(Malformed):
        signing.cosign(Checkpoint(ORIGIN, 1, bytes(32)), checkpoint_key[0], 1)
    with pytest.raises(Malformed):
        keeping.found(tmp_path / "x", NAME, public)
    seed = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert checkpoints.key_id(NAME, seed) != checkpoints.key_id(NAME, seed, COSIGNATURE)


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(ledger, ["witness", *arguments], input=given)


def test_the_commands_begin_say_the_size_and_cosign(tmp_path: Path, checkpoint_key: Key) -> None:
    folder = str(tmp_path / "w")
    begun = run("init", folder, NAME, checkpoint_key[1])
    assert begun.exit_code == 0
    assert (tmp_path / "w" / keeping.KEY).stat().st_mode & 0o777 == 0o600
    assert run("size", folder).output == "0\n"
    line = run("cosign", folder, given=asked(checkpoint_key, 0, 32))
    assert line.exit_code == 0
    signed = checkpoints.verify(note(checkpoint_key, 32), checkpoint_key[1])
    assert verify_line(line.output, signed, begun.output.strip()).witness == NAME
    assert run("size", folder).output == "32\n"


def test_the_commands_refuse_in_one_line_and_with_exit_status_1(tmp_path: Path, checkpoint_key: Key) -> None:
    folder = str(tmp_path / "w")
    assert run("init", folder, "two words", checkpoint_key[1]).exit_code == 1
    run("init", folder, NAME, checkpoint_key[1])
    again = run("init", folder, NAME, checkpoint_key[1])
    assert (again.exit_code, "exists" in again.output) == (1, True)
    run("cosign", folder, given=asked(checkpoint_key, 0, 64))
    cut = run("cosign", folder, given=asked(checkpoint_key, 64, 32))
    assert (cut.exit_code, "it was cut" in cut.output, cut.output.count("\n")) == (1, True, 1)
    behind = run("cosign", folder, given=asked(checkpoint_key, 0, 96))
    assert (behind.exit_code, "remembers 64 leaves" in behind.output) == (1, True)
    assert run("cosign", str(tmp_path / "nowhere"), given=asked(checkpoint_key, 0, 32)).exit_code == 1
    assert run("cosign", folder, given=secrets.token_hex(10)).exit_code == 1
