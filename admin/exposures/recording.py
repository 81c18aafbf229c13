"""The structured record of a closed case, as it is kept: version upon version, sealed with the keys of the report.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. Whoever writes a draft of an exposure does not
write the record that it is held against: this takes HANDLE.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import history, number_of, write_down
from portal.directory.models import Institution
from portal.exposures.events import CaseRecorded
from portal.exposures.record import CaseRecord, RecordVersion
from portal.exposures.records_kept import CASE, versions_of
from portal.exposures.rules import check
from portal.exposures.values import SubjectKind
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.ledger.book import append
from portal.mailbox.reasons import FOUND_SOMETHING, Closing
from portal.tips.models import Tip, TipEvent
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action, State
from portal.tips.values import clean_text

RECORDED = "case_record"
"""The line of the history that a version leaves."""
REGISTERED: frozenset[SubjectKind] = frozenset({SubjectKind.HOSPITAL, SubjectKind.CLINIC, SubjectKind.PHARMACY})
"""Kinds of subject whose full name is the one in the register."""
WHY_LIMIT = 1_000


def record_case(
    session: Session, tip: Tip, record: CaseRecord, actor: Actor, now: Utc, keys: ReportKeys, why: str = ""
) -> RecordVersion:
    """Add the next version to the file and bind it on the ledger.

    Refused: "not_closed", "nothing_found" (closed without anything to tell), what :func:`portal.exposures.rules.check`
    refuses, "not_registered", "nothing_changed", and "why_missing" for a correction without a reason.
    """
    actor.must(Permission.HANDLE, tip.office_id)
    if State(tip.state) is not State.CLOSED:
        raise Refused("not_closed", "结案以后才能登记案件记录。")
    if closing_of(session, tip) not in FOUND_SOMETHING:
        raise Refused("nothing_found", "这份举报结案时没有查实的结果，不用登记案件记录。")
    check(record, day_of(now))
    _must_be_registered(session, record)
    before = versions_of(session, tip, keys)
    if before and before[0].version.record == record:
        raise Refused("nothing_changed", "与现在登记的完全相同，没有要更正的内容。")
    reason = clean_text(why, WHY_LIMIT, "更正的理由") if before else ""
    if before and not reason:
        raise Refused("why_missing", "案件记录与以前登记的不同，请写明更正的理由。")
    version = RecordVersion(version=before[0].version.version + 1 if before else 1, record=record, why=reason)
    write_down(session, tip, CASE, version.to_json(), actor, now, keys)
    history(session, tip, RECORDED, actor, now)
    append(session, CaseRecorded(number_of(tip), tip.office_id.hex, version.version), actor, now)
    return version


def closing_of(session: Session, tip: Tip) -> Closing | None:
    """How a closed report was closed the last time; None when it never was."""
    wanted = select(TipEvent.code).where(TipEvent.tip_id == tip.id, TipEvent.action == Action.CLOSE.value)
    code = session.scalar(wanted.order_by(TipEvent.position.desc()).limit(1))
    return Closing(code) if code else None


def _must_be_registered(session: Session, record: CaseRecord) -> None:
    if record.subject not in REGISTERED:
        return
    found = session.scalar(select(Institution.id).where(Institution.name == record.institution).limit(1))
    if found is None:
        raise Refused("not_registered", "名录里没有这个机构名称，请从提示里选全称。")
