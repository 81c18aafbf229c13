"""Check a proof file of a public ledger without asking that ledger. 检查一行是不是在公开账本里，不必相信本网站。

    python3 verify.py PROOF VKEY [LEAF]

Needs Python 3.9 and `pip install cryptography`. VKEY, the ledger's key, should come from more than one place. LEAF: 64
hex digits as the page behind the receipt code shows them; without it the one that the proof file names. Exit status 0:
it holds. Formats: C2SP tlog-proof, tlog-checkpoint; RFC 9162. Served as /ledger/verify.py; it imports nothing of ours.
Whether the ledger only ever grew, and what witnesses signed: growth.py, beside it.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def raw(text: str) -> bytes:
    need(b64encode(b64decode(text)).decode() == text, "this is not base64 in its one form")
    return b64decode(text)


def signed(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that the ledger's key has signed."""
    (text, _, lines), (name, _, encoded) = note.rpartition("\n\n"), vkey.split("+", 2)
    (origin, size, root), key = text.split("\n"), raw(encoded)
    need(key[0] == 1 and name == origin, "this is no key of this ledger")
    marks = [raw(line.split(" ", 2)[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
    own = [mark[4:] for mark in marks if mark[:4] == sha256(name.encode() + b"\n" + key).digest()[:4]]
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(b"".join(own[:1]), f"{text}\n".encode())
    return origin, int(size), raw(root)


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root of a tree in which this leaf hash has this place; *path* begins beside the leaf."""
    need(len(path) > 0 and len(path[-1]) == 32 if size > 1 else not path, "the proof has not the right length")
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() >> 1
    if index < half:
        return sha256(b"\1" + root_of(leaf, index, half, path[:-1]) + path[-1]).digest()
    return sha256(b"\1" + path[-1] + root_of(leaf, index - half, size - half, path[:-1])).digest()


def main(proof: str, vkey: str, leaf: str = "") -> None:
    start, _, note = Path(proof).read_text("utf-8").partition("\n\n")
    form, extra, place, *path = start.replace("@v1\nindex", "@v1\nextra \nindex").split("\n")
    data, index, (origin, size, root) = raw(extra[6:]), int(place.split("index ")[1]), signed(note, vkey)
    own = bytes.fromhex(leaf) or data
    need(f"{form} {extra[:6]}{place[:6]}" == "c2sp.org/tlog-proof@v1 extra index ", "this is no proof file")
    need(len(own) == 32 and 0 <= index < size, "there is no such line in a tree of that size")
    need(root_of(sha256(b"\0" + own).digest(), index, size, [*map(raw, path)]) == root, "the ledger has NO such line")
    print(f"OK 通过: {own.hex()} is line {index + 1} of {size} in {origin}")  # noqa: T201 - a script for people


if __name__ == "__main__":
    sys.excepthook = lambda kind, error, _: sys.stderr.write(f"FAILED 没有通过: {str(error) or kind.__name__}\n")
    main(*sys.argv[1:])
