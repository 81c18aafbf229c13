"""What a report and a reporter's identity consist of, and the rules for text that people type. Pure.

A :class:`Report` or :class:`Identity` made from input holds clean text only: cleaning happens in the constructor, and
what breaks a rule raises Refused with a sentence that says what to do. ``from_json`` reads what was stored under the
limits of its own day and does not judge it again: a report stays readable when a limit is lowered.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self, TypeVar

from portal.kernel.errors import Refused

WORDS_LIMIT = 20_000
"""Characters of the account itself; more belongs in a file."""

LIMITS = {
    "words": WORDS_LIMIT,
    "target": 200,
    "target_address": 300,
    "place": 500,
    "persons": 2_000,
    "how_known": 1_000,
    "earlier_reports": 2_000,
    "name": 100,
    "id_number": 40,
    "phone": 40,
    "email": 200,
    "address": 300,
    "fellow_reporters": 100,  # each
}
MOST_FELLOWS = 10
MOST_FEN = 10**15  # ten trillion yuan: more than the fund of the whole country

_LABELS = {
    "words": "情况说明",
    "target": "被举报的名称",
    "target_address": "被举报方的地址",
    "place": "发生的地点",
    "persons": "涉及的人",
    "how_known": "怎么知道的",
    "earlier_reports": "以前的举报",
    "name": "姓名",
    "id_number": "证件号码",
    "phone": "电话",
    "email": "电子邮箱",
    "address": "联系地址",
    "fellow_reporters": "共同举报人",
}
E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
_LONG = frozenset({"words", "place", "persons", "how_known", "earlier_reports"})
_SURROGATE = re.compile("[\ud800-\udfff]")
# NUL and the other control characters (they print as nothing and break exports), and the bidi embeddings, overrides
# and isolates, which make a line read differently from what it says.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


class SubjectType(StrEnum):
    """Whom the report is about (Regulation 735, arts 36-44; OFFICIAL goes to discipline inspection)."""

    INSTITUTION = "institution"
    AGENCY = "agency"
    PERSON = "person"
    OTHER = "other"
    OFFICIAL = "official"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """How the report came in (Order 5 art. 6: all channels, one book)."""

    WEB = "web"
    HOTLINE = "12393"
    EMAIL = "email"
    FAX = "fax"
    POST = "post"
    VISIT = "visit"


class KnownAs(StrEnum):
    """How the reporter wishes to be known."""

    NO_NAME = "no_name"
    NAMED = "named"
    LATER = "later"


class AnswerWay(StrEnum):
    """How the answer goes back."""

    CODE = "code"
    CALLBACK = "callback"
    LETTER = "letter"
    NONE = "none"


class Relation(StrEnum):
    """What the reporter is to the target. Sealed with the identity: it can point at a person."""

    INSIDER = "insider"
    FORMER_INSIDER = "former_insider"
    PATIENT = "patient"
    FAMILY = "family"
    COMPETITOR = "competitor"
    PUBLIC = "public"
    SUPERVISOR = "supervisor"
    OTHER = "other"


class IdKind(StrEnum):
    """Kinds of identity document."""

    RESIDENT = "resident"
    PASSPORT = "passport"
    HONG_KONG_MACAU = "hong_kong_macau"
    TAIWAN = "taiwan"
    FOREIGN_RESIDENT = "foreign_resident"
    OTHER = "other"


def clean_text(text: object, limit: int, label: str = "这一项", *, lines: bool = True) -> str:
    """*text* without what cannot be kept: control and bidi characters go, emoji and full-width signs stay.

    *limit* counts characters. With ``lines=False`` a line break becomes a space. Raises Refused: "not_text",
    "bad_text" (half a surrogate pair: it has no UTF-8 form), "too_long".
    """
    if not isinstance(text, str):
        raise Refused("not_text", f"“{label}”要填写文字。")
    if _SURROGATE.search(text):
        raise Refused("bad_text", f"“{label}”里有无法保存的字符，请删掉显示不正常的符号后再试。")
    clean = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    if not lines:
        clean = clean.replace("\n", " ")
    clean = clean.strip()
    if len(clean) > limit:
        raise Refused(
            "too_long", f"“{label}”最多 {limit} 个字，现在有 {len(clean)} 个字。请写短一些，或者把详细内容放进附件。"
        )
    return clean


def _code_text(text: object, label: str, limit: int = 40) -> str:
    """Numbers and addresses that machines compare: full-width forms become plain ones."""
    plain = unicodedata.normalize("NFKC", clean_text(text, limit, label, lines=False)).replace(" ", "")
    return clean_text(plain, limit, label, lines=False)  # one full-width sign may have become many characters


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month. Its text form is ``YYYY-MM``."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise Refused("bad_month", "没有这个月份，请写年份和 1 到 12 的月份，例如 2024-06。")

    @classmethod
    def parse(cls, text: object) -> Month:
        """The month in *text*: ``2024-06``, ``2024-6`` or in full-width digits. Raises Refused ("bad_month")."""
        plain = unicodedata.normalize("NFKC", text).strip() if isinstance(text, str) else ""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})", plain)
        if not found:
            raise Refused("bad_month", "请写年份和月份，例如 2024-06。")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


def check_period(start: Month | None, end: Month | None, today: date) -> None:
    """Raise Refused when the months are turned round ("period_reversed") or still to come ("period_future")."""
    _check_order(start, end)
    if any(month is not None and month > Month.of(today) for month in (start, end)):
        raise Refused("period_future", "这个月份还没有到，请检查时间。")


def _check_order(start: Month | None, end: Month | None) -> None:
    if start is not None and end is not None and end < start:
        raise Refused("period_reversed", "结束的月份早于开始的月份，请检查时间。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported. Every word of it is sealed to the office in charge and to the reporter."""

    words: str = field(repr=False)
    region: str | None = None  # six digits of GB/T 2260; None: not known
    subject_type: SubjectType = SubjectType.UNKNOWN
    conduct: str | None = None  # a code of the catalogue; None: not known
    target: str = field(default="", repr=False)
    target_address: str = field(default="", repr=False)
    period_from: Month | None = field(default=None, repr=False)
    period_to: Month | None = field(default=None, repr=False)
    place: str = field(default="", repr=False)
    persons: str = field(default="", repr=False)
    amount_estimate_fen: int | None = field(default=None, repr=False)
    how_known: str = field(default="", repr=False)
    earlier_reports: str = field(default="", repr=False)
    wants_reward: bool = False
    under_14: bool = False
    against_office: str | None = None  # code of the office that this is about

    def __post_init__(self) -> None:
        for name in ("words", "target", "target_address", "place", "persons", "how_known", "earlier_reports"):
            clean = clean_text(getattr(self, name), LIMITS[name], _LABELS[name], lines=name in _LONG)
            object.__setattr__(self, name, clean)
        if not self.words:
            raise Refused("words_missing", "请用几句话写下发生了什么。")
        object.__setattr__(self, "subject_type", member(SubjectType, self.subject_type, "被举报方的类型"))
        for name, label in (("region", "地区"), ("conduct", "问题类型"), ("against_office", "单位")):
            object.__setattr__(self, name, _code_or_none(getattr(self, name), label))
        if self.region is not None and not re.fullmatch("[0-9]{6}", self.region):
            raise Refused("unknown_region", "没有这个地区，请重新选择；不清楚可以选“我不知道”。")
        _check_order(self.period_from, self.period_to)
        _check_amount(self.amount_estimate_fen)
        for name in ("wants_reward", "under_14"):
            if not isinstance(getattr(self, name), bool):
                raise Refused("not_yes_or_no", "请选择“是”或“否”。")

    def to_json(self) -> str:
        """One line of canonical JSON (sorted keys, no spaces, UTF-8 text), version 1."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ("period_from", "period_to"):
            data[name] = None if data[name] is None else str(data[name])
        return _canonical(data)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote. Raises ValueError or KeyError on anything else."""
        data = _versioned(text)
        data["subject_type"] = SubjectType(data["subject_type"])
        for name in ("period_from", "period_to"):
            data[name] = None if data[name] is None else Month(*map(int, data[name].split("-")))
        return _stored(cls, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the reporter is and how to reach them. Sealed to the custody board and to nobody else."""

    name: str = field(default="", repr=False)
    id_kind: IdKind = field(default=IdKind.RESIDENT, repr=False)
    id_number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    relation: Relation = field(default=Relation.PUBLIC, repr=False)
    fellow_reporters: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for name in ("name", "address"):
            object.__setattr__(self, name, clean_text(getattr(self, name), LIMITS[name], _LABELS[name], lines=False))
        for name in ("id_number", "phone", "email"):
            object.__setattr__(self, name, _code_text(getattr(self, name), _LABELS[name], LIMITS[name]))
        object.__setattr__(self, "id_number", self.id_number.upper())
        object.__setattr__(self, "id_kind", member(IdKind, self.id_kind, "证件类型"))
        object.__setattr__(self, "relation", member(Relation, self.relation, "与被举报方的关系"))
        object.__setattr__(self, "fellow_reporters", _names(self.fellow_reporters))

    @property
    def empty(self) -> bool:
        """Nothing that would tell or reach anyone."""
        return not any((self.name, self.id_number, self.phone, self.email, self.address))

    def to_json(self) -> str:
        """One line of canonical JSON, version 1."""
        return _canonical({item.name: getattr(self, item.name) for item in fields(self)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote. Raises ValueError or KeyError on anything else."""
        data = _versioned(text)
        data["id_kind"] = IdKind(data["id_kind"])
        data["relation"] = Relation(data["relation"])
        data["fellow_reporters"] = tuple(data["fellow_reporters"])
        return _stored(cls, data)


def _names(names: object) -> tuple[str, ...]:
    label = _LABELS["fellow_reporters"]
    if not isinstance(names, list | tuple):
        raise Refused("not_text", f"“{label}”要一行写一个名字。")
    clean = tuple(clean_text(name, LIMITS["fellow_reporters"], label, lines=False) for name in names)
    kept = tuple(name for name in clean if name)
    if len(kept) > MOST_FELLOWS:
        raise Refused("too_many_fellows", f"共同举报人最多写 {MOST_FELLOWS} 位，其余的可以写在情况说明里。")
    return kept


def member(kind: type[E], value: object, label: str) -> E:
    """The member of *kind* with this code. Refused ("unknown_choice") names *label*."""
    try:
        return kind(str(value))
    except ValueError as error:
        raise Refused("unknown_choice", f"“{label}”没有这个选项，请重新选择。") from error


def _code_or_none(value: object, label: str) -> str | None:
    if value is None:
        return None
    return _code_text(value, label) or None


def _check_amount(fen: object) -> None:
    if fen is None:
        return
    if isinstance(fen, bool) or not isinstance(fen, int) or not 0 <= fen <= MOST_FEN:
        raise Refused("bad_amount", "金额要写数字，单位是元；不清楚可以不填。")


def _canonical(data: dict[str, Any]) -> str:
    return json.dumps({"v": 1, **data}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _versioned(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict) or data.pop("v", None) != 1:
        raise ValueError("not version 1")
    return data


def _stored(kind: type[T], data: dict[str, Any]) -> T:
    """An instance as it was stored, without the checks for fresh input."""
    made = kind.__new__(kind)
    for item in fields(kind):  # type: ignore[arg-type]  # T is one of the dataclasses above
        object.__setattr__(made, item.name, data[item.name])
    return made
