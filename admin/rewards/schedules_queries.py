"""What the pages of reward schedules ask. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from portal.kernel.errors import NotFound, Refused
from portal.kernel.values import Id
from portal.rewards.entries import read, shipped_texts
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule_values import VersionState
from portal.rewards.standing import sound_now, text_of, version_of
from portal.rewards.values import Schedule


@dataclass(frozen=True, slots=True)
class Named:
    """A version with the names of the two people."""

    row: RewardSchedule
    proposer: str
    decider: str


@dataclass(frozen=True, slots=True)
class Held:
    """A schedule as it holds now: ``text`` is its JSON, ``version`` 0 for what came with the program."""

    schedule: Schedule
    text: str
    version: int


def held(session: Session, name: str) -> Held:
    """The schedule of that name. Raises NotFound, and Refused ("altered")."""
    schedules, altered = sound_now(session)
    if any(one.name == name for one in altered):
        raise Refused("altered", "这个标准的内容和批准时的不一样，不能计算。请报告审计人员，再提出一个新的版本。")
    if name not in schedules:
        raise NotFound("no_schedule", "没有这个奖励标准。")
    version = version_of(session, name)
    return Held(schedules[name], text_of(session, version), version.version)


def versions(session: Session, name: str) -> list[Named]:
    """Every version of that name, the newest first."""
    query = select(RewardSchedule).where(RewardSchedule.name == name).order_by(RewardSchedule.version.desc())
    rows = session.scalars(query).all()
    names = _names(session, {one for row in rows for one in (row.proposed_by, row.decided_by) if one is not None})
    return [_named(row, names) for row in rows]


def waiting(session: Session) -> list[Named]:
    """Every version that waits for an answer."""
    query = select(RewardSchedule).where(RewardSchedule.state == VersionState.PROPOSED.value)
    rows = session.scalars(query.order_by(RewardSchedule.name)).all()
    names = _names(session, {row.proposed_by for row in rows})
    return [_named(row, names) for row in rows]


def one_version(session: Session, name: str, version: int) -> tuple[Named, Schedule]:
    """One version and what its text says. Raises NotFound; Refused ("bad_schedule") where that was made unreadable."""
    found = next((one for one in versions(session, name) if one.row.version == version), None)
    if found is None:
        raise NotFound("no_schedule_version", "没有这个奖励标准，或者没有这一版。")
    return found, read(found.row.text)


def before(session: Session, row: RewardSchedule) -> tuple[Schedule | None, str]:
    """What the version was or would be put in the place of: the one adopted before it, the shipped one, or nothing."""
    adopted = select(RewardSchedule.text).where(
        RewardSchedule.name == row.name,
        RewardSchedule.version < row.version,
        RewardSchedule.state == VersionState.ADOPTED.value,
    )
    text = session.scalar(adopted.order_by(RewardSchedule.version.desc()).limit(1)) or shipped_texts().get(row.name)
    return (read(text), text) if text else (None, "")


def _names(session: Session, people: set[Id]) -> Mapping[Id, str]:
    return {row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(people)))}


def _named(row: RewardSchedule, names: Mapping[Id, str]) -> Named:
    return Named(row, names.get(row.proposed_by, "—"), names.get(row.decided_by, "") if row.decided_by else "")
