"""Checkpoints and proof files: writing their text, parsing it, verifying it against a pinned key.

A checkpoint is a signed note (C2SP signed-note, Ed25519) whose text is origin, tree size and root (C2SP
tlog-checkpoint). A proof file is C2SP tlog-proof. Nothing in a note may be believed before `verify`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto import tree
from crypto.errors import Malformed, Tampered, WrongKey

ED25519 = 1
COSIGNATURE = 4
"""Kinds of keys (signed-note): one that signs checkpoints of its own ledger, one that cosigns those of others."""
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MOST_NOTE = 64 * 1024
MOST_SIGNATURES = 64
MOST_STEPS = 63


@dataclass(frozen=True)
class Checkpoint:
    """The root of the ledger `origin` at `size` leaves. Malformed for a name, size or root of another shape."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name(self.origin)
        if self.size < 0 or len(self.root) != tree.HASH_SIZE:
            raise Malformed("a checkpoint has a size and a 32-byte root")

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A parsed note, not yet verified: what it claims, and signatures as (key name, 4-byte id, signature)."""

    checkpoint: Checkpoint
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True)
class Proof:
    """A parsed proof file, not yet verified: leaf index, path, checkpoint note, and unauthenticated extra data."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""


def check_name(name: str) -> None:
    """Malformed unless the name of an origin or key is non-empty and holds no space, plus or control character."""
    if not name or "+" in name or not name.isprintable() or any(c.isspace() for c in name):
        raise Malformed("a ledger's name holds neither spaces nor plus signs")


def key_id(name: str, public: bytes, kind: int = ED25519) -> bytes:
    """Four bytes: SHA-256(name ‖ newline ‖ kind ‖ public key), cut (signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public).digest()[:4]


def vkey(name: str, public: bytes, kind: int = ED25519) -> str:
    """The verifier key text `name+hash+base64(kind ‖ 32 public bytes)`, to be pinned in settings and printed."""
    check_name(name)
    if len(public) != 32:
        raise Malformed("an Ed25519 public key is 32 bytes")
    return f"{name}+{key_id(name, public, kind).hex()}+{base64.b64encode(bytes((kind,)) + public).decode()}"


def read_vkey(text: str, kind: int = ED25519) -> tuple[str, bytes]:
    """Name and 32 public bytes; Malformed when the text is not a verifier key of that kind or its hash does not fit."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise Malformed("not a verifier key")
    name, stated, encoded = parts
    raw = unbase64(encoded)
    if len(raw) != 33 or raw[0] != kind:
        raise Malformed("not an Ed25519 verifier key of this kind")
    check_name(name)
    if stated != key_id(name, raw[1:], kind).hex():
        raise Malformed("the hash in a verifier key does not fit")
    return name, raw[1:]


def parse(note: str) -> Note:
    """Read a note without believing it; Malformed when it is not one."""
    if len(note) > MOST_NOTE or "\n\n" not in note:
        raise Malformed("not a signed note")
    text, _, tail = note.rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) != 3 or not tail.endswith("\n"):
        raise Malformed("a checkpoint has three lines and signatures")
    checkpoint = Checkpoint(lines[0], read_number(lines[1]), unbase64(lines[2]))
    signatures = tuple(read_signature(line) for line in tail[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise Malformed("too many signatures")
    return Note(checkpoint, text + "\n", signatures)


def verify(note: str, pinned: str) -> Checkpoint:
    """The checkpoint, once the pinned verifier key's signature on it holds and the origin is that key's name.

    WrongKey when that key has not signed, Tampered when its signature fails, Malformed when either text cannot be
    read. Signatures of unknown keys are ignored, as signed-note demands; they are witnesses' or later keys.
    """
    name, public = read_vkey(pinned)
    parsed = parse(note)
    mine = [
        signature for signer, hint, signature in parsed.signatures if (signer, hint) == (name, key_id(name, public))
    ]
    if not mine or parsed.checkpoint.origin != name:
        raise WrongKey("this checkpoint is not signed by the pinned key")
    for signature in mine:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, parsed.text.encode())
        except InvalidSignature:
            raise Tampered("the signature of a checkpoint does not hold") from None
    return parsed.checkpoint


def proof_text(index: int, path: Sequence[bytes], note: str, extra: bytes = b"") -> str:
    """A proof file (C2SP tlog-proof): header, extra if any, index, path from the leaf up, the note word for word."""
    lines = [PROOF_HEADER]
    if extra:
        lines.append(f"extra {base64.b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines += [base64.b64encode(step).decode() for step in path]
    return "\n".join(lines) + "\n\n" + note


def parse_proof(text: str) -> Proof:
    """Read a proof file without believing it; Malformed when it is not one."""
    start, gap, note = text.partition("\n\n")
    lines = start.split("\n")
    if not gap or lines[0] != PROOF_HEADER:
        raise Malformed("not a proof file")
    rest = lines[1:]
    extra = unbase64(rest.pop(0)[6:]) if rest and rest[0].startswith("extra ") else b""
    if not rest or not rest[0].startswith("index ") or len(rest) > MOST_STEPS + 1:
        raise Malformed("a proof file lacks its index")
    path = tuple(unbase64(line) for line in rest[1:])
    return Proof(read_number(rest[0][6:]), path, note, extra)


def verify_proof(text: str, leaf: bytes, pinned: str) -> Checkpoint:
    """The checkpoint of a proof file, once it shows the leaf hash in a tree whose root the pinned key signed."""
    proof = parse_proof(text)
    checkpoint = verify(proof.note, pinned)
    tree.verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint


def read_number(text: str) -> int:
    """A decimal without sign, leading zero or other scripts' digits; Malformed otherwise."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise Malformed("not a plain number")
    return int(text)


def unbase64(text: str) -> bytes:
    """Standard base64 in its one canonical form; Malformed otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Malformed("not canonical base64")
    return data


def read_signature(line: str) -> tuple[str, bytes, bytes]:
    """Key name, 4-byte key id and signature of one signature line; Malformed when it is not one."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise Malformed("not a signature line")
    check_name(parts[1])
    data = unbase64(parts[2])
    if len(data) < 5:
        raise Malformed("a signature is too short")
    return parts[1], data[:4], data[4:]
