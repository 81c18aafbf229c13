"""Screening (甄别): first reading, assign, note, accept, decline, redirect, reopen.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff, StaffRole
from admin.staff.roles import KEYED, Permission
from admin.tips.casework import drop_proposals, history, move, notify, number_of, office_name, write_down
from admin.tips.permitted import PERMISSIONS, must
from crypto.keys import InnerKey
from crypto.sealing import derive
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import TipAssigned, TipRead
from portal.mailbox.notices import NoticeKind
from portal.mailbox.reasons import DeclineReason, Reopening, Way
from portal.tips.clocks import start_clock, stop_clocks
from portal.tips.models import Tip, TipRecord
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action, State, actions_from
from portal.tips.values import Report

VERIFY = "HR-12.1"

_READERS = select(StaffRole.staff_id).where(
    StaffRole.office_id == bindparam("office"), StaffRole.role.in_([role.value for role in KEYED])
)
_ASSIGNABLE = select(Staff).where(Staff.state == "active", Staff.id.in_(_READERS)).order_by(Staff.name, Staff.id)


def record_reading(session: Session, tip: Tip, actor: Actor, now: Utc) -> None:
    """Put on the ledger that *actor* opens the report: before it is shown, in a transaction of its own.

    The first opening by somebody who works on reports starts the screening.
    """
    actor.must(Permission.READ_TIP, tip.office_id)
    append(session, TipRead(number_of(tip), tip.office_id.hex), actor, now)
    works_on_it = any(actor.may(one, tip.office_id) for one in PERMISSIONS[Action.OPEN])
    if works_on_it and Action.OPEN in actions_from(State(tip.state)):
        move(session, tip, Action.OPEN, actor, now)


def duplicate_tags(report: Report, keys: Iterable[InnerKey]) -> list[bytes]:
    """What tells two reports on the same thing apart from all others, to this office alone: a tag for each of *keys*.

    A hash of institution and conduct, keyed with the office's seed. None for a report that names no institution: it is
    not matched. The first, of the newest generation, is stored whenever the report is opened, never before; the others
    find reports that nobody has opened since the key was changed.
    """
    target = "".join(char for char in unicodedata.normalize("NFKC", report.target).casefold() if char.isalnum())
    if not target:
        return []
    what = b"\x00".join([target.encode(), (report.conduct or "").encode()])
    return [derive(key.seed, b"", "duplicates", what) for key in keys]


def assign(session: Session, tip: Tip, to: Id | None, actor: Actor, now: Utc) -> None:
    """Give the report to a person of the office, or back to the pool. Refused unless that person may read it."""
    must(actor, tip.office_id, Permission.ASSIGN)
    if to is not None and to not in {person.id for person in assignable(session, tip.office_id)}:
        raise Refused("not_a_colleague", "请选择本单位可以办理举报的同事。")
    if to == tip.assignee_id:
        return
    tip.assignee_id = to
    history(session, tip, "assign", actor, now)
    append(session, TipAssigned(number_of(tip), to.hex if to else ""), actor, now)


def assignable(session: Session, office: Id) -> list[Staff]:
    """The active people of an office whose role lets them read its reports, by name."""
    return list(session.scalars(_ASSIGNABLE, {"office": office}))


def note(session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> TipRecord:
    """A note for colleagues; the reporter never sees it."""
    must(actor, tip.office_id, Permission.TRIAGE, Permission.HANDLE)
    record = write_down(session, tip, "note", text, actor, now, keys)
    history(session, tip, "note", actor, now)
    return record


def accept(session: Session, tip: Tip, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Take the report up for verification. The 15 working days have run since it came in and run on (HR-12.1)."""
    move(session, tip, Action.ACCEPT, actor, now)
    params = {"office": office_name(session, tip), "due": str(tip.due_on), "rule": VERIFY}
    notify(session, tip, NoticeKind.ACCEPTED, params, actor, now, keys)


def decline(
    session: Session, tip: Tip, reason: DeclineReason, text: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Do not take it up, for a reason of the list (HR-20.2); the words stay in the file."""
    _end(session, tip, Action.DECLINE, reason.value, text, actor, now, keys)
    notify(session, tip, NoticeKind.NOT_ACCEPTED, {"reason": reason.value}, actor, now, keys)


def redirect(session: Session, tip: Tip, way: Way, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """It is no report under Order 5: point to the right way (HR-20.1)."""
    _end(session, tip, Action.REDIRECT, way.value, text, actor, now, keys)
    notify(session, tip, NoticeKind.REDIRECTED, {"reason": way.value}, actor, now, keys)


def reopen(session: Session, tip: Tip, reason: Reopening, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Take up again what had ended. A new clock starts; a merged report stands on its own feet again."""
    move(session, tip, Action.REOPEN, actor, now, reason.value)
    tip.merged_into_id = None
    if text.strip():
        write_down(session, tip, "reason", text, actor, now, keys)
    start_clock(session, tip, VERIFY, day_of(now))
    params = {"reason": reason.value, "due": str(tip.due_on), "rule": VERIFY}
    notify(session, tip, NoticeKind.REOPENED, params, actor, now, keys)


def _end(
    session: Session, tip: Tip, action: Action, code: str, text: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    move(session, tip, action, actor, now, code)
    if text.strip():
        write_down(session, tip, "reason", text, actor, now, keys)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
