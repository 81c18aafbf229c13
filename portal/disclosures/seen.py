"""What each public answer about fund accounts is made of, read before the answer is: see ``caching.made_of``.

Every publication and every correction leaves its mark on the places that it touches, in its own transaction
(``PublishedPlace.changed_by``), and is the newest disclosure of all. Nothing else changes what is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.disclosures.models import LATEST_FIRST, PublishedDisclosure, PublishedFigure, PublishedPlace
from portal.disclosures.promises import Given
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.web.caching import changed, made_of

_NEWEST: Any = (
    select(PublishedDisclosure.id, PublishedDisclosure.published_on).order_by(*LATEST_FIRST).limit(1)
)  # codes are drawn one after the other (admin/disclosures/publishing.py), and ids are random
_OF_FIGURE: Any = (
    select(PublishedPlace.changed_by, PublishedPlace.changed_on)
    .join(PublishedFigure, PublishedFigure.region == PublishedPlace.region)
    .where(
        PublishedFigure.code == bindparam("code"), PublishedFigure.version == 1,
        or_(PublishedPlace.region != "", PublishedPlace.place == PublishedFigure.place),
    )
)  # fmt: skip


class Newest(NamedTuple):
    """The newest disclosure: as long as it is, nothing that is published has changed."""

    id: Id
    published_on: date


def of_place(place: PublishedPlace) -> None:
    """An answer that tells of this place alone."""
    changed(place.changed_on)
    _made_of("place", place.region, place.changed_by.hex)


def of_figure(session: Session, code: str) -> None:
    """An answer that tells of one figure, its history and other editions of it; nothing is said when there is none."""
    place = session.execute(_OF_FIGURE, {"code": code}).first()
    if place is not None:
        changed(place.changed_on)
        _made_of("figure", place.changed_by.hex)


def of_disclosure(told: PublishedDisclosure, office: Office) -> None:
    """An answer that tells what was published together; it stays as it is, but the office may take another name."""
    changed(told.published_on)
    _made_of("disclosure", told.id.hex, office.name, office.name_en or "")


def of_all(session: Session) -> Newest | None:
    """An answer that tells of several places, and of nothing that is not published; None before anything is."""
    newest = _newest(session)
    if newest is not None:
        changed(newest.published_on)
    _made_of("all", newest.id.hex if newest else "")
    return newest


def of_promises(session: Session, given: Sequence[Given], today: date) -> None:
    """An answer that tells what became of promises until *today*; it has no day of a last change."""
    newest = _newest(session)
    _made_of("promises", newest.id.hex if newest else "", repr(given), today.isoformat())


def _newest(session: Session) -> Newest | None:
    found = session.execute(_NEWEST).first()
    return Newest(*found) if found else None


def _made_of(*parts: str) -> None:
    here = site()
    made_of(here.region, here.address, repr(here.data_licence), here.mode, *parts)
