"""What the staff pages of teaching notices ask: cases on show, notices by state, one notice held for a verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.displaying import PUBLISHED
from admin.tips.reading import keys_for
from crypto.keys import InnerKey
from portal.exposures.models import Exposure, PublishedCase, Teaching
from portal.exposures.records_kept import record_of
from portal.exposures.redaction.values import Known
from portal.exposures.teaching_states import TeachingState
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.tips.models import Tip

MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A published case with its notices that have not ended."""

    case: PublishedCase
    notices: list[Teaching]


def cases(session: Session, actor: Actor, permission: str) -> list[Line]:
    """Cases on show of the offices where *actor* has *permission*, the newest first."""
    offices = actor.offices_with(permission)
    newest = (PublishedCase.published_on.desc(), PublishedCase.code.desc())
    wanted = select(PublishedCase).where(PublishedCase.office_id.in_(offices), PublishedCase.state == PUBLISHED)
    found = list(session.scalars(wanted.order_by(*newest).limit(MOST)))
    notices: dict[Id, list[Teaching]] = {one.id: [] for one in found}
    alive = select(Teaching).where(Teaching.case_id.in_(notices), Teaching.state != TeachingState.ENDED.value)
    for row in session.scalars(alive.order_by(Teaching.audience)):
        notices[row.case_id].append(row)
    return [Line(case, notices[case.id]) for case in found]


def case_by(session: Session, code: str, actor: Actor, permission: str, *, hold: bool = False) -> PublishedCase:
    """The case on show with this code, in an office where *actor* has *permission*. NotFound otherwise.

    *hold*: locked until the transaction ends.
    """
    wanted = select(PublishedCase).where(PublishedCase.code == code, PublishedCase.state == PUBLISHED)
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    case = session.scalar(wanted)
    if case is None or not actor.may(permission, case.office_id):
        raise NotFound("no_case", "没有找到这个案例。")
    return case


def notice_by(
    session: Session, code: str, audience: str, actor: Actor, permission: str, *, hold: bool = False
) -> tuple[PublishedCase, Teaching]:
    """A notice that has not ended, and its case. NotFound otherwise. *hold*: both locked, the case first, as
    :mod:`admin.exposures.displaying` does."""
    case = case_by(session, code, actor, permission, hold=hold)
    wanted = select(Teaching).where(
        Teaching.case_id == case.id, Teaching.audience == audience, Teaching.state != TeachingState.ENDED.value
    )
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(wanted)
    if row is None:
        raise NotFound("no_teaching", "没有找到这份提醒。")
    return case, row


def known_of(session: Session, case: PublishedCase, key: Callable[[Id, Session], InnerKey]) -> Known:
    """Names in the record that the case was published from, to hold a text against; nothing once it is destroyed.

    *key*: gives the key of an office.
    """
    tip = session.scalar(select(Tip).join(Exposure, Exposure.tip_id == Tip.id).where(Exposure.published_id == case.id))
    if tip is None or tip.destroyed_on is not None:
        return ()
    record = record_of(session, tip, keys_for(session, tip, key(tip.office_id, session)))
    return tuple(one.name for one in record.people) if record is not None else ()
