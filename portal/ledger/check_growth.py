"""Check that a public ledger only grew, and what its witnesses signed. 检查账本是不是只增不改，见证人签过什么。

    python3 growth.py PROOF VKEY[,WITNESS_VKEY…] [OLD_CHECKPOINT CONSISTENCY]

Needs verify.py beside it. PROOF: a proof file; its checkpoint has to be signed by VKEY and by every witness named. With
two more files: the tree of an older checkpoint is the beginning of this one. Exit status 0: all of it holds. Formats:
C2SP tlog-checkpoint, tlog-cosignature; RFC 9162. Served as /ledger/growth.py.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from verify import need, raw, signed


def cosigned(note: str, vkey: str) -> None:
    """One line below the checkpoint is this witness's, and its signature holds."""
    (text, _, lines), (name, _, encoded) = note.rpartition("\n\n"), vkey.split("+", 2)
    key = raw(encoded)
    need(key[0] == 4, "this is no key of a witness")
    marks = [raw(line.split(" ", 2)[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
    own = [mark[4:] for mark in marks if mark[:4] == sha256(name.encode() + b"\n" + key).digest()[:4]]
    need(len(own) > 0 and len(own[0]) == 72, f"{name} has not signed this checkpoint")
    head = f"cosignature/v1\ntime {int.from_bytes(own[0][:8], 'big')}\n"
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(own[0][8:], f"{head}{text}\n".encode())


def roots_of(old: int, new: int, path: list[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    """The roots of an older and of the whole tree that a consistency proof leads to (RFC 9162, 2.1.4)."""
    if old == new:
        need(len(path) == (known is None), "the proof has not the right length")
        return (known, known) if known is not None else (path[0], path[0])
    need(len(path) > 0, "the proof has not the right length")
    half = 1 << (new - 1).bit_length() >> 1
    if old <= half:
        before, whole = roots_of(old, half, path[:-1], known)
        return before, sha256(b"\1" + whole + path[-1]).digest()
    before, whole = roots_of(old - half, new - half, path[:-1], None)
    return sha256(b"\1" + path[-1] + before).digest(), sha256(b"\1" + path[-1] + whole).digest()


def main(proof: str, vkeys: str, checkpoint: str = "", consistency: str = "") -> None:
    vkey, *witnesses = vkeys.split(",")
    note = Path(proof).read_text("utf-8").partition("\n\n")[2]
    origin, size, root = signed(note, vkey)
    for witness in witnesses:
        cosigned(note, witness)
    if checkpoint:
        same, old, before = signed(Path(checkpoint).read_text("utf-8"), vkey)
        path = [raw(line) for line in Path(consistency).read_text("utf-8").split()]
        need(same == origin and 0 < old <= size, "the older checkpoint is not older")
        need(all(len(step) == 32 for step in path), "this is no consistency proof")
        need(roots_of(old, size, path, before) == (before, root), "the older tree was CHANGED")
    told = f", which begins with those {old}" if checkpoint else ""
    print(f"OK 通过: {size} lines in {origin}{told}; {len(witnesses)} witnesses")  # noqa: T201 - a script for people


if __name__ == "__main__":
    sys.excepthook = lambda kind, error, _: sys.stderr.write(f"FAILED 没有通过: {str(error) or kind.__name__}\n")
    main(*sys.argv[1:])
