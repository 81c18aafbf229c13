"""What describes the data to machines: CSV on the Web for the table, DCAT for everything the site gives away.

W3C: Metadata Vocabulary for Tabular Data (2015), Data Catalog Vocabulary (DCAT) version 3 (2024).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from flask_babel import LazyString
from sqlalchemy.orm import Session

from portal.disclosures import queries
from portal.disclosures.dataqueries import Cut
from portal.disclosures.lasting import Lasting
from portal.disclosures.opendata import region_name
from portal.disclosures.queries import Place
from portal.disclosures.seen import Newest
from portal.kernel.site import DataLicence, site
from portal.web.locale import gettext as _
from portal.web.locale import language

_TAGS = {"zh": "zh-CN", "en": "en"}
_CSV = "https://www.iana.org/assignments/media-types/text/csv"
_JSON = "https://www.iana.org/assignments/media-types/application/json"
_XLSX = "https://www.iana.org/assignments/media-types/application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Address(Protocol):
    """The whole address of a page by its endpoint."""

    def __call__(self, endpoint: str, **values: Any) -> str: ...


def cut_words(one: Cut) -> str:
    """Which part of all figures a table holds; "" for the whole."""
    if one.year is None:
        return ""
    if one.part is None:
        return _("%(year)s年", year=one.year)
    return _("%(year)s年，第 %(part)s 份", year=one.year, part=one.part)


def cut_query(one: Cut) -> str:
    """What is asked of a table for this part of all figures, behind its address."""
    asked = "&".join(f"{name}={value}" for name, value in (("year", one.year), ("part", one.part)) if value is not None)
    return f"?{asked}" if asked else ""


def csv_metadata(
    tables: Sequence[str],
    described: Sequence[tuple[str, str, LazyString]],
    key: Mapping[str, bool],
    title: str,
    licence: DataLicence,
    tongue: str,
) -> dict[str, Any]:
    """The columns of the tables at these addresses (*described*: name, type, words); the key, whose columns are
    empty nowhere where it says so; how they are written."""
    columns = [
        {
            "name": name,
            "titles": name,
            "dc:description": str(words),
            "datatype": datatype,
            **({"required": True} if key.get(name) else {}),
        }
        for name, datatype, words in described
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": _TAGS[tongue]}],
        **({"url": tables[0]} if len(tables) == 1 else {"tables": [{"url": one} for one in tables]}),
        "dc:title": title,
        "dc:license": licence.code or licence.name,
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "lineTerminators": ["\r\n"]},
        "tableSchema": {"columns": columns, "primaryKey": list(key)},
    }


@dataclass(frozen=True, slots=True)
class Covered:
    """What the figures tell of: the names of places in one language, the first and the last year; 0 for none."""

    places: tuple[str, ...] = ()
    first_year: int = 0
    last_year: int = 0


_COVERED: Lasting[Covered] = Lasting()


def covered(session: Session, newest: Newest | None) -> Covered:
    """Of all places since the *newest* disclosure, in the reader's language; read once for all readers."""
    return _COVERED.get((newest, language()), lambda: _covered(queries.places(session)))


def _covered(places: Sequence[Place]) -> Covered:
    names = tuple(region_name(one.region) for one in places if one.region)
    first = min((one.first_year for one in places), default=0)
    return Covered(names, first, max((one.last_year for one in places), default=0))


def dcat(address: Address, told: Covered, cuts: Sequence[Cut], newest: date | None, tongue: str) -> dict[str, Any]:
    """The catalogue: figures of the fund, exposed cases; each with its files, licence, coverage and last change.

    ``cuts``: the tables that hold all figures between them.
    """
    here = site()
    publisher = {"@type": "foaf:Agent", "foaf:name": here.name_en if tongue == "en" and here.name_en else here.name}
    fund: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": address("fund.index"),
        "dct:title": _("医保基金数字"),
        "dct:description": _("医保基金的收入、支出、结存和参保人数，各版本并列，附来源和可信度。"),
        "dct:publisher": publisher,
        "dct:spatial": list(told.places),
        "dcat:distribution": [
            *_tables(address, cuts),
            _file(address("fund_data.figures"), _JSON, "JSON"),
        ],
    }
    if newest is not None and told.first_year:
        fund["dct:modified"] = newest.isoformat()
        fund["dct:temporal"] = {"dcat:startDate": f"{told.first_year}-01-01", "dcat:endDate": f"{told.last_year}-12-31"}
    cases: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": address("exposures.index"),
        "dct:title": _("曝光的典型案例"),
        "dct:publisher": publisher,
        "dcat:distribution": [
            _file(address("exposure_data.table"), _CSV, _("表格")),
            _file(address("exposure_data.cases"), _JSON, "JSON"),
        ],
    }
    handling: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": address("figures.index"),
        "dct:title": _("举报办理情况月报"),
        "dct:publisher": publisher,
        "dct:accrualPeriodicity": "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
        "dcat:distribution": [
            _file(address("figures_data.months"), _CSV, _("表格")),
            _file(address("figures_data.bulletins"), _JSON, "JSON"),
        ],
    }
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@type": "dcat:Catalog",
        "@id": address("fund_data.catalog"),
        "dct:title": _("开放数据目录"),
        "dct:language": _TAGS[tongue],
        "dct:publisher": publisher,
        "dcat:dataset": [fund, cases, handling],
    }


def _tables(address: Address, cuts: Sequence[Cut]) -> Iterator[dict[str, Any]]:
    words = [cut_words(one) for one in cuts]
    for endpoint, media, title in (("table", _CSV, _("表格")), ("workbook", _XLSX, _("工作簿"))):
        at = address(f"fund_data.{endpoint}")
        for one, which in zip(cuts, words, strict=True):
            yield _file(at + cut_query(one), media, " ".join(filter(None, (title, which))))


def _file(address: str, media: str, title: str) -> dict[str, Any]:
    licence = site().data_licence
    return {
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dcat:downloadURL": address,
        "dcat:mediaType": media,
        "dct:license": licence.code or licence.name,
    }
