"""Names and things to fill the frames with, read from data/pools.txt.

A pool is cut in two: what one half of the corpus uses, the other half never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def half(pool: Sequence[T], which: int) -> list[T]:
    """Every second thing of *pool*: the even ones for 0, the odd ones for 1."""
    return list(pool[which::2])


def _read() -> dict[str, list[str]]:
    pools: dict[str, list[str]] = {}
    name = ""
    for line in (Path(__file__).parent / "data/pools.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            name = line[2:]
            pools[name] = []
        elif not line.startswith("#"):
            pools[name] += list(line) if name == "SURNAMES" else line.split("、")
    return pools


_POOLS = _read()
SURNAMES = _POOLS["SURNAMES"]
COMPOUND = _POOLS["COMPOUND"]
GIVEN = _POOLS["GIVEN"]
TIBETAN = _POOLS["TIBETAN"]
UYGHUR = _POOLS["UYGHUR"]
KAZAKH = _POOLS["KAZAKH"]
MONGOL = _POOLS["MONGOL"]
YI = _POOLS["YI"]
LATIN = _POOLS["LATIN"]
TITLES = _POOLS["TITLES"]
CITIES = _POOLS["CITIES"]
INSTITUTION_STEMS = _POOLS["INSTITUTION_STEMS"]
INSTITUTION_ENDS = _POOLS["INSTITUTION_ENDS"]
INSTITUTIONS = _POOLS["INSTITUTIONS"]
DRUGS = _POOLS["DRUGS"]
STREETS = _POOLS["STREETS"]
ESTATES = _POOLS["ESTATES"]
MAIL_WORDS = _POOLS["MAIL_WORDS"]
MAIL_HOSTS = _POOLS["MAIL_HOSTS"]
WECHAT = _POOLS["WECHAT"]
ORDINARY = _POOLS["ORDINARY"]
"""``ORDINARY``: words that begin with, or look like, a surname and a given name."""
