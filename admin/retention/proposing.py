"""Proposing what is past its term for destruction, and the second person's answer. ``(session, …, actor, now)``.

The list is frozen when it is proposed. Its SHA-256 stands on the ledger twice, once a person, and the worker destroys
nothing whose list has another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.retention.facts import in_force, items_of, past_term
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.retention.events import ShredDecided, ShredProposed
from portal.retention.models import ShredBatch, ShredItem
from portal.retention.rules import MOST_IN_BATCH, OPEN_DAYS, digest_of
from portal.retention.states import BatchAction, BatchState, next_state
from portal.retention.values import Refusal, Verdict
from portal.tips.models import Tip


def propose(session: Session, office: Id, actor: Actor, now: Utc) -> ShredBatch:
    """Freeze what may go of an office, the longest here first, at most MOST_IN_BATCH reports (what goes together is
    never cut). Refused ("nothing_due") when there is nothing, NotAllowed without the permission."""
    actor.must(Permission.PROPOSE_SHRED, office)
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    today = day_of(now)
    schedule = in_force(session, today)
    due = _fitting(past_term(session, [office], schedule, today, own_offices(actor)))
    if not due:
        raise Refused("nothing_due", "现在没有可以销毁的到期材料。")
    batch = ShredBatch(
        id=new_id(),
        office_id=office,
        schedule=schedule.version,
        proposed_by=actor.id,
        proposed_on=today,
        expires_on=today + timedelta(days=OPEN_DAYS),
        state=BatchState.OPEN.value,
    )
    items = [item for verdict in due for item in _items(batch.id, verdict)]
    batch.size, batch.digest = len(items), digest(batch, items)
    session.add(batch)
    session.flush()
    session.add_all(items)
    session.flush()
    event = ShredProposed(str(batch.id), office.hex, batch.schedule, batch.size, batch.digest)
    append(session, event, actor, now)
    return batch


def _fitting(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """What may go, as much as fits into one batch."""
    due: list[Verdict] = []
    room = MOST_IN_BATCH
    for verdict in verdicts:
        if verdict.due:
            room -= len(verdict.members)
            if room < 0 and due:
                break
            due.append(verdict)
    return due


def _items(batch: Id, verdict: Verdict) -> list[ShredItem]:
    head = verdict.members[0].facts.tip_id
    return [
        ShredItem(
            batch_id=batch,
            tip_id=one.facts.tip_id,
            head_id=head,
            outcome=one.outcome.value,
            rule=one.rule,
            kept_until=verdict.kept_until,
        )
        for one in verdict.members
    ]


def digest(batch: ShredBatch, items: Iterable[ShredItem]) -> str:
    """SHA-256, in hex, of the batch as it lies there."""
    lines = ((item.tip_id.hex, item.outcome, item.rule, item.kept_until.isoformat()) for item in items)
    return digest_of(batch.office_id.hex, batch.schedule, lines)


def approve(session: Session, batch_id: Id, actor: Actor, now: Utc) -> ShredBatch:
    """The second person agrees with this very list; the worker then does it.

    NotAllowed for the proposer, under any account, or where a report is about an office of theirs; Refused once it has
    expired or when the list was altered.
    """
    batch = _to_decide(session, batch_id, actor, now)
    items = items_of(session, batch.id)
    if digest(batch, items) != batch.digest:
        raise Refused("altered", "这份清单和提出时的不一样，不能批准。请报告审计人员。")
    accused = select(Tip.id).where(
        Tip.id.in_([item.tip_id for item in items]), Tip.against_office_id.in_(own_offices(actor))
    )
    if session.scalar(accused.limit(1)) is not None:
        raise NotAllowed("accused", "清单里有涉及您所在单位的举报，请由另一位负责人答复。")
    decide(session, batch, BatchAction.APPROVE, actor, now)
    return batch


def refuse(session: Session, batch_id: Id, reason: Refusal, actor: Actor, now: Utc) -> ShredBatch:
    """The second person does not agree, and says why. Everything stays as it is."""
    batch = _to_decide(session, batch_id, actor, now)
    decide(session, batch, BatchAction.REFUSE, actor, now, reason)
    return batch


def _to_decide(session: Session, batch_id: Id, actor: Actor, now: Utc) -> ShredBatch:
    batch = locked_batch(session, batch_id)
    if batch is None or not actor.may(Permission.APPROVE_SHRED, batch.office_id):
        raise NotFound("no_batch", "没有找到这一批。")
    if is_own(session, batch.proposed_by, actor):
        raise NotAllowed("same_person", "不能批准自己提出的销毁，请由另一位负责人决定。")
    if batch.state == BatchState.OPEN and batch.expires_on < day_of(now):
        raise Refused("batch_expired", "这一批已经过期。请重新提出。")
    return batch


def decide(
    session: Session, batch: ShredBatch, action: BatchAction, actor: Actor, now: Utc, reason: Refusal | None = None
) -> None:
    """Make a move that answers the proposal, and record it. IllegalMove when the table has none such from here."""
    batch.state = next_state(BatchState(batch.state), action).value
    if reason is not None:
        batch.reason = reason.value
    if actor is not SYSTEM:
        batch.decided_by, batch.decided_on = actor.id, day_of(now)
    if batch.state in (BatchState.REFUSED, BatchState.EXPIRED):
        batch.ended_on = day_of(now)
    event = ShredDecided(str(batch.id), batch.office_id.hex, batch.state, batch.digest, batch.reason)
    append(session, event, actor, now)


def locked_batch(session: Session, batch: Id) -> ShredBatch | None:
    """The batch, locked until the transaction ends."""
    query = select(ShredBatch).where(ShredBatch.id == batch)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def expire(session: Session, now: Utc) -> int:
    """End what nobody has answered in time; returns how many batches."""
    old = select(ShredBatch).where(ShredBatch.state == BatchState.OPEN.value, ShredBatch.expires_on < day_of(now))
    batches = session.scalars(old.limit(100).with_for_update(skip_locked=True)).all()
    for batch in batches:
        decide(session, batch, BatchAction.EXPIRE, SYSTEM, now)
    return len(batches)
