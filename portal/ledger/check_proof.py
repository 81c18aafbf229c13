"""Check a proof file of a public ledger without asking that ledger. 检查一行是不是在公开账本里，不必相信本网站。

    python3 verify.py PROOF VKEY[,WITNESS_VKEY…] [LEAF|- [OLD_CHECKPOINT CONSISTENCY]]

Needs Python 3.9 and `pip install cryptography`. VKEY, the ledger's key, should come from more than one place. LEAF: 64
hex digits as the page behind the receipt code shows them; - or nothing: the one that the proof file names. With two
more files: that the tree of an older checkpoint is the beginning of this one. Exit status 0: all of it holds. Formats:
C2SP tlog-proof, tlog-checkpoint, tlog-cosignature; RFC 9162. Served as /ledger/verify.py; it imports nothing of ours.
"""

from __future__ import annotations

import hashlib
import sys
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def raw(text: str) -> bytes:
    need(b64encode(b64decode(text)).decode() == text, "this is not base64 in its one form")
    return b64decode(text)


def signed(note: str, vkey: str, kind: int = 1) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that this key (kind 1: the ledger's, 4: a witness's) has signed."""
    text, _, lines = note.rpartition("\n\n")
    (name, _, encoded), (origin, size, root) = vkey.split("+", 2), text.split("\n")
    key = raw(encoded)
    need(key[0] == kind and (kind == 4 or name == origin), "this is no key of this ledger")
    for dash, signer, encoded in (line.split(" ") for line in lines.splitlines()):
        line = raw(encoded)
        if (dash, signer, line[:4]) == ("—", name, sha(name.encode(), b"\n", key)[:4]):
            head = f"cosignature/v1\ntime {int.from_bytes(line[4:12], 'big')}\n" if kind == 4 else ""
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(line[-64:], f"{head}{text}\n".encode())
            return origin, int(size), raw(root)
    raise ValueError(f"{name} has not signed this checkpoint")


def climbed(node: int, last: int, path: list[bytes], whole: bytes, older: bytes) -> tuple[bytes, bytes]:
    """The roots, of the whole and of an older tree, that a path leads to (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    for step in path:
        need(last > 0 and len(step) == 32, "the proof is too long")
        if node % 2 or node == last:
            whole, older = sha(b"\1", step, whole), sha(b"\1", step, older)
            while node and not node % 2:
                node, last = node // 2, last // 2
        else:
            whole = sha(b"\1", whole, step)
        node, last = node // 2, last // 2
    need(last == 0, "the proof is too short")
    return whole, older


def main(proof: str, vkeys: str, leaf: str = "-", checkpoint: str = "", consistency: str = "") -> None:
    start, _, note = Path(proof).read_text("utf-8").partition("\n\n")
    header, *lines = start.split("\n")
    need(header == "c2sp.org/tlog-proof@v1", "this is no proof file")
    extra = raw(lines.pop(0)[6:]) if lines[0].startswith("extra ") else b""
    index, path = int(lines[0].split("index ")[1]), [raw(line) for line in lines[1:]]
    data, (vkey, *witnesses) = extra if leaf == "-" else bytes.fromhex(leaf), vkeys.split(",")
    origin, size, root = signed(note, vkey)
    need(len(data) == 32 and 0 <= index < size, "there is no such line in a tree of that size")
    own = sha(b"\0", data)
    need(climbed(index, size - 1, path, own, own)[0] == root, "this line does NOT stand in the ledger")
    for witness in witnesses:
        signed(note, witness, 4)
    if checkpoint:
        same, old, before = signed(Path(checkpoint).read_text("utf-8"), vkey)
        steps = [raw(line) for line in Path(consistency).read_text("utf-8").split()]
        need(same == origin and 0 < old <= size, "the older checkpoint is not older")
        steps = steps if old & (old - 1) and old < size else [before, *steps]
        below = (old & -old).bit_length() - 1 if old < size else size.bit_length()  # levels that the old tree fills
        ends = climbed((old - 1) >> below, (size - 1) >> below, steps[1:], steps[0], steps[0])
        need(ends == (root, before), "the older tree was CHANGED")
    print(f"OK 通过: {data.hex()} is line {index + 1} of {size} in {origin}")  # noqa: T201 - a script for people


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        raise SystemExit(f"FAILED 没有通过: {error or type(error).__name__}") from None
