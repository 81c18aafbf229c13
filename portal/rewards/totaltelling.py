"""What was paid in words: bands of payments and of sums, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.directory.regions import regions
from portal.rewards.telling import yuan
from portal.rewards.total_models import RewardTotal
from portal.web.locale import gettext as _
from portal.web.locale import mixed


@dataclass(frozen=True, slots=True)
class ToldYear:
    """A year's table, a row a place. ``few``: words for a year in which no place had enough payments to be told.

    ``counted_to``: the last day that is counted.
    """

    year: int
    counted_to: date
    rows: tuple[tuple[str, str, str], ...]
    few: str


def years(found: Sequence[RewardTotal], area: str) -> list[ToldYear]:
    """A table a year, as ordered; *area*: what the site serves."""
    made = []
    for year, group in groupby(found, lambda row: row.year):
        rows = list(group)
        few = _count(rows[0]) if all(row.count_low is None for row in rows) else ""
        cells = () if few else tuple((_place(row.place, area), _count(row), _sum(row)) for row in rows)
        made.append(ToldYear(year, min(rows[0].counted_to, date(year, 12, 31)), cells, few))
    return made


def _place(code: str, area: str) -> str:
    name = regions().get(code).name if code in regions() else _("国家")
    return mixed(_("%(place)s本级", place=name) if code == area else name)


def _count(row: RewardTotal) -> str:
    if row.count_low is None or row.count_high is None:
        return _("少于 %(least)s", least=row.least)
    return _("%(low)s 到 %(high)s", low=f"{row.count_low:,}", high=f"{row.count_high - 1:,}")


def _sum(row: RewardTotal) -> str:
    if row.fen_low is None or row.fen_high is None:
        return _("不单独公布")
    if not row.fen_low:
        return _("不到 %(sum)s", sum=yuan(row.fen_high))
    return _("%(low)s以上，不到 %(high)s", low=yuan(row.fen_low), high=yuan(row.fen_high))
