"""What a reward comes to now: the findings that stand, the order of receipt, the rule of the place, what was chosen.

Writes nothing. ``keys`` are those of the report that was decided: what was merged into it is judged by its findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.kernel.errors import Refused
from portal.ledger.events import TipReceived
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.rewards.choose import choose
from portal.rewards.claims import Choices, Record, Reported, as_far_as_needed, case_of
from portal.rewards.rules import assess
from portal.rewards.schedule_values import Version
from portal.rewards.standing import schedules_now, text_of, version_of
from portal.rewards.values import Schedule
from portal.tips.findings import Findings
from portal.tips.findings_kept import findings_of
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure with the rule that it rests on. ``code``: the rule that stands against a reward, "" where none does."""

    schedule: Schedule
    version: Version
    text: str
    record: Record = field(repr=False)
    code: str

    @property
    def fen(self) -> int:
        return self.record.reward_fen


def main_of(session: Session, tip: Tip) -> Tip:
    """The report whose findings count: the one that *tip* was merged into, or itself."""
    return tip if tip.merged_into_id is None else session.get_one(Tip, tip.merged_into_id)


def standing_findings(session: Session, main: Tip, keys: ReportKeys) -> Findings:
    """Refused ("no_findings") where nothing was stated."""
    found = findings_of(session, main, keys)
    if found is None:
        raise Refused("no_findings", "这份举报还没有登记查实的金额和情况，不能计算奖励。")
    return found


def rule_of(session: Session, tip: Tip, today: date) -> Schedule:
    """The rule of the place of the conduct on this day. Raises Refused where there is none that gives a figure."""
    region = tip.region or session.get_one(Office, tip.office_id).region
    return choose(region, today, schedules_now(session))


def reckon(session: Session, tip: Tip, keys: ReportKeys, chosen: Choices, today: date) -> Reckoned:
    """The figure for *tip* as of today. Raises Refused as :func:`portal.rewards.rules.assess` does, and above."""
    main = main_of(session, tip)
    findings = standing_findings(session, main, keys)
    schedule = rule_of(session, main, today)
    reported = Reported(tip.named, position_of(session, tip, main))
    case = as_far_as_needed(case_of(findings, reported, chosen, today), schedule)
    found = assess(case, schedule)
    version = version_of(session, schedule.id)
    against = next((step.numbers.get("rule", "") for step in found.trace if step.kind == "eligibility"), "")
    record = Record(case, found.reward_fen, found.trace)
    return Reckoned(schedule, version, text_of(session, version), record, "" if found.eligible else against)


def position_of(session: Session, tip: Tip, main: Tip) -> int:
    """Which of the reports on this matter came in first, second …: by their places in the ledger (RW-8.2).

    An entry that has no place yet comes after those that have one; such come in the order of their days.
    """
    group = list(session.scalars(select(Tip).where(or_(Tip.id == main.id, Tip.merged_into_id == main.id))))
    places = _places(session, [one.number for one in group])
    late = max(places.values(), default=0) + 1
    order = sorted(group, key=lambda one: (places.get(one.number, late), one.received_on, one.id))
    return [one.id for one in order].index(tip.id) + 1


def _places(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    received = (
        select(LedgerEntry.subject, LedgerLeaf.seq)
        .join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.subject.in_(numbers), LedgerEntry.kind == TipReceived.kind)
    )
    return {row.subject: row.seq for row in session.execute(received)}
