"""What RFC 4287 asks of an Atom feed, as a check that names each fault. Written from the specification alone.

Of its appendix B: which elements stand where and how often (4.1), dates (3.3, RFC 3339), persons (3.2), addresses
(4.2.7) and the kinds of content that are used here (4.1.3).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM, XML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/XML/1998/namespace}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ONCE = {
    "feed": {"id": True, "title": True, "updated": True, "subtitle": False, "generator": False, "icon": False,
             "logo": False, "rights": False},
    "entry": {"id": True, "title": True, "updated": True, "published": False, "content": False, "summary": False,
              "rights": False, "source": False},
}  # fmt: skip
"""Elements that stand no more than once; whether they must."""
_OFTEN = {
    "feed": {"author", "category", "contributor", "link", "entry"},
    "entry": {"author", "category", "contributor", "link"},
}


def faults(document: bytes) -> list[str]:
    """What is wrong with a feed; raises ParseError for what is no XML."""
    root = ET.fromstring(document)
    return list(_of_feed(root))


def _of_feed(root: ET.Element) -> Iterator[str]:
    if root.tag != f"{ATOM}feed":
        yield f"the document is a {root.tag}"
    yield from _of_parts(root, "feed")
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        yield from _of_parts(entry, "entry")
        if root.find(f"{ATOM}author") is None and entry.find(f"{ATOM}author") is None:
            yield "an entry without an author (4.1.2)"
        yield from _of_content(entry)
    told = Counter((entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries)
    if any(count > 1 for count in told.values()):
        yield "two entries of one id and one moment (4.1.1)"
    if not any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link")):
        yield "no address of the feed itself (4.1.1)"


def _of_parts(element: ET.Element, kind: str) -> Iterator[str]:
    count = Counter(child.tag.removeprefix(ATOM) for child in element)
    for name, needed in _ONCE[kind].items():
        if count[name] > 1 or (needed and not count[name]):
            yield f"{count[name]} {name} in {kind}"
    yield from (f"{name} in {kind}" for name in count if name not in _OFTEN[kind] and name not in _ONCE[kind])
    for name in ("updated", "published"):
        yield from (
            f"{name}: {one.text}" for one in element.findall(ATOM + name) if not _DATE.fullmatch(one.text or "")
        )
    for one in element.findall(f"{ATOM}id"):
        if not urlsplit(one.text or "").scheme:
            yield f"an id that is no IRI: {one.text}"
    yield from (f"a person without a name in {kind}" for one in _people(element) if not one.findtext(f"{ATOM}name"))
    yield from (f"a category without a term in {kind}" for one in _named(element, "category") if not one.get("term"))
    yield from _of_links(element, kind)


def _of_links(element: ET.Element, kind: str) -> Iterator[str]:
    links = _named(element, "link")
    yield from (f"a link that leads nowhere in {kind}" for one in links if not one.get("href"))
    alternate = [one for one in links if one.get("rel", "alternate") == "alternate"]
    if len({(one.get("type"), one.get("hreflang")) for one in alternate}) != len(alternate):
        yield f"two alternates alike in {kind}"
    if kind == "entry" and not alternate and element.find(f"{ATOM}content") is None:
        yield "an entry with neither content nor address (4.1.2)"


def _of_content(entry: ET.Element) -> Iterator[str]:
    for content in _named(entry, "content"):
        if content.get("type", "text") not in ("text", "html"):
            yield f"content of another type: {content.get('type')}"
        if len(content):
            yield "elements in content that is text (4.1.3.3)"
        if content.get("type") == "html":
            yield from _of_html(content.text or "")


def _of_html(text: str) -> Iterator[str]:
    reader = _Tags()
    reader.feed(text)
    reader.close()
    if reader.open or reader.wrong:
        yield f"HTML that is not closed: {text[:60]}"


class _Tags(HTMLParser):
    """Whether every element is closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.wrong |= not self.open or self.open.pop() != tag


def _people(element: ET.Element) -> list[ET.Element]:
    return _named(element, "author") + _named(element, "contributor")


def _named(element: ET.Element, name: str) -> list[ET.Element]:
    return element.findall(ATOM + name)
