"""What offices promised to publish and what became of it, read from the published tables: for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.disclosures.models import PublishedFigure, PublishedPromise
from portal.disclosures.schedule import Due, Every, Promise, dues
from portal.disclosures.values import NOT_DISCLOSED
from portal.kernel.values import Id
from portal.web.locale import in_english


@dataclass(frozen=True, slots=True)
class Promised:
    """One edition of one place that an office promised. ``days``: as promised last; ``since``: from when."""

    office_id: Id
    office: str
    region: str
    edition: str
    every: Every
    days: int
    since: date
    dues: Sequence[Due]


@dataclass(frozen=True, slots=True)
class Given:
    """What an office promised about one edition of one place, in the order in which it came into force."""

    office_id: Id
    office: str
    region: str
    edition: str
    every: Every
    promises: tuple[Promise, ...]


def given(session: Session) -> list[Given]:
    """Everything that is promised, by office, place and edition."""
    wanted = select(PublishedPromise, Office.name, Office.name_en).join(Office, Office.id == PublishedPromise.office_id)
    ordered = wanted.order_by(
        Office.name, PublishedPromise.office_id, PublishedPromise.region, PublishedPromise.edition,
        PublishedPromise.every, PublishedPromise.in_force_from,
    )  # fmt: skip
    groups: dict[tuple[Id, str, str, str, str], list[Promise]] = {}
    for row, name, english in session.execute(ordered):
        key = (row.office_id, in_english(english) or name, row.region, row.edition, row.every)
        groups.setdefault(key, []).append(Promise(row.days, row.in_force_from))
    return [Given(*key[:4], Every(key[4]), tuple(promises)) for key, promises in groups.items()]


def promised(session: Session, today: date) -> list[Promised]:
    """Everything that is promised, each period with what became of it by *today*."""
    return kept(session, given(session), today)


def kept(session: Session, given: Sequence[Given], today: date) -> list[Promised]:
    """What is *given*, each period with what became of it by *today*."""
    return [
        Promised(
            one.office_id, one.office, one.region, one.edition, one.every, one.promises[-1].days,
            one.promises[-1].since,
            dues(one.every, one.promises, first_told(session, one.region, one.edition, one.every), today),
        )
        for one in given
    ]  # fmt: skip


def first_told(session: Session, region: str, edition: str, every: Every) -> dict[date, date]:
    """Last day of a period → day on which this edition first told a figure of it.

    A promise is not kept by saying that nothing is disclosed, by figures of a shorter period that ends on the same day,
    nor by a period that somebody inferred. Figures since the beginning of the year tell of its last month, too.
    """
    table = PublishedFigure
    wanted = select(table.end_on, table.start_on, func.min(table.published_on)).where(
        table.region == region, table.edition == edition, table.amount != NOT_DISCLOSED, table.inferred.is_(False)
    )
    found: dict[date, date] = {}
    for end, start, day in session.execute(wanted.group_by(table.end_on, table.start_on)):
        if start <= every.first_day(end):
            found[end] = min(day, found.get(end, day))
    return found
