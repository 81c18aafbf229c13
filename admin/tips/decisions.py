"""Verification and what it leads to: findings, no case, agreement, suspension, decision, closing.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. Filing (立案), extension and the police are in
:mod:`admin.tips.proposals`: they need a second person.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import drop_proposals, history, move, notify, number_of, office_name, write_down
from admin.tips.findings import state_findings
from admin.tips.merging import tell_followers
from admin.tips.permitted import must
from admin.tips.reading import mailbox_of
from admin.tips.transfer import Followers
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.ledger.book import append
from portal.ledger.events import ClockChanged
from portal.mailbox.notices import NoticeKind
from portal.mailbox.reasons import Closing, Outcome, PauseReason
from portal.rewards.opening import open_wanted
from portal.tips.clocks import pause_clocks, resume_clocks, start_clock, stop_clocks
from portal.tips.findings import Findings
from portal.tips.models import Tip, TipRecord
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action

VERIFY, TELL, DECISION = "HR-12.1", "HR-12.3", "PP-45"


def record_findings(session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> TipRecord:
    """What verification or investigation found."""
    move(session, tip, Action.RECORD_FINDINGS, actor, now)
    return write_down(session, tip, "findings", text, actor, now, keys)


def not_file(
    session: Session,
    tip: Tip,
    text: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
) -> None:
    """Decide not to open a case (PP-15 not met). A real-name reporter is told within 5 working days (HR-12.3)."""
    move(session, tip, Action.NOT_FILE, actor, now)
    write_down(session, tip, "decision", text, actor, now, keys)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    params = {"office": office_name(session, tip), "rule": TELL if tip.named else ""}
    notify(session, tip, NoticeKind.NOT_FILED, params, actor, now, keys)
    tell_followers(session, tip, NoticeKind.NOT_FILED, params, actor, now, followers or {})
    owe_telling(session, tip, now)


def agree(session: Session, tip: Tip, agency: str, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """A breach of the service agreement only: the agency (经办机构) acts under it (S5b)."""
    if not agency.strip():
        raise Refused("agency_missing", "请填写按照协议处理的经办机构。")
    move(session, tip, Action.AGREE, actor, now)
    write_down(session, tip, "decision", text, actor, now, keys)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    notify(session, tip, NoticeKind.AGREEMENT, {"to": agency.strip()}, actor, now, keys)
    owe_telling(session, tip, now)


def suspend(
    session: Session, tip: Tip, reason: PauseReason, text: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Suspend the investigation (中止, PP-42): its clocks stand still until it is resumed."""
    move(session, tip, Action.SUSPEND, actor, now, reason.value)
    write_down(session, tip, "reason", text, actor, now, keys)
    for clock in pause_clocks(session, tip, day_of(now), reason.value, actor.id):
        append(session, ClockChanged(number_of(tip), clock.rule, "pause", str(clock.due_on), reason.value), actor, now)
    drop_proposals(session, tip, now)
    notify(session, tip, NoticeKind.SUSPENDED, {"reason": reason.value}, actor, now, keys)


def resume(session: Session, tip: Tip, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """Go on: the days of the pause are added to what was left."""
    move(session, tip, Action.RESUME, actor, now)
    for clock in resume_clocks(session, tip, day_of(now)):
        append(session, ClockChanged(number_of(tip), clock.rule, "resume", str(clock.due_on)), actor, now)
    params = {"due": str(tip.due_on or ""), "rule": DECISION}
    notify(session, tip, NoticeKind.RESUMED, params, actor, now, keys)


def police_return(session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """The police did not open a case: the bureau investigates on, with a clock of its own from today (CR-8, PP-45)."""
    move(session, tip, Action.POLICE_RETURN, actor, now)
    write_down(session, tip, "note", text, actor, now, keys)
    start_clock(session, tip, DECISION, day_of(now))
    params = {"due": str(tip.due_on), "rule": DECISION}
    notify(session, tip, NoticeKind.POLICE_RETURNED, params, actor, now, keys)


def decide(
    session: Session,
    tip: Tip,
    outcome: Outcome,
    text: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
    findings: Findings | None = None,
    why: str = "",
) -> None:
    """What the investigation came to (PP-43); the reporters of merged reports are told as well.

    Where it found a loss, the reward of each of them who wants one opens.

    *findings* go into the file with it, in a reopened case with a *why* when they differ from those that stand
    (:func:`admin.tips.findings.state_findings`).
    """
    move(session, tip, Action.DECIDE, actor, now, outcome.value)
    state_findings(session, tip, findings, outcome, actor, now, keys, why)
    write_down(session, tip, "decision", text, actor, now, keys)
    stop_clocks(session, tip, day_of(now), {VERIFY, DECISION})
    drop_proposals(session, tip, now)
    params = {"office": office_name(session, tip), "reason": outcome.value}
    notify(session, tip, NoticeKind.DECIDED, params, actor, now, keys)
    tell_followers(session, tip, NoticeKind.DECIDED, params, actor, now, followers or {})
    open_wanted(session, tip, keys, followers or {}, actor, now)


def close(
    session: Session,
    tip: Tip,
    outcome: Closing,
    text: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
    findings: Findings | None = None,
    why: str = "",
) -> None:
    """Close the file with its outcome (结案, PP-56). *findings* that differ from those in the file need a *why*."""
    move(session, tip, Action.CLOSE, actor, now, outcome.value)
    state_findings(session, tip, findings, outcome, actor, now, keys, why)
    if text.strip():
        write_down(session, tip, "closing", text, actor, now, keys)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    params = {"reason": outcome.value}
    notify(session, tip, NoticeKind.CLOSED, params, actor, now, keys)
    tell_followers(session, tip, NoticeKind.CLOSED, params, actor, now, followers or {})
    open_wanted(session, tip, keys, followers or {}, actor, now)


def owe_telling(session: Session, tip: Tip, now: Utc) -> None:
    """A filing decision was made: a real-name reporter must hear of it within 5 working days (HR-12.3).

    With a mailbox the notice is already there and the clock is met the same day; without one it runs until
    somebody has telephoned or written (:func:`record_told`).
    """
    if not tip.named:
        return
    start_clock(session, tip, TELL, day_of(now))
    if mailbox_of(session, tip) is not None:
        stop_clocks(session, tip, day_of(now), {TELL})


def record_told(session: Session, tip: Tip, text: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """A reporter without a mailbox was told by telephone or letter: how and when goes into the file."""
    must(actor, tip.office_id, Permission.TRIAGE, Permission.HANDLE)
    write_down(session, tip, "note", text, actor, now, keys)
    history(session, tip, "told", actor, now, tip.answer_way)
    stop_clocks(session, tip, day_of(now), {TELL})
