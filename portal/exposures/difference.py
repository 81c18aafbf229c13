"""What of one text is other than in another, piece by piece. Pure.

Compared are characters of Chinese and whole runs of digits and letters, so that a sum is never shown half old and half
new. Single characters that stay between two changes are shown as part of the change: they say nothing alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

_PIECE = re.compile(r"[0-9A-Za-z.,%]+|.", re.DOTALL)
_LONE = 2
"""Fewer pieces than this that stay between two changes are taken into the change."""


class Change(StrEnum):
    """What became of a piece."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of either text."""

    change: Change
    text: str = field(repr=False)


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in their order: SAME and GONE make up *before*, SAME and NEW make up *after*."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    made: list[Piece] = []
    gone, added = "", ""
    for place, (code, i1, i2, j1, j2) in enumerate(codes):
        stays = "".join(old[i1:i2])
        lone = code == "equal" and i2 - i1 < _LONE and 0 < place < len(codes) - 1 and stays != "\n"
        if code == "equal" and not lone:
            made += _changed(gone, added)
            gone, added = "", ""
            made.append(Piece(Change.SAME, stays))
        else:
            gone, added = gone + stays, added + "".join(new[j1:j2])
    return (*made, *_changed(gone, added))


def _changed(gone: str, added: str) -> Sequence[Piece]:
    pairs = ((Change.GONE, gone), (Change.NEW, added))
    return [Piece(change, text) for change, text in pairs if text]
