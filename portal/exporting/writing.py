"""The copy as a folder, all of it or nothing. Described in docs/operations.md."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from portal.exporting.copying import NotExported, collect
from portal.exporting.scope import Scope

SUMS, STATUSES, GONE = "SHA256SUMS", "statuses.json", "gone.map"
_AT_FDCWD, _EXCHANGE = -100, 2  # of Linux's renameat2


@dataclass(frozen=True, slots=True)
class Copied:
    """How many files were written, and which addresses are answered 410."""

    files: int
    gone: tuple[str, ...]


def export(app: Flask, address: str, languages: tuple[str, ...], folder: Path) -> Copied:
    """Write the copy into *folder*, all of it or nothing; a copy that was there is replaced at once.

    ``address``: where the site itself is, for links that lead out of the copy; "" leaves them as they are. Raises
    NotExported when a page cannot be had, or *folder* holds anything else than a copy, and OSError.
    """
    _refuse_other(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = _fill(fresh, app, address, languages)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return made


def _fill(fresh: Path, app: Flask, address: str, languages: tuple[str, ...]) -> Copied:
    """Everything is on the disk before the name of the copy leads to it."""
    sums: dict[str, str] = {}

    def keep(name: str, data: bytes) -> None:
        sums[name] = hashlib.sha256(data).hexdigest()
        _write(fresh / name, data)

    roots = ("", *(f"/{tongue}" for tongue in languages[1:]))
    statuses = collect(app, address, Scope(roots), keep)
    gone = tuple(sorted(path for path, status in statuses.items() if status == 410))
    keep(STATUSES, (json.dumps(dict(sorted(statuses.items())), indent=1) + "\n").encode())
    keep(GONE, "".join(f"{path} 1;\n" for path in gone).encode())
    _write(fresh / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode())
    for one in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
        one.chmod(0o755)  # mkdtemp leaves it to its maker alone; a web server has to read it
    return Copied(len(sums) + 1, gone)


def _refuse_other(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotExported(f"{folder} is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / SUMS).is_file():
        raise NotExported(f"{folder} is not empty, and holds no copy that was made before ({SUMS} is missing)")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:  # two addresses of one file would be a fault of place()
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    path.chmod(0o644)


def _swap(fresh: Path, folder: Path) -> None:
    """Put *fresh* where *folder* is; what was there is where *fresh* was.

    On Linux in one step, so that no request finds nothing; elsewhere in two.
    """
    if not folder.exists():
        fresh.rename(folder)
        return
    exchange = getattr(ctypes.CDLL(None), "renameat2", None)
    names = os.fsencode(fresh), os.fsencode(folder)
    if exchange is not None and exchange(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0:
        return
    old = fresh.with_name(f"{fresh.name}.old")
    folder.rename(old)
    fresh.rename(folder)
    old.rename(fresh)
