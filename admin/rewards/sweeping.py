"""What the worker does about rewards: opens late wishes, lets go what was not claimed, follows what the bank said.

It has no key: its notices say their kind and nothing more (:func:`portal.mailbox.letters.post_plain`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id, TipNumber
from portal.mailbox.letters import post_plain
from portal.mailbox.notices import NoticeKind
from portal.payments.models import Payment
from portal.payments.values import PaymentState
from portal.rewards.claim_models import RewardCase
from portal.rewards.claims import CLAIM_RULE
from portal.rewards.moving import last_day, move
from portal.rewards.opening import open_wished
from portal.rewards.states import RewardAction, RewardState
from portal.tips.models import Tip
from portal.workdays.setapart import calendar_of

BATCH = 100
_STATES = select(Payment.state).where(Payment.claim_id == bindparam("claim"))
_OPEN_TO_CLAIM = (RewardState.NOTIFIED, RewardState.RETURNED)


def sweep_rewards(session: Session, now: Utc) -> int:
    """Everything that is due; returns how many rewards moved."""
    return open_wished(session, now) + forfeit_late(session, now) + follow_payments(session, now)


def forfeit_late(session: Session, now: Utc) -> int:
    """What was not claimed by its last day is given up (RW-9.2), unless a changed calendar gives it longer."""
    today, done = day_of(now), 0
    late = (RewardCase.state.in_([state.value for state in _OPEN_TO_CLAIM]), RewardCase.claim_until < today)
    for case, tip in _locked(session, select(RewardCase.tip_id).where(*late)):
        if case.state not in _OPEN_TO_CLAIM or case.claim_until is None or case.claim_until >= today:
            continue
        case.claim_until, _ = calendar_of(session).next_workday(case.claim_until)
        if case.claim_until >= today:  # a holiday that was not known yet when it was counted
            continue
        _move(session, case, tip, RewardAction.FORFEIT, NoticeKind.REWARD_FORFEITED, now)
        case.claim_until = case.review_until = None
        done += 1
    return done


def follow_payments(session: Session, now: Utc) -> int:
    """Rewards whose payment the bank has answered: paid, or sent back, with a new time to claim."""
    done = 0
    answered = exists().where(Payment.claim_id == RewardCase.claim_id, Payment.state.in_(_ANSWERS))
    waiting = exists().where(Payment.claim_id == RewardCase.claim_id, Payment.state.in_(_WAITING))
    claimed = select(RewardCase.tip_id).where(RewardCase.state == RewardState.CLAIMED.value, answered, ~waiting)
    for case, tip in _locked(session, claimed):
        state = _payment_state(session, case)
        if case.state != RewardState.CLAIMED or state not in _ANSWERS:
            continue
        _move(session, case, tip, *_ANSWERS[state], now)
        if state == PaymentState.RETURNED:
            case.returned += 1
            case.claim_until = last_day(session, tip, CLAIM_RULE, day_of(now))
        done += 1
    return done


_ANSWERS = {
    PaymentState.PAID.value: (RewardAction.PAY, NoticeKind.REWARD_PAID),
    PaymentState.RETURNED.value: (RewardAction.RETURN, NoticeKind.REWARD_RETURNED),
}


_WAITING = (PaymentState.SEALED.value, PaymentState.IN_BATCH.value)


def _payment_state(session: Session, case: RewardCase) -> str | None:
    """What the bank said: paid, or sent back where none of the payments was paid. None while one is under way."""
    found = set(session.scalars(_STATES, {"claim": case.claim_id}))
    if found & set(_WAITING):
        return None
    return next((state for state in _ANSWERS if state in found), None)


def _locked(session: Session, tips: Select[Id]) -> Iterator[tuple[RewardCase, Tip]]:
    """Reports and their rewards, locked in one order, at most BATCH: others wait for the next call."""
    ids = session.scalars(tips.order_by(RewardCase.tip_id).limit(BATCH)).all()
    for tip_id in ids:
        tip = session.get_one(Tip, tip_id, with_for_update=True, populate_existing=True)
        yield session.get_one(RewardCase, tip_id, with_for_update=True, populate_existing=True), tip


def _move(session: Session, case: RewardCase, tip: Tip, action: RewardAction, kind: NoticeKind, now: Utc) -> None:
    move(session, case, tip, action, SYSTEM, now)
    post_plain(session, tip.id, TipNumber(tip.number), kind, now)
