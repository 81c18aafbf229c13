"""What the book says of reward schedules, held against their table: two people agreed on every text that is used."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ledger.models import LedgerEntry
from portal.ledger.verify import Report
from portal.rewards.entries import digest
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule_events import ScheduleDecided, ScheduleProposed
from portal.rewards.schedule_values import VersionState

Said = Mapping[str, list[tuple[str, str]]]
"""State that an entry gave a version → who did, and for which SHA-256."""
Told = defaultdict[tuple[str, int], defaultdict[str, list[tuple[str, str]]]]


def check_schedules(session: Session, report: Report) -> None:
    """Add a fault for every version whose row, text and entries do not say the same."""
    told = _told(session)
    rows = {(row.name, row.version): row for row in session.scalars(select(RewardSchedule))}
    for key in sorted({*told, *rows}):
        name, version = key
        for what in _faults(rows.get(key), told[key]):
            report.fault(f"reward schedule {name} version {version}", what)


def _told(session: Session) -> Told:
    found: defaultdict[tuple[str, int], defaultdict[str, list[tuple[str, str]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    kinds = (ScheduleProposed.kind, ScheduleDecided.kind)
    for payload in session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind.in_(kinds))):
        said: dict[str, Any] = json.loads(payload)
        event = said["event"]
        about = event.get("answer", VersionState.PROPOSED.value)
        found[event["name"], event["version"]][about].append((said["actor"], event["sha256"]))
    return found


def _faults(row: RewardSchedule | None, said: Said) -> Iterator[str]:
    proposed, answers = said.get(VersionState.PROPOSED.value, []), _answers(said)
    if row is None:
        yield "is in the book and nowhere else"
        return
    if [(str(row.proposed_by), digest(row.text))] != proposed or row.sha256 != digest(row.text):
        yield "its text is not the one that was proposed"
    if row.state == VersionState.PROPOSED:
        if answers:
            yield "was answered and waits again"
        return
    if answers != [(row.state, str(row.decided_by), row.sha256)]:
        yield "its answer is not the one in the book"
    if row.state == VersionState.ADOPTED and row.decided_by == row.proposed_by:
        yield "one person proposed and adopted it"


def _answers(said: Said) -> list[tuple[str, str, str]]:
    every: Iterable[VersionState] = (one for one in VersionState if one is not VersionState.PROPOSED)
    return [(state.value, who, sha256) for state in every for who, sha256 in said.get(state.value, [])]
