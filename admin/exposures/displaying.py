"""Writing what the public sees: shown, released, changed, taken down. Each leaves its line in the book.

``(session, …, actor, now)``. Who may do it is asked by those who call: :mod:`admin.exposures.publishing`,
``withdrawing`` and the worker. Nothing here opens a report, and no row written here points at one.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.exposures.teaching_following import end_with, look_again
from portal.exposures.content import CaseContent
from portal.exposures.events import CaseDisplayed
from portal.exposures.models import PublishedCase, PublishedConduct, PublishedTerm, PublishedVersion
from portal.exposures.terms import terms
from portal.exposures.values import VersionKind
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, Unavailable
from portal.kernel.values import Id, new_id
from portal.ledger.book import append

WAITING, PUBLISHED = "waiting", "published"
_ENDS = {VersionKind.WITHDRAW: "withdrawn", VersionKind.EXPIRE: "expired"}
_DRAWS = 20  # how often a number is drawn anew when somebody else took it


def show(
    session: Session,
    content: CaseContent,
    office_id: Id,
    actor: Actor,
    now: Utc,
    *,
    batch_id: Id | None = None,
    position: int = 0,
    publish_on: date | None = None,
) -> PublishedCase:
    """Put *content* before the public, or let it wait for the later day *publish_on*.

    A case that waits has its number and its text and is not seen; the book hears of it when it is released.
    """
    day = day_of(now)
    waits = publish_on is not None and publish_on > day
    shown_on = publish_on if publish_on is not None and waits else day
    values = {"office_id": office_id, "batch_id": batch_id, "position": position, "version": 1}
    days = {"year": shown_on.year, "published_on": shown_on, "changed_on": shown_on}
    case = PublishedCase(state=WAITING if waits else PUBLISHED, **values, **days, **_columns(content))
    _number(session, case)
    _add(session, case, VersionKind.PUBLISH, content.to_json(), content.sha256, shown_on)
    _index(session, case, content)
    if not waits:
        _record(session, case, VersionKind.PUBLISH, content.sha256, "", actor, now)
    return case


def release(session: Session, case: PublishedCase, actor: Actor, now: Utc) -> None:
    """The day of a case that waited has come. IllegalMove when it does not wait."""
    if case.state != WAITING:
        raise _not_now()
    first = newest(session, case)
    case.state = PUBLISHED
    _record(session, case, VersionKind.PUBLISH, first.sha256, "", actor, now)


def change(
    session: Session, case: PublishedCase, content: CaseContent, reason: str, words: str, actor: Actor, now: Utc
) -> None:
    """Another version takes the place of the one that is seen; *reason*, a code, and *words* are told to everybody.

    IllegalMove when the case is not before the public.
    """
    if case.state != PUBLISHED:
        raise _not_now()
    for name, value in _columns(content).items():
        setattr(case, name, value)
    case.version, case.changed_on = case.version + 1, day_of(now)
    _add(session, case, VersionKind.CORRECT, content.to_json(), content.sha256, case.changed_on, reason, words)
    _unindex(session, case)
    _index(session, case, content)
    _record(session, case, VersionKind.CORRECT, content.sha256, reason, actor, now)
    look_again(session, case, actor, now)


def take_down(
    session: Session, case: PublishedCase, kind: VersionKind, reason: str, words: str, actor: Actor, now: Utc
) -> None:
    """A notice takes the place of the case for good (*kind*: WITHDRAW or EXPIRE). The text of every version is emptied
    and so is the title; the hashes stay. IllegalMove when the case is not before the public."""
    if case.state != PUBLISHED:
        raise _not_now()
    sha256 = newest(session, case).sha256
    session.execute(update(PublishedVersion).where(PublishedVersion.case_id == case.id).values(content=""))
    _unindex(session, case)
    case.state, case.title, case.expires_on = _ENDS[kind], "", None
    case.version, case.changed_on = case.version + 1, day_of(now)
    _add(session, case, kind, "", sha256, case.changed_on, reason, words)
    _record(session, case, kind, sha256, reason, actor, now)
    end_with(session, case, actor, now)


def forget_waiting(session: Session, case: PublishedCase) -> None:
    """A case that waited is not shown after all: its text goes, its number is not used again. It stays unseen.

    IllegalMove when it was released meanwhile.
    """
    if case.state != WAITING:
        raise _not_now()
    session.execute(update(PublishedVersion).where(PublishedVersion.case_id == case.id).values(content=""))
    _unindex(session, case)
    case.title, case.batch_id = "", None


def newest(session: Session, case: PublishedCase) -> PublishedVersion:
    """The version that counts."""
    wanted = select(PublishedVersion).where(
        PublishedVersion.case_id == case.id, PublishedVersion.version == case.version
    )
    return session.scalars(wanted).one()


def locked_case(session: Session, case_id: Id) -> PublishedCase:
    """The row of a case, locked until the transaction ends."""
    wanted = select(PublishedCase).where(PublishedCase.id == case_id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


def _number(session: Session, case: PublishedCase) -> None:
    """Draw the next number of the year and store the row; whoever draws the same at once waits, and draws anew."""
    for _ in range(_DRAWS):
        case.id, case.code = new_id(), _next_code(session, case.year)
        try:
            with session.begin_nested():
                session.add(case)
                session.flush()
            return
        except IntegrityError:
            continue
    raise Unavailable("busy", "现在同时公布的案例太多，请过一会儿再试。")


def _next_code(session: Session, year: int) -> str:
    last = session.scalar(select(func.max(PublishedCase.code)).where(PublishedCase.code.startswith(f"{year}-")))
    return f"{year}-{int(last[5:]) + 1 if last else 1:04}"


def _columns(content: CaseContent) -> dict[str, str]:
    return {"title": content.title, "region": content.region, "subject": content.subject.value}


def _add(
    session: Session,
    case: PublishedCase,
    kind: VersionKind,
    content: str,
    sha256: str,
    day: date,
    reason: str = "",
    words: str = "",
) -> None:
    row = {"case_id": case.id, "version": case.version, "kind": kind.value, "content": content, "sha256": sha256}
    session.add(PublishedVersion(**row, day=day, reason=reason, words=words))
    session.flush()


def _index(session: Session, case: PublishedCase, content: CaseContent) -> None:
    session.add_all(PublishedConduct(case_id=case.id, conduct=one) for one in set(content.conducts))
    session.add_all(PublishedTerm(case_id=case.id, term=one) for one in terms(content.searched))
    session.flush()


def _unindex(session: Session, case: PublishedCase) -> None:
    for table in (PublishedConduct, PublishedTerm):
        gone = delete(table).where(table.case_id == case.id)
        session.execute(gone.execution_options(synchronize_session="fetch"))


def _record(
    session: Session, case: PublishedCase, kind: VersionKind, sha256: str, reason: str, actor: Actor, now: Utc
) -> None:
    append(session, CaseDisplayed(case.code, case.version, kind.value, sha256, reason), actor, now)


def _not_now() -> IllegalMove:
    return IllegalMove("illegal_move", "这个案例已经有了新的情况。请刷新页面，看看现在可以办什么。")
