"""Words that stand nowhere else, and the search for them in whatever a database, log or folder made of them."""

from __future__ import annotations

import base64
import os
import re
import secrets
import string
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

SHARED, OWN = 12, 4
CLOCK_LAG_S = 1.0
"""How far the clock of a file system may be behind that of a process, with much to spare."""
_EMPTY = re.compile(rb"\0{32,}")
"""What pages of a database that hold little are full of; no marker has so many zeros in a row."""
_HAN = [chr(code) for code in range(0x4E00, 0x9000)]


def _drawn(signs: Sequence[str], count: int) -> str:
    return "".join(secrets.choice(signs) for _ in range(count))


class Markers:
    """Random texts of 16 signs. Those of one kind begin with the same twelve, so that one search finds them all."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._drawn_at = time.time()
        self._clean: dict[Path, tuple[int, int]] = {}
        self._signs = {"letters": string.ascii_uppercase, "han": _HAN, "digits": "123456789"}
        self._begin = {kind: _drawn(signs, SHARED) for kind, signs in self._signs.items()}

    def letters(self, name: str) -> str:
        """Capital letters, typed as *name*."""
        return self._make("letters", name)

    def han(self, name: str) -> str:
        """Chinese characters."""
        return self._make("han", name)

    def digits(self, name: str) -> str:
        """Digits without a zero."""
        return self._make("digits", name)

    def add(self, name: str, text: str) -> None:
        """A text that was made elsewhere."""
        self.texts[name] = self._begin[name] = text
        self._clean.clear()

    def _cannot_hold_one(self, path: Path, touched: os.stat_result) -> bool:
        before = touched.st_ctime < self._drawn_at - CLOCK_LAG_S
        return before or self._clean.get(path) == (touched.st_ino, touched.st_ctime_ns)

    def _make(self, kind: str, name: str) -> str:
        text = self._begin[kind] + _drawn(self._signs[kind], OWN)
        self.texts.setdefault(name, text)
        return text

    def found_in(self, paths: Iterable[Path]) -> list[str]:
        """Where any of them stands, and which; empty when none does. Names of files are searched too.

        A file that was last touched before they were drawn cannot hold one, nor one that was searched and not touched
        since; a server's folder is full of such files. Asked of the inode's own time, which no program can set back.
        """
        needles = [(text, form) for text in self._begin.values() for form in sorted(forms(text))]
        hits = []
        for path in paths:
            try:
                touched = path.stat()
                if self._cannot_hold_one(path, touched):
                    continue
                data = _EMPTY.sub(b"\0", path.read_bytes()) + b"\0" + path.name.encode()
            except (FileNotFoundError, PermissionError):
                continue  # a lock or a socket that came and went
            if any(form in data for _, form in needles):
                clear = [name for name, text in self.texts.items() if text.encode() in data]
                hits.append(f"{path.name}: {clear or 'a marker in another form'}")
            elif touched.st_ctime < time.time() - CLOCK_LAG_S:
                self._clean[path] = touched.st_ino, touched.st_ctime_ns
        return hits


def forms(text: str) -> set[bytes]:
    """The bytes that *text* may have become: UTF-8, UTF-16, base64 at each offset, hex, JSON and URL escapes."""
    found: set[bytes] = set()
    for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode()}
        for offset in range(3):
            padded = base64.b64encode(bytes(offset) + raw)
            inner = padded[4 if offset else 0 : -4]  # what does not depend on the neighbours
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    escaped = text.encode("ascii", "backslashreplace")
    return found | {escaped, escaped.upper(), quote(text).encode(), quote(text).lower().encode()}


def files_below(*folders: Path) -> Iterator[Path]:
    """Every file in these folders."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
