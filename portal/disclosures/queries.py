"""Reads for the public pages, each by an index: what figures say now, what they said before, where any are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.directory.models import Office
from portal.disclosures.models import PublishedDisclosure, PublishedFigure, PublishedPlace
from portal.disclosures.values import Figure
from portal.kernel.values import Id

A_PAGE = 50
YEARS = 12
"""The most years that one page reads."""


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
) -> list[Version]:
    """What the figures of a region say now, of these years, at most YEARS of them; ``""`` for places not confirmed."""
    wanted: list[ColumnElement[bool]] = [PublishedFigure.region == region, PublishedFigure.year.in_(years[-YEARS:])]
    if funds:
        wanted.append(PublishedFigure.fund.in_(funds))
    if measures:
        wanted.append(PublishedFigure.measure.in_(measures))
    return _versions(session, [*wanted, _is_newest()])


def whole_years(session: Session, region: str, years: Sequence[int], funds: Sequence[str]) -> list[Version]:
    """What is said now of whole years, of these funds: money and people insured."""
    wanted = [
        PublishedFigure.region == region,
        PublishedFigure.year.in_(years[-YEARS:]),
        PublishedFigure.fund.in_(funds),
        PublishedFigure.end_on.in_([date(year, 12, 31) for year in years[-YEARS:]]),
        PublishedFigure.inferred.is_(False),
    ]
    return _versions(session, [*wanted, _is_newest()])


def history(session: Session, code: str) -> list[Version]:
    """Every version of a figure, the newest first; empty when there is none."""
    return sorted(_versions(session, [PublishedFigure.code == code]), key=lambda one: -one.version)


def editions(session: Session, figure: Figure) -> list[Version]:
    """What each edition says now of the same place, fund, measure and period, *figure* among them."""
    series = figure.series
    wanted = [
        PublishedFigure.region == series.region,
        PublishedFigure.fund == series.fund,
        PublishedFigure.measure == series.measure,
        PublishedFigure.end_on == series.period.end,
    ]
    found = _versions(session, [*wanted, _is_newest()])
    return [one for one in found if _about(one.figure) == _about(figure)]


def places(session: Session) -> list[PublishedPlace]:
    """Every place of which anything is published: the country, regions by code, then those not confirmed."""
    found = session.scalars(select(PublishedPlace)).all()
    return sorted(found, key=lambda one: (not one.region, one.region, one.place))


def place(session: Session, region: str) -> PublishedPlace | None:
    """The place of a region, or None when nothing of it is published."""
    return session.scalars(select(PublishedPlace).where(PublishedPlace.region == region)).first() if region else None


def disclosure(session: Session, code: str) -> PublishedDisclosure | None:
    """What was published under this code, or None."""
    return session.scalars(select(PublishedDisclosure).where(PublishedDisclosure.code == code)).first()


def office_of(session: Session, told: PublishedDisclosure) -> Office:
    """Who published it."""
    return session.scalars(select(Office).where(Office.id == told.office_id)).one()


def disclosures(session: Session, most: int) -> list[PublishedDisclosure]:
    """The newest of them."""
    ordered = (PublishedDisclosure.published_on.desc(), PublishedDisclosure.code.desc())
    return list(session.scalars(select(PublishedDisclosure).order_by(*ordered).limit(most)))


def disclosures_by_id(session: Session, ids: Iterable[Id]) -> dict[Id, PublishedDisclosure]:
    """Those with these ids, by id."""
    found = session.scalars(select(PublishedDisclosure).where(PublishedDisclosure.id.in_(set(ids))))
    return {one.id: one for one in found}


def in_disclosure(session: Session, disclosure_id: Id, page: int) -> tuple[list[Version], bool]:
    """A page of the figures that a disclosure brought, in the order of their codes; whether more follow."""
    rows = session.scalars(
        select(PublishedFigure)
        .where(PublishedFigure.disclosure_id == disclosure_id)
        .order_by(PublishedFigure.code)
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    return [_version(row) for row in rows[:A_PAGE]], len(rows) > A_PAGE


def changes(session: Session, page: int) -> tuple[list[Change], bool]:
    """A page of what was corrected, the newest first; whether more follow."""
    rows = session.scalars(
        select(PublishedFigure)
        .where(PublishedFigure.version > 1)
        .order_by(PublishedFigure.published_on.desc(), PublishedFigure.code.desc())
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    some = [_version(row) for row in rows[:A_PAGE]]
    keys = [(one.code, one.version - 1) for one in some]
    found = _versions(session, [tuple_(PublishedFigure.code, PublishedFigure.version).in_(keys)]) if keys else []
    earlier = {(one.code, one.version): one for one in found}
    told = disclosures_by_id(session, (one.disclosure_id for one in some))
    return [
        Change(one, earlier[one.code, one.version - 1], told[one.disclosure_id]) for one in some
    ], len(rows) > A_PAGE  # fmt: skip


def last_change(session: Session) -> date | None:
    """The day on which anything was published last."""
    newest = select(PublishedDisclosure.published_on).order_by(PublishedDisclosure.published_on.desc()).limit(1)
    return session.scalars(newest).first()


def _about(figure: Figure) -> tuple[object, ...]:
    series = figure.series
    return series.region, series.place if not series.region else "", series.pooling, series.period


def _is_newest() -> ColumnElement[bool]:
    later = aliased(PublishedFigure)
    return ~exists().where(later.code == PublishedFigure.code, later.version > PublishedFigure.version)


def _versions(session: Session, wanted: Sequence[ColumnElement[bool]]) -> list[Version]:
    return [_version(row) for row in session.scalars(select(PublishedFigure).where(*wanted))]


def _version(row: PublishedFigure) -> Version:
    return Version(row.code, row.version, row.figure, row.published_on, row.disclosure_id)
