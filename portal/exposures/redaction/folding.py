"""The text as it is read: full-width signs made half-width, invisible signs left out, with the way back. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is searched; ``at[i]`` is where its i-th character stands in the input."""

    text: str = field(repr=False)
    at: tuple[int, ...] = field(repr=False)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece that is not empty stands in the input."""
        return self.at[start], self.at[end - 1] + 1


def _one(sign: str) -> str:
    if sign < "\x7f" or "\u4e00" <= sign <= "\u9fff":
        return sign
    if "\ud800" <= sign <= "\udfff":
        return "\ufffd"
    if unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return ""
    if sign in "［］，。：；！？（）":
        return sign
    folded = unicodedata.normalize("NFKC", sign)
    return folded if len(folded) == 1 else sign


def fold(text: str) -> Folded:
    """Every character of *text* becomes one or none."""
    kept = [(one, place) for place, sign in enumerate(text) if (one := _one(sign))]
    return Folded("".join(one for one, _ in kept), tuple(place for _, place in kept))
