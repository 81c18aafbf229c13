"""Reads for the public pages, each by an index: what figures say now, what they said before, where any are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select, text, tuple_
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.directory.regions import span
from portal.disclosures.models import (
    FIGURE_COLUMNS,
    LATEST_FIRST,
    PublishedDisclosure,
    PublishedFigure,
    PublishedPlace,
    figure_of,
)
from portal.disclosures.values import Figure
from portal.kernel.values import Id

A_PAGE = 50
PLACES = 10
"""How many places that are not sure one page tells of."""
YEARS = 12
"""The most years that one page reads."""

_FIGURE: Any = PublishedFigure.__table__
_IS: Any = _FIGURE.c
_LATER: Any = _FIGURE.alias()
NEWEST = ~exists().where(_LATER.c.code == _IS.code, _LATER.c.version > _IS.version)
"""The condition that a version of a figure is what it says now."""
_TOLD = len(FIGURE_COLUMNS)
_FIGURES = select(*(_IS[name] for name in FIGURE_COLUMNS))
"""Lines of a result, not objects: a page reads a hundred and more, and nobody writes to them."""
VERSION_COLUMNS = (*FIGURE_COLUMNS, "code", "version", "published_on", "disclosure_id")
VERSIONS = select(*(_IS[name] for name in VERSION_COLUMNS))
"""What :func:`version_of` takes a row of."""


def _one_of(column: str) -> ColumnElement[bool]:
    """The condition that a column is one of those that the parameter of its name lists."""
    return cast("ColumnElement[bool]", _IS[column].in_(bindparam(column, expanding=True)))


# Said once: putting such a statement together takes longer than running it.
_OF_PLACE = _FIGURES.where(_IS.region == bindparam("region"), NEWEST)
_YEARS = _OF_PLACE.where(_one_of("year"))
_WHOLE_YEARS = _OF_PLACE.where(_one_of("fund"), _one_of("measure"), _one_of("end_on"), _IS.inferred.is_(False))
_HISTORY = VERSIONS.where(_IS.code == bindparam("code")).order_by(_IS.version.desc())
_EDITIONS = _OF_PLACE.where(*(_IS[column] == bindparam(column) for column in ("fund", "measure", "end_on")))
_UNSURE = _FIGURES.where(text("region = ''"), _one_of("place"), _IS.year >= bindparam("since"), NEWEST)
_OF_DISCLOSURE = _IS.disclosure_id == bindparam("disclosure")
_BROUGHT = VERSIONS.where(_OF_DISCLOSURE, _IS.code > bindparam("after")).order_by(_IS.code).limit(A_PAGE + 1)
_BACK = (
    select(_IS.code).where(_OF_DISCLOSURE, _IS.code <= bindparam("after")).order_by(_IS.code.desc()).limit(A_PAGE + 1)
)
_AT: Any = PublishedPlace.__table__.c
_CONFIRMED = select(_AT.region, _AT.first_year, _AT.last_year, _AT.figures).where(_AT.region != "")
_LISTED = _CONFIRMED.order_by(_AT.region)
_WITHIN = _LISTED.where(_AT.region >= bindparam("first"), _AT.region <= bindparam("last"))
_SOME = _LISTED.where(_AT.region.in_(bindparam("some", expanding=True)))
_PLACES = select(*(_AT[name] for name in ("region", "place", "first_year", "last_year", "figures", "changed_on")))
_PROVINCE = func.substr(_AT.region, 1, 2)
_AREAS = (
    select(_PROVINCE, func.count(), func.min(_AT.first_year), func.max(_AT.last_year), func.sum(_AT.figures))
    .where(_AT.region != "")
    .group_by(_PROVINCE)
    .order_by(_PROVINCE)
)
_PLACE = select(PublishedPlace).where(PublishedPlace.region == bindparam("region"))


class Listed(NamedTuple):
    """A place in a list: its code, of which years figures are published, and how many."""

    region: str
    first_year: int
    last_year: int
    figures: int


class Place(NamedTuple):
    """The same of any place, with the day of its last change; ``place``: the words of one that is not confirmed."""

    region: str
    place: str
    first_year: int
    last_year: int
    figures: int
    changed_on: date


class Area(NamedTuple):
    """A province (or the country) with all places in it of which figures are published: how many, and as above."""

    region: str
    places: int
    first_year: int
    last_year: int
    figures: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a figure as it was published."""

    code: str
    version: int
    figure: Figure
    published_on: date
    disclosure_id: Id


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that was corrected: what it says since, what it said before, and in which disclosure."""

    now: Version
    before: Version
    disclosure: PublishedDisclosure


def current(
    session: Session, region: str, years: Sequence[int], *, funds: Sequence[str] = (), measures: Sequence[str] = ()
) -> list[Figure]:
    """What the figures of a region say now, of these years, at most YEARS of them."""
    wanted = [_one_of(name) for name, given in (("fund", funds), ("measure", measures)) if given]
    statement = _YEARS.where(*wanted) if wanted else _YEARS
    return _figures(session, statement, region=region, year=years[-YEARS:], fund=funds, measure=measures)


def unsure(session: Session, page: int) -> tuple[list[tuple[str, list[Figure]]], bool]:
    """A page of the places that no source confirms, by their words, each with what is said now of its last YEARS years;
    whether more follow."""
    named = select(PublishedPlace.place, PublishedPlace.last_year).where(PublishedPlace.region == "")
    some = session.execute(
        named.order_by(PublishedPlace.place).offset((page - 1) * PLACES).limit(PLACES + 1)
    ).all()  # fmt: skip
    first = {place: last - YEARS + 1 for place, last in some[:PLACES]}
    found: dict[str, list[Figure]] = {place: [] for place in first}
    for one in _figures(session, _UNSURE, place=list(first), since=min(first.values(), default=0)):
        if one.series.period.end.year >= first[one.series.place]:
            found[one.series.place].append(one)
    return list(found.items()), len(some) > PLACES


def whole_years(
    session: Session, region: str, years: Sequence[int], funds: Sequence[str], measures: Sequence[str]
) -> list[Figure]:
    """What is said now of periods to the end of these years, of these funds and measures."""
    days = [date(year, 12, 31) for year in years[-YEARS:]]
    return _figures(session, _WHOLE_YEARS, region=region, fund=funds, measure=measures, end_on=days)


def history(session: Session, code: str) -> list[Version]:
    """Every version of a figure, the newest first; empty when there is none."""
    return _versions(session, _HISTORY, code=code)


def editions(session: Session, figure: Figure) -> list[Figure]:
    """What each edition says now of the same place, fund, measure and period, *figure* among them."""
    series = figure.series
    asked = {"region": series.region, "fund": series.fund, "measure": series.measure, "end_on": series.period.end}
    return [one for one in _figures(session, _EDITIONS, **asked) if _about(one) == _about(figure)]


def places(session: Session) -> list[Place]:
    """Every place of which anything is published: the country, regions by code, then those not confirmed."""
    found = (Place(*row) for row in session.execute(_PLACES).all())
    return sorted(found, key=lambda one: (not one.region, one.region, one.place))


def listed(session: Session) -> list[Listed]:
    """Places that have a code, in the order of their codes: the country, then regions."""
    return [Listed(*row) for row in session.execute(_LISTED).all()]


def within(session: Session, province: str) -> list[Listed]:
    """The same of a province (of six digits) and whatever lies in it."""
    asked = dict(zip(("first", "last"), span(province), strict=True))
    return [Listed(*row) for row in session.execute(_WITHIN, asked).all()]


def some_of(session: Session, regions: Sequence[str]) -> list[Listed]:
    """The same of these regions, in the order in which they are named."""
    found = [Listed(*row) for row in session.execute(_SOME, {"some": list(regions)}).all()] if regions else []
    return sorted(found, key=lambda one: regions.index(one.region))


def areas(session: Session) -> list[Area]:
    """The country and each province in which there is any place with a code, counted by the database."""
    return [Area(f"{two}0000", *rest) for two, *rest in session.execute(_AREAS).all()]


def place(session: Session, region: str) -> PublishedPlace | None:
    """The place of a region, or None when nothing of it is published."""
    return session.scalars(_PLACE, {"region": region}).first() if region else None


def disclosure(session: Session, code: str) -> PublishedDisclosure | None:
    """What was published under this code, or None."""
    return session.scalars(select(PublishedDisclosure).where(PublishedDisclosure.code == code)).first()


def office_of(session: Session, told: PublishedDisclosure) -> Office:
    """Who published it."""
    return session.scalars(select(Office).where(Office.id == told.office_id)).one()


def disclosures(session: Session, most: int) -> list[PublishedDisclosure]:
    """The newest of them."""
    return list(session.scalars(select(PublishedDisclosure).order_by(*LATEST_FIRST).limit(most)))


def disclosures_by_id(session: Session, ids: Iterable[Id]) -> dict[Id, PublishedDisclosure]:
    """Those with these ids, by id."""
    found = session.scalars(select(PublishedDisclosure).where(PublishedDisclosure.id.in_(set(ids))))
    return {one.id: one for one in found}


def in_disclosure(session: Session, disclosure_id: Id, after: str) -> tuple[list[Version], bool]:
    """A page of the figures that a disclosure brought, in the order of their codes, behind *after*; whether more
    follow."""
    found = _versions(session, _BROUGHT, disclosure=disclosure_id, after=after)
    return found[:A_PAGE], len(found) > A_PAGE


def page_before(session: Session, disclosure_id: Id, after: str) -> str:
    """Behind which code the page begins that ends with *after*; "" for the first."""
    found = session.scalars(_BACK, {"disclosure": disclosure_id, "after": after}).all()
    return found[A_PAGE] if len(found) > A_PAGE else ""


def changes(session: Session, page: int) -> tuple[list[Change], bool]:
    """A page of what was corrected, the newest first; whether more follow."""
    rows = session.execute(
        VERSIONS.where(text("version > 1"))  # in these words the index of those few has it
        .order_by(_IS.published_on.desc(), _IS.code.desc(), _IS.version.desc())
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    some = [version_of(row) for row in rows[:A_PAGE]]
    keys = [(one.code, one.version - 1) for one in some]
    found = _versions(session, VERSIONS.where(tuple_(_IS.code, _IS.version).in_(keys))) if keys else []
    earlier = {(one.code, one.version): one for one in found}
    told = disclosures_by_id(session, (one.disclosure_id for one in some))
    return [
        Change(one, earlier[one.code, one.version - 1], told[one.disclosure_id]) for one in some
    ], len(rows) > A_PAGE  # fmt: skip


def _about(figure: Figure) -> tuple[object, ...]:
    series = figure.series
    return series.region, series.place if not series.region else "", series.pooling, series.period


def _figures(session: Session, statement: Select[Any], **given: Any) -> list[Figure]:
    return [figure_of(*row) for row in session.execute(statement, given).all()]


def _versions(session: Session, statement: Select[Any], **given: Any) -> list[Version]:
    return [version_of(row) for row in session.execute(statement, given).all()]


def version_of(row: Any) -> Version:
    """A row of VERSIONS."""
    code, version, published_on, disclosure_id = row[_TOLD:]
    return Version(code, version, figure_of(*row[:_TOLD]), published_on, disclosure_id)
