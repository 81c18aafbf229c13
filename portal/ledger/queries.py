"""Reads for the public page: only what a published checkpoint covers is ever shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import checkpoints, tree
from crypto.cosignatures import Cosignature, verify_any
from crypto.errors import Malformed
from crypto.witness import request_text
from portal.ledger.models import LedgerCheckpoint, LedgerCosignature, LedgerLeaf
from portal.ledger.proofs import Signed, believed, consistency, inclusion, latest_checkpoint

LEAVES_A_PAGE = 1024
MOST_LEAVES = 2**63 - 1
"""The largest size that a database can be asked for."""


def published(session: Session, vkey: str, limit: int, below: int | None = None) -> list[Signed]:
    """The newest published checkpoints of the pinned key, newest first; with *below*, only of smaller trees."""
    rows = select(LedgerCheckpoint).where(LedgerCheckpoint.published.is_(True))
    if below is not None:
        rows = rows.where(LedgerCheckpoint.size < below)
    ordered = rows.order_by(LedgerCheckpoint.made_at.desc(), LedgerCheckpoint.size.desc()).limit(limit)
    return [signed for signed in (believed(row, vkey) for row in session.scalars(ordered)) if signed is not None]


def cosignatures(session: Session, signed: Signed, witnesses: Sequence[str]) -> list[Cosignature]:
    """What the configured witnesses signed of this checkpoint, the latest of each, by name; only lines that hold."""
    lines = session.scalars(
        select(LedgerCosignature.line)
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerCosignature.checkpoint_id)
        .where(LedgerCheckpoint.size == signed.checkpoint.size, LedgerCheckpoint.published.is_(True))
    )
    held = (verify_any(line, signed.checkpoint, witnesses) for line in lines)
    by_name = {one.witness: one for one in sorted(filter(None, held), key=lambda one: (one.witness, one.at))}
    return list(by_name.values())


def cosigned_note(session: Session, signed: Signed, witnesses: Sequence[str]) -> str:
    """The checkpoint's note with the lines of its witnesses under it."""
    return signed.note + "".join(one.line for one in cosignatures(session, signed, witnesses))


def published_counts(session: Session, signed: Signed) -> Mapping[str, int]:
    """Entries by kind under a published checkpoint; empty when it does not say. For showing: not signed."""
    rows = session.scalars(
        select(LedgerCheckpoint.counts)
        .where(LedgerCheckpoint.size == signed.checkpoint.size, LedgerCheckpoint.published.is_(True))
        .order_by(LedgerCheckpoint.made_at.desc())
        .limit(1)
    )
    return rows.first() or {}


def witness_request(session: Session, old: int, vkey: str) -> str | None:
    """What a witness that remembers *old* leaves has to be shown of the newest published checkpoint.

    None when nothing is published, or *old* is neither 0 nor the size of a published tree.
    """
    newest = latest_checkpoint(session, vkey, published=True)
    older = published_of_size(session, vkey, old) if old else None
    if newest is None or (old and older is None) or old > newest.checkpoint.size:
        return None
    return request_text(old, growth(session, older, newest) if older else [], newest.note)


def published_of_size(session: Session, vkey: str, size: int) -> Signed | None:
    """The published checkpoint over exactly *size* leaves, or None."""
    if size > MOST_LEAVES:
        return None
    rows = session.scalars(
        select(LedgerCheckpoint).where(LedgerCheckpoint.size == size, LedgerCheckpoint.published.is_(True))
    )
    return next((signed for signed in (believed(row, vkey) for row in rows) if signed is not None), None)


def leaf_page(session: Session, number: int, size: int) -> list[bytes]:
    """Leaves ``number · 1024`` and following of a tree of *size* leaves, at most 1024 of them."""
    start = number * LEAVES_A_PAGE
    end = min(start + LEAVES_A_PAGE, size)
    query = select(LedgerLeaf.leaf).where(LedgerLeaf.seq >= start, LedgerLeaf.seq < end).order_by(LedgerLeaf.seq)
    return list(session.scalars(query))


def growth(session: Session, older: Signed, newer: Signed) -> list[bytes]:
    """The proof that *older* is a prefix of *newer*, checked before it is given out. Raises Tampered, Malformed."""
    a, b = older.checkpoint, newer.checkpoint
    path = consistency(session, a, b)
    tree.verify_consistency(a.size, b.size, a.root, b.root, path)
    return path


def receipt_proof(session: Session, leaf: bytes, vkey: str, witnesses: Sequence[str] = ()) -> str | None:
    """A C2SP proof file for the leaf that comes from a receipt code, under the newest published checkpoint.

    The leaf itself stands in it as extra data, so that the file can be checked alone. None while no published
    checkpoint covers it. Whoever keeps the file keeps a trace of having reported.
    """
    if len(leaf) != tree.HASH_SIZE:
        raise Malformed("a leaf is 32 bytes")
    signed = latest_checkpoint(session, vkey, published=True)
    if signed is None:
        return None
    place = session.scalar(
        select(LedgerLeaf.seq).where(LedgerLeaf.leaf == leaf, LedgerLeaf.seq < signed.checkpoint.size).limit(1)
    )
    if place is None:
        return None
    note = cosigned_note(session, signed, witnesses)
    return checkpoints.proof_text(place, inclusion(session, place, signed.checkpoint), note, extra=leaf)
