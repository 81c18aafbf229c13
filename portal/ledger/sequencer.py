"""The one writer of the tree: turns waiting entries into leaves, in order of arrival.

Two writers at once would give one number twice, so a transaction takes the pen first: an advisory lock on PostgreSQL,
the write lock (``BEGIN IMMEDIATE``) on SQLite. Leaves, nodes and the emptied queue are one commit: a writer that is
killed leaves the book as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from crypto import tree
from crypto.errors import Tampered
from portal.kernel.clock import Utc
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce, LedgerQueue
from portal.ledger.proofs import node_reader

PADDED_TO = 32
"""A published tree has a multiple of this many leaves, so that its size does not time a report in a small city."""

_PEN = 0x6D6A_6C65_6467_6572  # "mjledger"; one advisory lock per database


def take_pen(session: Session) -> None:
    """Be the only writer of the tree until this transaction ends. Raises OperationalError after the lock timeout."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:pen)"), {"pen": _PEN})


def sequence(session: Session, now: Utc, limit: int = 1000) -> int:
    """Give up to *limit* entries that arrived until *now* their place in the tree; returns how many.

    Call it with a moment about a second past, so that transactions which commit late still stand in their order.
    Raises Tampered when a waiting entry has lost its nonce: its leaf cannot be made.
    """
    take_pen(session)
    rows = session.execute(
        select(LedgerQueue.id, LedgerQueue.entry_id, LedgerQueue.leaf, LedgerEntry.payload, LedgerNonce.nonce)
        .outerjoin(LedgerEntry, LedgerEntry.id == LedgerQueue.entry_id)
        .outerjoin(LedgerNonce, LedgerNonce.entry_id == LedgerQueue.entry_id)
        .where(LedgerQueue.arrived_at <= now)
        .order_by(LedgerQueue.arrived_at, LedgerQueue.id)
        .limit(limit)
    ).all()
    if rows:
        _extend(session, [(row.entry_id, _leaf(row.entry_id, row.leaf, row.payload, row.nonce)) for row in rows])
        session.execute(delete(LedgerQueue).where(LedgerQueue.id.in_([row.id for row in rows])))
    return len(rows)


def pad(session: Session) -> int:
    """Fill the tree with random leaves up to the next multiple of :data:`PADDED_TO`; returns how many."""
    take_pen(session)
    missing = -tree_size(session) % PADDED_TO
    _extend(session, [(None, secrets.token_bytes(tree.HASH_SIZE)) for _ in range(missing)])
    return missing


def tree_size(session: Session) -> int:
    """How many leaves the tree has now."""
    last = session.scalar(select(func.max(LedgerLeaf.seq)))
    return 0 if last is None else last + 1


def _leaf(entry: Id | None, given: bytes | None, payload: bytes | None, nonce: bytes | None) -> bytes:
    if given is not None:
        return given
    if payload is None or nonce is None:
        raise Tampered(f"entry {entry} waits for its leaf and has lost its nonce")
    return tree.entry_leaf(nonce, payload)


def _extend(session: Session, leaves: Sequence[tuple[Id | None, bytes]]) -> None:
    if not leaves:
        return
    size = tree_size(session)
    places = [{"seq": size + i, "entry_id": entry, "leaf": leaf} for i, (entry, leaf) in enumerate(leaves)]
    nodes = tree.new_nodes(size, [tree.leaf_hash(leaf) for _, leaf in leaves], node_reader(session))
    session.execute(insert(LedgerLeaf), places)
    stored = [{"level": level, "position": index, "hash": value} for level, index, value in nodes if level]
    if stored:  # level 0 is not stored: it is the hash of the leaf itself
        session.execute(insert(LedgerNode), stored)
