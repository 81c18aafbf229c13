"""Which schedules hold here now: the shipped ones, each under the newest version that was adopted. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound, Refused
from portal.rewards.entries import digest, read, shipped_texts
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule import shipped
from portal.rewards.schedule_values import SHIPPED, Version, VersionState
from portal.rewards.values import Schedule

Standing = tuple[Version, ...]

_ADOPTED = (
    select(RewardSchedule.name, RewardSchedule.version, RewardSchedule.sha256)
    .where(RewardSchedule.state == VersionState.ADOPTED.value)
    .order_by(RewardSchedule.name, RewardSchedule.version)
)
_kept: tuple[Standing, Mapping[str, Schedule]] | None = None
"""What the newest call gave: pages ask again and again, and what holds changes a few times a year."""


def schedules_now(session: Session) -> Mapping[str, Schedule]:
    """Every schedule by id, each in its newest adopted version, else as it came with the program.

    Raises Refused ("altered") where the text of an adopted version is not the one that was adopted: no figure is
    better than one by a changed rule.
    """
    global _kept
    adopted = tuple(_newest(session).values())
    if _kept is None or _kept[0] != adopted:
        _kept = adopted, {**shipped(), **{one.name: _checked(session, one) for one in adopted}}
    return _kept[1]


def sound_now(session: Session) -> tuple[Mapping[str, Schedule], tuple[Version, ...]]:
    """The same without those whose text was altered, and these: for the pages where that is put right."""
    found, altered = dict(shipped()), []
    for one in _newest(session).values():
        try:
            found[one.name] = _checked(session, one)
        except Refused:
            found.pop(one.name, None)
            altered.append(one)
    return found, tuple(altered)


def version_of(session: Session, name: str) -> Version:
    """By which text *name* is computed now. Raises NotFound."""
    adopted = _newest(session).get(name)
    return adopted or _as_shipped(name)


def schedule_as_of(session: Session, name: str, version: int, sha256: str | None = None) -> Schedule:
    """The schedule in exactly that version, whatever holds now.

    Raises NotFound, and Refused ("altered") when its text has another SHA-256 than its row or *sha256* says: also when
    version 0 came with another release of the program.
    """
    if version == SHIPPED:
        found = _as_shipped(name)
    else:
        digests = select(RewardSchedule.sha256).where(RewardSchedule.name == name, RewardSchedule.version == version)
        kept = session.scalar(digests)
        if kept is None:
            raise NotFound("no_schedule_version", "没有这个奖励标准，或者没有这一版。")
        found = Version(name, version, kept)
    if sha256 is not None and found.sha256 != sha256:
        raise _altered(found)
    return _checked(session, found)


def text_of(session: Session, version: Version) -> str:
    """The JSON text of a version. Raises NotFound."""
    if version.version == SHIPPED:
        return shipped_texts()[version.name]
    texts = select(RewardSchedule.text).where(
        RewardSchedule.name == version.name, RewardSchedule.version == version.version
    )
    text = session.scalar(texts)
    if text is None:
        raise NotFound("no_schedule_version", "没有这个奖励标准，或者没有这一版。")
    return text


def _newest(session: Session) -> dict[str, Version]:
    return {row.name: Version(row.name, row.version, row.sha256) for row in session.execute(_ADOPTED)}


def _as_shipped(name: str) -> Version:
    text = shipped_texts().get(name)
    if text is None:
        raise NotFound("no_schedule", "没有这个奖励标准。")
    return Version(name, SHIPPED, digest(text))


def _checked(session: Session, version: Version) -> Schedule:
    text = text_of(session, version)
    if digest(text) != version.sha256:
        raise _altered(version)
    return _parsed(text)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Schedule:
    return read(text)


def _altered(version: Version) -> Refused:
    return Refused("altered", f"奖励标准 {version.name} 第 {version.version} 版的内容和批准时的不一样，不能计算。")
