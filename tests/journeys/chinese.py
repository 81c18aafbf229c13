"""Finds Chinese on an English page where nothing says that it is Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
SPOKEN = ("alt", "aria-label", "content", "data-confirm", "placeholder", "title")
"""Attributes that are read out or shown."""


class _Chinese(HTMLParser):
    """Han characters and Chinese punctuation outside elements that say ``lang="zh…"``."""

    def __init__(self, sources: Iterable[str]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._sources = sorted(sources, key=len, reverse=True)
        self._languages: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang", self._languages[-1])
        if not language.startswith("zh"):
            shown = [given.get(name, "") for name in SPOKEN]
            self.found += [text for text in shown if self._chinese(text)]
        if tag not in VOID:
            self._languages.append(language)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._languages.pop()

    def handle_data(self, data: str) -> None:
        title = self.lasttag in ("title", "desc")
        if not self._languages[-1].startswith("zh") and (self._chinese(data) if title else HAN.search(data)):
            self.found.append(" ".join(data.split()))

    def _chinese(self, text: str) -> bool:
        """Whether more of it is Chinese than the words of sources, which no element can mark here."""
        for words in self._sources:
            text = text.replace(words, "")
        return bool(HAN.search(text))


def chinese_in(page: str, sources: Iterable[str] = ()) -> list[str]:
    """What of *page* an English reader could not read. *sources*: words as somebody wrote them, which may stand in
    titles and in attributes."""
    reader = _Chinese(sources)
    reader.feed(page)
    return reader.found
