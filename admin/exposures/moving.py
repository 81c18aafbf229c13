"""What every verb on an exposure is made of: lock it, move it, leave its line in history and book.

Two people who act on one exposure at once meet at :func:`locked_way`: the second waits and sees what the first did.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exposures.events import ExposureMoved
from portal.exposures.models import Exposure, ExposureStep
from portal.exposures.states import ExposureAction, ExposureState, next_state
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound
from portal.kernel.values import Id, TipNumber
from portal.ledger.book import append
from portal.tips.models import Tip


def locked_way(session: Session, tip: Tip) -> Exposure:
    """The exposure of a report, locked until the transaction ends. NotFound when the gate never opened one."""
    wanted = select(Exposure).where(Exposure.tip_id == tip.id).with_for_update()
    way = session.scalar(wanted.execution_options(populate_existing=True))
    if way is None:
        raise NotFound("no_exposure", "这个案件没有要公开的案例。")
    return way


def move(session: Session, way: Exposure, action: ExposureAction, actor: Actor, now: Utc, code: str = "") -> None:
    """Make a move of the state table. IllegalMove when the table has no such move from where it stands."""
    put(session, way, action.value, next_state(ExposureState(way.state), action), actor, now, code)


def put(
    session: Session, way: Exposure, action: str, state: ExposureState, actor: Actor, now: Utc, code: str = ""
) -> None:
    """State, history and book, for what is no move of the table: the first step, and a mark that changes no state."""
    way.state = state.value
    last = session.scalar(select(func.max(ExposureStep.position)).where(ExposureStep.exposure_id == way.id)) or 0
    step = {"position": last + 1, "day": day_of(now), "action": action, "state": state.value, "code": code}
    session.add(ExposureStep(exposure_id=way.id, version=way.version, actor_id=actor.id, **step))
    session.flush()  # the position is taken from here on: a second writer meets the unique constraint
    number = _number(session, way.tip_id)
    append(session, ExposureMoved(number, way.office_id.hex, action, way.state, way.version, code), actor, now)


def _number(session: Session, tip_id: Id) -> TipNumber:
    return TipNumber(session.scalars(select(Tip.number).where(Tip.id == tip_id)).one())
