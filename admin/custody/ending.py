"""Requests that come to their end by themselves: nobody answered in time, or the name was shown long enough."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from admin.tips.requests import end
from portal.custody.models import IdentityRequest
from portal.custody.states import RequestAction, RequestState
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of


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
