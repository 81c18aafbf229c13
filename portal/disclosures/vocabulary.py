"""Funds, measures, editions and units of figures, and which funds add up to which: ``data/vocabulary.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """A fund or a part of one. ``scope``: whether maternity insurance is inside: with, without, unstated, none."""

    id: str
    fund: str
    sub: str = ""  # "" the whole | pooled | account
    scope: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is told of a fund. ``signed``: may be negative. ``sums``: parts of a fund add up to the whole."""

    id: str
    zh: str
    en: str
    kind: str  # money | people | visits
    nature: str  # flow | stock | mean
    signed: bool = False
    sums: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A kind of publication. Of two that tell the same period the higher ``rank`` is the later word."""

    id: str
    zh: str
    en: str
    rank: int
    final: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Ten to the ``exponent`` of yuan, people or visits. Known by its Chinese name, as it is printed."""

    zh: str
    en: str
    kind: str
    exponent: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of it by id (units by their Chinese name). ``sums``: (total, parts) of fund ids."""

    funds: Mapping[str, Fund]
    measures: Mapping[str, Measure]
    editions: Mapping[str, Edition]
    units: Mapping[str, Unit]
    sums: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The data file, read once."""
    data = tomllib.loads((files("portal.disclosures") / "data" / "vocabulary.toml").read_text(encoding="utf-8"))
    return Vocabulary(
        MappingProxyType({one["id"]: Fund(**_frozen(one)) for one in data["fund"]}),
        MappingProxyType({one["id"]: Measure(**_frozen(one)) for one in data["measure"]}),
        MappingProxyType({one["id"]: Edition(**_frozen(one)) for one in data["edition"]}),
        MappingProxyType({one["zh"]: Unit(**one) for one in data["unit"]}),
        tuple((one["total"], tuple(one["parts"])) for one in data["sum"]),
    )


def _frozen(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "also": tuple(one.get("also", ()))}
