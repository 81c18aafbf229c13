"""Reads for the open data: pages of figures in the order of their codes, so that a program goes on where it stopped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, text, tuple_
from sqlalchemy.orm import Session

from portal.disclosures.lasting import Lasting
from portal.disclosures.models import PublishedDisclosure, PublishedFigure
from portal.disclosures.opendata import Told
from portal.disclosures.queries import NEWEST, VERSION_COLUMNS, VERSIONS, version_of
from portal.disclosures.seen import Newest
from portal.kernel.values import Id

_FIGURE: Any = PublishedFigure.__table__
_IS: Any = _FIGURE.c


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


_CUTS: Lasting[list[Cut]] = Lasting()


def cuts(session: Session, most: int, newest: Newest | None) -> list[Cut]:
    """The tables of at most *most* rows that hold every figure once: one, or one a year, or several of a year.

    Counted once for all readers since the *newest* disclosure.
    """
    return _CUTS.get((newest, most), lambda: _cuts(session, most))


def _cuts(session: Session, most: int) -> list[Cut]:
    years: Counter[int] = Counter()
    every = select(_IS.year, func.count()).group_by(_IS.region, _IS.year)  # in the order of an index
    again = select(_IS.year, -func.count()).where(text("version > 1")).group_by(_IS.year)
    for year, number in (*session.execute(every), *session.execute(again)):
        years[year] += number
    if years.total() <= most:
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
    asked = [NEWEST, *_conditions(wanted), *([_IS.code > after] if after else [])]
    chosen = (
        select(_IS.code, _IS.version).where(*asked).order_by(_IS.code).limit(most).offset(skipped or None).subquery()
    )
    row = _FIGURE.alias()
    found = select(*(row.c[name] for name in VERSION_COLUMNS)).join(
        chosen, (row.c.code == chosen.c.code) & (row.c.version == chosen.c.version)
    )
    return sorted(_told(session, found), key=lambda one: one.version.code)  # mostly as they come


def versions(session: Session, code: str) -> list[Told]:
    """Every version of one figure, the newest first."""
    return _told(session, VERSIONS.where(_IS.code == code).order_by(_IS.version.desc()))


def corrected(session: Session, most: int, after: str = "") -> list[list[Told]]:
    """At most so many figures that were corrected, by code, behind the code *after*; of each every later version."""
    again = text("version = 2")  # in these words the index of those few has it
    codes = select(_IS.code).where(again, _IS.code > after).order_by(_IS.code).limit(most)
    chosen = session.scalars(codes).all()
    found: dict[str, list[Told]] = {code: [] for code in chosen}
    rows = VERSIONS.where(_IS.version > 1, _IS.code.in_(chosen)).order_by(_IS.code, _IS.version)
    for one in _told(session, rows):
        found[one.version.code].append(one)
    return list(found.values())


def disclosures(session: Session, most: int, after: str = "") -> list[PublishedDisclosure]:
    """At most so many disclosures, the oldest first, behind the code *after*: by year, then by number, however long."""
    code = PublishedDisclosure.code
    order = (func.substr(code, 1, 4), func.length(code), code)
    behind = tuple_(*order) > tuple_(literal(after[:4]), literal(len(after)), literal(after))
    return list(session.scalars(select(PublishedDisclosure).where(behind).order_by(*order).limit(most)))


def _told(session: Session, wanted: Select[Any]) -> list[Told]:
    """Versions with the codes of their disclosures."""
    found = [version_of(row) for row in session.execute(wanted).all()]
    ids = {one.disclosure_id for one in found}
    known = select(PublishedDisclosure.id, PublishedDisclosure.code).where(PublishedDisclosure.id.in_(ids))
    codes: dict[Id, str] = dict(session.execute(known).all()) if ids else {}
    return [Told(one, codes[one.disclosure_id]) for one in found]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """A region is found by its index; all else is read off ix_published_figure_asked, in the order of codes.

    Another index would find a fund too, but all figures of it would then be sorted for each page: ``coalesce`` keeps
    the databases from that.
    """
    year, region = func.coalesce(_IS.year, 0), func.coalesce(_IS.region, "")
    found: list[ColumnElement[bool]] = [] if wanted.region is None else [_IS.region == wanted.region]
    for name in ("fund", "measure", "edition"):
        if (value := getattr(wanted, name)) is not None:
            found.append(func.coalesce(_IS[name], "") == value)
    if wanted.year is not None:
        found.append(year == wanted.year)
    if wanted.since is not None:
        found.append(year >= wanted.since)
    if wanted.until is not None:
        found.append(year <= wanted.until)
    if wanted.confirmed is not None:
        sure = (region != "") & _IS.inferred.is_(False)
        found.append(sure if wanted.confirmed else ~sure)
    if wanted.disclosed is not None:
        amount = func.coalesce(_IS.amount, "")
        found.append(amount != "" if wanted.disclosed else amount == "")
    return found
