"""A request held against the book before a share leaves its seat: whoever writes into the table alone, and puts another
asker or another name under a harmless number, gets none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.custody.models import IdentityRequest
from portal.kernel.errors import Refused
from portal.ledger.events import IdentityAsked, IdentitySealed
from portal.ledger.models import LedgerEntry
from portal.tips.models import IdentityRecord, IdentityShare


def must_be_booked(session: Session, request: IdentityRequest, number: str, share: IdentityShare) -> None:
    """Refused ("not_in_book") unless the book has the request as the row says, by the same person, and the share as
    one of a name that was sealed with this very report."""
    record = session.get_one(IdentityRecord, request.record_id)
    asked = {"request": str(request.id), "office": request.office_id.hex, "board": str(request.board_id)}
    said = {**asked, "use": request.use, "reason": request.reason, "number": number}
    by = str(request.asked_by)
    booked = any(
        (entry["event"], entry["actor"]) == (said, by) for entry in _entries(session, number, IdentityAsked.kind)
    )
    sealed = any(
        (event["record"], event["board"]) == (record.kind, str(record.board_id))
        and share.digest.hex() in event["shares"]
        for event in (entry["event"] for entry in _entries(session, number, IdentitySealed.kind))
    )
    if not booked or not sealed or (record.tip_id, record.board_id) != (request.tip_id, request.board_id):
        raise Refused("not_in_book", "这个申请和记录簿对不上，没有交出份额。请报告审计人员。")


def _entries(session: Session, number: str, kind: str) -> Iterator[dict[str, Any]]:
    rows = select(LedgerEntry.payload).where(LedgerEntry.subject == number, LedgerEntry.kind == kind)
    return (json.loads(payload) for payload in session.scalars(rows))
