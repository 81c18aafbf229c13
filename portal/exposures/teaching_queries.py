"""Reads for the public pages of teaching notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.exposures.models import PublishedCase, PublishedTeaching
from portal.exposures.teaching import Audience, TeachingNotice
from portal.exposures.teaching_states import Display
from portal.exposures.values import Manner

A_PAGE = 20
_Row = tuple[PublishedTeaching, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as the public has it. ``notice``: None while it is looked at again, and once its case is gone."""

    code: str
    title: str
    office: str
    office_en: str
    audience: Audience
    manner: Manner
    state: Display
    changed_on: date
    notice: TeachingNotice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What the list is narrowed to; "" narrows nothing. Somebody private finds what is for all of their kind too."""

    kind: str = ""
    ownership: str = ""
    size: str = ""
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list."""

    notices: list[Told]
    total: int
    page: int

    @property
    def last(self) -> int:
        """The number of the last page, from 1."""
        return max(1, -(-self.total // A_PAGE))


def listed(session: Session, narrowed: Narrowed, page: int) -> Found:
    """A page of the notices on show that fit, the newest first."""
    fitting = [PublishedTeaching.state == Display.SHOWN.value, *_fitting(narrowed)]
    total = session.scalar(select(func.count()).select_from(PublishedTeaching).where(*fitting)) or 0
    order = (PublishedTeaching.changed_on.desc(), PublishedCase.code.desc(), PublishedTeaching.audience)
    rows = session.execute(_told().where(*fitting).order_by(*order).offset((page - 1) * A_PAGE).limit(A_PAGE))
    return Found([found for row in rows if (found := _one(row)) is not None], total, page)


def notice_of(session: Session, code: str, audience: str) -> Told | None:
    """One notice, or None."""
    row = session.execute(
        _told().where(PublishedCase.code == code, PublishedTeaching.audience == audience)
    ).first()  # fmt: skip
    return _one(row) if row else None


def for_case(session: Session, code: str) -> list[Audience]:
    """Whom a case is told to: the audiences of its notices on show."""
    wanted = (
        select(PublishedTeaching.audience)
        .join(PublishedCase, PublishedCase.id == PublishedTeaching.case_id)
        .where(PublishedCase.code == code, PublishedTeaching.state == Display.SHOWN.value)
    )
    found = (Audience.of(one) for one in session.scalars(wanted.order_by(PublishedTeaching.audience)))
    return [one for one in found if one is not None]


def _told() -> Select[*_Row]:
    return (
        select(PublishedTeaching, PublishedCase.code, PublishedCase.title, Office.name, Office.name_en)
        .join(PublishedCase, PublishedCase.id == PublishedTeaching.case_id)
        .join(Office, Office.id == PublishedCase.office_id)
    )


def _fitting(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    columns = {
        PublishedTeaching.kind: (narrowed.kind,),
        PublishedTeaching.ownership: (narrowed.ownership, "unknown"),
        PublishedTeaching.size: (narrowed.size, "unknown"),
        PublishedTeaching.manner: (narrowed.manner,),
    }
    return [column.in_(values) for column, values in columns.items() if values[0]]


def _one(row: _Row) -> Told | None:
    shown, code, title, office, office_en = row
    audience = Audience.of(shown.audience)
    if audience is None:
        return None
    notice = TeachingNotice.from_json(shown.content) if shown.content else None
    return Told(
        code, title, office, office_en, audience, Manner(shown.manner), Display(shown.state), shown.changed_on, notice
    )
