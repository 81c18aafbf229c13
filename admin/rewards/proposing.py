"""Proposing what a reward should be, or that there is none. ``(session, work, …, actor, now)``.

A figure is never typed in: it is computed from the findings, and what a rule leaves open is chosen with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.rewards.reckoning import Reckoned, reckon
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import worded
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.mailbox.reasons import RecoveryReason
from portal.rewards.claim_models import RewardCase, RewardProposal
from portal.rewards.claims import Choices, Kind, ProposalState
from portal.rewards.moving import move
from portal.rewards.record import record_hash, seal_record
from portal.rewards.states import RewardAction
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, seal_words


@dataclass(frozen=True, slots=True)
class Work:
    """A report that is locked, its reward, its keys, and those of the report that it was merged into (or its own)."""

    tip: Tip
    case: RewardCase
    keys: ReportKeys = field(repr=False)
    main_keys: ReportKeys = field(repr=False)


def propose(session: Session, work: Work, chosen: Choices, why: str, actor: Actor, now: Utc) -> RewardProposal:
    """Ask another person to decide what :func:`reckon` gives now. IllegalMove unless the reward is under review.

    Refused ("words_missing") where something was chosen or held against the reporter without a reason.
    """
    actor.must(Permission.PROPOSE, work.tip.office_id)
    found = reckon(session, work.tip, work.main_keys, chosen, day_of(now))
    if chosen.needs_reason or why.strip():
        why = worded(why, "理由")
    row = _proposal(session, work, Kind.GIVE if found.fen else Kind.REFUSE, found.code, why, actor, now)
    _fill(row, found)
    session.add(row)
    move_with(session, work, RewardAction.PROPOSE, row, actor, now)
    return row


def _fill(row: RewardProposal, found: Reckoned) -> None:
    row.amount_fen = found.fen
    row.schedule, row.schedule_version = found.version.name, found.version.version
    row.schedule_sha256, row.schedule_text = found.version.sha256, found.text
    seal_record(row, found.record)


def propose_recovery(
    session: Session, work: Work, reason: RecoveryReason, why: str, actor: Actor, now: Utc
) -> RewardProposal:
    """Ask another person to take back what was paid (RW-11.1). IllegalMove unless it was paid."""
    actor.must(Permission.PROPOSE, work.tip.office_id)
    row = _proposal(session, work, Kind.RECOVER, reason.value, worded(why, "理由"), actor, now)
    row.amount_fen = work.case.amount_fen
    session.add(row)
    move_with(session, work, RewardAction.PROPOSE_RECOVERY, row, actor, now)
    return row


def _proposal(session: Session, work: Work, kind: Kind, code: str, why: str, actor: Actor, now: Utc) -> RewardProposal:
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    last = session.scalar(select(func.max(RewardProposal.turn)).where(RewardProposal.tip_id == work.tip.id)) or 0
    row = RewardProposal(id=new_id(), tip_id=work.tip.id, kind=kind.value, code=code, proposed_by=actor.id)
    row.turn, row.proposed_on, row.state = last + 1, day_of(now), ProposalState.OPEN.value
    row.schedule, row.schedule_version, row.schedule_sha256, row.schedule_text = "", 0, "", ""
    row.record_key = row.record = b""
    row.words = seal_words(why, work.keys, row.id) if why else b""
    return row


def move_with(session: Session, work: Work, action: RewardAction, row: RewardProposal, actor: Actor, now: Utc) -> None:
    """Move a reward by what *row* proposes: the book has its code, its sum and the hash of what it rests on."""
    said = record_hash(row)
    move(session, work.case, work.tip, action, actor, now, code=row.code, amount_fen=row.amount_fen, record=said)


def open_proposal(session: Session, tip: Id) -> RewardProposal:
    """What waits for an answer, locked. NotFound when nothing does."""
    waits = select(RewardProposal).where(RewardProposal.tip_id == tip, RewardProposal.state == ProposalState.OPEN.value)
    found = session.scalar(waits.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound("no_proposal", "这项意见已经有了决定。请看最新的情况。")
    return found


def last_decision(session: Session, tip: Id) -> RewardProposal | None:
    """The figure or refusal that stands: what was approved last."""
    decided = select(RewardProposal).where(
        RewardProposal.tip_id == tip,
        RewardProposal.state == ProposalState.APPROVED.value,
        RewardProposal.kind != Kind.RECOVER.value,
    )
    return session.scalar(decided.order_by(RewardProposal.turn.desc()).limit(1))


def must_be_another(session: Session, actor: Actor, *people: Id | None) -> None:
    """NotAllowed ("same_person") where *actor* is one of *people*, under whatever account."""
    if any(one is not None and is_own(session, one, actor) for one in people):
        raise NotAllowed("same_person", "这件事您已经参加过，请由另一个人决定。")


def refuse_when_changed(changed: bool) -> None:
    """Refused ("changed_since"): what was proposed is not what comes out today."""
    if changed:
        raise Refused("changed_since", "提出以后，查实的情况或者奖励标准有了变化，算出来的不一样。请退回，重新提出。")
