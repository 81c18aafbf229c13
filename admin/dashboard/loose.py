"""Counting by what an index is sorted by, where many rows are alike: from each value straight to the next one.

A GROUP BY compares each row with the one before it. Here the database seeks each value once and then only counts the
rows of that value, which took half as long for 60,000 rows of a hundred values on SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.directory.models import Office
from portal.kernel.values import Id


def counted_by(
    offices: Sequence[Id],
    office: InstrumentedAttribute[Id],
    where: Sequence[ColumnElement[bool]],
    keys: Sequence[InstrumentedAttribute[Any]],
) -> Select[*tuple[Any, ...]]:
    """The number of rows of each of *offices* by *keys*: a line for each office and each combination that there is,
    without the office. An index has to begin with *office*, what *where* holds equal, then *keys*, none of them null;
    *where* has to leave the keys open: a bound of its own would be sought instead of the next value.
    """
    level: FromClause = Office.__table__
    within = [Office.id.in_(offices)]
    for place, key in enumerate(keys):
        held = [level.c[f"key{before}"] for before in range(place)]
        alike = [*where, *(one == value for one, value in zip(keys, held, strict=False))]
        seeds = select(level.c.id, *held, _least(key, [office == level.c.id, *alike], level, place)).where(*within)
        found = seeds.cte(f"level{place}", recursive=True)
        held = [found.c[f"key{before}"] for before in range(place + 1)]
        alike = [*where, *(one == value for one, value in zip(keys, held[:-1], strict=False))]
        following = _least(key, [office == found.c.id, *alike, key > held[-1]], found, place)
        level = found.union_all(select(found.c.id, *held[:-1], following).where(held[-1].is_not(None)))
        within = [level.c[f"key{place}"].is_not(None)]
    held = [level.c[f"key{place}"] for place in range(len(keys))]
    alike = [office == level.c.id, *where, *(one == value for one, value in zip(keys, held, strict=True))]
    number = select(func.count()).where(*alike).correlate(level).scalar_subquery()
    return select(*held, number).where(*within)


def _least(
    key: InstrumentedAttribute[Any], where: Sequence[ColumnElement[bool]], beside: FromClause, place: int
) -> ColumnElement[Any]:
    """The least *key* under *where*; null when there is none."""
    return select(func.min(key)).where(*where).correlate(beside).scalar_subquery().label(f"key{place}")
