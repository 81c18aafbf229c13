"""Narratives out of the frames in data/frames.txt, with what is to be found in them and what is to be left alone."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from tests.exposures.redaction import numbers, pools


def _lines(name: str) -> list[str]:
    text = (Path(__file__).parent / "data" / f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line[:1] not in "#="]


FRAMES, NARRATIVES, PUBLISHED = _lines("frames"), _lines("narratives"), _lines("published")
SLOT = re.compile(r"\{(\w+)(?::(\w+))?(\|surname)?\}")
INLINE = re.compile(r"\[([rdnstak]):((?:[^\[\]{}]|\{[^{}]*\})+)\]")
NAMES = {
    "han": "",
    "tib": pools.TIBETAN,
    "uyg": pools.UYGHUR,
    "kaz": pools.KAZAKH,
    "mon": pools.MONGOL,
    "yi": pools.YI,
    "lat": pools.LATIN,
}
INLINES = {
    "r": "role",
    "d": "exact-day",
    "n": "name",
    "s": "short name",
    "t": "titled name",
    "a": "address",
    "k": "keep word",
}
NUMBERS = {"id", "id15", "phone", "card", "qq"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a narrative; ``kind`` begins with "keep" where nothing may be changed."""

    start: int
    end: int
    kind: str
    form: str = "plain"


@dataclass(frozen=True, slots=True)
class Narrative:
    text: str
    pieces: tuple[Piece, ...]
    known: tuple[str, ...]


def narrative(rng: random.Random, which: int, frame: str) -> Narrative:
    """*frame* filled from half *which* of every pool; ``known`` holds the full names in it."""
    said: dict[str, tuple[str, str, str]] = {}
    pieces: list[Piece] = []
    known: list[str] = []
    out = ""
    for inline, part in _parts(frame):
        begun, at = len(out), 0
        for slot in SLOT.finditer(part):
            out += part[at : slot.start()]
            at = slot.end()
            name, label, surname = slot.group(1), slot.group(2), slot.group(3)
            value, kind, form = said.get(label or "", ("", "", "")) if label else ("", "", "")
            if not value:
                value, kind, form = fill(rng, which, name)
                if label:
                    said[label] = value, kind, form
            if surname:
                out += value[0]
                continue
            length = 1 if kind == "titled name" else len(value)
            pieces.append(Piece(len(out), len(out) + length, kind, form))
            if kind == "name":
                known.append(value)
            out += value
        out += part[at:]
        if inline:
            pieces.append(Piece(begun, begun + 1 if inline == "t" else len(out), INLINES[inline]))
            if inline == "n":
                known.append(_whole(out[begun:]))
    return Narrative(out, tuple(pieces), tuple(dict.fromkeys(known)))


def _whole(name: str) -> str:
    """*name* as a register writes it: a short one without what was put between its characters."""
    return re.sub(r"[\s·\-]", "", name) if len(name) < 6 and name[0] >= "一" else name


def _parts(frame: str) -> list[tuple[str, str]]:
    parts, at = [], 0
    for match in INLINE.finditer(frame):
        parts += [("", frame[at : match.start()]), (match.group(1), match.group(2))]
        at = match.end()
    return [*parts, ("", frame[at:])]


def fill(rng: random.Random, which: int, name: str) -> tuple[str, str, str]:
    """A value for the slot *name*, its kind, and the form it is written in."""
    surnames = pools.half(pools.SURNAMES, which) * 3 + pools.half(pools.COMPOUND, which)
    surname, given = rng.choice(surnames), rng.choice(pools.half(pools.GIVEN, which))
    if name == "n":
        name = rng.choices(list(NAMES), [80, 4, 4, 2, 3, 3, 4])[0]
    if name in NAMES:
        return (surname + given if name == "han" else rng.choice(pools.half(NAMES[name], which))), "name", name
    if name == "titled":
        return surname[0] + rng.choice(pools.half(pools.TITLES, which)), "titled name", "plain"
    if name == "nick":
        return rng.choice("小老") + surname[0], "short name", "plain"
    if name in FACTS:
        return _fact(rng, which, name), f"keep {name}", "plain"
    value = _number(rng, which, name)
    if name in NUMBERS and rng.random() < 0.4:
        disguise = rng.choice(numbers.OF_NUMBERS if name != "qq" else numbers.OF_LABELLED)
        return disguise(value, rng), KINDS[name], disguise.__name__
    return value, KINDS[name], "plain"


KINDS = {
    "id": "id-number",
    "id15": "old id-number",
    "phone": "phone",
    "landline": "landline",
    "card": "bank-card",
    "email": "email",
    "wechat": "wechat",
    "qq": "qq",
    "plate": "plate",
    "mrn": "medical-record",
    "ins": "insurance-number",
    "insno": "insurance-number",
    "addr": "address",
    "day": "exact-day",
}


def _number(rng: random.Random, which: int, name: str) -> str:
    if name in ("email", "wechat", "addr"):
        makers = {"email": numbers.email, "wechat": numbers.wechat, "addr": numbers.address}
        return makers[name](rng, which)
    plain = {
        "id": numbers.id_number,
        "id15": numbers.old_id_number,
        "phone": numbers.mobile,
        "landline": numbers.landline,
        "card": numbers.card,
        "qq": numbers.qq,
        "plate": numbers.plate,
        "mrn": numbers.record_number,
        "ins": numbers.insurance_number,
        "insno": numbers.insurance_number,
        "day": numbers.day,
    }
    return plain[name](rng)


FACTS = [
    "inst",
    "amount",
    "statute",
    "uscc",
    "docno",
    "drug",
    "hotline",
    "city",
    "year",
    "month",
    "count",
    "court",
    "licence",
]


def _fact(rng: random.Random, which: int, name: str) -> str:
    number = rng.randrange(2, 90)
    return rng.choice(
        {
            "inst": [
                rng.choice(pools.half(pools.INSTITUTION_STEMS, which))
                + rng.choice(pools.half(pools.INSTITUTION_ENDS, which)),
                rng.choice(pools.half(pools.INSTITUTIONS, which)),
            ],
            "amount": [
                f"{number}.{number:02}万元",
                f"{number}39.31元",
                f"{number},200元",
                f"{number}万余元",
                "一万二千元",
            ],
            "statute": [f"《医疗保障基金使用监督管理条例》第{rng.choice('三四')}十条", "社会保险法第八十七条"],
            "uscc": [f"91320100MA1{number:02}00X0X"],
            "docno": [f"医保发〔2024〕{number}号", f"国办发〔2023〕{number}号"],
            "drug": [rng.choice(pools.half(pools.DRUGS, which))],
            "hotline": ["12393", "12345"],
            "city": [rng.choice(pools.half(pools.CITIES, which))],
            "year": [f"{rng.randrange(2019, 2026)}年"],
            "month": [f"2025年{rng.randrange(1, 13)}月"],
            "count": [f"{number}次", f"{number}份", f"{number}人"],
            "court": ["江宁区人民法院", "单县人民法院"],
            "licence": [f"国药准字H200{number}123"],
        }[name]
    )
