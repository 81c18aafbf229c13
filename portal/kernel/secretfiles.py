"""Secrets outside the database: one short file each, readable by the owner alone, saying what it is.

``mingjing-secret NAME HEX`` in one line; ``mingjing-demo-secret`` for what a demonstration made, so that production
can refuse it. The name is part of the file, so that one secret cannot be put in another's place, and so that the
public process can tell a staff secret that was laid where it can see it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

INNER_NAMES = frozenset({"passphrase-pepper", "cookie-staff"})
_HEADS = {"mingjing-secret": False, "mingjing-demo-secret": True}
PRIVATE_MARKS = (b"PRIVATE+KEY+", b"PRIVATE KEY-----")
MOST_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """What a secret file holds."""

    name: str
    value: bytes = field(repr=False)
    demo: bool


class BadSecret(Exception):
    """A secret file that is missing, unreadable or of another kind; the message names the file, never its content."""


def make(folder: Path, name: str, size: int = 32, *, file: str | None = None, demo: bool = False) -> Path:
    """Write a fresh random secret; FileExistsError rather than replacing one."""
    head = "mingjing-demo-secret" if demo else "mingjing-secret"
    return put(folder / (file or name), f"{head} {name} {secrets.token_hex(size)}\n")


def put(path: Path, text: str) -> Path:
    """Write *text* to a new file that only its owner may read (0600), and sync it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def read(path: Path, name: str) -> Secret:
    """The secret in *path*. Raises BadSecret when it is not there or is not the one called *name*."""
    try:
        words = path.read_text("ascii").split()
        found = Secret(words[1], bytes.fromhex(words[2]), _HEADS[words[0]])
    except (OSError, UnicodeDecodeError, IndexError, KeyError, ValueError):
        raise BadSecret(f"{path}: no readable secret") from None
    if found.name != name:
        raise BadSecret(f"{path}: holds the secret {found.name}, not {name}")
    return found


def is_open_to_others(path: Path) -> bool:
    """Whether the file may be read beyond its owner and its group, or changed by any but its owner.

    The group may read: the accounts of several processes share what they share through it (docs/operations.md).
    """
    return bool(path.stat().st_mode & 0o037)


def inner_material(data: bytes) -> str | None:
    """What private material of the staff side *data* shows, or None: a signing key, a PEM key, a staff secret."""
    if any(mark in data for mark in PRIVATE_MARKS):
        return "a private key"
    words = data[:200].split()
    if len(words) >= 2 and words[0].decode("ascii", "replace") in _HEADS:
        name = words[1].decode("ascii", "replace")
        return f"the secret {name}" if name in INNER_NAMES else None
    return None


def inner_files_below(folder: Path, most: int = 5000) -> list[tuple[Path, str]]:
    """Files under *folder* that this process can read and that hold private material of the staff side."""
    found = []
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number >= most:
            break
        try:
            if path.is_file() and path.stat().st_size <= MOST_BYTES:
                what = inner_material(path.read_bytes())
                if what is not None:
                    found.append((path, what))
        except OSError:
            continue  # what cannot be read is no danger here
    return found
