"""Published cases for machines: the feed, the data files, their description, the map of pages for search engines."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests

from portal.exposures import openapi, opendata, published
from portal.exposures.opendata import STATES
from portal.exposures.published import Place, Shown, Wanted
from portal.exposures.values import SubjectKind
from portal.kernel.errors import DomainError, Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.web.caching import changed
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.machines import Reads, conditions, json_answer, licence_json, matching, number, one_of, refusal

if TYPE_CHECKING:
    from portal.exposures.sharepicture import Told

blueprint = Blueprint("exposure_data", __name__)

_TAGS = {"zh": "zh-CN", "en": "en"}
WHOLE_TABLES = "30/minute"
PICTURES = "120/minute"
FILTERS: dict[str, Reads] = {
    "region": matching(openapi.REGION),
    "subject": one_of({one: one for one in SubjectKind}),
    "conduct": matching(openapi.CONDUCT),
    "year": number(*openapi.YEARS),
    "state": one_of({one: one for one in STATES}),
}


@blueprint.get("/exposures/feed.xml")
def atom() -> Response:
    """The Atom feed: what changed last, the newest change first."""
    from portal.exposures.feed import MOST, feed  # what writes XML is loaded when some is asked for

    here = site()
    with reading() as session:
        cases = published.by_change(session, MOST)
    _changed(max((case.changed_on for case in cases), default=None))
    body = feed(
        cases,
        origin=here.ledger_origin,
        title=_("%(site)s：曝光的典型案例", site=_site_name()),
        tag=_TAGS[language()],
        own=here.address + url_for(".atom"),
        home=here.address + url_for("exposures.index"),
        address=lambda code: here.address + url_for("exposures.case", code=code),
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@blueprint.get("/exposures/data/cases.json")
def cases() -> Response:
    """A page of cases."""
    asked = conditions({**FILTERS, "limit": number(1, openapi.MOST), "after": _place})
    most, after = asked.pop("limit", openapi.USUAL), asked.pop("after", None)
    with reading() as session:
        found = published.by_day(session, Wanted(**asked), most + 1, after)
        _changed(published.last_change(session))
    page, more = found[:most], len(found) > most
    following = Place(page[-1].published_on, page[-1].code).text if more else ""
    again: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return json_answer(
        {
            "licence": licence_json(site().data_licence),
            "cases": [opendata.case_json(case) for case in page],
            "next": url_for(".cases", **again, after=following) if more else None,
        }
    )


@blueprint.get("/exposures/data/cases.csv")
@limiter.limit(WHOLE_TABLES)
def table() -> Response:
    """All cases that fit, as a table."""
    asked = conditions(FILTERS)
    with reading() as session:
        found = published.by_day(session, Wanted(**asked), None)
        _changed(published.last_change(session))
    answer = Response(opendata.write_csv(found), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=cases.csv"
    return answer


@blueprint.get("/exposures/<code>.json")
def case(code: str) -> Response:
    """One case; its notice alone, as gone, when it was withdrawn or has expired."""
    with reading() as session:
        found = published.by_code(session, code)
    if found is None:
        return refusal(404, "not_found", _("没有这个案例。"))
    _changed(found.changed_on)
    return json_answer(opendata.case_json(found), 200 if found.content else 410)


@blueprint.get("/exposures/<code>.png")
@limiter.limit(PICTURES)
def picture(code: str) -> Response:
    """The picture that stands for a case where its address is shared."""
    from portal.exposures.sharepicture import picture as drawn  # 4 MiB, loaded when one is asked for

    with reading() as session:
        found = published.by_code(session, code)
    if found is None or found.content is None:
        raise NotFound
    _changed(found.changed_on)
    return Response(drawn(picture_words(found)), content_type="image/png")


@blueprint.get("/sitemap.xml")
@limiter.limit(WHOLE_TABLES)
def pages() -> Response:
    """What search engines may list, in every language. There is none of a site that was not told its address."""
    from portal.exposures.sitemap import LISTED, MOST_LISTED, sitemap

    here = site()
    if not here.address:
        raise NotFound
    with reading() as session:
        found = published.on_show(session, MOST_LISTED)
    speaking = [(url_for(name), None) for name in LISTED]
    cases = [(url_for("exposures.case", code=code), day) for code, day in found]
    bare = [(path.removeprefix(request.script_root), day) for path, day in [*speaking, *cases]]
    return Response(sitemap(here.address, here.languages, bare), content_type="application/xml; charset=utf-8")


@blueprint.get("/exposures/openapi.json")
def description() -> Response:
    """What the addresses above take and answer."""
    here = site()
    server = here.address + request.script_root or "/"
    title = _("%(site)s：曝光的典型案例", site=_site_name())
    return json_answer(openapi.description(server, here.data_licence, title))


@blueprint.errorhandler(Refused)
def refused(error: DomainError) -> Response:
    """Machines are answered in JSON."""
    return refusal(400, error.code, error.message)


@blueprint.errorhandler(NotFound)
def missing(_error: NotFound) -> Response:
    return refusal(404, "not_found", _("没有这个案例。"))


@blueprint.errorhandler(TooManyRequests)
def often(_error: TooManyRequests) -> Response:
    return refusal(429, "throttled", _("请求太频繁，请过一分钟再试。"))


def picture_words(case: Shown) -> Told:
    """What a picture says of a case that is published."""
    from portal.exposures.sharepicture import Told

    assert case.content is not None
    parts = [issue_words(case.issue), _("案例 %(code)s", code=case.code)]
    return Told(
        title=case.content.title,
        office=opendata.office_name(case),
        line=" · ".join(part for part in parts if part),
        brand=_site_name(),
        warning=_("虚构案例，仅供演示") if case.content.invented else "",
    )


def issue_words(issue: str) -> str:
    """``2026-1`` as the reader says it; "" for a case that stands in no issue."""
    year, _dash, number = issue.partition("-")
    return _("%(year)s年第%(number)s期", year=year, number=number) if issue else ""


def _site_name() -> str:
    here = site()
    return here.name_en if language() == "en" and here.name_en else here.name


def _changed(day: date | None) -> None:
    if day is not None:
        changed(day)


def _place(text: str) -> Place:
    if not re.fullmatch(openapi.AFTER.strip("^$"), text):
        raise ValueError(text)
    day, _dot, code = text.partition(".")
    return Place(date.fromisoformat(day), code)
