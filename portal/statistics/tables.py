"""Bulletins as a table, a number a line, with whole names for people beside the codes for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import LazyString

from portal.payments.layout import guarded
from portal.statistics.models import PublishedBulletin
from portal.statistics.wording import FIGURES, NUMBERS, cell_words, in_order, table_words
from portal.web.locale import lazy_gettext as _l
from portal.web.machines import BOM

COLUMNS: tuple[tuple[str, str, LazyString], ...] = (
    ("month", "gYearMonth", _l("月份")),
    ("version", "integer", _l("第几版")),
    ("figure", "string", _l("数字代码")),
    ("figure_name", "string", _l("数字")),
    ("table", "string", _l("按什么分的代码；不分的空着")),
    ("table_name", "string", _l("按什么分")),
    ("cell", "string", _l("哪一项的代码")),
    ("cell_name", "string", _l("哪一项")),
    ("value", "integer", _l("数值；不公布的空着")),
    ("withheld", "boolean", _l("是否不公布")),
)
"""Name of a column, its datatype (CSV on the Web), what it holds."""
KEY = {"month": True, "version": True, "figure": True, "table": False, "cell": True}
"""Columns that tell a line from every other, and whether each of them is filled in every line."""


def write_csv(found: Iterable[PublishedBulletin], offices: Mapping[str, str]) -> bytes:
    """RFC 4180, UTF-8 with BOM. *offices*: names by code."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for name, _type, _words in COLUMNS])
    for one in found:
        for figure, table, cell, name, value in _numbers(one.said, offices):
            names = FIGURES.get(figure, figure), table_words(figure, table) if table else "", guarded(name)
            codes = one.month, one.version, figure, names[0], table, names[1], cell, names[2]
            writer.writerow([*codes, "" if value is None else value, "true" if value is None else "false"])
    return (BOM + out.getvalue()).encode()


def _numbers(said: Mapping[str, Any], offices: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, int | None]]:
    """Every number of a content: figure, what it is split by, cell with its name, value."""
    for figure, block in said.items():
        if not isinstance(block, dict):
            continue
        for name, value in block.items():
            if value is None or isinstance(value, int):
                yield figure, "", name, _number_words(name), value
        for split, table in block.get("tables", {}).items():
            for code in in_order(split, table["cells"]):
                yield figure, split, code, cell_words(split, code, offices), table["cells"][code]
        for step, days in block.get("steps", {}).items():
            for name, value in days.items():
                yield figure, step, name, _number_words(name), value


def _number_words(name: str) -> str:
    return str(NUMBERS.get(name, name))
