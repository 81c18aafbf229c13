"""Published figures as data: JSON, CSV, XLSX. Described in docs/formats/fund-data.md.

Codes are the same in every language; the words beside them are in the reader's. An amount is the decimal string that
was printed, in the unit that was printed; null where it had to be told and was not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import LazyString

from portal.directory.wording import region_words
from portal.disclosures import telling
from portal.disclosures.models import PublishedDisclosure
from portal.disclosures.queries import Place, Version
from portal.disclosures.values import COUNTRY, CorrectionReason, Figure
from portal.disclosures.vocabulary import vocabulary
from portal.payments.layout import guarded
from portal.web.locale import in_language, language
from portal.web.locale import lazy_gettext as _l
from portal.web.machines import BOM

COLUMNS: tuple[tuple[str, str, LazyString], ...] = (
    ("code", "string", _l("数字编号")),
    ("version", "integer", _l("第几版")),
    ("region_code", "string", _l("地区代码")),
    ("place", "string", _l("地区（来源的写法）")),
    ("pooling", "string", _l("统筹层次")),
    ("fund_code", "string", _l("险种代码")),
    ("fund", "string", _l("险种")),
    ("measure_code", "string", _l("指标代码")),
    ("measure", "string", _l("指标")),
    ("start", "date", _l("期间起")),
    ("end", "date", _l("期间止")),
    ("cumulative", "boolean", _l("是否从年初累计")),
    ("confirmed", "boolean", _l("地区和期间是否由来源说明")),
    ("edition_code", "string", _l("版本代码")),
    ("edition", "string", _l("版本")),
    ("final", "boolean", _l("是否终版")),
    ("restated", "integer", _l("重列年份")),
    ("disclosed", "boolean", _l("是否公布")),
    ("amount", "decimal", _l("数值")),
    ("unit", "string", _l("单位")),
    ("source", "string", _l("来源")),
    ("source_url", "string", _l("来源网址")),
    ("source_day", "date", _l("来源公布日期")),
    ("confidence", "string", _l("可信度代码")),
    ("note", "string", _l("备注")),
    ("published_on", "date", _l("本站公布日期")),
    ("disclosure", "string", _l("所在公告")),
)
"""Name of a column, its datatype (CSV on the Web), its heading."""
FREE = frozenset({"place", "source", "source_url", "note"})
"""Columns with words that a source or a person wrote: guarded against being taken for formulas."""


@dataclass(frozen=True, slots=True)
class Told:
    """A version with the code of the disclosure that brought it."""

    version: Version
    disclosure: str


def figure_json(told: Told, address: str) -> dict[str, Any]:
    """One version of one figure. ``address``: its page."""
    one, figure = told.version, told.version.figure
    series, known = figure.series, vocabulary()
    edition, fund, measure = known.editions[series.edition], known.funds[series.fund], known.measures[series.measure]
    return {
        "code": one.code,
        "version": one.version,
        "supersedes": one.version - 1 or None,
        "address": address,
        "region": {"code": series.region, "name": region_name(series.region)} if series.region else None,
        "place": series.place,
        "confirmed": series.confirmed,
        "pooling": {"code": series.pooling.value, "name": str(telling.POOLINGS[series.pooling])},
        "fund": {"code": fund.id, "name": _named(fund), "maternity": fund.scope},
        "measure": {"code": measure.id, "name": _named(measure)},
        "period": {
            "start": series.period.start.isoformat(),
            "end": series.period.end.isoformat(),
            "cumulative": series.period.cumulative,
            "inferred": series.period.inferred,
        },
        "edition": {"code": edition.id, "name": _named(edition), "final": edition.final},
        "restated": series.restated or None,
        "disclosed": bool(figure.amount),
        "amount": figure.amount or None,
        "decimals": figure.decimals if figure.amount else None,
        "unit": {"code": figure.unit, "name": _unit(figure)},
        "source": {
            "title": figure.source,
            "url": figure.source_url or None,
            "day": figure.source_day.isoformat() if figure.source_day else None,
            "confidence": {"code": figure.confidence.value, "name": str(telling.CONFIDENCES[figure.confidence])},
        },
        "note": figure.note or None,
        "published_on": one.published_on.isoformat(),
        "disclosure": told.disclosure,
    }


def disclosure_json(one: PublishedDisclosure, address: str) -> dict[str, Any]:
    """What was published together."""
    reason = CorrectionReason(one.reason) if one.reason else None
    return {
        "code": one.code,
        "address": address,
        "kind": one.kind,
        "title": one.title,
        "reason": {"code": reason.value, "name": str(telling.REASONS[reason])} if reason else None,
        "words": one.words or None,
        "figures": one.figures,
        "sha256": one.sha256,
        "published_on": one.published_on.isoformat(),
    }


def place_json(one: Place) -> dict[str, Any]:
    """A place of which anything is published."""
    return {
        "region": {"code": one.region, "name": region_name(one.region)} if one.region else None,
        "place": one.place or None,
        "first_year": one.first_year,
        "last_year": one.last_year,
        "figures": one.figures,
        "changed_on": one.changed_on.isoformat(),
    }


def vocabulary_json() -> dict[str, Any]:
    """Every code with its words: funds, measures, editions, units, and which funds add up to which."""
    known = vocabulary()
    return {
        "funds": [{"code": one.id, "name": _named(one), "maternity": one.scope} for one in known.funds.values()],
        "measures": [
            {"code": one.id, "name": _named(one), "kind": one.kind, "nature": one.nature, "signed": one.signed}
            for one in known.measures.values()
        ],
        "editions": [
            {"code": one.id, "name": _named(one), "rank": one.rank, "final": one.final}
            for one in known.editions.values()
        ],
        "units": [
            {
                "code": one.zh,
                "name": one.zh if language() == "zh" else one.en,
                "kind": one.kind,
                "exponent": one.exponent,
            }
            for one in known.units.values()
        ],
        "sums": [{"total": total, "parts": list(parts)} for total, parts in known.sums],
    }


def region_name(code: str) -> str:
    """The whole country, or from the province down; the code alone for one that the list of divisions does not have."""
    if code == COUNTRY:
        return in_language("全国")
    return region_words(code)


def write_csv(told: Iterable[Told]) -> bytes:
    """One figure a line (RFC 4180, UTF-8 with BOM). The heading is the names of columns, the same in every language."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for name, _type, _words in COLUMNS])
    for one in told:
        writer.writerow(cells(one))
    return (BOM + out.getvalue()).encode()


def write_xlsx(told: Sequence[Told]) -> bytes:
    """The same as a workbook. Amounts are text: a spreadsheet would drop the zeros that were printed."""
    from xlsxwriter import Workbook  # two pages need it

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = max((one.version.published_on for one in told), default=date(2020, 1, 1))
        book.set_properties({"created": datetime.combine(day, time())})  # the same figures, the same bytes
        sheet = book.add_worksheet("figures")
        bold = book.add_format({"bold": True})
        for column, (_name, _type, words) in enumerate(COLUMNS):
            sheet.write_string(0, column, str(words), bold)
        for row, one in enumerate(told, 1):
            for column, cell in enumerate(cells(one)):
                sheet.write_string(row, column, cell)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def cells(told: Told) -> list[str]:
    """A figure as one cell a column."""
    one, figure, series = told.version, told.version.figure, told.version.figure.series
    known = vocabulary()
    edition = known.editions[series.edition]
    found = {
        "code": one.code,
        "version": str(one.version),
        "region_code": series.region,
        "place": series.place,
        "pooling": series.pooling.value,
        "fund_code": series.fund,
        "fund": _named(known.funds[series.fund]),
        "measure_code": series.measure,
        "measure": _named(known.measures[series.measure]),
        "start": series.period.start.isoformat(),
        "end": series.period.end.isoformat(),
        "cumulative": _truth(series.period.cumulative),
        "confirmed": _truth(series.confirmed),
        "edition_code": series.edition,
        "edition": _named(edition),
        "final": _truth(edition.final),
        "restated": str(series.restated) if series.restated else "",
        "disclosed": _truth(bool(figure.amount)),
        "amount": figure.amount,
        "unit": figure.unit,
        "source": figure.source,
        "source_url": figure.source_url,
        "source_day": figure.source_day.isoformat() if figure.source_day else "",
        "confidence": figure.confidence.value,
        "note": figure.note,
        "published_on": one.published_on.isoformat(),
        "disclosure": told.disclosure,
    }
    return [guarded(found[name]) if name in FREE else found[name] for name, _type, _words in COLUMNS]


def _named(one: Any) -> str:
    return str(one.zh if language() == "zh" else one.en)


def _unit(figure: Figure) -> str:
    unit = vocabulary().units[figure.unit]
    return unit.zh if language() == "zh" else unit.en


def _truth(value: bool) -> str:
    return "true" if value else "false"
