"""From a name that was found to where it stands again, shortened, or in one list with others. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from portal.exposures.redaction.data import words
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.reading import fits, is_surname
from portal.exposures.redaction.values import Kind

_WHOLE = re.compile(r"[一-鿿]{2,8}")
_ITEM = "(?:(?![和与及跟])[一-鿿]){2,4}"  # a separator is no part of an item, so that there is one way to read a list
_LIST = re.compile(rf"{_ITEM}(?:[、和与及跟]{_ITEM}){{1,30}}")


def spread(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """*found* are the names of *text*; what else of them is there. Linear in the text, however many names."""
    again: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in found:
        name = text[one.start : one.end]
        if one.kind is Kind.NAME and _WHOLE.fullmatch(name) and "某" not in name and name not in words("keep"):
            again[name[:2]][name] = one.sure or again[name[:2]].get(name, False)
            given = name[1:] if name[:2] not in words("compound_surnames") else name[2:]
            if len(name) in (3, 4) and len(given) == 2 and fits(given) and given not in words("keep"):
                again[given].setdefault(given, False)
    if again:
        for start in range(len(text) - 1):
            for name, sure in again.get(text[start : start + 2], {}).items():
                if text.startswith(name, start):
                    yield Found(start, start + len(name), Kind.NAME, sure)
        yield from _listed(text, found)


def _listed(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """What stands in one list with a name and begins with a surname; unsure."""
    known = bytearray(len(text))
    for one in found:
        if one.kind is Kind.NAME:
            known[one.start : one.end] = b"\x01" * (one.end - one.start)
    for match in _LIST.finditer(text):
        if not any(known[match.start() : match.end()]):
            continue
        place = match.start()
        for item in re.split("[、和与及跟]", match[0]):
            name = item[:3]
            if 2 <= len(item) <= 3 and name not in words("keep") and (is_surname(name[0]) or is_surname(name[:2])):
                yield Found(place, place + len(name), Kind.NAME, sure=False)
            place += len(item) + 1
