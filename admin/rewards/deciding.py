"""The second person: gives or refuses a reward, sends a proposal back, answers a review, takes back what was paid.

``(session, work, …, actor, now)``. Each asks for REVIEW_REWARD and for another person than whoever acted before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from admin.rewards.budgeting import must_fit
from admin.rewards.proposing import (
    Work,
    last_decision,
    move_with,
    must_be_another,
    open_proposal,
    refuse_when_changed,
)
from admin.rewards.reckoning import reckon
from admin.staff.roles import Permission
from admin.tips.casework import notify, office_name
from admin.tips.reading import mailbox_of
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.mailbox.notices import NoticeKind
from portal.rewards.claim_models import RewardProposal
from portal.rewards.claims import ASK_RULE, CLAIM_RULE, REVIEW_RULE, Choices, Kind, ProposalState, Record, trace_json
from portal.rewards.entries import read
from portal.rewards.moving import last_day, move
from portal.rewards.record import open_record
from portal.rewards.states import RewardAction
from portal.rewards.telling_case import Told, seal_told


def approve(session: Session, work: Work, actor: Actor, now: Utc) -> RewardProposal:
    """Agree: the figure or the refusal is decided, and the reporter is told at once where there is a mailbox.

    Refused ("changed_since") when findings or rule have changed since it was proposed; ("over_budget") where the year's
    budget is kept to strictly.
    """
    row = _answerable(session, work, actor)
    if row.kind == Kind.RECOVER:
        _recover(session, work, row, actor, now)
    else:
        _decide(session, work, row, actor, now)
    _answer(row, ProposalState.APPROVED, actor, now)
    return row


def send_back(session: Session, work: Work, actor: Actor, now: Utc) -> RewardProposal:
    """Do not agree: it may be proposed anew; what was to be taken back stays paid."""
    row = _answerable(session, work, actor)
    back = RewardAction.DROP_RECOVERY if row.kind == Kind.RECOVER else RewardAction.SEND_BACK
    move(session, work.case, work.tip, back, actor, now)
    _answer(row, ProposalState.SENT_BACK, actor, now)
    return row


def _answerable(session: Session, work: Work, actor: Actor) -> RewardProposal:
    actor.must(Permission.REVIEW_REWARD, work.tip.office_id)
    row = open_proposal(session, work.tip.id)
    must_be_another(session, actor, row.proposed_by)
    return row


def _answer(row: RewardProposal, state: ProposalState, actor: Actor, now: Utc) -> None:
    row.state, row.decided_by, row.decided_on = state.value, actor.id, day_of(now)


def _decide(session: Session, work: Work, row: RewardProposal, actor: Actor, now: Utc) -> None:
    today, case, tip = day_of(now), work.case, work.tip
    record = open_record(row)
    _must_still_hold(session, work, row, record, now)
    if row.kind == Kind.GIVE:
        must_fit(session, tip.office_id, today.year, row.amount_fen)
    has_mailbox = mailbox_of(session, tip) is not None
    give = RewardAction.GIVE if has_mailbox else RewardAction.DECIDE
    action = give if row.kind == Kind.GIVE else RewardAction.REFUSE
    move_with(session, work, action, row, actor, now)
    case.amount_fen, case.decided_on, case.due_on = row.amount_fen, today, None
    case.review_until = None if case.reviewed else last_day(session, tip, ASK_RULE, today)
    case.told = seal_told(Told(row.amount_fen, row.code, row.schedule, record.steps), work.keys)
    if action is RewardAction.GIVE:
        case.claim_until = last_day(session, tip, CLAIM_RULE, today, read(row.schedule_text).claim_months)
    _tell(session, work, row, record, actor, now)


def _must_still_hold(session: Session, work: Work, row: RewardProposal, record: Record, now: Utc) -> None:
    before = record.case
    chosen = Choices(
        joint=before.joint,
        grade=before.grade,
        rate_chosen=before.rate_chosen,
        add_rate=before.add_rate,
        amount_chosen_fen=before.amount_chosen_fen,
        excluded_by=before.excluded_by,
    )
    again = reckon(session, work.tip, work.main_keys, chosen, day_of(now))
    alike = replace(again.record.case, decided_on=before.decided_on) == before
    same_rule = (again.version.name, again.version.sha256) == (row.schedule, row.schedule_sha256)
    refuse_when_changed(not (alike and same_rule and again.fen == row.amount_fen))


def _tell(session: Session, work: Work, row: RewardProposal, record: Record, actor: Actor, now: Utc) -> None:
    case = work.case
    params = {"office": office_name(session, work.tip), "trace": trace_json(record.steps), "rule": CLAIM_RULE}
    if row.kind == Kind.GIVE:
        kind = NoticeKind.REWARD_GIVEN
        params |= {"fen": str(row.amount_fen), "due": str(case.claim_until or "")}
    else:
        kind = NoticeKind.REWARD_NOT_GIVEN
        params |= {"reason": row.code, "due": str(case.review_until or "")}
    notify(session, work.tip, kind, params, actor, now, work.keys)


def _recover(session: Session, work: Work, row: RewardProposal, actor: Actor, now: Utc) -> None:
    move_with(session, work, RewardAction.RECOVER, row, actor, now)
    params = {"office": office_name(session, work.tip), "fen": str(row.amount_fen), "reason": row.code}
    notify(session, work.tip, NoticeKind.REWARD_RECOVERED, params, actor, now, work.keys)


def record_told(session: Session, work: Work, actor: Actor, now: Utc) -> None:
    """A reporter without a mailbox was told of the figure by telephone or letter: the time to claim runs from today."""
    actor.must(Permission.PROPOSE, work.tip.office_id)
    move(session, work.case, work.tip, RewardAction.TELL, actor, now)
    decided = last_decision(session, work.tip.id)
    months = read(decided.schedule_text).claim_months if decided is not None else None
    work.case.claim_until = last_day(session, work.tip, CLAIM_RULE, day_of(now), months)


def answer_review(session: Session, work: Work, uphold: bool, actor: Actor, now: Utc) -> None:
    """A third person answers the reporter's request: the decision stands, or everything is looked at again.

    NotAllowed for whoever proposed or decided. Where a figure stands, the whole time to claim runs anew.
    """
    actor.must(Permission.REVIEW_REWARD, work.tip.office_id)
    decided = last_decision(session, work.tip.id)
    if decided is not None:
        must_be_another(session, actor, decided.proposed_by, decided.decided_by)
    action = RewardAction.UPHOLD if uphold else RewardAction.LOOK_AGAIN
    move(session, work.case, work.tip, action, actor, now)
    params: Mapping[str, str] = {}
    if not uphold:
        work.case.due_on = last_day(session, work.tip, REVIEW_RULE, day_of(now))
        work.case.claim_until, work.case.amount_fen, work.case.told = None, 0, None
    elif decided is not None and decided.kind == Kind.GIVE:
        months = read(decided.schedule_text).claim_months
        work.case.claim_until = last_day(session, work.tip, CLAIM_RULE, day_of(now), months)
        params = {"due": str(work.case.claim_until)}
    kind = NoticeKind.REWARD_UPHELD if uphold else NoticeKind.REWARD_LOOKED_AT_AGAIN
    notify(session, work.tip, kind, params, actor, now, work.keys)
