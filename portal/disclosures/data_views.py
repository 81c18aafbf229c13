"""Published figures for machines: JSON, tables, their description, and the catalogue of all data of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests

from portal.disclosures import catalogue, dataqueries, openapi, opendata, queries, seen
from portal.disclosures.dataqueries import Wanted
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.errors import DomainError, Refused
from portal.kernel.site import DataLicence, site
from portal.kernel.transaction import reading
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.machines import json_answer, refusal

blueprint = Blueprint("fund_data", __name__)

WHOLE_TABLES = "30/minute"
OFTEN = "240/minute"
MOST_ROWS = 20_000
"""Figures of one table; whoever wants more asks for a region or a year at a time, or pages through the JSON."""
_TRUTHS = {"true": True, "false": False}
_NAMES = {"from": "since", "to": "until"}


@blueprint.get("/fund/data/figures.json")
@limiter.limit(OFTEN)
def figures() -> Response:
    """A page of figures as they read now."""
    asked = _asked((*openapi.FILTERS, "limit", "after"))
    most, after = int(asked.pop("limit", openapi.USUAL)), str(asked.pop("after", ""))
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.figures(session, Wanted(**asked), most + 1, after)
    page, more = found[:most], len(found) > most
    return json_answer(
        {
            "licence": _licence(),
            "figures": [_figure(one) for one in page],
            "next": _next(".figures", page[-1].version.code) if more else None,
        }
    )


@blueprint.get("/fund/data/figures.csv")
@limiter.limit(WHOLE_TABLES)
def table() -> Response:
    """All figures that fit, as a table, with a link to what describes it (CSV on the Web)."""
    answer = _table(opendata.write_csv, "text/csv; charset=utf-8", "figures.csv")
    described = url_for(".csv_metadata")
    answer.headers["Link"] = f'<{described}>; rel="describedby"; type="application/csvm+json"'
    return answer


@blueprint.get("/fund/data/figures.xlsx")
@limiter.limit(WHOLE_TABLES)
def workbook() -> Response:
    """The same as a workbook."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _table(opendata.write_xlsx, kind, "figures.xlsx")


@blueprint.get("/fund/figures/<code>.json")
@limiter.limit(OFTEN)
def figure(code: str) -> Response:
    """One figure with everything that it said before."""
    with reading() as session:
        seen.of_figure(session, code)
        found = dataqueries.versions(session, code)
    if not found:
        return refusal(404, "not_found", _("没有这个数字。"))
    return json_answer({"code": code, "versions": [_figure(one) for one in found]})


@blueprint.get("/fund/data/changes.json")
@limiter.limit(OFTEN)
def changes() -> Response:
    """Versions that took the place of others; a page holds all of each of its figures, however many they are."""
    asked = _asked(("limit", "after"))
    most = int(asked.get("limit", openapi.USUAL))
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.corrected(session, most + 1, str(asked.get("after", "")))
    page = found[:most]
    return json_answer(
        {
            "changes": [_figure(one) for versions in page for one in versions],
            "next": _next(".changes", page[-1][0].version.code) if len(found) > most else None,
        }
    )


@blueprint.get("/fund/data/disclosures.json")
@limiter.limit(OFTEN)
def disclosures() -> Response:
    """What was published together, the oldest first."""
    asked = _asked(("limit", "from_code"))
    most = int(asked.get("limit", openapi.USUAL))
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.disclosures(session, most + 1, str(asked.get("from_code", "")))
    page = found[:most]
    following = url_for(".disclosures", limit=most, from_code=page[-1].code) if len(found) > most else None
    told = [opendata.disclosure_json(one, _address("fund.disclosure", code=one.code)) for one in page]
    return json_answer({"disclosures": told, "next": following})


@blueprint.get("/fund/data/regions.json")
@limiter.limit(OFTEN)
def regions() -> Response:
    """Every place of which anything is published."""
    _asked(())
    with reading() as session:
        seen.of_all(session)
        found = [opendata.place_json(one) for one in queries.places(session)]
    return json_answer({"places": found})


@blueprint.get("/fund/data/vocabulary.json")
def words() -> Response:
    """Every code with its words."""
    _asked(())
    return json_answer(opendata.vocabulary_json())


@blueprint.get("/fund/data/figures.csv-metadata.json")
def csv_metadata() -> Response:
    """What the columns of the table are (CSV on the Web)."""
    _asked(())
    described = catalogue.csv_metadata(url_for(".table"), _licence_of(), language())
    return json_answer(described, content_type="application/csvm+json")


@blueprint.get("/fund/data/catalog.jsonld")
def catalog() -> Response:
    """The catalogue of all open data of the site (DCAT)."""
    _asked(())
    with reading() as session:
        newest = seen.of_all(session)
        places = queries.places(session)
    told = catalogue.dcat(_address, places, newest, language())
    return json_answer(told, content_type="application/ld+json")


@blueprint.get("/fund/data/openapi.json")
def description() -> Response:
    """What the addresses above take and answer."""
    here = site()
    server = here.address + request.script_root or "/"
    title = _("%(site)s：医保基金数据", site=here.name_en if language() == "en" and here.name_en else here.name)
    return json_answer(openapi.description(server, _licence_of(), title))


@blueprint.errorhandler(Refused)
def refused(error: DomainError) -> Response:
    """Machines are answered in JSON."""
    return refusal(400, error.code, error.message)


@blueprint.errorhandler(NotFound)
def missing(_error: NotFound) -> Response:
    return refusal(404, "not_found", _("没有这个数字。"))


@blueprint.errorhandler(TooManyRequests)
def often(_error: TooManyRequests) -> Response:
    return refusal(429, "throttled", _("请求太频繁，请过一分钟再试。"))


def _table(write: Callable[[list[opendata.Told]], bytes], kind: str, name: str) -> Response:
    asked = _asked(openapi.FILTERS)
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.figures(session, Wanted(**asked), MOST_ROWS + 1)
    if len(found) > MOST_ROWS:
        raise Refused("too_much", _("超过 %(most)s 行，请按地区或者年份分开下载。", most=MOST_ROWS))
    answer = Response(write(found), content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _figure(one: opendata.Told) -> dict[str, Any]:
    return opendata.figure_json(one, _address("fund.figure", code=one.version.code))


def _address(endpoint: str, **values: Any) -> str:
    return site().address + url_for(endpoint, **values)


def _licence_of() -> DataLicence:
    return site().data_licence


def _licence() -> dict[str, str | None]:
    one = _licence_of()
    return {"code": one.code or None, "name": one.name_en if language() != "zh" and one.name_en else one.name}


def _next(endpoint: str, after: str) -> str:
    again: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return url_for(endpoint, **again, after=after)


def _asked(names: tuple[str, ...]) -> dict[str, Any]:
    """What the address asks for, checked. Raises Refused ("bad_filter") for anything that is not described."""
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name not in names or len(values) != 1:
            raise _bad(name if name in names else "?")
        found[_NAMES.get(name, name)] = _value(name, values[0])
    return found


def _value(name: str, text: str) -> str | int | bool:
    known = vocabulary()
    choices = {"fund": known.funds, "measure": known.measures, "edition": known.editions}
    if name in openapi.NUMBERS:
        least, most = openapi.NUMBERS[name]
        if re.fullmatch("[0-9]{1,4}", text) and least <= int(text) <= most:
            return int(text)
    elif name in ("confirmed", "disclosed"):
        if text in _TRUTHS:
            return _TRUTHS[text]
    elif name in choices:
        if text in choices[name]:
            return text
    elif re.fullmatch(openapi.PATTERNS[name].strip("^$"), text):
        return text
    raise _bad(name)


def _bad(name: str) -> Refused:
    return Refused("bad_filter", _("看不懂的条件：%(name)s", name=name))
