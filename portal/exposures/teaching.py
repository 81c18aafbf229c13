"""Teaching material (精准滴灌, NT-8.1): one published case as a short notice for one audience. Rules as data. Pure.

What happened comes from the published case and from nothing else; what the rule says, what not to do and what to look
at today come from ``data/teaching.toml``, with the day from which each holds.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from portal.exposures.content import CaseContent
from portal.exposures.generating import period, place, result_words
from portal.exposures.values import Manner, Ownership, Size, SubjectKind
from portal.kernel.errors import Refused
from portal.tips.amounts import amount_words
from portal.tips.catalogue import get

_ALIKE = "alike"
_RESULTS_SAID = 3
_SOMEBODY = {
    SubjectKind.HOSPITAL: "一家医院",
    SubjectKind.CLINIC: "一家诊所",
    SubjectKind.PHARMACY: "一家药店",
    SubjectKind.AGENCY: "一家经办机构",
    SubjectKind.EMPLOYER: "一家用人单位",
    SubjectKind.INSURED: "一名参保人",
    SubjectKind.STAFF: "一名工作人员",
    SubjectKind.OTHER: "一个单位或者个人",
}


@dataclass(frozen=True, slots=True, order=True)
class Audience:
    """Whom a notice speaks to. UNKNOWN is "all of them". The manner of the breach is that of the case."""

    kind: SubjectKind
    ownership: Ownership = Ownership.UNKNOWN
    size: Size = Size.UNKNOWN

    @property
    def slug(self) -> str:
        """``hospital-private-medium``, as addresses have it; what is unknown is left out."""
        known = (one.value for one in (self.ownership, self.size) if one.value != "unknown")
        return "-".join((self.kind.value, *known))

    @classmethod
    def of(cls, slug: str) -> Audience | None:
        """The audience of a slug; None for anything that :attr:`slug` does not write."""
        first, *rest = slug.split("-")
        if first not in list(SubjectKind) or len(rest) > 2:
            return None
        owner = next((one for one in rest if one in list(Ownership)), Ownership.UNKNOWN)
        size = next((one for one in rest if one in list(Size)), Size.UNKNOWN)
        found = cls(SubjectKind(first), Ownership(owner), Size(size))
        return found if found.slug == slug else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingNotice:
    """One notice, all of it public. ``happened``: in a sentence or two; ``rule``: the law by its article.

    ``told``: what that law says. ``must_not``, ``check`` and ``ask``: lines. ``invented``: made from a case that is.
    """

    happened: str
    rule: str
    told: str
    must_not: tuple[str, ...]
    check: tuple[str, ...]
    ask: tuple[str, ...]
    invented: bool = False

    def to_json(self) -> str:
        """One line of canonical JSON, format 1."""
        return json.dumps({"v": 1, **asdict(self)}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Of the canonical JSON in UTF-8, hex: what the ledger keeps."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> TeachingNotice:
        """What :meth:`to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("v", None) != 1 or set(data) != {one.name for one in fields(cls)}:
            raise ValueError("not format 1")
        lines = {name: tuple(data[name]) for name in ("must_not", "check", "ask")}
        return cls(**{**data, **lines})


@dataclass(frozen=True, slots=True)
class _Reach:
    subject: frozenset[str]
    manner: frozenset[str]
    to: tuple[str, ...]
    in_force_from: date


@dataclass(frozen=True, slots=True)
class _Guidance:
    manner: Manner
    audience: frozenset[str]
    rule: str
    told: str
    must_not: tuple[str, ...]
    check: tuple[str, ...]
    in_force_from: date


@dataclass(frozen=True, slots=True)
class _Extra:
    audience: frozenset[str]
    ownership: frozenset[str]
    size: frozenset[str]
    check: str
    in_force_from: date


@dataclass(frozen=True, slots=True)
class _Rules:
    reach: tuple[_Reach, ...]
    guidance: tuple[_Guidance, ...]
    extra: tuple[_Extra, ...]
    asks: tuple[tuple[str, date], ...]


def notice_for(content: CaseContent, audience: Audience, on: date) -> TeachingNotice:
    """The notice of a published case for an audience, by the rules of the day *on*.

    Refused ("no_guidance") when no rule of that day speaks to this audience about this manner of breach.
    """
    found = _guidance(content.manner, audience.kind, on)
    if found is None:
        raise Refused("no_guidance", "这一天还没有写给这类对象、针对这类问题的提醒内容，请换一个对象。")
    return TeachingNotice(
        happened=_happened(content),
        rule=found.rule,
        told=found.told,
        must_not=found.must_not,
        check=(*found.check, *_extra(audience, on)),
        ask=tuple(line for line, since in _rules().asks if since <= on),
        invented=content.invented,
    )


def audiences_for(content: CaseContent, on: date) -> tuple[Audience, ...]:
    """Whom a case is worth telling, the nearest first: those like the one of the case, then other kinds."""
    found: dict[Audience, None] = {}
    for reach in _rules().reach:
        if reach.in_force_from <= on and content.subject in reach.subject and content.manner in reach.manner:
            found.update(dict.fromkeys(_meant(content, reach.to)))
    return tuple(one for one in found if _guidance(content.manner, one.kind, on) is not None)


def kinds_told(manner: Manner, on: date) -> tuple[SubjectKind, ...]:
    """Kinds of audience to which some rule of the day speaks about this manner."""
    return tuple(kind for kind in SubjectKind if _guidance(manner, kind, on) is not None)


def _meant(content: CaseContent, to: Sequence[str]) -> Iterator[Audience]:
    for one in to:
        if one == _ALIKE:
            yield Audience(content.subject, content.ownership, content.size)
        else:
            yield Audience(SubjectKind(one))


def _guidance(manner: Manner, kind: SubjectKind, on: date) -> _Guidance | None:
    fitting = [
        one
        for one in _rules().guidance
        if one.manner is manner and kind in one.audience and one.in_force_from <= on
    ]  # fmt: skip
    return max(fitting, key=lambda one: one.in_force_from, default=None)


def _extra(audience: Audience, on: date) -> Iterator[str]:
    for one in _rules().extra:
        fits = not one.ownership or audience.ownership in one.ownership
        fits = fits and (not one.size or audience.size in one.size)
        if one.in_force_from <= on and audience.kind in one.audience and fits:
            yield one.check


def _happened(content: CaseContent) -> str:
    who = place(content) + (content.institution or _SOMEBODY[content.subject])
    done = "；".join(get(code).legal for code in content.conducts) or "违反医保基金使用规定"
    cost = content.amounts.involved_fen
    sums = f"，涉及医保基金{amount_words(cost)}元" if cost else ""
    decided = "、".join(result_words(content, one) for one in content.results[:_RESULTS_SAID])
    return f"{period(content)}{who}存在这样的行为：{done}{sums}。" + (f"处理结果：{decided}。" if decided else "")


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    text = (files("portal.exposures") / "data" / "teaching.toml").read_text(encoding="utf-8")
    data: dict[str, list[dict[str, Any]]] = tomllib.loads(text)
    return _Rules(
        tuple(_a_reach(one) for one in data["reach"]),
        tuple(_a_guidance(one) for one in data["guidance"]),
        tuple(_an_extra(one) for one in data["extra"]),
        tuple((one["line"], one["in_force_from"]) for one in data["asks"]),
    )


def _a_reach(one: dict[str, Any]) -> _Reach:
    return _Reach(frozenset(one["subject"]), frozenset(one["manner"]), tuple(one["to"]), one["in_force_from"])


def _a_guidance(one: dict[str, Any]) -> _Guidance:
    must_not, check = tuple(one["must_not"]), tuple(one["check"])
    audience = frozenset(one["audience"])
    return _Guidance(
        Manner(one["manner"]), audience, one["rule"], one["told"], must_not, check, one["in_force_from"]
    )  # fmt: skip


def _an_extra(one: dict[str, Any]) -> _Extra:
    owners, sizes = frozenset(one.get("ownership", ())), frozenset(one.get("size", ()))
    return _Extra(frozenset(one["audience"]), owners, sizes, one["check"], one["in_force_from"])
