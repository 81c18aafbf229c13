"""A witness: an outside body that cosigns this ledger's checkpoints and remembers the newest one (C2SP tlog-witness).

Everything is in one folder of files; there is no network and no database. What is remembered reaches the disk before
the cosignature exists, under a lock: whoever kills the witness in the middle gets no signature it does not remember.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crypto import checkpoints, signing
from crypto.checkpoints import COSIGNATURE, Checkpoint
from crypto.errors import Malformed
from crypto.witness import judge, parse_request
from portal.kernel import secretfiles
from portal.kernel.clock import Utc

KEY, LEDGER, SEEN, LOCK = "key", "ledger.vkey", "seen", "lock"
NOTHING_SEEN = "nothing yet\n"
"""What ``seen`` holds at first. A file that is missing is an error: it would let a cut ledger start again."""


def found(folder: Path, name: str, vkey: str) -> str:
    """Begin to witness the ledger of *vkey* under *name*; returns the witness's own verifier key.

    Raises Malformed for a name or key of another shape, FileExistsError when a witness is there already.
    """
    checkpoints.read_vkey(vkey)
    private, public = signing.generate_signer(name, COSIGNATURE)
    secretfiles.put(folder / KEY, private + "\n")
    secretfiles.put(folder / LEDGER, vkey.strip() + "\n")
    secretfiles.put(folder / SEEN, NOTHING_SEEN)
    return public


def remembered(folder: Path) -> Checkpoint | None:
    """The newest checkpoint that this witness cosigned; None before the first. Raises OSError, and crypto errors."""
    note = (folder / SEEN).read_text("utf-8")
    return None if note == NOTHING_SEEN else checkpoints.verify(note, _ledger(folder))


def cosign(folder: Path, request: str, now: Utc) -> str:
    """The cosignature line for *request*, once the new checkpoint is remembered.

    Raises what :func:`crypto.witness.judge` raises, Malformed when the key is missing its form, and OSError when the
    folder cannot be read or written. Asking again for the same checkpoint (``old`` equal to its size) is allowed.
    """
    asked = parse_request(request)
    with _alone(folder):
        new = judge(asked, remembered(folder), _ledger(folder))
        private = (folder / KEY).read_text("utf-8")
        signing.verifier_of(private, COSIGNATURE)  # a key that cannot sign must not move the memory on
        _remember(folder, asked.note)
        return signing.cosign(new, private, int(now.timestamp()))


def _ledger(folder: Path) -> str:
    vkey = (folder / LEDGER).read_text("utf-8").strip()
    if not vkey:
        raise Malformed("the witness knows no ledger")
    return vkey


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time checks and remembers: two could otherwise roll the memory back."""
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remember(folder: Path, note: str) -> None:
    fresh = folder / f"{SEEN}.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / SEEN)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
