"""A copy of all pages of exposures and fund accounts that any web server hands out without this program.

The pages are asked of the site itself, as a reader without a cookie asks for them, and their links are made relative.
Described in docs/operations.md. The same published cases and figures make the same bytes. What needs the program
(search, filters, comparing, display settings) is not in it.
"""

from __future__ import annotations

import ctypes
import hashlib
import html
import json
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flask import Flask

from portal.web.caching import STATIC_COPY

SUMS, STATUSES, GONE = "SHA256SUMS", "statuses.json", "gone.map"
PAGING = frozenset({"after", "page"})
"""What a page of a list may be asked by; an address that asks for anything else leads back to the site."""
PARTS = ("/exposures/", "/fund/")
SEEDS = (
    *("/exposures/", "/exposures/feed.xml", "/exposures/data/cases.json", "/exposures/data/cases.csv"),
    "/exposures/openapi.json",
    *(
        "/fund/",
        "/fund/data/figures.json",
        "/fund/data/figures.csv",
        "/fund/data/figures.xlsx",
        "/fund/data/openapi.json",
    ),
    *("/fund/data/figures.csv-metadata.json", "/fund/data/catalog.jsonld", "/fund/data/vocabulary.json"),
    *("/fund/data/regions.json", "/fund/data/disclosures.json", "/fund/data/changes.json"),
)
_IN_HTML = re.compile(r"""(?<=\s)((?:href|src)=)"(/[^"]*)\"""")
_IN_FEED = re.compile(r"""(<link [^<>]*href=)"(/[^"]*)\"""")
_IN_LIST = re.compile(r"""(?<=^ )("next": )"(/[^"]*)\"""", re.MULTILINE)
LINKS = {"text/html": _IN_HTML, "application/atom+xml": _IN_FEED, "application/json": _IN_LIST}
"""Where an answer of a kind names paths of the site: what stands before the path, and the path."""
_CASE = re.compile(r"(/[a-z]+)?/exposures/[0-9]{4}-[0-9]+/")
_PICTURE = re.compile(r'<meta property="og:image" content="([^"]+)">')
_AT_FDCWD, _EXCHANGE = -100, 2  # of Linux's renameat2

Keep = Callable[[str, bytes], None]
"""Takes a file of the copy: its path in the folder, its bytes."""


class NotExported(Exception):
    """The copy was not made; the one that was there is as it was. The message is for the operator."""


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

    statuses = collect(app, address, languages, keep)
    gone = tuple(sorted(path for path, status in statuses.items() if status == 410))
    keep(STATUSES, (json.dumps(dict(sorted(statuses.items())), indent=1) + "\n").encode())
    keep(GONE, "".join(f"{path} 1;\n" for path in gone).encode())
    _write(fresh / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode())
    for one in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
        one.chmod(0o755)  # mkdtemp leaves it to its maker alone; a web server has to read it
    return Copied(len(sums) + 1, gone)


def collect(app: Flask, address: str, languages: tuple[str, ...], keep: Keep) -> dict[str, int]:
    """Ask for every page that can be reached, from the first page of the list on; the status of each address."""
    roots = ("", *(f"/{tongue}" for tongue in languages[1:]))
    copied = _Scope(roots)
    waiting = [root + seed for root in roots for seed in SEEDS]
    known = set(waiting)
    statuses: dict[str, int] = {}
    visitor = app.test_client(use_cookies=False)
    while waiting:
        asked = waiting.pop()
        answer = visitor.get(asked, environ_overrides={STATIC_COPY: True})
        if answer.status_code not in (200, 410):
            raise NotExported(f"{asked}: the site answers {answer.status_code}")
        statuses[asked] = answer.status_code
        if answer.status_code == 410 and _CASE.fullmatch(asked):
            waiting.append(f"{asked[:-1]}.json")  # no page leads there any more; who kept the address gets the notice
        data = answer.get_data()
        links = LINKS.get(answer.mimetype or "")
        if links is not None:
            text = data.decode()
            found = {link for link in _links(text, links, address) if copied.has(link)} - known
            known |= found
            waiting += sorted(found)
            data = _relative(text, links, asked, address, copied).encode()
        keep(place(asked), data)
    return statuses


@dataclass(frozen=True, slots=True)
class _Scope:
    """What belongs to the copy. ``roots``: what paths begin with, one a language."""

    roots: tuple[str, ...]

    def has(self, link: str) -> bool:
        parts = urlsplit(link)
        ours = parts.path.startswith(("/static/", *(f"{root}{part}" for root in self.roots for part in PARTS)))
        return ours and {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} <= PAGING


def place(link: str) -> str:
    """The file of an address: ``/exposures/?page=2`` → ``exposures/page-2/index.html``."""
    parts = urlsplit(link)
    asked = "-".join(f"{name}-{re.sub('[^0-9A-Za-z.-]', '_', value)}" for name, value in sorted(parse_qsl(parts.query)))
    path = parts.path.lstrip("/")
    if path.endswith("/"):
        return f"{path}{asked}/index.html" if asked else f"{path}index.html"
    if not asked:
        return path
    stem, ending = posixpath.splitext(path)
    return f"{stem}-{asked}{ending}"


def _links(text: str, links: re.Pattern[str], address: str) -> Iterator[str]:
    for _before, link in links.findall(text):
        yield html.unescape(link).partition("#")[0]
    if address:
        for link in _PICTURE.findall(text):
            yield html.unescape(link).removeprefix(address)


def _relative(text: str, links: re.Pattern[str], page: str, address: str, copied: _Scope) -> str:
    here = posixpath.dirname(place(page))

    def led(found: re.Match[str]) -> str:
        bare, mark, part = html.unescape(found[2]).partition("#")
        if not copied.has(bare):
            return f'{found[1]}"{address}{found[2]}"'
        target = posixpath.relpath(place(bare), here or ".")
        if posixpath.basename(target) == "index.html":
            target = (posixpath.dirname(target) or ".") + "/"
        return f'{found[1]}"{html.escape(target + mark + part)}"'

    return links.sub(led, text)


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
