"""Values that the caller named: wherever they stand, also split. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.exposures.redaction.data import words
from portal.exposures.redaction.folding import fold
from portal.exposures.redaction.names import TITLE
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.reading import is_surname
from portal.exposures.redaction.values import Kind, Known

_HAN_NAME = re.compile(r"[一-鿿]{2,4}|[一-鿿·•・‧∙･]{3,30}")
_DRUG = "(?!酚|油|罗勒|花|胶囊|片|颗粒|注射|丸|散|膏|口服|素|粉|茶|糖浆|滴眼)"
_GAP_SIGNS = r"[\s·•・‧∙･\-_.*]"
_GAP = _GAP_SIGNS + "{0,3}"


def _split(value: str) -> str:
    return _GAP.join(re.escape(sign) for sign in value if not re.match(r"[\s·•・‧∙･]", sign))


def _bare(value: str) -> str:
    """*value* without what may stand in a gap and without case: what does not hold it so cannot hold it otherwise."""
    return re.sub(_GAP_SIGNS, "", value.replace("İ", "i").replace("ı", "i").casefold())


def known_values(text: str, known: Known) -> Iterator[Found]:
    """Each value whole; of a name also the given name alone, and the surname with 小, 老, 阿 or a title."""
    bare = _bare(text)
    for value in {fold(one).text.strip() for one in known}:
        if len(value) < 2:
            continue
        name = bool(_HAN_NAME.fullmatch(value))
        pattern = _split(value) + (_DRUG if name else "")
        kind = Kind.NAME if name else Kind.KNOWN
        if _bare(value) in bare:  # a pattern is dear: a line may name thousands
            for match in re.finditer(pattern, text, re.IGNORECASE):
                yield Found(*match.span(), kind)
        if name and len(value) <= 4 and "·" not in value:
            yield from _parts(text, bare, value)


def _parts(text: str, bare: str, name: str) -> Iterator[Found]:
    surname = name[:2] if name[:2] in words("compound_surnames") else name[:1]
    if not is_surname(surname):
        return
    given = name[len(surname) :]
    if len(given) >= 2 and given in bare and given not in words("keep"):
        for match in re.finditer(_split(given) + _DRUG, text):
            yield Found(*match.span(), Kind.NAME)
    if surname not in text:
        return
    for match in re.finditer(rf"[小老阿]{surname}(?![一-鿿]?(?:时|年))|{surname}(?={TITLE})", text):
        if match[0] not in words("keep"):
            yield Found(*match.span(), Kind.NAME)
