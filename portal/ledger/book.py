"""Writing to the ledger: an entry is a row of the caller's transaction, so nothing is recorded that did not happen.

The entry is not yet in the tree: the queue row beside it is what :mod:`portal.ledger.sequencer` turns into a leaf
within seconds, in order of arrival.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from crypto import tree
from crypto.errors import Malformed
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.db import Base
from portal.kernel.rows import insert_values
from portal.kernel.values import Id, new_id
from portal.ledger.events import Event
from portal.ledger.models import LedgerEntry, LedgerNonce, LedgerQueue

Rows = dict[type[Base], list[dict[str, Any]]]
_GATHERED = "mingjing.ledger"


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """Write all entries of the block at its end, in their order, with one statement a table instead of one an entry."""
    rows: Rows = {LedgerEntry: [], LedgerNonce: [], LedgerQueue: []}
    session.info[_GATHERED] = rows
    try:
        yield
    finally:
        del session.info[_GATHERED]
    _write(session, rows)


def append(session: Session, event: Event, actor: Actor, now: Utc) -> Id:
    """Record *event* in this transaction; returns the id of the entry.

    Plain inserts without RETURNING: the public role may add to the book and not read it.
    """
    entry, day = new_id(), day_of(now)
    payload = event.payload(day, actor.kind, actor.id)
    row = {"id": entry, "kind": event.kind, "day": day, "subject": event.subject, "actor_id": actor.id}
    nonce = {"entry_id": entry, "nonce": secrets.token_bytes(tree.NONCE_SIZE)}
    queued = {"id": new_id(), "entry_id": entry, "leaf": None, "arrived_at": now}
    _take(session, {LedgerEntry: [{**row, "payload": payload}], LedgerNonce: [nonce], LedgerQueue: [queued]})
    return entry


def append_leaf(session: Session, leaf: bytes, now: Utc) -> None:
    """Queue a leaf that has no entry: the one a reporter finds again from the receipt code alone.

    Raises Malformed unless it is 32 bytes: it must look like every other leaf.
    """
    if len(leaf) != tree.HASH_SIZE:
        raise Malformed("a leaf is 32 bytes")
    _take(session, {LedgerQueue: [{"id": new_id(), "entry_id": None, "leaf": leaf, "arrived_at": now}]})


def _take(session: Session, rows: Rows) -> None:
    waiting: Rows | None = session.info.get(_GATHERED)
    if waiting is None:
        _write(session, rows)
        return
    for table, more in rows.items():
        waiting[table] += more


def _write(session: Session, rows: Rows) -> None:
    for table, values in rows.items():
        if values:
            insert_values(session, table, values)
