"""How a request ends: its one-time key and the shares on their way are destroyed, and the ledger says so."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.states import RequestAction, RequestState, next_state
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import TipNumber
from portal.ledger.book import append
from portal.ledger.events import IdentityRequestEnded
from portal.tips.models import Tip


def end(session: Session, request: IdentityRequest, action: RequestAction, actor: Actor, now: Utc) -> None:
    """Make the last move of a request. IllegalMove when the table has none such from here."""
    request.state = next_state(RequestState(request.state), action).value
    request.ended_on = day_of(now)
    request.once_public = request.once_sealed = None
    session.execute(update(IdentityAnswer).where(IdentityAnswer.request_id == request.id).values(passed=None))
    number = session.scalars(select(Tip.number).where(Tip.id == request.tip_id)).one()
    append(session, IdentityRequestEnded(TipNumber(number), str(request.id), request.state), actor, now)


def overdue(request: IdentityRequest, now: Utc) -> RequestAction | None:
    """Which end a request has come to by itself: nobody has to wait for the worker to say so."""
    state = RequestState(request.state)
    if state in (RequestState.ASKED, RequestState.GRANTED) and request.expires_on < day_of(now):
        return RequestAction.EXPIRE
    if state is RequestState.OPENED and (request.shown_until is None or request.shown_until <= now):
        return RequestAction.CLOSE
    return None


def sweep_requests(session: Session, now: Utc, limit: int = 200) -> int:
    """End what has expired or been shown long enough; returns how many requests."""
    waiting = (RequestState.ASKED.value, RequestState.GRANTED.value)
    due = session.scalars(
        select(IdentityRequest)
        .where(
            or_(
                and_(IdentityRequest.state.in_(waiting), IdentityRequest.expires_on < day_of(now)),
                and_(IdentityRequest.state == RequestState.OPENED.value, IdentityRequest.shown_until <= now),
            )
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for request in due:
        action = overdue(request, now)
        if action is not None:
            end(session, request, action, SYSTEM, now)
    return len(due)
