"""A reward opens by itself where a decision found a loss and the reporter wants a reward.

:func:`open_wanted` runs in the transaction of the decision, with the keys that are there. :func:`open_wished` is the
worker's: for reporters who said later, behind the code, that they want one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id, TipNumber
from portal.mailbox.letters import post_plain
from portal.mailbox.notices import NoticeKind
from portal.rewards.claim_models import RewardCase
from portal.rewards.claims import REVIEW_RULE
from portal.rewards.moving import begin, last_day, move
from portal.rewards.states import RewardAction, RewardState
from portal.tips.findings_kept import LOSS, STATED, findings_of
from portal.tips.models import Tip, TipBody, TipEvent
from portal.tips.sealing import ReportKeys, open_body

BATCH = 100


def open_wanted(
    session: Session, tip: Tip, keys: ReportKeys, followers: Mapping[Id, ReportKeys], actor: Actor, now: Utc
) -> list[RewardCase]:
    """Open what follows from the findings that stand for *tip*: for its reporter and for those merged into it.

    Nothing where the reported matter cost the fund nothing, where a reporter wants none or has withdrawn, or where it
    is open already.
    """
    findings = findings_of(session, tip, keys)
    if findings is None or not findings.with_loss:
        return []
    rows = session.scalars(select(Tip).where(Tip.id.in_(followers))) if followers else ()
    group = [(tip, keys), *((row, followers[row.id]) for row in rows)]
    return [case for one, its_keys in group if (case := _open(session, one, its_keys, actor, now)) is not None]


def _open(session: Session, tip: Tip, keys: ReportKeys, actor: Actor, now: Utc) -> RewardCase | None:
    case = session.get(RewardCase, tip.id)
    if tip.withdrawn_on is not None or (case is not None and case.state != RewardState.WISHED):
        return None
    if case is None:
        report, _files = open_body(session.get_one(TipBody, tip.id), keys)
        if not report.wants_reward:
            return None
    return _begin(session, tip, case, actor, now)


def _begin(session: Session, tip: Tip, case: RewardCase | None, actor: Actor, now: Utc) -> RewardCase:
    if case is None:
        case = begin(session, tip, RewardState.REVIEW, actor, now)
    else:
        move(session, case, tip, RewardAction.OPEN, actor, now)
    case.due_on = last_day(session, tip, REVIEW_RULE, day_of(now))
    post_plain(session, tip.id, TipNumber(tip.number), NoticeKind.REWARD_OPENED, now)
    return case


def open_wished(session: Session, now: Utc) -> int:
    """Open wishes of reporters whose report, or the one that it was merged into, has a loss; returns how many."""
    done = 0
    for tip in _wished_with_loss(session):
        case = session.get(RewardCase, tip.id, with_for_update=True, populate_existing=True)
        if case is not None and case.state == RewardState.WISHED:
            _begin(session, tip, case, SYSTEM, now)
            done += 1
    return done


def _wished_with_loss(session: Session) -> Iterable[Tip]:
    last = aliased(TipEvent)
    newest = select(func.max(last.position)).where(last.tip_id == TipEvent.tip_id, last.action == STATED)
    loss = exists().where(
        or_(TipEvent.tip_id == Tip.id, TipEvent.tip_id == Tip.merged_into_id),
        TipEvent.action == STATED,
        TipEvent.code == LOSS,
        TipEvent.position == newest.scalar_subquery(),
    )
    return session.scalars(
        select(Tip)
        .join(RewardCase, RewardCase.tip_id == Tip.id)
        .where(RewardCase.state == RewardState.WISHED.value, Tip.withdrawn_on.is_(None), Tip.destroyed_on.is_(None))
        .where(loss)
        .order_by(Tip.id)
        .limit(BATCH)
        .with_for_update(of=Tip)
    ).all()
