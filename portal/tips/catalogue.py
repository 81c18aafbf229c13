"""The catalogue of what can be reported: subject → conduct, with plain words, legal wording and article. Pure.

Source: Regulation 735 (条例) arts 36-44 and its detailed rules (Order 7, in force 2026-04-01). The data file says how
sure each line is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from portal.kernel.errors import NotFound
from portal.tips.values import SubjectType

REGULATION_FROM = date(2021, 5, 1)
"""Regulation 735 is in force from here; what a later rule added says so itself."""

GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "fraud": ("骗取医保基金", "Defrauding the fund"),
        "misuse": ("违规使用医保基金", "Misusing the fund"),
        "management": ("管理上的问题", "Management"),
        "integrity": ("违纪违法", "Breach of discipline or law"),
    }
)
"""Group → (Chinese, English): headings under which a long list is offered."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of reported party, in words for the reporter."""

    type: SubjectType
    zh: str
    en: str
    hint_zh: str
    hint_en: str


@dataclass(frozen=True, slots=True)
class Conduct:
    """One kind of conduct. ``zh`` and ``en`` are plain words, ``legal`` is for staff."""

    code: str
    subject: SubjectType
    group: str  # a key of GROUPS
    zh: str
    en: str
    legal: str
    article: str
    confidence: str
    in_force_from: date = REGULATION_FROM
    example_zh: str = ""
    example_en: str = ""


@lru_cache(maxsize=1)
def _data() -> tuple[tuple[Subject, ...], Mapping[str, Conduct]]:
    text = (files("portal.tips") / "data" / "catalogue.toml").read_text(encoding="utf-8")
    data: dict[str, list[dict[str, Any]]] = tomllib.loads(text)
    subjects = tuple(Subject(**{**entry, "type": SubjectType(entry["type"])}) for entry in data["subject"])
    conducts = [Conduct(**{**entry, "subject": SubjectType(entry["subject"])}) for entry in data["conduct"]]
    return subjects, MappingProxyType({conduct.code: conduct for conduct in conducts})


def subjects() -> tuple[Subject, ...]:
    """The kinds of reported party, in the order they are offered."""
    return _data()[0]


def subject(kind: SubjectType) -> Subject:
    """The words for one kind of reported party."""
    return next(entry for entry in subjects() if entry.type is kind)


def conducts_for(kind: SubjectType, on: date) -> tuple[Conduct, ...]:
    """What can be reported of *kind* on a day, in the order it is offered. For UNKNOWN everything."""
    return tuple(
        conduct
        for conduct in _data()[1].values()
        if conduct.in_force_from <= on and kind in (conduct.subject, SubjectType.UNKNOWN)
    )


def get(code: str) -> Conduct:
    """The conduct with *code*, whenever it came into force. Raises NotFound ("unknown_conduct")."""
    conduct = _data()[1].get(code)
    if conduct is None:
        raise NotFound("unknown_conduct", "没有这个问题类型，请重新选择；不清楚可以选“我不知道”。")
    return conduct
