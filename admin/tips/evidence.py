"""Whether a file is still the one that came in: its SHA-256 held against the book.

The book has no hash of any file in clear, which whoever knows the file could look for. It binds a report's files by an
HMAC under a key derived from the report key (:meth:`portal.tips.sealing.ReportKeys.evidence_tag`), and a letter's
files by the hash of the sealed letter that names them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from admin.tips.reading import TipView
from crypto.errors import CryptoError
from portal.attachments.values import FileEntry
from portal.kernel.values import Id
from portal.ledger.events import LetterSent, TipReceived
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.ledger.proofs import latest_checkpoint, prove_entry
from portal.tips.sealing import ReportKeys


class Standing(StrEnum):
    """What the book says of a file."""

    BOOKED = "booked"  # as it came in, by an entry proven under a signed checkpoint
    WAITING = "waiting"  # the entry says the same, and no checkpoint covers it yet
    CHANGED = "changed"  # no such entry, or one that was changed: the manifest is not the one that came in


def standing(session: Session, view: TipView, entry: FileEntry, keys: ReportKeys, vkey: str) -> Standing:
    """What the book says of *entry*, a file of this report or of one of its letters, under the pinned key *vkey*."""
    kind, bound = _bound(view, entry, keys)
    row = next((row for row in _entries(session, view.tip.number, kind) if bound in _hashes(row.payload)), None)
    if row is None:
        return Standing.CHANGED
    signed = latest_checkpoint(session, vkey)
    if signed is None or row.seq is None or row.seq >= signed.checkpoint.size:
        return Standing.WAITING
    try:
        prove_entry(session, row.id, signed.checkpoint)
    except CryptoError:
        return Standing.CHANGED
    return Standing.BOOKED


def _bound(view: TipView, entry: FileEntry, keys: ReportKeys) -> tuple[str, str]:
    """The kind of entry that binds the file, and the hash that it has to name."""
    for letter in view.letters:
        if entry in letter.body.files:
            return LetterSent.kind, hashlib.sha256(letter.row.sealed).hexdigest()
    return TipReceived.kind, keys.evidence_tag(entry)


def _entries(session: Session, number: str, kind: str) -> Sequence[Row[Id, bytes, int | None]]:
    """The entries of that kind as the tree has them. A report comes in once: a later entry that says so is none."""
    rows = session.execute(
        select(LedgerEntry.id, LedgerEntry.payload, LedgerLeaf.seq)
        .outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.subject == number, LedgerEntry.kind == kind)
        .order_by(LedgerLeaf.seq.is_(None), LedgerLeaf.seq)
    ).all()
    return rows[:1] if kind == TipReceived.kind else rows


def _hashes(payload: bytes) -> list[str]:
    event = json.loads(payload)["event"]
    return [*event.get("files", ()), event.get("sha256", "")]
