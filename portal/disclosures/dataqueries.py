"""Reads for the open data: pages of figures in the order of their codes, so that a program goes on where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.disclosures.models import PublishedDisclosure, PublishedFigure
from portal.disclosures.opendata import Told
from portal.disclosures.queries import Version
from portal.kernel.values import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; None leaves it open. ``since``, ``until``: first and last year, both included."""

    region: str | None = None
    fund: str | None = None
    measure: str | None = None
    edition: str | None = None
    year: int | None = None
    since: int | None = None
    until: int | None = None
    confirmed: bool | None = None
    disclosed: bool | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One of the tables that hold all figures between them. None: of every year; the whole of it."""

    year: int | None = None
    part: int | None = None


def cuts(session: Session, most: int) -> list[Cut]:
    """The tables of at most *most* rows that hold every figure once: one, or one a year, or several of a year."""
    count = func.count()
    wanted = select(PublishedFigure.year, count).where(PublishedFigure.version == 1).group_by(PublishedFigure.year)
    years: dict[int, int] = dict(session.execute(wanted).all())
    if sum(years.values()) <= most:
        return [Cut()]
    return [
        Cut(year, part if years[year] > most else None)
        for year in sorted(years)
        for part in range(1, -(-years[year] // most) + 1)
    ]


def figures(session: Session, wanted: Wanted, most: int, after: str = "", skipped: int = 0) -> list[Told]:
    """At most so many figures as they read now, in the order of their codes, behind the code *after*.

    ``skipped``: how many of them are left out before.
    """
    later = aliased(PublishedFigure)
    newest = ~exists().where(later.code == PublishedFigure.code, later.version > PublishedFigure.version)
    asked = [newest, *_conditions(wanted)]
    if after:
        asked.append(PublishedFigure.code > after)
    rows = select(PublishedFigure).where(*asked).order_by(PublishedFigure.code).limit(most).offset(skipped or None)
    return told(session, session.scalars(rows).all())


def versions(session: Session, code: str) -> list[Told]:
    """Every version of one figure, the newest first."""
    rows = select(PublishedFigure).where(PublishedFigure.code == code).order_by(PublishedFigure.version.desc())
    return told(session, session.scalars(rows).all())


def corrected(session: Session, most: int, after: str = "") -> list[list[Told]]:
    """At most so many figures that were corrected, by code, behind the code *after*; of each every later version."""
    table = PublishedFigure
    codes = select(table.code).where(table.version == 2, table.code > after).order_by(table.code).limit(most)
    chosen = session.scalars(codes).all()
    rows = select(table).where(table.version > 1, table.code.in_(chosen)).order_by(table.code, table.version)
    found: dict[str, list[Told]] = {code: [] for code in chosen}
    for one in told(session, session.scalars(rows).all()):
        found[one.version.code].append(one)
    return list(found.values())


def disclosures(session: Session, most: int, after: str = "") -> list[PublishedDisclosure]:
    """At most so many disclosures, the oldest first, behind the code *after*: by year, then by number, however long."""
    code = PublishedDisclosure.code
    order = (func.substr(code, 1, 4), func.length(code), code)
    behind = tuple_(*order) > tuple_(literal(after[:4]), literal(len(after)), literal(after))
    return list(session.scalars(select(PublishedDisclosure).where(behind).order_by(*order).limit(most)))


def told(session: Session, rows: Sequence[PublishedFigure]) -> list[Told]:
    """Rows with the codes of their disclosures."""
    ids = {row.disclosure_id for row in rows}
    known = select(PublishedDisclosure.id, PublishedDisclosure.code).where(PublishedDisclosure.id.in_(ids))
    codes: dict[Id, str] = dict(session.execute(known).all()) if ids else {}
    return [
        Told(Version(row.code, row.version, row.figure, row.published_on, row.disclosure_id), codes[row.disclosure_id])
        for row in rows
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    table = PublishedFigure
    found: list[ColumnElement[bool]] = [
        getattr(table, name) == value
        for name in ("region", "fund", "measure", "edition", "year")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.since is not None:
        found.append(table.year >= wanted.since)
    if wanted.until is not None:
        found.append(table.year <= wanted.until)
    if wanted.confirmed is not None:
        sure = (table.region != "") & table.inferred.is_(False)
        found.append(sure if wanted.confirmed else ~sure)
    if wanted.disclosed is not None:
        found.append(table.amount != "" if wanted.disclosed else table.amount == "")
    return found
