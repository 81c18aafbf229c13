"""What days do to published cases: one that waits is shown, one whose term is over is taken down. For the worker.

``expires_on`` is the last day on which a case is seen. Calling it again, or after a crash, does nothing twice: a case
is locked, and looked at again, before anything is done with it.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from admin.exposures.displaying import PUBLISHED, WAITING, locked_case, release, take_down
from admin.exposures.moving import move
from portal.exposures.models import Exposure, PublishedCase
from portal.exposures.states import ExposureAction
from portal.exposures.values import ChangeReason, VersionKind
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id

MOST = 100
"""Cases of each sort that one call deals with; the rest waits for the next."""


def sweep_exposures(session: Session, now: Utc) -> int:
    """Show and take down what is due; how many cases that were. Each leaves its line in the book."""
    today, done = day_of(now), 0
    for case_id in _ids(session, _due(today)):
        way, case = _locked(session, case_id)
        if case.state == WAITING and case.title and case.published_on <= today:
            release(session, case, SYSTEM, now)
            _follow(session, way, ExposureAction.RELEASE, "", now)
            done += 1
    for case_id in _ids(session, _over(today)):
        way, case = _locked(session, case_id)
        if case.state == PUBLISHED and case.expires_on is not None and case.expires_on < today:
            take_down(session, case, VersionKind.EXPIRE, ChangeReason.TERM_OVER.value, "", SYSTEM, now)
            _follow(session, way, ExposureAction.EXPIRE, ChangeReason.TERM_OVER.value, now)
            done += 1
    return done


def _due(today: date) -> list[ColumnElement[bool]]:
    """What was given up has no title any more and waits for ever."""
    return [PublishedCase.state == WAITING, PublishedCase.title != "", PublishedCase.published_on <= today]


def _over(today: date) -> list[ColumnElement[bool]]:
    return [PublishedCase.state == PUBLISHED, PublishedCase.expires_on < today]


def _ids(session: Session, which: list[ColumnElement[bool]]) -> list[Id]:
    wanted = select(PublishedCase.id).where(*which).order_by(PublishedCase.published_on, PublishedCase.code)
    return list(session.scalars(wanted.limit(MOST)))


def _locked(session: Session, case_id: Id) -> tuple[Exposure | None, PublishedCase]:
    """A case with the exposure that it came from, where there is one: locked in the order of those who publish."""
    wanted = select(Exposure).where(Exposure.published_id == case_id)
    way = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    return way, locked_case(session, case_id)


def _follow(session: Session, way: Exposure | None, action: ExposureAction, code: str, now: Utc) -> None:
    if way is not None:
        way.publish_on = way.withdraw_by = None
        move(session, way, action, SYSTEM, now, code)
