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


def promised(session: Session, today: date) -> list[Promised]:
    """Everything that is promised, by office, place and edition, each period with what became of it by *today*."""
    wanted = select(PublishedPromise, Office.name).join(Office, Office.id == PublishedPromise.office_id)
    ordered = wanted.order_by(
        Office.name, PublishedPromise.region, PublishedPromise.edition, PublishedPromise.every,
        PublishedPromise.in_force_from,
    )  # fmt: skip
    groups: dict[tuple[str, str, str, str], list[Promise]] = {}
    for row, office in session.execute(ordered):
        key = (office, row.region, row.edition, row.every)
        groups.setdefault(key, []).append(Promise(row.days, row.in_force_from))
    return [
        Promised(
            office, region, edition, Every(every), given[-1].days, given[-1].since,
            dues(Every(every), given, first_published(session, region, edition), today),
        )
        for (office, region, edition, every), given in groups.items()
    ]  # fmt: skip


def first_published(session: Session, region: str, edition: str) -> dict[date, date]:
    """Last day of a period → day on which the first figure of this edition was published of it."""
    wanted = select(PublishedFigure.end_on, func.min(PublishedFigure.published_on)).where(
        PublishedFigure.region == region, PublishedFigure.edition == edition, PublishedFigure.version == 1
    )
    return {row[0]: row[1] for row in session.execute(wanted.group_by(PublishedFigure.end_on))}
