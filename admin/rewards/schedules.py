"""Reward schedules: one person proposes a version, another adopts or refuses it. ``(session, …, actor, now)``.

The text is frozen when it is proposed. Its SHA-256 stands on the ledger twice, once a person
(:mod:`admin.audit.schedules`).
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.staff.queries import is_own
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.rewards.choose import chain, overlapping
from portal.rewards.entries import digest, entry_of, read, written
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule import shipped
from portal.rewards.schedule_events import ScheduleDecided, ScheduleProposed
from portal.rewards.schedule_values import VersionState
from portal.rewards.standing import sound_now, text_of, version_of
from portal.rewards.values import Schedule

LEAST_REASON, MOST_REASON = 4, 300


def propose(session: Session, text: str, why: str, actor: Actor, now: Utc) -> RewardSchedule:
    """Propose *text* (JSON) as the next version of the schedule that it names, or as the first of a new one.

    Refused: "bad_schedule", "reason_needed", "region_changed" (a name stays with its place), "nothing_changed",
    "overlap" (another schedule of the place would be in force on the same days), "proposal_waits" (one of that name is
    not answered yet). NotAllowed when none of the actor's offices may speak for the place.
    """
    text = written(entry_of(text))
    schedule, why = read(text), checked_reason(why)
    person = _must(session, Permission.PROPOSE_SCHEDULE, schedule.region, actor)
    _fits(session, schedule, text)
    newest = session.scalar(select(func.max(RewardSchedule.version)).where(RewardSchedule.name == schedule.id))
    row = RewardSchedule(
        name=schedule.id,
        version=(newest or 0) + 1,
        text=text,
        sha256=digest(text),
        state=VersionState.PROPOSED.value,
        why=why,
        proposed_by=person,
        proposed_on=day_of(now),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Refused("proposal_waits", "这个标准已经有一个修改在等批准。请先答复或者撤回那一个。") from error
    append(session, ScheduleProposed(row.name, row.version, row.sha256), actor, now)
    return row


def adopt(session: Session, name: str, version: int, actor: Actor, now: Utc) -> RewardSchedule:
    """The second person agrees with this very text: figures are computed by it from now on.

    NotAllowed for the proposer, under any account; IllegalMove once it is answered; Refused ("altered") when the text
    is not the one that was proposed, or "overlap" when another schedule of the place came into force meanwhile.
    """
    row = _to_decide(session, name, version, actor)
    if digest(row.text) != row.sha256:
        raise Refused("altered", "这一版的内容和提出时的不一样，不能批准。请报告审计人员。")
    _fits(session, read(row.text), row.text)
    return _decide(session, row, VersionState.ADOPTED, actor, now)


def refuse(session: Session, name: str, version: int, reason: str, actor: Actor, now: Utc) -> RewardSchedule:
    """The second person does not agree, and says why. What holds stays as it is."""
    row = _to_decide(session, name, version, actor)
    row.refusal = checked_reason(reason)
    return _decide(session, row, VersionState.REFUSED, actor, now)


def withdraw(session: Session, name: str, version: int, actor: Actor, now: Utc) -> RewardSchedule:
    """The proposer takes it back before it is answered."""
    row = _locked(session, name, version)
    if row is None or not is_own(session, row.proposed_by, actor):
        raise NotFound("no_schedule_version", "没有这个奖励标准，或者没有这一版。")
    _must_wait(row)
    return _decide(session, row, VersionState.WITHDRAWN, actor, now)


def must_be_new(session: Session, name: str) -> None:
    """Refused ("name_taken") where there is a schedule of that name, or was a version of one."""
    there = session.scalar(select(RewardSchedule.id).where(RewardSchedule.name == name).limit(1))
    if name in shipped() or there is not None:
        raise Refused("name_taken", f"已经有一个标准叫 {name}。请换一个代号，或者去修改那一个。")


def checked_reason(typed: str) -> str:
    """A reason as it is kept. Raises Refused ("reason_needed")."""
    reason = typed.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise Refused("reason_needed", f"请写明理由，{LEAST_REASON} 到 {MOST_REASON} 个字。")
    return reason


def may_speak_for(session: Session, permission: Permission, region: str, actor: Actor) -> bool:
    """Whether an office of the actor's speaks for *region*: its own place and below.

    An office without a superior speaks for every place: the rule of the province, and of the nation, come in there.
    """
    offices = select(Office.region, Office.superior_id).where(Office.id.in_(actor.offices_with(permission)))
    above = set(chain(region))
    return any(office.superior_id is None or office.region in above for office in session.execute(offices))


def _must(session: Session, permission: Permission, region: str, actor: Actor) -> Id:
    if actor.id is None or not may_speak_for(session, permission, region, actor):
        raise NotAllowed("not_allowed", "这个地方的奖励标准不由您的单位办理。")
    return actor.id


def _fits(session: Session, schedule: Schedule, text: str) -> None:
    """Refuse what cannot stand beside the others."""
    standing, _altered = sound_now(session)
    before = standing.get(schedule.id)
    if before is not None and before.region != schedule.region:
        raise Refused("region_changed", f"{schedule.id} 是{before.region_name}的标准，改成别处要另起一个 id。")
    if before is not None and text_of(session, version_of(session, schedule.id)) == text:
        raise Refused("nothing_changed", "内容和现在的一样，没有可以批准的修改。")
    other = overlapping(schedule, standing.values())
    if other is not None:
        raise Refused(
            "overlap", f"和 {other.id} 的施行日期重叠，同一天就有两个标准。请先给旧的写上最后一天（effective_to）。"
        )


def _to_decide(session: Session, name: str, version: int, actor: Actor) -> RewardSchedule:
    row = _locked(session, name, version)
    if row is None:
        raise NotFound("no_schedule_version", "没有这个奖励标准，或者没有这一版。")
    _must(session, Permission.APPROVE_SCHEDULE, entry_of(row.text)["region"], actor)
    if is_own(session, row.proposed_by, actor):
        raise NotAllowed("same_person", "不能答复自己提出的修改，请由另一个人决定。")
    _must_wait(row)
    return row


def _must_wait(row: RewardSchedule) -> None:
    if row.state != VersionState.PROPOSED:
        raise IllegalMove("answered", "这一版已经有了答复，不能再改。")


def _locked(session: Session, name: str, version: int) -> RewardSchedule | None:
    query = select(RewardSchedule).where(RewardSchedule.name == name, RewardSchedule.version == version)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _decide(session: Session, row: RewardSchedule, state: VersionState, actor: Actor, now: Utc) -> RewardSchedule:
    row.state, row.decided_by, row.decided_on = state.value, actor.id, day_of(now)
    append(session, ScheduleDecided(row.name, row.version, row.sha256, state.value), actor, now)
    return row
