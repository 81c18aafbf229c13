"""Issues (第N期): cases of an office that are published together, under a title and a preamble.

``(session, …, actor, now)``. The number is drawn by office and year. The assistant reads title and preamble.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.exposures.publicwords import public_words
from admin.staff.roles import Permission
from portal.exposures.models import Exposure, PublishedBatch
from portal.exposures.states import ExposureState
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotFound, Unavailable
from portal.kernel.values import Id, new_id

TITLE_LIMIT = 100
_DRAWS = 20  # how often a number is drawn anew when somebody else took it


def open_issue(session: Session, office_id: Id, title: str, preamble: str, actor: Actor, now: Utc) -> PublishedBatch:
    """The next issue of the office in this year. Refused: "words_missing" without a title, "private_words"."""
    actor.must(Permission.PUBLISH_EXPOSURE, office_id)
    batch = PublishedBatch(office_id=office_id, year=day_of(now).year, published_on=None)
    _word(batch, title, preamble)
    for _ in range(_DRAWS):
        batch.id, batch.issue = new_id(), _next_number(session, office_id, batch.year)
        try:
            with session.begin_nested():
                session.add(batch)
                session.flush()
            return batch
        except IntegrityError:
            continue
    raise Unavailable("busy", "现在同时新建的期数太多，请过一会儿再试。")


def reword(session: Session, batch: PublishedBatch, title: str, preamble: str, actor: Actor) -> None:
    """Another title and preamble, until it is published. Refused as :func:`open_issue`."""
    actor.must(Permission.PUBLISH_EXPOSURE, batch.office_id)
    _word(batch, title, preamble)
    session.flush()


def locked_issue(session: Session, issue_id: Id, actor: Actor) -> PublishedBatch:
    """An issue that is being put together, locked. NotFound; IllegalMove when it is published already."""
    wanted = select(PublishedBatch).where(PublishedBatch.id == issue_id).with_for_update()
    batch = session.scalar(wanted.execution_options(populate_existing=True))
    if batch is None or not actor.may(Permission.PUBLISH_EXPOSURE, batch.office_id):
        raise NotFound("no_issue", "没有找到这一期。")
    if batch.published_on is not None:
        raise IllegalMove("illegal_move", "这一期已经公布，不能再改。")
    return batch


def shown_issue(session: Session, issue_id: Id, actor: Actor) -> PublishedBatch:
    """An issue to look at. NotFound when *actor* does not publish for its office."""
    batch = session.get(PublishedBatch, issue_id)
    if batch is None or not actor.may(Permission.PUBLISH_EXPOSURE, batch.office_id):
        raise NotFound("no_issue", "没有找到这一期。")
    return batch


def issues_of(session: Session, actor: Actor, *, open_only: bool = False) -> list[PublishedBatch]:
    """Issues of the offices where *actor* publishes, the newest first."""
    wanted = select(PublishedBatch).where(PublishedBatch.office_id.in_(actor.offices_with(Permission.PUBLISH_EXPOSURE)))
    if open_only:
        wanted = wanted.where(PublishedBatch.published_on.is_(None))
    return list(session.scalars(wanted.order_by(PublishedBatch.year.desc(), PublishedBatch.issue.desc())))


def approved_for(session: Session, batch: PublishedBatch) -> list[Exposure]:
    """The approved cases that wait for this issue, locked, in the order in which they were opened."""
    wanted = select(Exposure).where(Exposure.batch_id == batch.id, Exposure.state == ExposureState.SCHEDULED.value)
    ordered = wanted.order_by(Exposure.opened_on, Exposure.id).with_for_update()
    return list(session.scalars(ordered.execution_options(populate_existing=True)))


def _word(batch: PublishedBatch, title: str, preamble: str) -> None:
    batch.title = public_words(title, "标题", limit=TITLE_LIMIT, lines=False)
    batch.preamble = public_words(preamble, "前言") if preamble.strip() else ""


def _next_number(session: Session, office_id: Id, year: int) -> int:
    last = select(func.max(PublishedBatch.issue)).where(
        PublishedBatch.office_id == office_id, PublishedBatch.year == year
    )
    return (session.scalar(last) or 0) + 1
