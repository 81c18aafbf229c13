"""What the worker destroys of reports that staff began to write down. It opens nothing and loads nothing that could."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admin.tips.models import RecordDraft
from portal.attachments.register import detach_all
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id
from portal.tips.models import Tip


def sweep_record_drafts(session: Session, now: Utc, limit: int = 500) -> tuple[list[Id], list[Id]]:
    """Remove drafts past their day. Returns (blobs, shred keys) to destroy after the commit; reports keep theirs."""
    past = RecordDraft.expires_on < day_of(now)
    due = session.execute(select(RecordDraft.tip_id, RecordDraft.shred_id).where(past).limit(limit)).all()
    ids = [row.tip_id for row in due]
    # Removed before looking for reports: one that is being recorded this moment is locked until we may know.
    session.execute(delete(RecordDraft).where(RecordDraft.tip_id.in_(ids), past))
    recorded = set(session.scalars(select(Tip.id).where(Tip.id.in_(ids))))
    never = [one for one in ids if one not in recorded]
    return detach_all(session, never), never + [row.shred_id for row in due]


def without_draft(session: Session, ids: list[Id]) -> list[Id]:
    """Which of *ids* no draft names, neither as its report's nor as its own shred key."""
    named = {*session.scalars(select(RecordDraft.tip_id).where(RecordDraft.tip_id.in_(ids)))}
    named |= {*session.scalars(select(RecordDraft.shred_id).where(RecordDraft.shred_id.in_(ids)))}
    return [one for one in ids if one not in named]
