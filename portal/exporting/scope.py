"""What belongs to the copy, and the file of each address.

A feature that is to be copied is one member of FEATURES: where its pages stand, where the copying begins (everything
that no page leads to), and which of its addresses may carry a question.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

PAGING = frozenset({"after", "before", "page"})
"""What a page of a list may be asked by; an address that asks for anything else leads back to the site."""


@dataclass(frozen=True, slots=True)
class Feature:
    """``part``: what its paths begin with. ``seeds``: addresses that are asked for first. ``asked``: by the path of a
    table, what it may be asked by beside paging."""

    part: str
    seeds: tuple[str, ...]
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)


_PARTS_OF_TABLES = frozenset({"year", "part"})
EXPOSURES = Feature(
    "/exposures/",
    (
        "/exposures/",
        "/exposures/feed.xml",
        "/exposures/data/cases.json",
        "/exposures/data/cases.csv",
        "/exposures/openapi.json",
    ),
)
FUND = Feature(
    "/fund/",
    (
        "/fund/",
        "/fund/data/",
        "/fund/data/figures.json",
        "/fund/data/disclosures.json",
        "/fund/data/changes.json",
        "/fund/data/regions.json",
        "/fund/data/vocabulary.json",
        "/fund/data/openapi.json",
        "/fund/data/figures.csv-metadata.json",
        "/fund/data/catalog.jsonld",
    ),
    {"/fund/data/figures.csv": _PARTS_OF_TABLES, "/fund/data/figures.xlsx": _PARTS_OF_TABLES},
)
FIGURES = Feature(
    "/figures/",
    (
        "/figures/",
        "/figures/data/bulletins.json",
        "/figures/data/bulletins.csv",
        "/figures/data/bulletins.csv-metadata.json",
        "/figures/data/openapi.json",
    ),
)
FEATURES = (EXPOSURES, FUND, FIGURES)


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to the copy. ``roots``: what paths begin with, one a language."""

    roots: tuple[str, ...]
    features: Sequence[Feature] = FEATURES

    @property
    def seeds(self) -> list[str]:
        """Where the copying begins, in every language."""
        return [root + seed for root in self.roots for one in self.features for seed in one.seeds]

    def has(self, link: str) -> bool:
        """Whether *link*, a path of the site with its question, is copied."""
        parts = urlsplit(link)
        asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        if parts.path.startswith("/static/"):
            return asked <= PAGING
        return any(
            parts.path.startswith(root + one.part)
            and asked <= PAGING | one.asked.get(parts.path.removeprefix(root), frozenset())
            for root in self.roots
            for one in self.features
        )


def place(link: str) -> str:
    """The file of an address: ``/exposures/?page=2`` → ``exposures/page-2/index.html``."""
    parts = urlsplit(link)
    asked = "-".join(f"{name}-{re.sub('[^0-9A-Za-z.-]', '_', value)}" for name, value in sorted(parse_qsl(parts.query)))
    path = parts.path.lstrip("/")
    if path.endswith("/"):
        return f"{path}{asked}/index.html" if asked else f"{path}index.html"
    if not asked:
        return path
    stem, ending = posixpath.splitext(path)
    return f"{stem}-{asked}{ending}"
