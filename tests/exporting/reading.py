"""Reading a copy as a browser does: its files, their links, and where those lead."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.forms = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.forms += tag == "form"
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def read(page: bytes) -> _Links:
    links = _Links()
    links.feed(page.decode())
    return links


def links_of(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every address of a page, of the feeds and of the lists of data, with the file that it stands in."""
    for name, data in files.items():
        if name.endswith(".html"):
            yield from ((name, link) for link in read(data).found)
        elif name.endswith("feed.xml"):
            yield from ((name, one.get("href", "")) for one in ET.fromstring(data).iter() if one.get("href"))


def leads_to(name: str, link: str) -> str:
    """The file that a server hands out for a relative link."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(link).partition("#")[0]))
    return posixpath.join(target, "index.html") if link.partition("#")[0].endswith("/") else target
