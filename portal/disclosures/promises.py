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


@dataclass(frozen=True, slots=True)
class Promised:
    """One edition of one place that an office promised. ``days``: as promised last; ``since``: from when."""

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

    office: str
    region: str
    edition: str
    every: Every
    promises: tuple[Promise, ...]


def given(session: Session) -> list[Given]:
    """Everything that is promised, by office, place and edition."""
    wanted = select(PublishedPromise, Office.name).join(Office, Office.id == PublishedPromise.office_id)
    ordered = wanted.order_by(
        Office.name, PublishedPromise.region, PublishedPromise.edition, PublishedPromise.every,
        PublishedPromise.in_force_from,
    )  # fmt: skip
    groups: dict[tuple[str, str, str, str], list[Promise]] = {}
    for row, office in session.execute(ordered):
        key = (office, row.region, row.edition, row.every)
        groups.setdefault(key, []).append(Promise(row.days, row.in_force_from))
    return [Given(*key[:3], Every(key[3]), tuple(promises)) for key, promises in groups.items()]


def promised(session: Session, today: date) -> list[Promised]:
    """Everything that is promised, each period with what became of it by *today*."""
    return kept(session, given(session), today)


def kept(session: Session, given: Sequence[Given], today: date) -> list[Promised]:
    """What is *given*, each period with what became of it by *today*."""
    return [
        Promised(
            one.office, one.region, one.edition, one.every, one.promises[-1].days, one.promises[-1].since,
            dues(one.every, one.promises, first_published(session, one.region, one.edition), today),
        )
        for one in given
    ]  # fmt: skip


def first_published(session: Session, region: str, edition: str) -> dict[date, date]:
    """Last day of a period → day on which the first figure of this edition was published of it."""
    wanted = select(PublishedFigure.end_on, func.min(PublishedFigure.published_on)).where(
        PublishedFigure.region == region, PublishedFigure.edition == edition, PublishedFigure.version == 1
    )
    return {row[0]: row[1] for row in session.execute(wanted.group_by(PublishedFigure.end_on))}
