"""Public pages of the fund accounts. They set no cookie and are the same for every reader of a language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from portal.disclosures import asked, comparing, queries, seen, showing, telling
from portal.disclosures.models import PublishedPlace
from portal.disclosures.openapi import CODE
from portal.disclosures.overview import (
    HEADS,
    MAIN,
    Row,
    by_level,
    by_year,
    funds_of,
    heads,
    main_period,
    rows,
    standing,
    with_parts,
)  # fmt: skip
from portal.disclosures.promises import given, kept
from portal.disclosures.values import COUNTRY, Figure, Period, Pooling
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.clock import today
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.web.caching import static_copy
from portal.web.limits import limiter
from portal.web.locale import gettext as _

blueprint = Blueprint("fund", __name__, url_prefix="/fund")

OFTEN = "120/minute"
DISCLOSURES_SHOWN = 30
FEW = 40
"""Up to so many places stand in one list."""
PLACES_FOUND = 60
PERIODS_SHOWN = 24


@blueprint.get("/")
@limiter.limit(OFTEN)
def index() -> str:
    """The site's own region when it has figures, else the whole country, else that there are none yet."""
    with reading() as session:
        found = queries.place(session, site().region) or queries.place(session, COUNTRY)
        if found is None:
            seen.of_all(session)
            return render_template("fund/empty.html")
        return _region(session, found, found.last_year, first=True)


@blueprint.get("/<region>/")
@limiter.limit(OFTEN)
def region(region: str) -> str:
    """A region in the latest year of which figures are published."""
    with reading() as session:
        found = _place(session, region)
        return _region(session, found, found.last_year)


@blueprint.get("/<region>/<int(max=9999):year>/")
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
        seen.of_figure(session, code)
        versions = queries.history(session, code)
        if not versions:
            abort(404)
        others = queries.editions(session, versions[0].figure)
        told = queries.disclosures_by_id(session, (one.disclosure_id for one in versions))
    return render_template(
        "fund/figure.html", versions=versions, figure=versions[0].figure, others=others, told_in=told, telling=telling,
        invented=site().is_demo,
    )  # fmt: skip


@blueprint.get("/<region>/funds/<fund>/")
@limiter.limit(OFTEN)
def fund(region: str, fund: str) -> str:
    """One fund of a region over the years, and what is told of parts of years."""
    if fund not in vocabulary().funds:
        abort(404)
    with reading() as session:
        place = _place(session, region)
        seen.of_place(place)
        told = queries.current(session, place.region, _years(place), funds=[fund])
    sure = [one for one in told if one.series.confirmed]
    if not sure:
        abort(404)
    levels = by_level(sure)
    level, own = standing(sure)
    others = [showing.by_period(told, str(telling.POOLINGS[one])) for one, told in levels.items() if one is not level]
    return render_template(
        "fund/fund.html", place=place, fund=fund, others=[one for one in others if one is not None],
        page=showing.of_fund(telling.level_words(place.region, level), fund, own),
        scope=telling.SCOPES.get(vocabulary().funds[fund].scope), named=telling.Named(sure), telling=telling,
    )  # fmt: skip


@blueprint.get("/editions/<region>/<int(max=9999):year>/")
@limiter.limit(OFTEN)
def editions(region: str, year: int) -> str:
    """Whatever several editions tell of one year of a region, with what moved between them."""
    with reading() as session:
        place = _place(session, region)
        seen.of_place(place)
        told = queries.current(session, place.region, [year])
    found = comparing.several_told(one for one in told if one.series.confirmed)
    if not found:
        abort(404)
    return render_template("fund/editions.html", place=place, year=year, found=found, telling=telling)


@blueprint.get("/regions/")
@limiter.limit(OFTEN)
def regions() -> str:
    """The places of which figures are published; where they are many, by province, and any can be looked for."""
    typed = request.args.get("place", "").strip()[: asked.MOST_TYPED]
    with reading() as session:
        newest = seen.of_all(session)
        areas = asked.provinces(session, newest)
        many = sum(one.places for one, _name in areas) > FEW
        if many and typed:
            offer = asked.offered(session, newest)
            named = asked.called(offer, typed)
            places = queries.some_of(session, named[:PLACES_FOUND] or asked.around(offer, typed))
            return render_template(
                "fund/places_found.html", typed=typed, named=len(named), places=places, telling=telling
            )
        places = [] if many else queries.listed(session)
    return render_template(
        "fund/regions.html", places=places, areas=areas if many else [], telling=telling, copied=static_copy()
    )


@blueprint.get("/regions/<province>/")
@limiter.limit(OFTEN)
def province(province: str) -> str:
    """A province and the places in it of which figures are published."""
    if not re.fullmatch("[1-9][0-9]0000", province):
        abort(404)
    with reading() as session:
        seen.of_all(session)
        found = queries.within(session, province)
    if not found:
        abort(404)
    return render_template("fund/province.html", province=province, places=found, telling=telling)


@blueprint.get("/unconfirmed/")
@limiter.limit(OFTEN)
def unconfirmed() -> str:
    """Figures of which the source does not say the place, under the words of the source."""
    page = _page_number()
    with reading() as session:
        seen.of_all(session)
        found, more = queries.unsure(session, page)
    if page > 1 and not found:
        abort(404)
    tables = [
        (telling.joined(place, str(telling.POOLINGS[level]) if len(levels) > 1 else ""), showing.by_period(told, place))
        for place, figures in found for levels in (by_level(figures),) for level, told in levels.items()
    ]  # fmt: skip
    return render_template("fund/unconfirmed.html", tables=tables, **_pages("fund.unconfirmed", page, more))


@blueprint.get("/compare/")
@limiter.limit(OFTEN)
def compare() -> str:
    """Two to four places or years side by side; the form until two are chosen."""
    with reading() as session:
        offer = asked.offered(session, seen.of_all(session))
        rows, more = asked.rows(offer, request.args.getlist("place"), request.args.getlist("year"))
        clear = [(one.region, one.year) for one in rows if one.region and one.year]
        columns = [column for region, year in clear if (column := _column(session, region, year)) is not None]
    told = {(one.region, one.year) for one in columns}
    missing = [telling.joined(offer.names[region], str(year)) for region, year in clear if (region, year) not in told]
    return render_template(
        "fund/compare.html", offer=offer, many=len(offer.names) > FEW, rows=rows, too_many=more, missing=missing,
        doubts=_doubts(offer, rows), named=telling.Named(figure for one in columns for figure in one.figures),
        found=comparing.compare(columns) if len(columns) > 1 else None, telling=telling, copied=static_copy(),
    )  # fmt: skip


@blueprint.get("/changes/")
@limiter.limit(OFTEN)
def changes() -> str:
    """What was corrected, the newest first, and the newest disclosures."""
    page = _page_number()
    with reading() as session:
        seen.of_all(session)
        found, more = queries.changes(session, page)
        newest = queries.disclosures(session, DISCLOSURES_SHOWN) if page == 1 else []
    if page > 1 and not found:
        abort(404)
    return render_template(
        "fund/changes.html", found=found, newest=newest, telling=telling, **_pages("fund.changes", page, more)
    )


@blueprint.get("/schedule/")
@limiter.limit(OFTEN)
def schedule() -> str:
    """What was promised to be published when, and what became of it until today."""
    with reading() as session:
        day, promises = today(), given(session)
        seen.of_promises(session, promises, day)
        found = kept(session, promises, day)
    return render_template("fund/schedule.html", found=found, most=PERIODS_SHOWN, telling=telling)


@blueprint.get("/disclosures/<code>/")
@limiter.limit(OFTEN)
def disclosure(code: str) -> str:
    """What was published together: by whom, when, why, and its figures, a page behind the code ``after``."""
    after = request.args.get("after", "")
    if after and not re.fullmatch(CODE, after):
        abort(404)
    with reading() as session:
        told = queries.disclosure(session, code)
        if told is None:
            abort(404)
        office = queries.office_of(session, told)
        seen.of_disclosure(told, office)
        found, more = queries.in_disclosure(session, told.id, after)
        back = queries.page_before(session, told.id, after) if after else ""
    if after and not found:
        abort(404)
    at = partial(url_for, "fund.disclosure", code=code)
    explained = [words for words in json.loads(told.explanations).values() if isinstance(words, str)]
    return render_template(
        "fund/disclosure.html", told=told, office=office, found=found, explained=explained, telling=telling,
        before=at(after=back or None) if after else None, after=at(after=found[-1].code) if more else None,
    )  # fmt: skip


def _doubts(offer: asked.Offered, rows: list[asked.Asked]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What of the rows is not clear, in words, and addresses that would make it so, each with the place it takes."""
    places_given, years_given = [one.region or one.place for one in rows], [one.typed_year for one in rows]
    for at, one in enumerate(rows):
        links = []
        for region in one.near:
            places = [*places_given[:at], region, *places_given[at + 1 :]]
            links.append((offer.names[region], url_for("fund.compare", place=places, year=years_given)))
        if not one.region:
            yield telling.doubt_words(one.place, several=one.several, near=bool(links)), links
        if not one.year:
            yield _("“%(year)s”不是年份，请写四位数字。", year=one.typed_year), []


def _column(session: Session, region: str, year: int) -> comparing.Column | None:
    """A place in a year; None when income and expenditure of basic insurance are not told."""
    told = queries.current(session, region, [year], funds=funds_of(HEADS), measures=MAIN)
    level, own = standing([one for one in told if one.series.confirmed])
    period = main_period(own)
    found = heads(own, period) if period else []
    if not found or period is None:
        return None
    part = telling.family_words(found[0].fund) if vocabulary().funds[found[0].fund].fund != HEADS[0] else ""
    name = telling.joined(telling.level_words(region, level), telling.period_words(period), part)
    return comparing.Column(name, region, year, found[0], tuple(own))


def _years(place: PublishedPlace) -> list[int]:
    return list(range(place.first_year, place.last_year + 1))[-queries.YEARS :]


def _page_number() -> int:
    """The page that is asked for, from 1; anything else counts as the first."""
    asked = request.args.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 and int(asked) else 1


def _pages(endpoint: str, page: int, more: bool) -> dict[str, str | None]:
    """Addresses of the pages before and after."""
    before = url_for(endpoint, page=page - 1 if page > 2 else None) if page > 1 else None
    return {"before": before, "after": url_for(endpoint, page=page + 1) if more else None}


def _place(session: Session, region: str) -> PublishedPlace:
    found = queries.place(session, region) if re.fullmatch("[0-9]{6}", region) else None
    if found is None:
        abort(404)
    return found


def _others(figures: Iterable[Figure], level: Pooling, period: Period | None) -> Iterator[tuple[str, list[Row]]]:
    """What is told beside the *period* of the *level* that stands for the region, in words: other periods of the same
    level, and whatever another level tells."""
    for other, told in by_level(figures).items():
        for one, some in rows(told).items():
            if (other, one) != (level, period):
                words = telling.period_words(one)
                yield words if other is level else telling.joined(str(telling.POOLINGS[other]), words), some


def _region(session: Session, place: PublishedPlace, year: int, *, first: bool = False) -> str:
    seen.of_place(place)
    years = _years(place)
    told = queries.current(session, place.region, [year])
    sure = [one for one in told if one.series.confirmed]
    level, own = standing(sure)
    period = main_period(own)
    shown = heads(own, period) if period else []
    families = [vocabulary().funds[one.fund].fund for one in shown] or [HEADS[0]]
    whole = queries.whole_years(session, place.region, years, with_parts(families), MAIN)
    long = [one for one in whole if one.series.pooling is level]
    course = by_year(long, families[0])
    by_fund = rows(own)[period] if period else []
    others = [(words, showing.by_fund(some, words)) for words, some in _others(sure, level, period)]
    return render_template(
        "fund/region.html", place=place, year=year, years=years, first=first, period=period, heads=shown,
        page=showing.overview(telling.level_words(place.region, level), shown, course, by_fund, long), others=others,
        beside=showing.other_measures(by_fund), named=telling.Named((*told, *long)),
        instead_of=site().region if first and place.region != site().region else "",
        editions=bool(comparing.several_told(sure)),
        unsure=[one for one in told if not one.series.confirmed], telling=telling, copied=static_copy(),
    )  # fmt: skip
