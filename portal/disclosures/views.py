"""Public pages of the fund accounts. They set no cookie and are the same for every reader of a language."""

from __future__ import annotations

import re

from flask import Blueprint, abort, render_template
from sqlalchemy.orm import Session

from portal.disclosures import queries, showing, telling
from portal.disclosures.models import PublishedPlace
from portal.disclosures.overview import HEADS, by_year, funds_of, heads, main_period, rows, told_periods
from portal.disclosures.values import COUNTRY
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.web.caching import changed, static_copy
from portal.web.limits import limiter

blueprint = Blueprint("fund", __name__, url_prefix="/fund")

OFTEN = "120/minute"


@blueprint.get("/")
@limiter.limit(OFTEN)
def index() -> str:
    """The site's own region when it has figures, else the whole country, else that there are none yet."""
    with reading() as session:
        found = queries.place(session, site().region) or queries.place(session, COUNTRY)
        if found is None:
            return render_template("fund/empty.html", places=queries.places(session))
        return _region(session, found, found.last_year, first=True)


@blueprint.get("/<region>/")
@limiter.limit(OFTEN)
def region(region: str) -> str:
    """A region in the latest year of which figures are published."""
    with reading() as session:
        found = _place(session, region)
        return _region(session, found, found.last_year)


@blueprint.get("/<region>/<int:year>/")
@limiter.limit(OFTEN)
def year(region: str, year: int) -> str:
    """A region in one year."""
    with reading() as session:
        found = _place(session, region)
        if not found.first_year <= year <= found.last_year:
            abort(404)
        return _region(session, found, year)


@blueprint.get("/figures/<code>/")
@limiter.limit(OFTEN)
def figure(code: str) -> str:
    """One figure: what it says, who says so, and what it said before."""
    with reading() as session:
        versions = queries.history(session, code)
        if not versions:
            abort(404)
        others = queries.editions(session, versions[0].figure)
        told = queries.disclosures_by_id(session, (one.disclosure_id for one in versions))
    changed(versions[0].published_on)
    return render_template(
        "fund/figure.html", versions=versions, figure=versions[0].figure, others=others, told_in=told, telling=telling,
        invented=site().is_demo,
    )  # fmt: skip


def _place(session: Session, region: str) -> PublishedPlace:
    found = queries.place(session, region) if re.fullmatch("[0-9]{6}", region) else None
    if found is None:
        abort(404)
    return found


def _region(session: Session, place: PublishedPlace, year: int, *, first: bool = False) -> str:
    years = list(range(place.first_year, place.last_year + 1))[-queries.YEARS :]
    told = [one.figure for one in queries.current(session, place.region, [year])]
    long = [one.figure for one in queries.whole_years(session, place.region, years, funds_of(HEADS))]
    changed(place.changed_on)
    sure = [one for one in told if one.series.confirmed]
    period = main_period(sure)
    shown = heads(sure, period) if period else []
    family = vocabulary().funds[shown[0].fund].fund if shown else HEADS[0]
    course = by_year(long, family)
    by_fund = rows(sure, period) if period else []
    others = [
        (telling.period_words(one), showing.by_fund(rows(sure, one))) for one in told_periods(sure) if one != period
    ]
    named = {one.series.code: f"{telling.fund_words(one.series.fund)} {telling.measure_words(one.series.measure)}"
             for one in (*told, *long)}  # fmt: skip
    return render_template(
        "fund/region.html", place=place, year=year, years=years, first=first, period=period, heads=shown,
        page=showing.overview(telling.place_words(place.region), shown, course, by_fund, long), others=others,
        beside=showing.other_measures(by_fund), named=named,
        unsure=[one for one in told if not one.series.confirmed], telling=telling, copied=static_copy(),
    )  # fmt: skip
