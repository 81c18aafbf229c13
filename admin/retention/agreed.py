"""What the ledger says that two people agreed to destroy."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.ledger.models import LedgerEntry
from portal.retention.events import ShredDecided, ShredProposed
from portal.retention.states import BatchState


def agreed_digest(session: Session, batch: str) -> str | None:
    """SHA-256, in hex, of the list that one person proposed and another one approved; None when there is no such."""
    entries = session.execute(
        select(LedgerEntry.kind, LedgerEntry.actor_id, LedgerEntry.payload).where(
            LedgerEntry.subject == batch, LedgerEntry.kind.in_((ShredProposed.kind, ShredDecided.kind))
        )
    ).all()
    said = [(row.kind, row.actor_id, json.loads(row.payload)["event"]) for row in entries]
    proposed = {(who, event["sha256"]) for kind, who, event in said if kind == ShredProposed.kind and who}
    approved = {
        (who, event["sha256"])
        for kind, who, event in said
        if kind == ShredDecided.kind and who and event["answer"] == BatchState.APPROVED
    }
    if len(proposed) != 1 or len(approved) != 1:
        return None
    (proposer, listed), (approver, agreed) = *proposed, *approved
    return str(agreed) if proposer != approver and listed == agreed else None
