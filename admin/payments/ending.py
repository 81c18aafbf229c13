"""How a release ends, by somebody's act or by itself: its one-time key and the shares on their way are destroyed.

Loads nothing that opens anything, so that the worker can do it.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove
from portal.ledger.book import append
from portal.payments.events import ReleaseEnded
from portal.payments.models import PassedPayeeShare, PaymentAnswer, PaymentRelease
from portal.payments.values import ReleaseState

LIVE = (ReleaseState.ASKED.value, ReleaseState.GRANTED.value)
"""States in which the one-time key still exists."""


def end(session: Session, release: PaymentRelease, state: ReleaseState, actor: Actor, now: Utc) -> None:
    """The last move of a release: its one-time key and the shares on their way are destroyed, and the ledger says so.

    IllegalMove when it has ended already.
    """
    if release.state not in LIVE:
        raise IllegalMove("illegal_move", "这次放行已经结束。请刷新页面，看看现在可以办什么。")
    release.state, release.ended_on = state.value, day_of(now)
    release.once_public = release.once_sealed = None
    answers = select(PaymentAnswer.id).where(PaymentAnswer.release_id == release.id)
    session.execute(delete(PassedPayeeShare).where(PassedPayeeShare.answer_id.in_(answers)))
    append(session, ReleaseEnded(str(release.id), state.value), actor, now)


def overdue(release: PaymentRelease, now: Utc) -> bool:
    """Whether its days are over: nobody has to wait for the worker to say so."""
    return release.state in LIVE and release.expires_on < day_of(now)


def sweep_releases(session: Session, now: Utc, limit: int = 200) -> int:
    """End what nobody answered or made into a file in time; returns how many."""
    due = session.scalars(
        select(PaymentRelease)
        .where(PaymentRelease.state.in_(LIVE), PaymentRelease.expires_on < day_of(now))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for release in due:
        end(session, release, ReleaseState.EXPIRED, SYSTEM, now)
    return len(due)
