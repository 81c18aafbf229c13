"""The table to fill in, as XLSX: headings, one line that shows how, the permitted words, and what to mind.

Cells to fill in are text: 428.10 keeps its last zero, and nothing is computed. docs/formats/fund-import.md.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from portal.disclosures.cells import EXAMPLE, WORDS
from portal.disclosures.reading import TEMPLATE
from portal.disclosures.vocabulary import vocabulary

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

NAME = "基金数据模板.xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DATA, PERMITTED, HINTS = "数据", "可以填的词", "填写说明"
_OFFERED_ROWS = 2000
"""Rows for which a spreadsheet offers the permitted words in a list; rows below are read all the same."""
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - no clock: the template of a version is always the same bytes
_WIDTHS: Mapping[str, int] = MappingProxyType({"region": 18, "fund": 26, "source": 36, "source_url": 30, "note": 36})
_ROW: Mapping[str, str] = MappingProxyType(
    {
        "region": "江苏省南京市",
        "pooling": "市级",
        "fund": "城乡居民医保",
        "measure": "收入",
        "start": "2025-01",
        "end": "2025-12",
        "cumulative": "是",
        "edition": "市级公告",
        "amount": "1234.50",
        "unit": "万元",
        "decimals": "2",
        "source": "2025年度基金收支情况公告（虚构）",
        "source_url": "",
        "source_day": "2026-03-31",
        "confidence": "高",
        "note": EXAMPLE,
    }
)
_HINTS = (
    "在“数据”表里一行填一个数字。标题行不要改；示例行填写以前请删掉，留着不能导入。",
    "地区：写全名（江苏省南京市）或者六位行政区划代码，全国的写“全国”。来源没有说明是哪里的写“未标明”，不会算到任何地区。",
    "期间起、期间止：写月份（2025-01）或者日期（2025-01-31）。从年初算起的，“是否累计”写“是”。",
    "数值：照公布的写，小数末尾的零也写上。不要写公式，不要合并单元格，不要写科学记数法。应当公布而没有公布的写“未公布”。",
    "单位：每行写自己的单位，系统不作换算。",
    "小数位数：可以空着。公布的是 428.10、表格里却只剩 428.1 时，在这里写 2。",
    "版本：后来重列的数字写成“月报(2024年重列)”这样，年份是重列它的那一年。",
    "来源：必填，写文件名。可信度：高（原文）、中（转述）、低（推断）。",
)


def template() -> bytes:
    """The template as the bytes of an XLSX file. The same code gives the same bytes."""
    from xlsxwriter import Workbook  # the commands and the staff site alone write files

    place = io.BytesIO()
    with Workbook(place, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE, "title": "医保基金数据模板"})
        head = book.add_format({"bold": True, "bg_color": "#e3edf2", "border": 1, "num_format": "@"})
        _data(book, head)
        _permitted(book, head)
        hints = book.add_worksheet(HINTS)
        hints.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
        hints.write_column(0, 0, _HINTS)
    return place.getvalue()


def permitted() -> dict[str, tuple[str, ...]]:
    """Field → the words that it takes."""
    known = vocabulary()
    return {
        "fund": tuple(one.zh for one in known.funds.values()),
        "measure": tuple(one.zh for one in known.measures.values()),
        "edition": tuple(one.zh for one in known.editions.values()),
        "unit": tuple(known.units),
        **WORDS,
    }


def _data(book: Workbook, head: Format) -> None:
    sheet, text = book.add_worksheet(DATA), book.add_format({"num_format": "@"})
    shown = book.add_format({"num_format": "@", "italic": True, "font_color": "#6b6b6b"})
    sheet.freeze_panes(1, 0)
    lists = permitted()
    for column, (field, names) in enumerate(TEMPLATE.items()):
        sheet.set_column(column, column, _WIDTHS.get(field, 14), text)
        sheet.write_string(0, column, names[0], head)
        sheet.write_string(1, column, _ROW[field], shown)
        if field in lists:
            _offer(sheet, column, list(lists).index(field), len(lists[field]), strict=field != "edition")


def _offer(sheet: Worksheet, column: int, listed: int, count: int, *, strict: bool) -> None:
    """A list of words to pick from; where other words are right, too (月报(2024年重列)), they are not turned away."""
    letter = chr(ord("A") + listed)
    source = f"='{PERMITTED}'!${letter}$2:${letter}${count + 1}"
    sheet.data_validation(
        1, column, _OFFERED_ROWS, column,
        {"validate": "list", "source": source, "show_error": strict, "error_title": "没有这个词",
         "error_message": f"请从列表里选，或者看“{PERMITTED}”这张表。"},
    )  # fmt: skip


def _permitted(book: Workbook, head: Format) -> None:
    sheet = book.add_worksheet(PERMITTED)
    for column, (field, words) in enumerate(permitted().items()):
        sheet.set_column(column, column, max(14, *(len(word) * 2 for word in words)))
        sheet.write_string(0, column, TEMPLATE[field][0], head)
        sheet.write_column(1, column, words)
