"""Published bulletins for machines: the very bytes whose hash is in the ledger, a table of them, their description."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests

from portal.disclosures import catalogue
from portal.kernel.errors import DomainError, Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.statistics import openapi, queries
from portal.statistics.models import PublishedBulletin
from portal.statistics.tables import COLUMNS, KEY, write_csv
from portal.statistics.wording import office_names
from portal.web.caching import changed
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.machines import json_answer, refusal

blueprint = Blueprint("figures_data", __name__, url_prefix="/figures/data")

OFTEN = "240/minute"
WHOLE_TABLES = "20/minute"
ALL = 1200
"""Months of the whole table: a century."""
_LIMIT = re.compile("[1-9][0-9]{0,2}")


@blueprint.get("/bulletins.json")
@limiter.limit(OFTEN)
def bulletins() -> Response:
    """A page of months as they read now, the latest first."""
    asked = _asked()
    most = int(asked.get("limit", openapi.USUAL))
    with reading() as session:
        found = queries.months(session, most + 1, asked.get("before", ""))
        day = queries.last_change(session)
    if day is not None:
        changed(day)
    page = found[:most]
    again: dict[str, Any] = {**asked, "before": page[-1].month} if page else {}
    following = url_for(".bulletins", **again) if len(found) > most else None
    return json_answer({"licence": _licence(), "bulletins": [_bulletin(one) for one in page], "next": following})


@blueprint.get("/<month>.json")
@blueprint.get("/<month>/<int:version>.json")
@limiter.limit(OFTEN)
def one(month: str, version: int | None = None) -> Response:
    """What a month says now, or said in a version: canonical JSON, byte for byte what the ledger has the hash of."""
    return _bytes(_found(month, version))


@blueprint.get("/<month>.csv")
@blueprint.get("/<month>/<int:version>.csv")
@limiter.limit(OFTEN)
def table(month: str, version: int | None = None) -> Response:
    """The same, a number a line (RFC 4180)."""
    one = _found(month, version)
    return _csv([one], f"figures-{one.month}-v{one.version}")


@blueprint.get("/bulletins.csv")
@limiter.limit(WHOLE_TABLES)
def months() -> Response:
    """Every month as it reads now, the latest first."""
    return _csv(_all(), "figures")


@blueprint.get("/bulletins.csv-metadata.json")
@limiter.limit(WHOLE_TABLES)
def csv_metadata() -> Response:
    """What the columns of the tables are (CSV on the Web)."""
    tables = [url_for(".months"), *(url_for(".table", month=one.month) for one in _all())]
    here = site()
    described = catalogue.csv_metadata(tables, COLUMNS, KEY, _("举报办理情况月报"), here.data_licence, language())
    return json_answer(described, content_type="application/csvm+json")


@blueprint.get("/openapi.json")
def description() -> Response:
    """What the addresses above take and answer."""
    _plain()
    here = site()
    title = _("%(site)s：举报办理情况月报", site=here.name_en if language() == "en" and here.name_en else here.name)
    return json_answer(openapi.description(here.address + request.script_root or "/", here.data_licence, title))


@blueprint.errorhandler(Refused)
def refused(error: DomainError) -> Response:
    """Machines are answered in JSON."""
    return refusal(400, error.code, error.message)


@blueprint.errorhandler(NotFound)
def missing(_error: NotFound) -> Response:
    return refusal(404, "not_found", _("没有这个月的月报。"))


@blueprint.errorhandler(TooManyRequests)
def often(_error: TooManyRequests) -> Response:
    return refusal(429, "throttled", _("请求太频繁，请过一分钟再试。"))


def _found(month: str, version: int | None) -> PublishedBulletin:
    _plain()
    with reading() as session:
        versions = queries.versions(session, month)
    found = next((one for one in versions if version in (None, one.version)), None)
    if found is None:
        raise NotFound
    changed(versions[0].published_on)
    return found


def _bytes(found: PublishedBulletin) -> Response:
    return Response(found.content.encode(), content_type="application/json; charset=utf-8")


def _all() -> Sequence[PublishedBulletin]:
    _plain()
    with reading() as session:
        day = queries.last_change(session)
        found = queries.months(session, ALL)
    if day is not None:
        changed(day)
    return found


def _csv(found: Sequence[PublishedBulletin], name: str) -> Response:
    with reading() as session:
        offices = office_names(session)
    answer = Response(write_csv(found, offices), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    answer.headers["Link"] = f'<{url_for(".csv_metadata")}>; rel="describedby"; type="application/csvm+json"'
    return answer


def _bulletin(one: PublishedBulletin) -> dict[str, Any]:
    return {
        "month": one.month,
        "version": one.version,
        "address": site().address + url_for("figures.month", month=one.month),
        "data": site().address + url_for(".one", month=one.month, version=one.version),
        "sha256": one.sha256,
        "ledger_size": one.ledger_size,
        "reason": one.reason or None,
        "words": one.words or None,
        "published_on": one.published_on.isoformat(),
    }


def _licence() -> dict[str, str | None]:
    one = site().data_licence
    return {"code": one.code or None, "name": one.name_en if language() != "zh" and one.name_en else one.name}


def _asked() -> dict[str, str]:
    """What the list is asked by, checked. Raises Refused ("bad_filter")."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        good = {"limit": _LIMIT, "before": re.compile(openapi.MONTH.strip("^$"))}.get(name)
        if good is None or len(values) != 1 or not good.fullmatch(values[0]):
            raise _bad(name if good else "?")
        found[name] = values[0]
    if int(found.get("limit", 1)) > openapi.MOST:
        raise _bad("limit")
    return found


def _plain() -> None:
    """Nothing may be asked for beside the address."""
    if request.args:
        raise _bad("?")


def _bad(name: str) -> Refused:
    return Refused("bad_filter", _("看不懂的条件：%(name)s", name=name))
