"""Keeping a report beyond its term, and letting it go again. ``(session, …, actor, now)``."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import find, history, number_of, visible
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.retention.events import HoldChanged
from portal.retention.models import RetentionHold
from portal.retention.values import HoldReason
from portal.tips.models import Tip


def hold(session: Session, number: str, reason: HoldReason, actor: Actor, now: Utc) -> RetentionHold:
    """Keep a report, and all that go together with it, until this is lifted. Also what stands in a batch already:
    it is then left out. NotFound for a report that is not theirs; Refused when it is held for that reason already."""
    tip = _locked(session, find(session, number, actor, Permission.KEEP_RECORDS).id)
    same = select(RetentionHold.id).where(
        RetentionHold.tip_id == tip.id, RetentionHold.reason == reason.value, RetentionHold.lifted_on.is_(None)
    )
    if session.scalar(same) is not None:
        raise Refused("held_already", "这份举报已经因为同一个原因暂缓销毁。")
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    made = RetentionHold(tip_id=tip.id, reason=reason.value, set_by=actor.id, set_on=day_of(now))
    session.add(made)
    _record(session, tip, "set", reason.value, actor, now)
    return made


def lift(session: Session, hold_id: Id, actor: Actor, now: Utc) -> None:
    """The reason to keep it is gone; it may be proposed again once nothing else stands against it."""
    made = session.scalar(
        select(RetentionHold)
        .where(RetentionHold.id == hold_id, RetentionHold.lifted_on.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    tip = _locked(session, made.tip_id) if made else None
    if made is None or tip is None or not visible(tip, actor, Permission.KEEP_RECORDS):
        raise NotFound("no_hold", "没有找到这一条暂缓，或者已经解除。")
    made.lifted_by, made.lifted_on = actor.id, day_of(now)
    _record(session, tip, "lifted", made.reason, actor, now)


def _locked(session: Session, tip: Id) -> Tip:
    """The row that destroying locks, too: a hold is there before it, or refused after it."""
    found = session.scalars(
        select(Tip).where(Tip.id == tip).with_for_update().execution_options(populate_existing=True)
    ).one()
    if found.destroyed_on is not None:
        raise NotFound("shredded", "这份举报的材料已按规定销毁。")
    return found


def _record(session: Session, tip: Tip, change: str, reason: str, actor: Actor, now: Utc) -> None:
    history(session, tip, f"hold_{change}", actor, now, reason)
    append(session, HoldChanged(number_of(tip), change, reason), actor, now)
