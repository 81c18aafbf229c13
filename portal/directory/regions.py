"""Administrative divisions of China to county level: loaded once, kept in memory, unknown codes refused.

Data: ``data/regions.tsv`` (source and date in its header), ``data/overlay.toml`` (functional areas and later
changes, each with its basis) and ``data/english.tsv`` (English names down to the city). Pseudo-divisions such as
市辖区 do not exist here; their counties hang on the province.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from portal.kernel.errors import NotFound

_LEVELS = {"province": 0, "city": 1, "county": 2}
_KINDS = {"d": "division", "f": "functional"}
# Left out when names are compared, so that 南京鼓楼 finds 南京市鼓楼区; the long forms first.
_SUFFIX = re.compile(r"(特别行政区|(壮族|回族|维吾尔)?自治区|自治州|自治县|自治旗|地区|[省市区县盟旗])$")


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county. ``parent`` is None for a province; ``into`` names what a retired one became."""

    code: str
    name: str
    level: str  # province | city | county
    parent: str | None
    kind: str  # division (GB/T 2260) | functional
    basis: str = ""  # of an overlay entry
    into: tuple[str, ...] = ()
    english: str = ""  # of provinces and cities

    @property
    def retired(self) -> bool:
        """Ended by a later change: readable in old reports, no longer offered."""
        return bool(self.into)


class Regions:
    """The divisions as one tree."""

    def __init__(self, found: dict[str, Region]) -> None:
        self._regions = dict(sorted(found.items()))
        self._parts: dict[str | None, tuple[Region, ...]] = {}
        for region in self._regions.values():
            self._parts[region.parent] = (*self._parts.get(region.parent, ()), region)
        self._children = {
            parent: tuple(one for one in parts if not one.retired) for parent, parts in self._parts.items()
        }
        self._index = [(region, *self._names(region)) for region in self._regions.values() if not region.retired]

    def __contains__(self, code: object) -> bool:
        return code in self._regions

    def get(self, code: str) -> Region:
        """The division with six-digit *code*, also a retired one. Raises NotFound ("unknown_region")."""
        region = self._regions.get(code)
        if region is None:
            raise NotFound("unknown_region", "没有这个地区，请重新选择；不清楚可以选“我不知道”。")
        return region

    def children(self, code: str | None = None) -> tuple[Region, ...]:
        """What is offered one step below *code*; the provinces for None. Empty for a county. Raises NotFound."""
        if code is not None:
            self.get(code)
        return self._children.get(code, ())

    def parts(self, code: str) -> tuple[Region, ...]:
        """Whatever lies one step below *code*, with what is retired: reports and figures may still name it."""
        return self._parts.get(self.get(code).code, ())

    def parents(self, code: str) -> tuple[Region, ...]:
        """The divisions above *code*, the nearest first. Raises NotFound."""
        found = []
        parent = self.get(code).parent
        while parent is not None:
            region = self._regions[parent]
            found.append(region)
            parent = region.parent
        return tuple(found)

    def path(self, code: str) -> tuple[str, ...]:
        """Names from the province down, e.g. ``("江苏省", "南京市", "玄武区")``. Raises NotFound."""
        return tuple(region.name for region in (*reversed(self.parents(code)), self.get(code)))

    def path_in_english(self, code: str) -> tuple[str, ...]:
        """The same from the place up, as English puts it: ``("玄武区", "Nanjing", "Jiangsu")``; a county, which has no
        English name, keeps its Chinese one. Raises NotFound."""
        return tuple(region.english or region.name for region in (self.get(code), *self.parents(code)))

    def within(self, code: str, area: str) -> bool:
        """Whether *code* is *area* or lies in it. Raises NotFound for an unknown *code*."""
        return code == area or any(parent.code == area for parent in self.parents(code))

    def named(self, name: str) -> tuple[Region, ...]:
        """Divisions with exactly this name: their own, or the way down from the province. Several share 朝阳区."""
        return tuple(region for region, full, _short in self._index if name in (region.name, full))

    def search(self, text: str, limit: int = 20) -> list[Region]:
        """Divisions whose name, way down from the province, or code matches *text*; the best and highest first.

        Words may be separated by spaces and 市, 区 and the like left out. Nothing for an empty text.
        """
        words = unicodedata.normalize("NFKC", text).split()[:6]
        if not words or limit < 1:
            return []
        wanted = [short_name(word) for word in words]
        scored = []
        for region, full, short in self._index:
            rank = _rank(region, full, short, words, wanted)
            if rank is not None:
                scored.append((rank, _LEVELS[region.level], region.code, region))
        scored.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in scored[:limit]]

    def _names(self, region: Region) -> tuple[str, str]:
        path = self.path(region.code)
        return "".join(path), "".join(short_name(name) for name in path)


def span(province: str) -> tuple[str, str]:
    """The first and the last code that a province of this code can give out (GB/T 2260)."""
    return province, f"{province[:2]}9999"


def short_name(name: str) -> str:
    """A name without its last 省, 市, 区 …, unless a single character would be left (东区, 城区)."""
    bare = _SUFFIX.sub("", name)
    return bare if len(bare) > 1 else name


def _rank(region: Region, full: str, short: str, words: list[str], wanted: list[str]) -> int | None:
    """How well a division matches, 0 best; None: not at all. The division's own name must have a part in the match."""
    if words[0].isdigit():
        return 0 if region.code == words[0] else 1 if len(words[0]) > 1 and region.code.startswith(words[0]) else None
    if not all(word in full or bare in short for word, bare in zip(words, wanted, strict=True)):
        return None
    last, bare = words[-1], wanted[-1]
    if last == region.name:
        return 0
    own = short_name(region.name)
    if bare == own or region.name.startswith(last):
        return 1
    if last in region.name:
        return 2
    reaches = _reaches_own(full, last, region.name) or _reaches_own(short, bare, own)
    return 3 if reaches else None


def _reaches_own(way: str, word: str, own: str) -> bool:
    """Whether *word*, found in the way down, ends inside the own name: else it is only the parent that matches."""
    at = way.rfind(word)
    return at >= 0 and at + len(word) > len(way) - len(own)


def _load() -> dict[str, Region]:
    data = files("portal.directory") / "data"
    english = dict(_lines(data / "english.tsv"))
    found = {}
    for code, name, level, parent, kind in _lines(data / "regions.tsv"):
        found[code] = Region(code, name, level, parent or None, _KINDS[kind], english=english.get(code, ""))
    overlay = tomllib.loads((data / "overlay.toml").read_text(encoding="utf-8"))
    for entry in overlay["add"]:
        found[entry["code"]] = replace(_added(entry), english=english.get(entry["code"], ""))
    for entry in overlay["retire"]:
        old = found[entry["code"]]
        into = tuple(entry["into"])
        found[old.code] = replace(old, basis=entry["basis"], into=into)
    return found


def _lines(table: Traversable) -> Iterator[list[str]]:
    """The cells of each line that begins with a code."""
    lines = table.read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines if line[:1].isdigit())


def _added(entry: dict[str, Any]) -> Region:
    return Region(entry["code"], entry["name"], entry["level"], entry["parent"], entry["kind"], entry["basis"])


@lru_cache(maxsize=1)
def regions() -> Regions:
    """The divisions, read from the package's data at the first call (some 30 ms, about 5 MB)."""
    return Regions(_load())
