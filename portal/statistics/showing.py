"""A bulletin as it is drawn, for the public and for whoever approves it: figures with their tables, in words.

Whatever groups and tables the content holds are shown: what is not known here keeps its code as its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kernel.values import Fen
from portal.statistics.wording import FIGURES, STEPS, cell_words, in_order, table_words
from portal.web.locale import gettext as _
from portal.web.locale import language, money, month_words

BAR = 80
"""Width of a whole bar, in units of its drawing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a table. ``count``: None when it is not published; ``bar``: 0 to :data:`BAR`, of the largest."""

    name: str
    count: int | None
    bar: int


@dataclass(frozen=True, slots=True)
class Split:
    """How a total is made up. ``withheld``: none of it is published."""

    key: str
    caption: str
    cells: Sequence[Cell]
    withheld: bool

    @property
    def gaps(self) -> bool:
        """Whether a part of it is not published."""
        return not self.withheld and any(one.count is None for one in self.cells)


@dataclass(frozen=True, slots=True)
class Waited:
    """Days to one step: how often it was taken, and in how many days half and nine tenths of the reports had it, in
    calendar days and in working days."""

    step: str
    count: str
    median: str
    p90: str
    working_median: str
    working_p90: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure with all that hangs on it; ``says``: what it comes to, in a sentence."""

    key: str
    title: str
    says: str
    definition: str
    splits: Sequence[Split]
    waited: Sequence[Waited]


def figures(said: Mapping[str, Any], offices: Mapping[str, str]) -> list[Shown]:
    """Every figure of a content, in the order of the words for them. *offices*: names by code."""
    blocks = {name: block for name, block in said.items() if isinstance(block, Mapping)}
    order = [name for name in FIGURES if name in blocks]
    return [_figure(name, blocks[name], said, offices) for name in (*order, *sorted(set(blocks) - set(order)))]


def _figure(name: str, block: Mapping[str, Any], said: Mapping[str, Any], offices: Mapping[str, str]) -> Shown:
    defined = block.get("definition", {})
    tables = block.get("tables", {}) if block.get("total") else {}  # none of it, or all of it, needs no table
    splits = [_split(name, key, table, offices) for key, table in tables.items()]
    steps = [_waited(step, block["steps"][step]) for step in _steps(block.get("steps", {}))]
    title = str(FIGURES.get(name, name))
    most = said.get("withheld_from_1_to", 0)
    return Shown(name, title, _says(block, most), defined.get("en" if language() == "en" else "zh", ""), splits, steps)


def _says(block: Mapping[str, Any], most: int) -> str:
    if "per_mille" in block:
        if block["per_mille"] is None:
            return _("这个月没有能公布的比例：没有处理决定，或者有的件数不公布。")
        share = f"{block['per_mille'] // 10}.{block['per_mille'] % 10}"
        return _(
            "%(of)s 件决定里，%(found)s 件查实，占 %(share)s%%。", of=block["of"], found=block["found"], share=share
        )
    if "fen" in block:
        count, fen = block["count"], block["fen"]
        if count is None:
            return few(most)
        if fen is None:
            return _("%(count)s 件；金额不公布：能看出其中一件是多少。", count=f"{count:,}")
        return _("%(count)s 件，共 %(sum)s。", count=f"{count:,}", sum=money(Fen(fen)))
    if "at_least" in block:
        return _paid(block)
    if "total" in block:
        total = block["total"]
        return few(most) if total is None else _("合计 %(count)s。", count=f"{total:,}")
    return ""


def _paid(block: Mapping[str, Any]) -> str:
    count, fen, month = block["at_least"], block["fen_at_least"], month_words(block["until"][:7])
    if count is None:
        return _("从年初到%(month)s底：没有一个地方付得够多，不公布。", month=month)
    if fen is None:
        return _("从年初到%(month)s底：至少 %(count)s 笔。", month=month, count=f"{count:,}")
    told = {"count": f"{count:,}", "sum": money(Fen(fen))}
    return _("从年初到%(month)s底：至少 %(count)s 笔，至少 %(sum)s。", month=month, **told)


def _steps(found: Mapping[str, Any]) -> list[str]:
    """As a report goes through them; what is not known comes last."""
    return [*(step for step in STEPS if step in found), *(step for step in found if step not in STEPS)]


def few(most: int) -> str:
    """Why a total is not published, said without the total."""
    return _("在 1 到 %(most)s 之间，太少，不公布。", most=most)


def _split(figure: str, key: str, table: Mapping[str, Any], offices: Mapping[str, str]) -> Split:
    cells: Mapping[str, int | None] = table["cells"]
    largest = max((count for count in cells.values() if count), default=0)
    drawn = [
        Cell(cell_words(key, code, offices), cells[code], (cells[code] or 0) * BAR // max(largest, 1))
        for code in in_order(key, cells)
    ]
    return Split(key, table_words(figure, key), drawn, table["withheld"])


def _waited(step: str, days: Mapping[str, int | None]) -> Waited:
    names = ("count", "median", "p90", "working_median", "working_p90")
    told = [_("不公布") if days.get(name) is None else f"{days[name]:,}" for name in names]
    if days.get("count") == 0:
        told = ["0", *("—" for _name in names[1:])]
    return Waited(str(STEPS.get(step, step)), *told)
