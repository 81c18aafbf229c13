"""Asks the site for every page of the copy, as a reader without a cookie does, and makes their links relative.

The same published cases and figures make the same bytes. What needs the program (search, filters, comparing, display
settings) is not in it.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask

from portal.exporting.scope import Scope, place
from portal.web.caching import STATIC_COPY


@dataclass(frozen=True, slots=True)
class Links:
    """How answers of a kind name paths of the site: what stands before the path, and the path; how it is written."""

    pattern: re.Pattern[str]
    read: Callable[[str], str] = str
    write: Callable[[str], str] = str


LINKS = {
    "text/html": Links(re.compile(r"""(?<=\s)((?:href|src)=)"(/[^"]*)\""""), html.unescape, html.escape),
    "application/atom+xml": Links(re.compile(r"""(<link [^<>]*href=)"(/[^"]*)\""""), html.unescape, html.escape),
    "application/json": Links(re.compile(r"""(?<=^ )("next": )"(/[^"]*)\"""", re.MULTILINE)),
    "application/ld+json": Links(
        re.compile(r"""^( +"dcat:downloadURL": )"(?:https?://[^/"]+)?(/[^"]*)\"""", re.MULTILINE)
    ),
    "application/csvm+json": Links(re.compile(r"""^( +"url": )"(/[^"]*)\"""", re.MULTILINE)),
}
_CASE = re.compile(r"(/[a-z]+)?/exposures/[0-9]{4}-[0-9]+/")
_PICTURE = re.compile(r'<meta property="og:image" content="([^"]+)">')

Keep = Callable[[str, bytes], None]
"""Takes a file of the copy: its path in the folder, its bytes."""


class NotExported(Exception):
    """The copy was not made; the one that was there is as it was. The message is for the operator."""


def collect(app: Flask, address: str, copied: Scope, keep: Keep) -> dict[str, int]:
    """Ask for every page of *copied* that can be reached from its seeds; the status of each address.

    Raises NotExported when a page cannot be had.
    """
    waiting = copied.seeds
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


def _links(text: str, links: Links, address: str) -> Iterator[str]:
    for _before, link in links.pattern.findall(text):
        yield links.read(link).partition("#")[0]
    if address:
        for link in _PICTURE.findall(text):
            yield html.unescape(link).removeprefix(address)


def _relative(text: str, links: Links, page: str, address: str, copied: Scope) -> str:
    here = posixpath.dirname(place(page))

    def led(found: re.Match[str]) -> str:
        bare, mark, part = links.read(found[2]).partition("#")
        if not copied.has(bare):
            return f'{found[1]}"{address}{found[2]}"'
        target = posixpath.relpath(place(bare), here or ".")
        if posixpath.basename(target) == "index.html":
            target = (posixpath.dirname(target) or ".") + "/"
        return f'{found[1]}"{links.write(target + mark + part)}"'

    return links.pattern.sub(led, text)
