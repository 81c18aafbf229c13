"""The text as it is read: one form for every way of writing a sign, invisible signs left out, with the way back. Pure.

Full-width, circled and mathematical signs become plain ones, digits of every script 0 to 9, letters of other alphabets
that look Latin Latin, traditional characters simplified ones.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache

from portal.exposures.redaction.data import words

_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıⅼ",
    "ABESIJKMHOPCTYXaesijopcyxdhqwgABEZHIKMNOPTYXoil",
)
_AS_THEY_ARE = frozenset("［］，。：；！？（）")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is searched; ``at[i]`` is where its i-th character stands in the input."""

    text: str = field(repr=False)
    at: tuple[int, ...] = field(repr=False)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece that is not empty stands in the input."""
        return self.at[start], self.at[end - 1] + 1


def fold(text: str) -> Folded:
    """Every character of *text* becomes one or none."""
    known = _folded()
    kept = [(one, place) for place, sign in enumerate(text) if (one := known[sign])]
    return Folded("".join([one for one, _ in kept]), tuple([place for _, place in kept]))


class _Forms(dict[str, str]):
    """Each sign as it is read, worked out when it is met first."""

    def __missing__(self, sign: str) -> str:
        found = self[sign] = _one(sign)
        return found


@cache
def _folded() -> _Forms:
    forms = _Forms({chr(code): chr(code) for code in range(0x7F)})
    forms.update((pair[0], pair[1]) for pair in words("traditional"))
    return forms


def _one(sign: str) -> str:
    if "\ud800" <= sign <= "\udfff":
        return "\ufffd"
    if unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return ""
    if "\u4e00" <= sign <= "\u9fff" or sign in _AS_THEY_ARE:
        return sign
    if (digit := unicodedata.digit(sign, -1)) >= 0:
        return str(digit)
    folded = unicodedata.normalize("NFKC", sign)
    if len(folded) == 3 and folded[0] == "(" and folded[2] == ")":
        folded = folded[1]  # one digit or letter in brackets is one sign
    return folded.translate(_LOOKALIKES) if len(folded) == 1 else sign
