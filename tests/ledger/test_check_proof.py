"""``/ledger/verify.py`` and ``growth.py`` as somebody runs them who trusts nothing, against an independent tree."""

from __future__ import annotations

import ast
import base64
import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pymerkle
import pytest

from crypto import checkpoints, signing, tree
from crypto.checkpoints import COSIGNATURE, Checkpoint
from portal.ledger.views import SCRIPTS
from tests.crypto.test_tree import Nodes
from tests.ledger.scripts import run_script

ORIGIN = "test.example/ledger"
LEAVES = [hashlib.sha256(f"leaf {i}".encode()).digest() for i in range(70)]
NODES = Nodes([tree.leaf_hash(leaf) for leaf in LEAVES])
Key = tuple[str, str]


def oracle(size: int) -> pymerkle.InmemoryTree:
    """The same leaves in somebody else's tree."""
    made = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in LEAVES[:size]:
        made.append_entry(leaf)
    return made


@dataclass
class Files:
    """Files as they are downloaded: roots and paths come from the independent tree, signatures from ours."""

    folder: Path
    key: Key

    def put(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return str(self.folder / name)

    def note(self, size: int) -> str:
        return signing.sign(Checkpoint(ORIGIN, size, oracle(size).get_root()), self.key[0])

    def proof(self, index: int, size: int, *, note: str | None = None, extra: bytes = b"") -> str:
        _own, *theirs = oracle(size).prove_inclusion(index + 1, size).serialize()["path"]
        path = [bytes.fromhex(step) for step in theirs]
        return checkpoints.proof_text(index, path, note or self.note(size), extra or LEAVES[index])

    def growth(self, old: int, new: int) -> str:
        steps = tree.consistency_proof(old, new, NODES.read)
        return "".join(f"{base64.b64encode(step).decode()}\n" for step in steps)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_script(self.folder, script, *arguments)

    def grew(self, *arguments: str) -> bool:
        return self.holds(*arguments, script="growth")

    def holds(self, *arguments: str, script: str = "verify") -> bool:
        ended = self.run(script, *arguments)
        assert ended.returncode in (0, 1), ended.stderr
        assert "Traceback" not in ended.stderr
        assert ended.stdout.startswith("OK") == (ended.returncode == 0)
        assert ended.stderr.startswith("FAILED") == (ended.returncode == 1)
        return ended.returncode == 0


@pytest.fixture
def files(tmp_path: Path, checkpoint_key: Key) -> Files:
    return Files(tmp_path, checkpoint_key)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 64), (63, 64), (40, 70), (69, 70), (64, 65), (6, 7)])
def test_a_line_of_an_independent_tree_is_found(files: Files, index: int, size: int) -> None:
    proof = files.put("file.txt", files.proof(index, size))
    assert files.holds(proof, files.key[1])
    assert files.holds(proof, files.key[1], LEAVES[index].hex())
    assert not files.holds(proof, files.key[1], LEAVES[(index + 1) % 70].hex())
    assert f"line {index + 1} of {size} in {ORIGIN}" in files.run("verify", proof, files.key[1]).stdout


@pytest.mark.parametrize(
    ("old", "new"), [(o, n) for n in (64, 70) for o in (1, 2, 3, 4, 31, 32, 33, 63, 64, 69, 70) if o <= n]
)
def test_growth_is_checked_as_the_independent_tree_says(files: Files, old: int, new: int) -> None:
    proof = files.put("file.txt", files.proof(5, new))
    older, steps = files.put("old.txt", files.note(old)), files.put("steps.txt", files.growth(old, new))
    assert files.grew(proof, files.key[1], older, steps)
    other = files.put("other.txt", files.note(old + 1 if old < 70 else 68))
    assert not files.grew(proof, files.key[1], other, steps)


def test_a_changed_past_is_found_out(files: Files) -> None:
    """The ledger signs both trees: the one with the line that somebody wanted gone, and the one without it."""
    forked = Nodes([tree.leaf_hash(leaf) for leaf in [*LEAVES[:10], bytes(32), *LEAVES[11:]]])
    older = files.put("old.txt", files.note(40))
    note = signing.sign(Checkpoint(ORIGIN, 70, tree.root(70, forked.read)), files.key[0])
    path = tree.inclusion_proof(50, 70, forked.read)
    proof = files.put("file.txt", checkpoints.proof_text(50, path, note, LEAVES[50]))
    assert files.holds(proof, files.key[1]), "the line itself is still there"
    steps = [base64.b64encode(step).decode() for step in tree.consistency_proof(40, 70, forked.read)]
    assert not files.grew(proof, files.key[1], older, files.put("steps.txt", "\n".join(steps)))
    assert not files.grew(proof, files.key[1], older, files.put("none.txt", ""))


def test_every_byte_that_is_changed_in_a_proof_is_found_out(files: Files) -> None:
    """One process for all: two hundred would take minutes."""
    text = files.proof(40, 70)
    runner = (
        "import sys, runpy, pathlib\n"
        "check = runpy.run_path(sys.argv[1])['main']\n"
        "text, held = pathlib.Path(sys.argv[2]).read_bytes(), []\n"
        "for at in range(len(text)):\n"
        "    for change in (1, 32):\n"
        "        pathlib.Path('changed').write_bytes(text[:at] + bytes([text[at] ^ change]) + text[at + 1:])\n"
        "        try:\n"
        "            check('changed', sys.argv[3], sys.argv[4])\n"
        "            held.append(at)\n"
        "        except Exception: pass\n"
        "sys.stderr.write(repr(sorted(set(held))))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", runner, str(SCRIPTS["verify"]), files.put("p", text), files.key[1],
         LEAVES[40].hex()],
        capture_output=True, text=True, cwd=files.folder, timeout=120, check=False,
    )  # fmt: skip
    start = len("c2sp.org/tlog-proof@v1\n")
    free = {*range(start, start + len("extra ") + 45), len(text.encode()) - 1}  # extra data, which is not authenticated
    assert set(eval(ended.stderr)) <= free


def test_what_else_does_not_hold(files: Files) -> None:
    stranger = signing.generate_signer(ORIGIN)
    good = files.proof(40, 70)
    lines = good.split("\n")
    assert not files.holds(files.put("a", good), stranger[1]), "another key"
    foreign = signing.sign(Checkpoint(ORIGIN, 70, oracle(70).get_root()), stranger[0])
    assert not files.holds(files.put("a", files.proof(40, 70, note=foreign)), files.key[1]), "signed by another key"
    elsewhere = signing.generate_signer("elsewhere.example/ledger")
    assert not files.holds(files.put("a", good), elsewhere[1])
    assert not files.holds(files.put("a", good.replace("index 40", "index 41")), files.key[1])
    assert not files.holds(files.put("a", good.replace("index 40", "index 70")), files.key[1])
    assert not files.holds(files.put("a", good.replace("index 40", "index -30")), files.key[1])
    assert not files.holds(files.put("a", "\n".join([*lines[:3], *lines[4:]])), files.key[1]), "a hash left out"
    assert not files.holds(files.put("a", "\n".join([*lines[:4], lines[3], *lines[4:]])), files.key[1]), "one too many"
    assert not files.holds(files.put("a", ""), files.key[1])
    assert not files.holds(files.put("a", files.note(70)), files.key[1]), "a checkpoint is no proof"
    assert not files.holds(str(files.folder / "nowhere"), files.key[1])
    assert not files.holds(files.put("a", good), "nonsense")
    assert not files.holds(files.put("a", good), files.key[1], "beef")


def test_witnesses_are_checked_when_their_keys_are_given(files: Files) -> None:
    private, vkey = signing.generate_signer("bar.example/witness", COSIGNATURE)
    note = files.note(70)
    line = signing.cosign(Checkpoint(ORIGIN, 70, oracle(70).get_root()), private, 1790553600)
    both, alone = files.put("a", files.proof(40, 70, note=note + line)), files.put("b", files.proof(40, 70))
    later = files.put(
        "c", files.proof(40, 70, note=note + signing.cosign(Checkpoint(ORIGIN, 70, bytes(32)), private, 9))
    )
    other = signing.generate_signer("bar.example/witness", COSIGNATURE)[1]
    assert files.holds(both, files.key[1])
    assert files.grew(both, files.key[1])
    assert files.grew(both, f"{files.key[1]},{vkey}")
    assert not files.grew(alone, f"{files.key[1]},{vkey}")
    assert not files.grew(later, f"{files.key[1]},{vkey}")
    assert not files.grew(both, f"{files.key[1]},{vkey},{other}")
    assert not files.grew(both, vkey), "a witness is not the ledger"
    assert not files.holds(both, vkey), "a witness is not the ledger"
    assert not files.grew(both, f"{files.key[1]},{files.key[1]}"), "the ledger is no witness of itself"


def test_they_import_nothing_but_python_and_cryptography() -> None:
    for name, others in (("verify", set()), ("growth", {"verify"})):
        text = SCRIPTS[name].read_text("utf-8")
        imported = {
            line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import", "from"))
        }
        assert imported <= {"__future__", "base64", "hashlib", "sys", "pathlib", "cryptography", *others}


def test_the_script_has_forty_lines_to_read_before_it_is_used() -> None:
    text = SCRIPTS["verify"].read_text("utf-8")
    described = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = [line for number, line in enumerate(text.splitlines(), 1) if line.strip() and number not in described]
    assert len(lines) <= 40
