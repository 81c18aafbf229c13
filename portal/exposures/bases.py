"""Laws and articles that a decision on a case may rest on, as data with in force from. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Basis:
    """One law with its article, in the words of a bulletin. ``confidence``: see the data file."""

    code: str
    zh: str
    in_force_from: date
    confidence: str


@lru_cache(maxsize=1)
def bases() -> Mapping[str, Basis]:
    """Every basis by its code, in the order in which they are offered."""
    text = (files("portal.exposures") / "data" / "bases.toml").read_text(encoding="utf-8")
    return MappingProxyType({one["code"]: Basis(**one) for one in tomllib.loads(text)["basis"]})


def offered(on: date) -> tuple[Basis, ...]:
    """Those in force on a day."""
    return tuple(one for one in bases().values() if one.in_force_from <= on)
