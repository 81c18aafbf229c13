"""PDFs that Office documents were turned into, kept for some minutes in memory, sealed: converting takes seconds.

The key is derived from the file's own key and the report's shred key, so that only who may open the file finds the
PDF. Nothing here is ever in clear, and nothing is on a disk. Losing it costs one more conversion.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from crypto import opening
from crypto.errors import CryptoError
from crypto.sealing import Padding, seal
from portal.kernel.clock import Utc
from portal.kernel.values import Id, new_id

PURPOSE = "rendered-pdf"
KEEP_S = 600.0
MOST_BYTES = 256 * 1024 * 1024
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of this account, which nobody else may enter


def put(file: Id, key: bytes, pdf: bytes, now: Utc) -> None:
    """Keep *pdf* for ten minutes, where there is room for it."""
    folder = _folder()
    if folder is None:
        return
    _sweep(folder, now)
    if sum(path.stat().st_size for path in folder.iterdir()) + len(pdf) > MOST_BYTES:
        return
    sealed = seal(pdf, key, PURPOSE, file.bytes, Padding.FILE)
    half = folder / f"{new_id().hex}.half"
    try:
        half.write_bytes(sealed)
        os.utime(half, (now.timestamp(), now.timestamp()))
        half.replace(folder / _name(key))
    except OSError:  # memory is full
        half.unlink(missing_ok=True)


def get(file: Id, key: bytes, now: Utc) -> bytes | None:
    """What was kept, or None."""
    folder = _folder()
    if folder is None:
        return None
    _sweep(folder, now)
    try:
        return opening.open_sealed((folder / _name(key)).read_bytes(), key, PURPOSE, file.bytes)
    except (OSError, CryptoError):
        return None


def _folder() -> Path | None:
    """The folder of this account; None when there is no memory to write to or somebody else made it."""
    folder = IN_MEMORY / f"mingjing-rendered-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return folder if ours else None


def _name(key: bytes) -> str:
    return hashlib.sha256(b"mingjing/rendered/" + key).hexdigest()


def _sweep(folder: Path, now: Utc) -> None:
    for path in folder.iterdir():
        with suppress(OSError):
            if abs(now.timestamp() - path.stat().st_mtime) > KEEP_S:
                path.unlink()
