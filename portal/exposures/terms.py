"""The pieces of two characters that a text is found by: Chinese has no spaces, and most of its words have two. Pure.

A text and what is typed are folded alike: full-width forms, capitals and kinds of space make no difference. Letters
and digits are cut into the same pieces, so that "MRI" is found by MR and RI; whoever asks confirms on the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_RUN = re.compile(r"[^\W_]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def folded(text: str) -> str:
    """*text* as it is compared: NFKC, without capitals and without characters that nobody sees."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()


def terms(text: str) -> frozenset[str]:
    """The pieces of two neighbouring letters, digits or characters in *text*, and single ones that stand alone.

    Nothing joins what punctuation or a space keeps apart.
    """
    return frozenset(_pairs(folded(text)))


def words(asked: str) -> tuple[str, ...]:
    """What *asked* looks for: its runs of letters, digits and characters, each once, in their order."""
    return tuple(dict.fromkeys(_RUN.findall(folded(asked))))


def _pairs(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if len(run) == 1:
            yield run
        for first, second in pairwise(run):
            yield first + second
