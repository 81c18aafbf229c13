"""Figures as a table that somebody uploads, read row by row. Pure.

Two shapes, told apart by their headings: the template (docs/formats/fund-import.md) and the long table of collected
bulletins (year, region, fund, …). What is wrong is said with row, column and what to do; a row with a fault gives no
figure, the others are given back. Nothing is computed: a formula is a fault, and so is a merged cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.directory.institutions import MOST_ERRORS, RowError
from portal.directory.tables import Sheet, formula_cells, read_sheets
from portal.disclosures import cells
from portal.disclosures.numerals import Unclear
from portal.disclosures.values import Figure
from portal.kernel.errors import Refused

TEMPLATE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "region": ("地区", "统筹区", "统筹地区"),
        "pooling": ("统筹层次",),
        "fund": ("险种", "基金"),
        "measure": ("指标", "项目"),
        "start": ("期间起", "期间开始"),
        "end": ("期间止", "期间结束"),
        "cumulative": ("是否累计", "累计"),
        "edition": ("版本", "公告类型"),
        "amount": ("数值", "金额", "数额"),
        "unit": ("单位",),
        "decimals": ("小数位数",),
        "source": ("来源", "来源文件"),
        "source_url": ("来源网址", "网址"),
        "source_day": ("公布日期", "发布日期"),
        "confidence": ("可信度",),
        "note": ("备注", "说明"),
    }
)
"""Field → the headings it may stand under."""
TEMPLATE_MAY_LACK = frozenset({"pooling", "cumulative", "decimals", "source_url", "source_day", "confidence", "note"})
LONG: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "year": ("year",),
        "region": ("region",),
        "fund": ("fund",),
        "measure": ("measure",),
        "amount": ("value",),
        "unit": ("unit",),
        "source": ("source_title",),
        "confidence": ("confidence",),
        "period": ("period",),
        "edition": ("edition",),
        "note": ("note",),
    }
)
LONG_MAY_LACK = frozenset({"confidence", "note"})
MOST_LINES = 20_000
"""Figures of one file."""
HEADING_WITHIN = 20
"""Rows among which the headings are looked for: a title may stand above them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure and the row of the file that it stood in."""

    row: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Reading:
    """All lines without a fault, and every fault, at most 500 of them and one that says so. ``sheet``: its name."""

    lines: tuple[Line, ...]
    errors: tuple[RowError, ...]
    sheet: str = ""

    @property
    def figures(self) -> list[Figure]:
        return [line.figure for line in self.lines]


@dataclass(frozen=True, slots=True)
class _Table:
    """Where everything stands: heading row and how many cells it has, field → index of its cell, and rows below."""

    sheet: Sheet
    heading: int
    width: int
    places: Mapping[str, int]
    names: Mapping[str, str]
    long: bool
    rows: Iterator[tuple[int, list[str]]]


def read_figures(content: bytes, filename: str) -> Reading:
    """Read figures from the bytes of a CSV or XLSX file. Never raises: a file that cannot be read is one error."""
    try:
        table = _table(content, filename)
        errors = [*_formula_errors(content, table), *_merged_errors(table)]
        lines = _lines(table, errors)
        if not lines and not errors:
            raise Refused("nothing_in_it", "标题行下面没有数据，请检查后重新上传。")
    except Refused as error:
        return Reading((), (RowError(0, "文件", error.message),))
    return Reading(tuple(lines), tuple(_capped(errors)), table.sheet.name)


def _table(content: bytes, filename: str) -> _Table:
    """The first sheet that shows and has the headings. Refused, naming the sheets and what is missing, for none."""
    seen: dict[bool, list[str]] = {False: [], True: []}
    missing = "：".join(("缺少", "、".join(names[0] for names in TEMPLATE.values())))
    for sheet in read_sheets(content, filename):
        seen[sheet.hidden].append(sheet.name)
        if sheet.hidden:
            continue
        for row, found in sheet.rows:
            if row > HEADING_WITHIN:
                break
            plain = [_plain(cell) for cell in found]
            for headings, may_lack, long in ((TEMPLATE, TEMPLATE_MAY_LACK, False), (LONG, LONG_MAY_LACK, True)):
                places = _places(row, plain, headings)
                lacking = [names[0] for name, names in headings.items() if name not in {*places, *may_lack}]
                if not lacking:
                    named = {name: plain[at] for name, at in places.items()}
                    return _Table(sheet, row, len(found), places, named, long, sheet.rows)
                if len(places) >= 4:
                    missing = f"第 {row} 行像是标题行，但缺少：{'、'.join(lacking)}"
    sheets = f"看过的工作表：{'、'.join(seen[False])}。" if any(seen[False]) else ""
    sheets += f"隐藏的工作表没有看：{'、'.join(seen[True])}；要用就先取消隐藏。" if seen[True] else ""
    raise Refused("wrong_sheet", f"没有找到标题行。{missing}。{sheets}请下载模板，把数据填进去再上传。")


def _plain(cell: str) -> str:
    return re.sub(r"\(.*?\)|[\s*]", "", unicodedata.normalize("NFKC", cell))


def _places(row: int, plain: list[str], headings: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Field → index of its column. Raises Refused when a heading stands twice."""
    places: dict[str, int] = {}
    for name, names in headings.items():
        at = [index for index, cell in enumerate(plain) if cell in names]
        if len(at) > 1:
            raise Refused("heading_twice", f"第 {row} 行的标题“{plain[at[1]]}”出现了两次，请只保留一列。")
        if at:
            places[name] = at[0]
    return places


def _formula_errors(content: bytes, table: _Table) -> list[RowError]:
    words = "这一格是公式。请在表格软件里复制，再“选择性粘贴为数值”。"
    below = [one for one in formula_cells(content, table.sheet.name) if one[0] > table.heading or not one[0]]
    return [
        RowError(row, _column_at(table, column), words) if row else RowError(0, "文件", f"找不到位置的公式。{words}")
        for row, column in below[: MOST_ERRORS + 1]
    ]


def _merged_errors(table: _Table) -> list[RowError]:
    """Merged cells below the headings: what they say of the rows that they cover is not clear."""
    words = "这里有合并的单元格。请取消合并，并把每一行都填上。"
    ranges = [one for one in table.sheet.merged if one[2] > table.heading][: MOST_ERRORS + 1]
    return [
        RowError(max(top, table.heading + 1), _column_at(table, left), words) for top, left, _bottom, _right in ranges
    ]


def _column_at(table: _Table, column: int) -> str:
    index = column - table.sheet.left
    return next((table.names[name] for name, at in table.places.items() if at == index), f"第 {column} 列")


def _lines(table: _Table, errors: list[RowError]) -> list[Line]:
    """The figures, the faults added to *errors*."""
    lines: list[Line] = []
    seen: dict[str, int] = {}
    faulty = {error.row for error in errors}
    for row, found in table.rows:
        if len(errors) > MOST_ERRORS:
            break
        if len(lines) >= MOST_LINES:
            raise Refused("too_many_rows", f"一次最多导入 {MOST_LINES} 行，请分成几个文件。")
        if row in faulty:
            continue
        if len(found) > table.width:  # a comma in a number of a CSV file moves all that follows
            errors.append(
                RowError(row, "行", '这一行的格子比标题多：数值或文字里的逗号要放在引号里，例如 "1,234.50"。')
            )
            continue
        given = {name: found[at].strip() if at < len(found) else "" for name, at in table.places.items()}
        figure = _figure(row, given, table, errors)
        if figure is None:
            continue
        before = seen.setdefault(figure.series.code, row)
        if before != row:
            words = f"和第 {before} 行说的是同一项（地区、险种、指标、期间、版本都一样），只能保留一行。"
            errors.append(RowError(row, table.names["amount"], words))
        else:
            lines.append(Line(row, figure))
    return lines


def _figure(row: int, given: Mapping[str, str], table: _Table, errors: list[RowError]) -> Figure | None:
    """The figure of a row; None with its faults in *errors*."""
    found, before = cells.Found(), len(errors)
    for field, read in (cells.LONG if table.long else cells.TEMPLATE).items():
        try:
            read(given, found)
        except Unclear as error:
            errors.append(RowError(row, table.names.get(field, field), error.message))
        except cells.Waits:
            continue
    return found.figure() if len(errors) == before else None


def _capped(errors: list[RowError]) -> list[RowError]:
    if len(errors) <= MOST_ERRORS:
        return errors
    return [*errors[:MOST_ERRORS], RowError(0, "文件", f"错误超过 {MOST_ERRORS} 处，后面的没有检查。")]
