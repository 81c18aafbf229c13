"""What stands in the place of what was found: 姓+某 for names, a word in ［］ for the rest. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.exposures.redaction.data import words
from portal.exposures.redaction.folding import fold
from portal.exposures.redaction.reading import is_surname
from portal.exposures.redaction.values import Kind, Span

WORDS = {
    Kind.ID_NUMBER: "身份证号",
    Kind.PHONE: "电话号码",
    Kind.BANK_CARD: "银行账号",
    Kind.EMAIL: "电子邮箱",
    Kind.WECHAT: "微信号",
    Kind.QQ: "QQ号",
    Kind.PLATE: "车牌号",
    Kind.MEDICAL_RECORD: "病案号",
    Kind.INSURANCE_NUMBER: "参保号",
    Kind.ADDRESS: "住址",
    Kind.KNOWN: "已隐去",
}
MASK = re.compile(r"［(?:" + "|".join(WORDS.values()) + r"|姓名)］|[一-鿿]?[一-鿿]某+\d{0,3}")
_DOTS = re.compile(r"[\s·•・‧∙･\-_.*]+")


def _stem(name: str) -> str:
    bare = _DOTS.sub("", name)
    if bare[:2] in words("compound_surnames"):
        return bare[:2]
    if bare[:1] in "小老阿" and is_surname(bare[1:]):
        return bare[1:]
    if not "一" <= bare[:1] <= "鿿":
        return ""
    dotted, tibetan = bare != name.strip(), bare in words("tibetan_parts")
    return bare[:1] if is_surname(bare[:1]) or len(bare) >= 3 or dotted or tibetan else ""


def masks(text: str, spans: Sequence[Span]) -> dict[str, str]:
    """The mask of each name of *spans*: the same name the same mask, numbered where one surname is two people's."""
    stems: dict[str, list[str]] = {}
    for span in spans:
        if span.kind is Kind.NAME:
            name = _DOTS.sub("", fold(span.value).text)
            known = stems.setdefault(_stem(fold(span.value).text), [])
            if name not in known:
                known.append(name)
    made: dict[str, str] = {}
    for stem, found in stems.items():
        if not stem:
            made.update(dict.fromkeys(found, "某某"))
            continue
        taken = [int(number or 0) for number in re.findall(re.escape(stem) + r"某+(\d{0,3})", text)]
        first = max(taken, default=0) + 1
        alone = len(found) == 1 and not taken
        for number, name in enumerate(found, first):
            made[name] = f"{stem}某" if alone else f"{stem}某{number}"
    return made


def mask_of(span: Span, of_names: dict[str, str]) -> str:
    """What stands for one span."""
    if span.kind is Kind.NAME:
        return of_names[_DOTS.sub("", fold(span.value).text)]
    return f"［{WORDS[span.kind]}］"


def masked(text: str, spans: Sequence[Span]) -> str:
    """*text* with each of *spans*, sorted, replaced."""
    of_names, pieces, place = masks(text, spans), [], 0
    for span in spans:
        pieces += [text[place : span.start], mask_of(span, of_names)]
        place = span.end
    return "".join((*pieces, text[place:]))
