"""A text as the rules for names read it: its pieces, and where words stand that are no names. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from portal.exposures.redaction.data import surnames, words

Pieces = Mapping[int, str]
"""Where each piece begins, and the piece, in the order of the text."""

HAN = re.compile(r"[一-鿿]")
NEVER = frozenset(
    "的了在是被把对从向让给说和与及到将就很太更再这那他她它我你您们个次号元张份吗呢吧啊呀于但而且若则或者着等便停保受过也都已曾"
    "某一两三四五六七八九十"
)
"""Characters that neither begin nor end a given name in running text."""
NO_PERSON = re.compile(
    r"[路街村镇乡市县区巷省州旗盟岛湖河江]|(?:(?!开(?:诊所|药房|药店|医院))[^，。；：、！？\s在到去从给跟让被把对向和与的由说进回离是有里]){0,5}?(?:医院|诊所|药房|药店|卫生院|小区|花园|中心|公司|制药|药业|分店)|"
    r"[^，。；：、！？\s的]{0,3}?(?:[丸膏丹片汤剂]|散(?!布|发)|药酒|颗粒|胶囊)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """``cut``: the words of the dictionary, what is none as single characters. ``kept[i]``: how long the shortest kept
    word is that begins at i, 0 for none. ``covered[i]``: 1 where a kept word begins or goes on behind i.
    """

    text: str = field(repr=False)
    cut: Pieces = field(repr=False)
    kept: bytearray = field(repr=False)
    covered: bytearray = field(repr=False)

    def is_kept(self, start: int, end: int) -> bool:
        """Whether what stands there is masked already or begins with a word that is kept."""
        return 0 < self.kept[start] <= end - start or self.text.find("某", start, end) >= 0

    def in_kept(self, start: int) -> bool:
        """Whether a word that is kept stands at *start* or reaches over it."""
        return start < len(self.covered) and bool(self.covered[start])

    def no_person(self, end: int) -> bool:
        """Whether what goes on at *end* makes the piece before it a place, an institution or a drug."""
        return bool(NO_PERSON.match(self.text, end))


def read(text: str) -> Reading:
    """*text*, cut and with its kept words marked."""
    kept, covered, by_first = bytearray(len(text)), bytearray(len(text)), _kept_words()
    for place, sign in enumerate(text):
        for word in by_first.get(sign, ()):
            if text.startswith(word, place):
                length = len(word)
                kept[place] = min(kept[place] or length, length)
                covered[place] = 1
                for at in range(place + 1, place + length - 1):
                    covered[at] = 1
    return Reading(text, pieces(text), kept, covered)


def pieces(text: str) -> Pieces:
    """The words of the dictionary in *text*; what is none falls into single characters."""
    import rjieba

    found, place = dict[int, str](), 0
    for word in rjieba.cut(text, False):
        start = text.find(word, place)
        if start >= 0:
            found[start] = word
            place = start + len(word)
    return found


def tagged(text: str) -> list[tuple[int, str, str]]:
    """Where each word begins, the word, its tag; words of no dictionary are put together by their likelihood."""
    import rjieba

    found, place = [], 0
    for word, tag in rjieba.tag(text):
        start = text.find(word, place)
        if start >= 0:
            found.append((start, word, tag))
            place = start + len(word)
    return found


def is_surname(text: str) -> bool:
    """Whether *text* is a whole surname."""
    return text in surnames() or text in words("compound_surnames")


def is_word(surname: str) -> bool:
    """Whether what could be a surname is far more often a word."""
    return surname in word_surnames()


def may_end(sign: str) -> bool:
    """Whether *sign* may be the last character of a given name."""
    return bool(HAN.match(sign)) and sign not in NEVER


def fits(given: str) -> bool:
    """Whether all of *given* are characters that given names are made of."""
    return bool(given) and all(sign in given_signs() for sign in given)


_COUNTED = frozenset("这那几两一二三四五六七八九十百每多各整半数0123456789")


def counted(text: str, start: int) -> bool:
    """Whether what stands at *start* is counted or pointed at, as no name is: 这张, 三项."""
    return start > 0 and text[start - 1] in _COUNTED


@cache
def word_surnames() -> frozenset[str]:
    """Surnames that are far more often a word."""
    return frozenset("".join(words("word_surnames")))


@cache
def given_signs() -> frozenset[str]:
    """Characters that given names are made of."""
    return frozenset("".join(words("given")))


@cache
def _kept_words() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words("keep"):
        found.setdefault(word[0], []).append(word)
    return {first: tuple(those) for first, those in found.items()}
