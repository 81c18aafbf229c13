"""What may be a name by its surname alone. Pure.

The dictionary leaves the characters of a name as words of one character. A surname that stands so, with one or two
characters behind it, is put before a person; where more is known, :mod:`portal.exposures.redaction.names` masks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from portal.exposures.redaction.data import surnames, words
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.values import Kind

_NEVER = frozenset(
    "的了在是被把对从向让给说和与及到将就很太更再这那他她它我你您们个次号元张份吗呢吧啊呀于但而且若则或者着等便停保受过也都已曾"
    "某一两三四五六七八九十"
)
"""Characters that neither begin nor end a given name in running text."""
_WORDS = frozenset(
    "于和从上时都是有为向由及以同并当经因该应对但或按将能会被把让给在到与又再各每本全单多少双后前左右内外年元约谈商"
    "时发刑元后令查收充开点通报计划代付原别言终后相申国"
)
"""Surnames that are far more often a word: alone they say nothing."""
_HAN = re.compile(r"[一-鿿]")
_NO_PERSON = re.compile(
    r"[路街村镇乡市县区巷省州旗盟岛湖山河江海]|[^，。；：、！？\s]{0,5}?"
    r"(?:医院|诊所|药房|药店|卫生院|小区|花园|中心|公司|店|制药|药业|[丸散膏丹片汤酒剂粒囊])"
)


Pieces = Mapping[int, str]
"""Where each piece begins, and the piece, in the order of the text."""


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


def alone(cut: Pieces) -> set[int]:
    """Where a surname stands as a piece of its own."""
    return {start for start, word in cut.items() if _surname(word)}


def guessed(text: str, cut: Pieces) -> Iterator[Found]:
    """Names by a surname that is a piece of its own; all unsure."""
    for start, word in cut.items():
        if not _surname(word) or in_kept(text, start) or text[start - 1 : start].isdigit():
            continue
        place = start + len(word)
        given = _given(text, place)
        if not given or "某" in text[start : place + given + 1] or no_person(text, place + given):
            continue
        if not in_kept(text, place):
            yield Found(start, place + given, Kind.NAME, sure=False)


def strange(text: str, cut: Pieces) -> Iterator[Found]:
    """Four to six neighbouring characters that are no words, as a name from another language is; unsure."""
    begin, end = 0, 0
    for start, word in (*cut.items(), (len(text), "")):
        single = len(word) == 1 and _HAN.match(word) and word not in _NEVER and word not in _WORDS
        if single and start == end:
            end += 1
            continue
        if 4 <= end - begin <= 6 and not in_kept(text, begin):
            yield Found(begin, end, Kind.NAME, sure=False)
        begin, end = (start, start + 1) if single else (start, start)


def may_end(sign: str) -> bool:
    """Whether *sign* may be the last character of a given name."""
    return bool(_HAN.match(sign)) and sign not in _NEVER


def is_word(surname: str) -> bool:
    """Whether what could be a surname is far more often a word."""
    return surname in _WORDS


def no_person(text: str, end: int) -> bool:
    """Whether what goes on at *end* makes the piece before it a place, an institution or a drug."""
    return bool(_NO_PERSON.match(text, end))


def _surname(word: str) -> bool:
    return (len(word) == 1 and word in surnames() and word not in _WORDS) or word in words("compound_surnames")


def _given(text: str, place: int) -> int:
    """How many characters from *place* on may be a given name."""
    first, second = text[place : place + 1], text[place + 1 : place + 2]
    if not _HAN.match(first) or first in _NEVER:
        return 0
    if second == "某" or not _HAN.match(second) or second in _NEVER:
        return int(second != "某")
    return 2


def in_kept(text: str, start: int) -> bool:
    """Whether a word that is kept stands at *start* or reaches over it."""
    return any(
        text.startswith(word, start - back)
        for back in range(min(3, start + 1))
        for word in _beginning(text[start - back : start - back + 1])
        if len(word) > back + (back > 0)
    )


@lru_cache(maxsize=4096)
def _beginning(first: str) -> tuple[str, ...]:
    return tuple(word for word in words("keep") if word.startswith(first))
