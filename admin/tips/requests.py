"""How a request for a reporter's name ends: its one-time key and the shares on their way are destroyed, and the ledger
says so. Beside the reports, because a report that is given away ends what its office had asked."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.states import LIVE, RequestAction, RequestState, next_state
from portal.kernel.actors import Actor
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


def end_all(session: Session, tip: Tip, actor: Actor, now: Utc) -> None:
    """End what the office had asked about a report that it gives away: who has no report needs no name."""
    live = [state.value for state in LIVE]
    query = select(IdentityRequest).where(IdentityRequest.tip_id == tip.id, IdentityRequest.state.in_(live))
    for request in session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        opened = request.state == RequestState.OPENED.value
        end(session, request, RequestAction.CLOSE if opened else RequestAction.DROP, actor, now)
