"""Putting another retention schedule in force. ``(session, text, actor, now)``."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.ledger.book import append
from portal.ledger.events import SettingChanged
from portal.retention.models import RetentionSchedule
from portal.retention.rules import ADVANCE_DAYS
from portal.retention.schedule import parse_schedule, shipped_schedule


def adopt(session: Session, text: str, actor: Actor, now: Utc) -> RetentionSchedule:
    """Adopt the schedule in *text* for the day that it names; older ones stay readable.

    Refused ("bad_schedule") when it is faulty, when its version or day is taken, or when its day is nearer than
    ADVANCE_DAYS: nothing is shortened overnight.
    """
    if actor is not SYSTEM and not actor.offices_with(Permission.MANAGE_RULES):
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    given, today = parse_schedule(text), day_of(now)
    if given.in_force_from < today + timedelta(days=ADVANCE_DAYS):
        raise Refused("too_soon", f"新的保管期限表最早从采用之日起 {ADVANCE_DAYS} 天后执行，请改 in_force_from。")
    taken = select(RetentionSchedule.id).where(
        or_(RetentionSchedule.version == given.version, RetentionSchedule.in_force_from == given.in_force_from)
    )
    if given.version == shipped_schedule().version or session.scalar(taken) is not None:
        raise Refused("schedule_there", "这个版本号或者这一天已经有一份保管期限表，请换一个。")
    row = RetentionSchedule(
        version=given.version,
        in_force_from=given.in_force_from,
        terms=text,
        adopted_on=today,
        adopted_by=actor.id,
    )
    session.add(row)
    digest = hashlib.sha256(text.encode()).hexdigest()
    append(session, SettingChanged("retention-schedule", given.version, digest), actor, now)
    return row
