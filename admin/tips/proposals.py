"""Acts that need two people: one proposes, the head approves, and it is never the same person.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. Extension (HR-12.2, PP-45), filing (立案,
PP-15), the police (移送, CR-5) and another version of what a decision found.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips import findings as facts
from admin.tips.casework import drop_proposals, history, move, notify, number_of, office_name, worded
from admin.tips.decisions import DECISION, TELL, VERIFY, owe_telling
from admin.tips.permitted import PROPOSED
from admin.tips.transfer import Followers
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import ClockChanged, ProposalDecided, ProposalMade
from portal.mailbox.notices import NoticeKind
from portal.rewards.opening import open_wanted
from portal.tips.clocks import extend_clock, next_extension, start_clock, stop_clocks
from portal.tips.findings import Findings
from portal.tips.models import Proposal, Tip
from portal.tips.sealing import ReportKeys, seal_words
from portal.tips.states import Action, State, next_state

QUIET = "quiet"
"""Code of a proposal to send to the police without a notice: it would warn somebody."""


def propose(
    session: Session, tip: Tip, action: Action, code: str, reason: str, actor: Actor, now: Utc, keys: ReportKeys
) -> Proposal:
    """Ask the head for an act of PROPOSED, with the reason sealed into the file.

    *code* is a reason of the list (EXTEND), or QUIET or "" (SEND_POLICE). IllegalMove when the table has no such move
    from here; Refused when one is open already or the clock cannot be extended again.
    """
    if action not in PROPOSED:
        raise Refused("not_proposed", "这件事不需要报批。")
    actor.must(Permission.PROPOSE, tip.office_id)
    next_state(State(tip.state), action)
    if action is Action.EXTEND and next_extension(session, tip, day_of(now)) is None:
        raise Refused("no_extension", "期限已经延长过，不能再延长。")
    if action in {one.action for one in open_proposals(session, tip)}:
        raise Refused("proposed_already", "同一件事已经报请批准，正在等待负责人决定。")
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    proposal_id = new_id()
    proposal = Proposal(
        id=proposal_id,
        tip_id=tip.id,
        office_id=tip.office_id,
        action=action.value,
        code=code,
        proposed_by=actor.id,
        proposed_on=day_of(now),
        reason=seal_words(worded(reason, "理由"), keys, proposal_id),
    )
    session.add(proposal)
    history(session, tip, f"propose_{action.value}", actor, now, code)
    append(session, ProposalMade(number_of(tip), action.value, code), actor, now)
    return proposal


def propose_correction(
    session: Session, tip: Tip, findings: Findings, why: str, actor: Actor, now: Utc, keys: ReportKeys
) -> Proposal:
    """Ask the head to let other findings stand in place of those in the file, or first ones where none were stated."""
    proposal = propose(session, tip, Action.CORRECT, "", why, actor, now, keys)
    facts.ask_correction(session, tip, findings, why, proposal.id, actor, now, keys)
    return proposal


def approve(
    session: Session,
    tip: Tip,
    proposal: Id,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    followers: Followers | None = None,
) -> None:
    """The head agrees and the act takes effect. Refused when it was decided before; NotAllowed for one's own."""
    found = _open(session, tip, proposal, actor)
    _decide(session, tip, found, "approved", actor, now)
    action = Action(found.action)
    if action is Action.EXTEND:
        _extend(session, tip, found.code, actor, now, keys)
    elif action is Action.FILE:
        _file(session, tip, actor, now, keys)
    elif action is Action.CORRECT:
        move(session, tip, Action.CORRECT, actor, now)
        facts.correct(session, tip, found.id, actor, now, keys)
        open_wanted(session, tip, keys, followers or {}, actor, now)
    else:
        _send_police(session, tip, found.code, actor, now, keys)


def refuse(session: Session, tip: Tip, proposal: Id, actor: Actor, now: Utc) -> None:
    """The head does not agree; the report stays as it is."""
    found = _open(session, tip, proposal, actor)
    _decide(session, tip, found, "refused", actor, now)
    history(session, tip, f"refuse_{found.action}", actor, now)


def open_proposals(session: Session, tip: Tip) -> list[Proposal]:
    """What waits for the head."""
    return list(session.scalars(select(Proposal).where(Proposal.tip_id == tip.id, Proposal.state == "open")))


def _open(session: Session, tip: Tip, proposal: Id, actor: Actor) -> Proposal:
    actor.must(Permission.APPROVE, tip.office_id)
    found = session.scalar(
        select(Proposal)
        .where(Proposal.id == proposal, Proposal.tip_id == tip.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or found.state != "open" or found.office_id != tip.office_id:
        raise Refused("proposal_decided", "这项报批已经有了决定，或者已经失效。请看最新的情况。")
    if is_own(session, found.proposed_by, actor):
        raise NotAllowed("same_person", "不能批准自己提出的报批，请由另一位负责人决定。")
    return found


def _decide(session: Session, tip: Tip, proposal: Proposal, answer: str, actor: Actor, now: Utc) -> None:
    proposal.state, proposal.decided_by, proposal.decided_on = answer, actor.id, day_of(now)
    append(session, ProposalDecided(number_of(tip), proposal.action, answer), actor, now)


def _extend(session: Session, tip: Tip, reason: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    move(session, tip, Action.EXTEND, actor, now, reason)
    clock, extension = extend_clock(session, tip, day_of(now), reason, actor.id)
    append(session, ClockChanged(number_of(tip), clock.rule, "extension", str(clock.due_on), extension), actor, now)
    if clock.rule == VERIFY:
        params = {"reason": reason, "due": str(clock.due_on), "rule": extension}
        notify(session, tip, NoticeKind.EXTENDED, params, actor, now, keys)


def _file(session: Session, tip: Tip, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """立案: the 15 days end, the 90 begin, a real-name reporter is told (PP-15, PP-45, HR-12.3)."""
    move(session, tip, Action.FILE, actor, now)
    today = day_of(now)
    stop_clocks(session, tip, today)
    drop_proposals(session, tip, now)
    start_clock(session, tip, DECISION, today)
    params = {"office": office_name(session, tip), "due": str(tip.due_on), "rule": TELL if tip.named else DECISION}
    notify(session, tip, NoticeKind.FILED, params, actor, now, keys)
    owe_telling(session, tip, now)


def _send_police(session: Session, tip: Tip, code: str, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    move(session, tip, Action.SEND_POLICE, actor, now)
    stop_clocks(session, tip, day_of(now))
    drop_proposals(session, tip, now)
    if code != QUIET:
        notify(session, tip, NoticeKind.POLICE, {}, actor, now, keys)
