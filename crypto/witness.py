"""What a witness may cosign: the request of C2SP tlog-witness, and the judgement on it. No input or output.

A witness remembers one checkpoint of each ledger, the newest that it cosigned. It believes nothing else: the next one
must be signed by the ledger's key and be shown to continue that very tree.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from crypto import checkpoints, tree
from crypto.checkpoints import MOST_STEPS, Checkpoint
from crypto.errors import CryptoError, Malformed, Tampered


class OutOfStep(CryptoError):
    """The request starts from another size than the one the witness remembers, which is ``size``."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness remembers {size} leaves: ask with a proof from there")
        self.size = size


@dataclass(frozen=True)
class Request:
    """A parsed request, not yet believed: size it starts from, hashes of the consistency proof, signed checkpoint."""

    old: int
    path: tuple[bytes, ...]
    note: str


def request_text(old: int, path: Sequence[bytes], note: str) -> str:
    """The body of an add-checkpoint request: what a ledger hands to a witness that remembers *old* leaves."""
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in path)]
    return "\n".join(lines) + "\n\n" + note


def parse_request(text: str) -> Request:
    """Read a request without believing it; Malformed when it is not one."""
    start, gap, note = text.partition("\n\n")
    first, *rest = start.split("\n")
    if not gap or not first.startswith("old ") or len(rest) > MOST_STEPS:
        raise Malformed("not a request to a witness")
    return Request(checkpoints.read_number(first[4:]), tuple(checkpoints.unbase64(line) for line in rest), note)


def judge(request: Request, seen: Checkpoint | None, pinned: str) -> Checkpoint:
    """The checkpoint that may be cosigned and must be remembered before it is; *seen*: the one remembered, if any.

    WrongKey or Tampered when the ledger's pinned key has not signed it, OutOfStep when the request starts elsewhere,
    Tampered when the tree is smaller than the one seen, or has another root, or is not shown to continue it.
    """
    new = checkpoints.verify(request.note, pinned)
    size = seen.size if seen else 0
    if new.size < size:
        raise Tampered(f"the ledger had {size} leaves and now shows {new.size}: it was cut")
    if request.old != size:
        raise OutOfStep(size)
    if seen is not None:
        tree.verify_consistency(seen.size, new.size, seen.root, new.root, request.path)
    elif request.path or new.size == 0:
        raise Malformed("the first checkpoint is of a tree with leaves, and comes without a proof")
    return new
