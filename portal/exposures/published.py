"""What the public may read of exposures, as the pages, the feed, the data files and the static copy take it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.exposures.content import CaseContent
from portal.exposures.models import PublishedBatch, PublishedCase, PublishedConduct, PublishedVersion
from portal.kernel.values import Id

WAITING = "waiting"
_CODE = re.compile(r"[0-9]{4}-[0-9]{1,11}")
_AT_ONCE = 500  # ids in one question: databases take only so many values
_Row = tuple[PublishedCase, str, str, int, int]
"""A case, the office in both languages, year and number of its issue (None without one)."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a case, without its text."""

    version: int
    kind: str
    day: date
    sha256: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as it stands before the public. ``content``: None once it was withdrawn or has expired."""

    id: Id
    code: str
    state: str
    office: str
    office_en: str
    issue: str
    published_on: date
    changed_on: date
    expires_on: date | None
    content: CaseContent | None
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is narrowed to; "" and 0 narrow nothing. ``region``: six digits, with all that lies in it."""

    region: str = ""
    subject: str = ""
    conduct: str = ""
    year: int = 0
    state: str = ""


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a page of the list ended: the day and the code of its last case."""

    day: date
    code: str

    @property
    def text(self) -> str:
        """``2026-10-09.2026-0012``, as addresses have it."""
        return f"{self.day.isoformat()}.{self.code}"


def by_code(session: Session, code: str) -> Shown | None:
    """The case with that code, or None."""
    if not _CODE.fullmatch(code):
        return None
    found = _whole(session, session.execute(_cases().where(PublishedCase.code == code)).all())
    return found[0] if found else None


def by_ids(session: Session, ids: Sequence[Id]) -> list[Shown]:
    """The cases with these ids, in their order; those that the public does not see are left out."""
    rows = session.execute(_cases().where(PublishedCase.id.in_(ids))).all()
    found = {one.id: one for one in _whole(session, rows)}
    return [found[one] for one in ids if one in found]


def by_day(session: Session, wanted: Wanted, most: int | None, after: Place | None = None) -> list[Shown]:
    """Cases by the day of their publication, the newest first; no more than *most*, from behind *after* on."""
    statement = _cases().where(*narrowed(wanted))
    if after is not None:
        statement = statement.where(_behind(after))
    ordered = statement.order_by(PublishedCase.published_on.desc(), PublishedCase.code.desc()).limit(most)
    return _whole(session, session.execute(ordered).all())


def by_change(session: Session, most: int) -> list[Shown]:
    """The cases that changed last, the newest change first."""
    ordered = _cases().order_by(PublishedCase.changed_on.desc(), PublishedCase.code.desc()).limit(most)
    return _whole(session, session.execute(ordered).all())


def on_show(session: Session, most: int) -> list[tuple[str, date]]:
    """Code and day of the last change of the cases on show, the newest first; no more than *most*."""
    statement = select(PublishedCase.code, PublishedCase.changed_on).where(PublishedCase.state == "published")
    ordered = statement.order_by(PublishedCase.published_on.desc(), PublishedCase.code.desc()).limit(most)
    return [(code, day) for code, day in session.execute(ordered)]


def last_change(session: Session) -> date | None:
    """The day on which anything last changed, or None."""
    return session.scalar(select(func.max(PublishedCase.changed_on)).where(PublishedCase.state != WAITING))


_ISSUED = PublishedBatch.published_on.is_not(None)
"""An issue that is still put together is told to nobody."""


def _cases() -> Select[*_Row]:
    return (
        select(PublishedCase, Office.name, Office.name_en, PublishedBatch.year, PublishedBatch.issue)
        .join(Office, Office.id == PublishedCase.office_id)
        .outerjoin(PublishedBatch, and_(PublishedBatch.id == PublishedCase.batch_id, _ISSUED))
        .where(PublishedCase.state != WAITING)
    )


def narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.region:
        found.append(PublishedCase.region.startswith(_stem(wanted.region), autoescape=True))
    if wanted.subject:
        found.append(PublishedCase.subject == wanted.subject)
    if wanted.year:
        found.append(PublishedCase.year == wanted.year)
    if wanted.state:
        found.append(PublishedCase.state == wanted.state)
    if wanted.conduct:
        having = select(PublishedConduct.case_id).where(PublishedConduct.conduct == wanted.conduct)
        found.append(PublishedCase.id.in_(having))
    return found


def _stem(region: str) -> str:
    """What the codes of a region and of all that lies in it begin with (GB/T 2260)."""
    return region.removesuffix("00").removesuffix("00")


def _behind(place: Place) -> ColumnElement[bool]:
    same = and_(PublishedCase.published_on == place.day, PublishedCase.code < place.code)
    return or_(PublishedCase.published_on < place.day, same)


def _whole(session: Session, rows: Sequence[Row[*_Row]]) -> list[Shown]:
    versions = _versions(session, [row[0].id for row in rows])
    return [
        _shown(case, office, office_en, f"{year}-{issue}" if issue else "", versions[case.id])
        for case, office, office_en, year, issue in rows
    ]


def _versions(session: Session, ids: Sequence[Id]) -> dict[Id, list[PublishedVersion]]:
    found: dict[Id, list[PublishedVersion]] = defaultdict(list)
    for start in range(0, len(ids), _AT_ONCE):
        some = PublishedVersion.case_id.in_(ids[start : start + _AT_ONCE])
        for one in session.scalars(select(PublishedVersion).where(some).order_by(PublishedVersion.version)):
            found[one.case_id].append(one)
    return found


def _shown(case: PublishedCase, office: str, office_en: str, issue: str, versions: list[PublishedVersion]) -> Shown:
    content = versions[-1].content
    return Shown(
        id=case.id,
        code=case.code,
        state=case.state,
        office=office,
        office_en=office_en,
        issue=issue,
        published_on=case.published_on,
        changed_on=case.changed_on,
        expires_on=case.expires_on,
        content=CaseContent.from_json(content) if content else None,
        versions=tuple(Version(v.version, v.kind, v.day, v.sha256, v.reason, v.words) for v in versions),
    )
