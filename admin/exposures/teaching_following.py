"""What becomes of the teaching notices of a case when the case changes: looked at again, or gone with it.

``(session, case, actor, now)``. Called by :mod:`admin.exposures.displaying` in the transaction of the change, so that
no notice outlives what it was made from.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.exposures.events import TeachingDisplayed
from portal.exposures.models import PublishedCase, PublishedTeaching, Teaching
from portal.exposures.teaching_states import Display, TeachingState
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.ledger.book import append


def look_again(session: Session, case: PublishedCase, actor: Actor, now: Utc) -> None:
    """The case was corrected: what stood in its notices may be wrong, so none is seen until it was looked at again."""
    _set(session, case, state=TeachingState.DRAFTING.value, again=True)
    for shown in _shown(session, case, Display.SHOWN):
        hide(session, case, shown, Display.PAUSED, actor, now)


def end_with(session: Session, case: PublishedCase, actor: Actor, now: Utc) -> None:
    """The case was taken down: its notices go too, whatever stood in them and on the way there."""
    _set(session, case, state=TeachingState.ENDED.value, again=False, content="", answers="[]", words="")
    for shown in _shown(session, case, Display.SHOWN, Display.PAUSED):
        hide(session, case, shown, Display.ENDED, actor, now)


def hide(session: Session, case: PublishedCase, shown: PublishedTeaching, how: Display, actor: Actor, now: Utc) -> None:
    """The words of a notice leave the public page; the book keeps their hash."""
    shown.state, shown.content, shown.changed_on = how.value, "", day_of(now)
    append(session, TeachingDisplayed(case.code, shown.audience, shown.version, how.value, shown.sha256), actor, now)


def _set(session: Session, case: PublishedCase, **values: object) -> None:
    alive = (Teaching.case_id == case.id, Teaching.state != TeachingState.ENDED.value)
    session.execute(update(Teaching).where(*alive).values(values))


def _shown(session: Session, case: PublishedCase, *states: Display) -> list[PublishedTeaching]:
    wanted = select(PublishedTeaching).where(
        PublishedTeaching.case_id == case.id, PublishedTeaching.state.in_([one.value for one in states])
    )
    return list(session.scalars(wanted.order_by(PublishedTeaching.audience).with_for_update()))
