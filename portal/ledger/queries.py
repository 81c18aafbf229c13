"""Reads for the public page: only what a published checkpoint covers is ever shown."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import checkpoints, tree
from crypto.errors import Malformed
from portal.ledger.models import LedgerCheckpoint, LedgerLeaf
from portal.ledger.proofs import Signed, believed, consistency, inclusion, latest_checkpoint

LEAVES_A_PAGE = 1024


def published(session: Session, vkey: str, limit: int) -> list[Signed]:
    """The newest published checkpoints of the pinned key, newest first."""
    rows = session.scalars(
        select(LedgerCheckpoint)
        .where(LedgerCheckpoint.published.is_(True))
        .order_by(LedgerCheckpoint.made_at.desc(), LedgerCheckpoint.size.desc())
        .limit(limit)
    )
    return [signed for signed in (believed(row, vkey) for row in rows) if signed is not None]


def published_of_size(session: Session, vkey: str, size: int) -> Signed | None:
    """The published checkpoint over exactly *size* leaves, or None."""
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


def receipt_proof(session: Session, leaf: bytes, vkey: str) -> str | None:
    """A C2SP proof file for the leaf that comes from a receipt code, under the newest published checkpoint.

    None while no published checkpoint covers it. Whoever keeps the file keeps a trace of having reported.
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
    return checkpoints.proof_text(place, inclusion(session, place, signed.checkpoint), signed.note)
