"""Reads for the public pages: lists with filters and search, issues, what was taken down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.exposures import published
from portal.exposures.content import CaseContent
from portal.exposures.models import PublishedBatch, PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.published import Shown, Wanted, narrowed
from portal.exposures.terms import folded, terms, words
from portal.kernel.values import Id

A_PAGE = 20
MOST_ASKED = 200
"""Characters of a question to the search; what is longer is cut."""
MOST_FOUND = 1000
"""Cases that one search looks through, the newest first."""
_AT_ONCE = 100
ON_SHOW = "published"
GONE = ("withdrawn", "expired")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list. ``cut``: there were more than a search looks through."""

    cases: list[Shown]
    total: int
    page: int
    cut: bool = False

    @property
    def last(self) -> int:
        """The number of the last page, from 1."""
        return max(1, -(-self.total // A_PAGE))


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of an office, with how many of its cases are on show."""

    id: Id
    office: str
    office_en: str
    office_code: str
    year: int
    number: int
    title: str
    preamble: str
    published_on: date
    count: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters offer: only what some case on show has."""

    subjects: list[str]
    conducts: list[str]
    years: list[int]


def listed(session: Session, wanted: Wanted, page: int) -> Found:
    """A page of the cases on show that fit, the newest first; a page behind the last one is empty."""
    fitting = [PublishedCase.state == ON_SHOW, *narrowed(wanted)]
    total = session.scalar(select(func.count()).select_from(PublishedCase).where(*fitting)) or 0
    ids = session.scalars(_ordered(fitting).offset((page - 1) * A_PAGE).limit(A_PAGE)).all()
    return Found(published.by_ids(session, ids), total, page)


def searched(session: Session, wanted: Wanted, asked: str, page: int) -> Found:
    """The same with every word of *asked* in title, institution or text. A question without a word finds nothing."""
    sought = words(asked[:MOST_ASKED])
    if not sought:
        return Found([], 0, page)
    fitting = [PublishedCase.state == ON_SHOW, *narrowed(wanted), *_having(sought)]
    ids = session.scalars(_ordered(fitting).limit(MOST_FOUND + 1)).all()
    cut = len(ids) > MOST_FOUND
    ids = ids[:MOST_FOUND]
    if any(len(word) != 2 for word in sought):  # pieces of a longer word may stand apart in a text
        ids = list(_confirmed(session, ids, sought))
    start = (page - 1) * A_PAGE
    return Found(published.by_ids(session, ids[start : start + A_PAGE]), len(ids), page, cut)


def gone(session: Session, page: int) -> Found:
    """What was withdrawn or has expired, the newest first."""
    fitting: list[ColumnElement[bool]] = [PublishedCase.state.in_(GONE)]
    total = session.scalar(select(func.count()).select_from(PublishedCase).where(*fitting)) or 0
    newest = select(PublishedCase.id).where(*fitting).order_by(
        PublishedCase.changed_on.desc(), PublishedCase.code.desc()
    )  # fmt: skip
    ids = session.scalars(newest.offset((page - 1) * A_PAGE).limit(A_PAGE)).all()
    return Found(published.by_ids(session, ids), total, page)


def latest(session: Session, most: int) -> list[Shown]:
    """The newest cases on show."""
    return published.by_day(session, Wanted(state=ON_SHOW), most)


def offered(session: Session) -> Offered:
    """What some case on show has."""
    on_show = PublishedCase.state == ON_SHOW
    conducts = (
        select(PublishedConduct.conduct)
        .join(PublishedCase, PublishedCase.id == PublishedConduct.case_id)
        .where(on_show)
        .distinct()
    )
    return Offered(
        subjects=sorted(session.scalars(select(PublishedCase.subject).where(on_show).distinct())),
        conducts=sorted(session.scalars(conducts)),
        years=sorted(session.scalars(select(PublishedCase.year).where(on_show).distinct()), reverse=True),
    )


def issues(session: Session, most: int) -> list[Issue]:
    """The newest issues."""
    newest = (PublishedBatch.published_on.desc(), PublishedBatch.issue.desc())
    rows = session.execute(_issues().order_by(*newest).limit(most))
    return [Issue(*row) for row in rows]


def issue(session: Session, office_code: str, year: int, number: int) -> Issue | None:
    """One issue, or None."""
    fitting = (Office.code == office_code, PublishedBatch.year == year, PublishedBatch.issue == number)
    row = session.execute(_issues().where(*fitting)).first()
    return Issue(*row) if row else None


def issue_of(session: Session, case_id: Id) -> Issue | None:
    """The issue in which a case stands, or None."""
    batch = select(PublishedCase.batch_id).where(PublishedCase.id == case_id).scalar_subquery()
    row = session.execute(_issues().where(PublishedBatch.id == batch)).first()
    return Issue(*row) if row else None


def in_issue(session: Session, batch_id: Id) -> list[Shown]:
    """The cases of an issue in their order, with those that were taken down since."""
    ids = session.scalars(
        select(PublishedCase.id)
        .where(PublishedCase.batch_id == batch_id, PublishedCase.state != published.WAITING)
        .order_by(PublishedCase.position, PublishedCase.code)
    ).all()
    return published.by_ids(session, ids)


def _issues() -> Select[Id, str, str, str, int, int, str, str, date, int]:
    counted = (
        select(func.count())
        .select_from(PublishedCase)
        .where(PublishedCase.batch_id == PublishedBatch.id, PublishedCase.state == ON_SHOW)
        .scalar_subquery()
    )
    batch = PublishedBatch
    return (
        select(batch.id, Office.name, Office.name_en, Office.code, batch.year, batch.issue, batch.title, batch.preamble,
               batch.published_on, counted)
        .join(Office, Office.id == batch.office_id)
        .where(batch.published_on.is_not(None))
    )  # fmt: skip


def _ordered(fitting: Sequence[ColumnElement[bool]]) -> Select[Id]:
    ordered = (PublishedCase.published_on.desc(), PublishedCase.code.desc())
    return select(PublishedCase.id).where(*fitting).order_by(*ordered)


def _having(sought: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions that every case with these words meets; only of words of two characters the reverse holds too."""
    pieces = frozenset().union(*(terms(word) for word in sought if len(word) > 1))
    if pieces:
        every = (
            select(PublishedTerm.case_id)
            .where(PublishedTerm.term.in_(pieces))
            .group_by(PublishedTerm.case_id)
            .having(func.count() == len(pieces))
        )
        yield PublishedCase.id.in_(every)
    else:
        for character in sought[:8]:
            either = or_(
                PublishedTerm.term.startswith(character, autoescape=True),
                PublishedTerm.term.endswith(character, autoescape=True),
            )
            yield PublishedCase.id.in_(select(PublishedTerm.case_id).where(either))


def _confirmed(session: Session, ids: Sequence[Id], sought: Sequence[str]) -> Iterator[Id]:
    """Those in whose text every word stands whole."""
    newest = and_(PublishedVersion.case_id == PublishedCase.id, PublishedVersion.version == PublishedCase.version)
    texts = select(PublishedCase.id, PublishedVersion.content).join(PublishedVersion, newest)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        found = {row.id: row.content for row in session.execute(texts.where(PublishedCase.id.in_(some)))}
        for one in some:
            text = folded(CaseContent.from_json(found[one]).searched) if found.get(one) else ""
            if all(word in text for word in sought):
                yield one
