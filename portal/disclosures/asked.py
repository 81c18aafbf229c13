"""Which place somebody means by a name or a code: only places of which figures are published are meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.directory.regions import regions, short_name
from portal.disclosures import queries, telling
from portal.disclosures.lasting import Lasting
from portal.disclosures.seen import Newest
from portal.disclosures.values import COUNTRY
from portal.web.locale import lang_of, language, mixed

MOST_ROWS = 4
"""The most places or years that are compared."""
MOST_NEAR = 6
"""The most places that are told where several may be meant."""
MOST_TYPED = 40
_SEARCHED = 200
_MOST_READ = 2 * MOST_ROWS
_DROPPED = re.compile(r"[\s,，、·]+")


@dataclass(frozen=True, slots=True)
class Offered:
    """The places of which figures are published, in the words of one language.

    ``names``: words by code, in the order of codes; ``by_words``: codes by what else a place is called, as
    :func:`bare` writes it; ``options``: all of them as options of a list; ``years``: of any of them, the newest first.
    """

    names: Mapping[str, str]
    by_words: Mapping[str, tuple[str, ...]]
    options: Markup
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of what is compared, as it was typed. ``region``: the place that is meant, "" when none is for sure;
    ``year``: 0 for what is no year. ``near``: places that may be meant; ``several``: they have names like it."""

    place: str
    typed_year: str
    region: str = ""
    year: int = 0
    near: tuple[str, ...] = ()
    several: bool = False


NOTHING = Offered({}, {}, Markup(), ())
_KEPT: Lasting[Offered] = Lasting()


def offered(session: Session, newest: Newest | None) -> Offered:
    """What is offered since the *newest* disclosure, in the reader's language; read once for all readers."""
    return _KEPT.get((newest.id, language()), lambda: _read(session)) if newest else NOTHING


def _read(session: Session) -> Offered:
    found = queries.listed(session)
    names = {one.region: telling.place_words(one.region) for one in found}
    by_words: dict[str, dict[str, None]] = {}
    for code, words in names.items():
        for name in (words, *_names(code)):
            by_words.setdefault(bare(name), {})[code] = None
    last = max((one.last_year for one in found), default=0)
    first = min((one.first_year for one in found), default=1)
    options = Markup().join(_option(code, words) for code, words in names.items())
    called = {words: tuple(codes) for words, codes in by_words.items()}
    return Offered(names, called, options, tuple(range(last, first - 1, -1)))


def _option(code: str, words: str) -> Markup:
    """On an English page with the Chinese name beside it."""
    beside = telling.chinese_name(code)
    return Markup('<option value="{}"{}>{}</option>').format(words, lang_of(beside or words), beside)


def _names(code: str) -> Iterator[str]:
    """What a place is called, whole and in short, in both languages."""
    if code == COUNTRY:
        yield from ("全国", "中国", "China")
    if code not in regions():
        return
    one = regions().get(code)
    yield from ("".join(regions().path(code)), one.name, short_name(one.name))
    if one.english:
        yield from ("".join(regions().path_in_english(code)), one.english)


_PROVINCES: Lasting[list[tuple[queries.Area, str]]] = Lasting()


def provinces(session: Session, newest: Newest | None) -> list[tuple[queries.Area, str]]:
    """The country and each province with any place that is offered, and its name in the reader's language; read once
    for all readers."""
    return _PROVINCES.get(
        (newest, language()),
        lambda: [(one, mixed(telling.place_beside(one.region))) for one in queries.areas(session)],
    )


def bare(typed: str) -> str:
    """Words without what they may be written with or without: spaces, commas, accents, capitals, full width."""
    letters = unicodedata.normalize("NFKD", typed)
    return _DROPPED.sub("", "".join(one for one in letters if not unicodedata.combining(one))).casefold()


def called(offer: Offered, typed: str) -> list[str]:
    """The places that *typed* names: by code, by a whole name, else by its beginning or a part of it."""
    words = bare(typed[:MOST_TYPED])
    if words in offer.names:
        return [words]
    if not words or words in offer.by_words:
        return list(offer.by_words.get(words, ()))
    begins = {code: None for name, codes in offer.by_words.items() if name.startswith(words) for code in codes}
    return list(dict.fromkeys((*begins, *(code for code in _searched(typed[:MOST_TYPED]) if code in offer.names))))


@lru_cache(maxsize=64)
def _searched(typed: str) -> tuple[str, ...]:
    """All divisions that are like it, published or not: looking through three thousand names takes some 7 ms."""
    return tuple(one.code for one in regions().search(typed, _SEARCHED))


def around(offer: Offered, typed: str) -> list[str]:
    """Where nothing is published of what *typed* names: the places around it of which there is, the nearest first."""
    known = _searched(typed[:MOST_TYPED])[:1]
    return [one.code for place in known for one in regions().parents(place) if one.code in offer.names]


def rows(offer: Offered, places: Sequence[str], years: Iterable[str]) -> tuple[list[Asked], bool]:
    """What an address asks to compare, each once and at most MOST_ROWS; whether it asks for more.

    A place without a year is taken in the newest one.
    """
    places = places[:_MOST_READ]
    given = [*years][: len(places)]
    given += [str(offer.years[0])] * (len(places) - len(given)) if offer.years else []
    found: dict[tuple[str, str], Asked] = {}
    for place, year in zip(places, given, strict=False):
        if place.strip() and len(found) <= MOST_ROWS:
            one = _row(offer, place.strip(), year)
            found[one.region or one.place, one.typed_year] = one
    asked = list(found.values())
    return asked[:MOST_ROWS], len(asked) > MOST_ROWS


def _says_enough(offer: Offered, typed: str) -> bool:
    """Whether a place may be taken for what was typed: for its code or a whole name, or for some of its letters."""
    words = bare(typed)
    return words in offer.names or words in offer.by_words or len(words) >= (2 if not words.isascii() else 4)


def _row(offer: Offered, place: str, year: str) -> Asked:
    typed, found = place[:MOST_TYPED], called(offer, place)
    told = int(year) if re.fullmatch("[0-9]{4}", year) else 0
    if len(found) == 1 and _says_enough(offer, typed):
        return Asked(typed, year[:4], found[0], told)
    near = found or around(offer, place)
    return Asked(typed, year[:4], "", told, tuple(near[:MOST_NEAR]), bool(found))
