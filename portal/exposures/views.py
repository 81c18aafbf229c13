"""Public pages of published cases. They set no cookie and are the same for every reader of a language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from portal.exposures import published, queries, teaching_queries, telling
from portal.exposures.excerpts import Piece, excerpt
from portal.exposures.forms import FilterForm
from portal.exposures.opendata import notice
from portal.exposures.teaching_wording import audience_words
from portal.exposures.terms import words
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.kernel.values import Id
from portal.web.caching import changed, static_copy
from portal.web.limits import limiter

blueprint = Blueprint("exposures", __name__, url_prefix="/exposures")

OFTEN = "120/minute"
ISSUES_SHOWN = 6
MOST_ISSUES = 500


@blueprint.get("/")
@limiter.limit(OFTEN)
def index() -> str:
    """Cases on show, the newest first, narrowed and searched; the newest issues beside them."""
    form = FilterForm(request.args)
    page = _page_number()
    with reading() as session:
        form.offer(site().region, queries.offered(session))
        wanted = form.wanted
        question = form.q.data or ""
        found = queries.searched(session, wanted, question, page) if question else queries.listed(session, wanted, page)
        issues = queries.issues(session, ISSUES_SHOWN)
        _since(published.last_change(session))
    if page > found.last:
        abort(404)
    return render_template(
        "exposure/index.html", form=form, found=found, issues=issues, narrowed=bool(form.asked),
        excerpts=_excerpts(found, question), most_found=queries.MOST_FOUND, copied=static_copy(),
        licence=site().data_licence, **_pages(found, ".index", form.asked),
    )  # fmt: skip


@blueprint.get("/issues/")
def issues() -> str:
    """Every issue, the newest first."""
    with reading() as session:
        found = queries.issues(session, MOST_ISSUES)
    return render_template("exposure/issues.html", issues=found)


@blueprint.get("/issues/<office>/<int:year>-<int:number>/")
def issue(office: str, year: int, number: int) -> str:
    """One issue, as it can be printed."""
    if max(year, number) > 9999:
        abort(404)
    with reading() as session:
        found = queries.issue(session, office, year, number)
        if found is None:
            abort(404)
        cases = queries.in_issue(session, found.id)
    return render_template("exposure/issue.html", issue=found, cases=cases, notice=notice)


@blueprint.get("/withdrawn/")
def withdrawn() -> str:
    """What was withdrawn or has expired, with the reasons."""
    with reading() as session:
        found = queries.gone(session, _page_number())
    if found.page > found.last:
        abort(404)
    return render_template("exposure/withdrawn.html", found=found, notice=notice, **_pages(found, ".withdrawn", {}))


@blueprint.get("/<code>/")
def case(code: str) -> str | tuple[str, int]:
    """One case; gone, with the reason and nothing else, when it was withdrawn or has expired."""
    with reading() as session:
        found = published.by_code(session, code)
        if found is None:
            abort(404)
        printed_in = queries.issue_of(session, found.id)
        audiences = teaching_queries.for_case(session, code)
    changed(found.changed_on)
    if found.content is None:
        return render_template("exposure/gone.html", case=found, notice=notice(found.newest)), 410
    return render_template(
        "exposure/case.html", case=found, content=found.content, issue=printed_in, telling=telling, notice=notice,
        address=site().address, audiences=audiences, who=audience_words,
    )  # fmt: skip


@blueprint.get("/<code>/text")
def text(code: str) -> Response:
    """The bytes whose SHA-256 stands in the ledger, of the version on show."""
    with reading() as session:
        found = published.by_code(session, code)
    if found is None or found.content is None:
        abort(404)
    changed(found.changed_on)
    return Response(found.content.to_json(), content_type="text/plain; charset=utf-8")


def _page_number() -> int:
    """The page that is asked for, from 1; anything else counts as the first."""
    asked = request.args.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) else 1


def _pages(found: queries.Found, endpoint: str, asked: dict[str, str]) -> dict[str, Any]:
    """Addresses of the pages before and after."""
    here, given = found.page, dict[str, Any](asked)
    first = given if here == 2 else {**given, "page": here - 1}
    before = url_for(endpoint, **first) if here > 1 else None
    after = url_for(endpoint, **{**given, "page": here + 1}) if here < found.last else None
    return {"before": before, "after": after}


def _excerpts(found: queries.Found, question: str) -> dict[Id, tuple[Piece, ...]]:
    """What each case on this page was found by."""
    sought = words(question)
    return {one.id: excerpt(one.content, sought) for one in found.cases if one.content is not None}


def _since(day: Any) -> None:
    if day is not None:
        changed(day)
