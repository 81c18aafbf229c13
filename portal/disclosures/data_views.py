"""Published figures for machines: JSON, tables, their description, and the catalogue of all data of the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests

from portal.disclosures import catalogue, dataqueries, openapi, opendata, queries, seen
from portal.disclosures.dataqueries import Wanted
from portal.disclosures.lasting import Lasting
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.errors import DomainError, Refused
from portal.kernel.site import DataLicence, site
from portal.kernel.transaction import reading
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.machines import (
    Reads,
    bad_filter,
    conditions,
    json_answer,
    licence_json,
    licence_name,
    matching,
    number,
    one_of,
    refusal,
)

blueprint = Blueprint("fund_data", __name__)

_PLACES: Lasting[list[dict[str, Any]]] = Lasting()
WHOLE_TABLES = "30/minute"
OFTEN = "240/minute"


@blueprint.get("/fund/data/figures.json")
@limiter.limit(OFTEN)
def figures() -> Response:
    """A page of figures as they read now."""
    asked = conditions(_filters(**_pages(openapi.CODE)))
    most, after = asked.pop("limit", openapi.USUAL), asked.pop("after", "")
    wanted = _wanted(asked)
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.figures(session, wanted, most + 1, after)
    page, more = found[:most], len(found) > most
    return json_answer(
        {
            "licence": licence_json(_licence_of()),
            "figures": [_figure(one) for one in page],
            "next": _next(".figures", page[-1].version.code) if more else None,
        }
    )


@blueprint.get("/fund/data/figures.csv")
@limiter.limit(WHOLE_TABLES)
def table() -> Response:
    """All figures that fit, or one part of them, as a table, with a link to what describes it (CSV on the Web)."""
    answer = _table(opendata.write_csv, "text/csv; charset=utf-8", "csv")
    described = url_for(".csv_metadata")
    answer.headers["Link"] = f'<{described}>; rel="describedby"; type="application/csvm+json"'
    return answer


@blueprint.get("/fund/data/figures.xlsx")
@limiter.limit(WHOLE_TABLES)
def workbook() -> Response:
    """The same as a workbook."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _table(opendata.write_xlsx, kind, "xlsx")


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
    asked = conditions(_pages(openapi.CODE))
    most = asked.get("limit", openapi.USUAL)
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.corrected(session, most + 1, asked.get("after", ""))
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
    asked = conditions(_pages(openapi.DISCLOSURE))
    most = asked.get("limit", openapi.USUAL)
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.disclosures(session, most + 1, asked.get("after", ""))
    page = found[:most]
    following = _next(".disclosures", page[-1].code) if len(found) > most else None
    told = [opendata.disclosure_json(one, _address("fund.disclosure", code=one.code)) for one in page]
    return json_answer({"disclosures": told, "next": following})


@blueprint.get("/fund/data/regions.json")
@limiter.limit(OFTEN)
def regions() -> Response:
    """Every place of which anything is published."""
    conditions({})
    with reading() as session:
        newest = seen.of_all(session)
        found = _PLACES.get((newest, language()), lambda: [opendata.place_json(one) for one in queries.places(session)])
    return json_answer({"places": found})


@blueprint.get("/fund/data/vocabulary.json")
def words() -> Response:
    """Every code with its words."""
    conditions({})
    return json_answer(opendata.vocabulary_json())


@blueprint.get("/fund/data/")
@limiter.limit(WHOLE_TABLES)
def index() -> str:
    """For people: every table, and what describes them."""
    with reading() as session:
        cuts = dataqueries.cuts(session, openapi.MOST_ROWS, seen.of_all(session))
    tables = [(catalogue.cut_words(one), catalogue.cut_query(one)) for one in cuts]
    return render_template("fund/data.html", tables=tables, licence=licence_name(_licence_of()))


@blueprint.get("/fund/data/figures.csv-metadata.json")
@limiter.limit(WHOLE_TABLES)
def csv_metadata() -> Response:
    """What the columns of the tables are (CSV on the Web)."""
    conditions({})
    with reading() as session:
        cuts = dataqueries.cuts(session, openapi.MOST_ROWS, seen.of_all(session))
    at = url_for(".table")
    tables = [at + catalogue.cut_query(one) for one in cuts]
    described = catalogue.csv_metadata(
        tables, opendata.COLUMNS, {"code": True, "version": True}, _("医保基金数字"), _licence_of(), language()
    )
    return json_answer(described, content_type="application/csvm+json")


@blueprint.get("/fund/data/catalog.jsonld")
@limiter.limit(WHOLE_TABLES)
def catalog() -> Response:
    """The catalogue of all open data of the site (DCAT)."""
    conditions({})
    with reading() as session:
        newest = seen.of_all(session)
        covered = catalogue.covered(session, newest)
        cuts = dataqueries.cuts(session, openapi.MOST_ROWS, newest)
    told = catalogue.dcat(_address, covered, cuts, newest.published_on if newest else None, language())
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


def _table(write: Callable[[list[opendata.Told]], bytes], kind: str, ending: str) -> Response:
    most = openapi.MOST_ROWS
    asked = conditions(_filters(part=number(1, openapi.MOST_PARTS)))
    part = asked.pop("part", None)
    wanted = _wanted(asked)
    with reading() as session:
        seen.of_all(session)
        found = dataqueries.figures(
            session, wanted, most if part else most + 1, skipped=(part - 1) * most if part else 0
        )
    if len(found) > most:
        raise Refused("too_much", _("超过 %(most)s 行，请按地区或者年份下载，或者用 part 分成几份。", most=most))
    answer = Response(write(found), content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={_file_name(wanted, part, ending)}"
    return answer


def _file_name(wanted: Wanted, part: int | None, ending: str) -> str:
    year = f"-{wanted.year}" if wanted.year else ""
    return f"figures{year}{f'-part-{part}' if part else ''}.{ending}"


def _figure(one: opendata.Told) -> dict[str, Any]:
    return opendata.figure_json(one, _address("fund.figure", code=one.version.code))


def _address(endpoint: str, **values: Any) -> str:
    return site().address + url_for(endpoint, **values)


def _licence_of() -> DataLicence:
    return site().data_licence


def _next(endpoint: str, after: str) -> str:
    again: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return url_for(endpoint, **again, after=after)


def _filters(**more: Reads) -> dict[str, Reads]:
    known, year = vocabulary(), number(*openapi.YEARS)
    truth = one_of({"true": True, "false": False})
    return {
        "region": matching(openapi.REGION),
        "fund": one_of({one: one for one in known.funds}),
        "measure": one_of({one: one for one in known.measures}),
        "edition": one_of({one: one for one in known.editions}),
        "year": year,
        "from": year,
        "to": year,
        "confirmed": truth,
        "disclosed": truth,
        **more,
    }


def _wanted(asked: dict[str, Any]) -> Wanted:
    """Raises Refused ("bad_filter") for years that end before they begin, to which nothing would ever be found."""
    since, until = asked.pop("from", None), asked.pop("to", None)
    if since is not None and until is not None and since > until:
        raise bad_filter("to")
    return Wanted(**asked, since=since, until=until)


def _pages(after: str) -> dict[str, Reads]:
    return {"limit": number(1, openapi.MOST), "after": matching(after)}
