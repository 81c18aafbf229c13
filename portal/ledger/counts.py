"""How many entries of each kind a published checkpoint covers, and how much of that is said aloud.

The tree is padded so that its size does not tell when a report came in. Exact counts, three times a day, would undo
that: they are shown only in whole groups of :data:`ROUNDED_TO`, rounded down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf
from portal.ledger.sequencer import PADDED_TO

ROUNDED_TO = PADDED_TO


class Group(Enum):
    """What the public page calls together; the staff site tells kinds apart."""

    SEEN = "seen"
    STEPS = "steps"  # receptions too: with the monthly figures, their own number would tell when one came in
    IDENTITY = "identity"
    KEYS = "keys"
    OTHER = "other"
    NAMELESS = "nameless"  # leaves without an entry: of receipt codes, and padding


_GROUPS = {
    "tip-read": Group.SEEN,
    "file-read": Group.SEEN,
    "print-made": Group.SEEN,
    "ledger-exported": Group.SEEN,
    "key-published": Group.KEYS,
    "key-retired": Group.KEYS,
    "grant-made": Group.KEYS,
}
_PREFIXES = {
    "tip": Group.STEPS,
    "clock": Group.STEPS,
    "letter": Group.STEPS,
    "record": Group.STEPS,
    "proposal": Group.STEPS,
    "identity": Group.IDENTITY,
}


def group_of(kind: str) -> Group:
    """The group of a kind of entry; a kind that nobody foresaw is among the others."""
    return _GROUPS.get(kind) or _PREFIXES.get(kind.partition("-")[0], Group.OTHER)


def shown(counts: Mapping[str, int], size: int) -> dict[Group, int]:
    """Of every group at least this many, of *size* leaves in all: rounded down to whole :data:`ROUNDED_TO`."""
    whole: Counter[Group] = Counter()
    for kind, count in counts.items():
        whole[group_of(kind)] += count
    whole[Group.NAMELESS] = size - sum(counts.values())
    return {group: whole[group] // ROUNDED_TO * ROUNDED_TO for group in Group}


def counts_under(session: Session, size: int) -> dict[str, int]:
    """Entries by kind among the first *size* leaves: counted on from the newest published checkpoint that says."""
    newest = session.execute(
        select(LedgerCheckpoint.size, LedgerCheckpoint.counts)
        .where(LedgerCheckpoint.counts.is_not(None), LedgerCheckpoint.published.is_(True))
        .where(LedgerCheckpoint.size <= size)
        .order_by(LedgerCheckpoint.size.desc())
        .limit(1)
    ).one_or_none()
    start, known = (newest.size, newest.counts or {}) if newest is not None else (0, {})
    more = session.execute(
        select(LedgerEntry.kind, func.count())
        .join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerLeaf.seq >= start, LedgerLeaf.seq < size)
        .group_by(LedgerEntry.kind)
    )
    return dict(Counter(known) + Counter(dict(more.all())))
