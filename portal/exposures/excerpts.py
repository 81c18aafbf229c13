"""The words around what a search found, so that a list says why a case is in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.exposures.content import CaseContent
from portal.exposures.terms import folded

AROUND = 24
"""Characters shown before and behind the first word that was found."""
NEAR = 8
"""So few characters at the beginning are not cut off."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt. ``hit``: it is what was looked for."""

    text: str
    hit: bool = False


def excerpt(content: CaseContent, sought: Sequence[str]) -> tuple[Piece, ...]:
    """The first place of a paragraph where one of the folded words *sought* stands; nothing when the title has them
    all, or no paragraph has one."""
    missing = [word for word in sought if word not in folded(content.title)]
    for paragraph in content.paragraphs:
        hits = _hits(paragraph, missing)
        if hits:
            return tuple(_cut(paragraph, hits))
    return ()


def _hits(text: str, sought: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in *text*, in code points of it, in order and never one within another."""
    whole, places = _folded_with_places(text)
    found = []
    for word in sought:
        start = whole.find(word)
        while start >= 0:
            found.append((places[start], places[start + len(word) - 1] + 1))
            start = whole.find(word, start + len(word))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """*text* folded one character at a time, and for each of its characters the place of the one that it came from."""
    whole, places = [], []
    for place, character in enumerate(text):
        shape = folded(character)
        whole.append(shape)
        places += [place] * len(shape)
    return "".join(whole), places


def _cut(text: str, hits: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    here, last = hits[0][0] - AROUND, min(len(text), hits[0][1] + AROUND)
    here = here if here > NEAR else 0
    if here:
        yield Piece("…")
    for start, end in hits:
        if end > last:
            break
        if start > here:
            yield Piece(text[here:start])
        yield Piece(text[start:end], hit=True)
        here = end
    if here < last:
        yield Piece(text[here:last])
    if last < len(text):
        yield Piece("…")
