"""Writing to the ledger: an entry is a row of the caller's transaction, so nothing is recorded that did not happen.

The entry is not yet in the tree: the queue row beside it is what :mod:`portal.ledger.sequencer` turns into a leaf
within seconds, in order of arrival.
"""

from __future__ import annotations

import secrets
from typing import cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from crypto import tree
from crypto.errors import Malformed
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.values import Id, new_id
from portal.ledger.events import Event
from portal.ledger.models import LedgerEntry, LedgerNonce, LedgerQueue

# Made once: building a statement anew for each entry costs more than running it.
_ENTRY, _NONCE, _QUEUE = (insert(cast("Table", one.__table__)) for one in (LedgerEntry, LedgerNonce, LedgerQueue))


def append(session: Session, event: Event, actor: Actor, now: Utc) -> Id:
    """Record *event* in this transaction; returns the id of the entry.

    Plain inserts without RETURNING: the public role may add to the book and not read it.
    """
    entry, day = new_id(), day_of(now)
    payload = event.payload(day, actor.kind, actor.id)
    row = {"id": entry, "kind": event.kind, "day": day, "subject": event.subject, "actor_id": actor.id}
    session.execute(_ENTRY, {**row, "payload": payload})
    session.execute(_NONCE, {"entry_id": entry, "nonce": secrets.token_bytes(tree.NONCE_SIZE)})
    session.execute(_QUEUE, {"id": new_id(), "entry_id": entry, "leaf": None, "arrived_at": now})
    return entry


def append_leaf(session: Session, leaf: bytes, now: Utc) -> None:
    """Queue a leaf that has no entry: the one a reporter finds again from the receipt code alone.

    Raises Malformed unless it is 32 bytes: it must look like every other leaf.
    """
    if len(leaf) != tree.HASH_SIZE:
        raise Malformed("a leaf is 32 bytes")
    session.execute(_QUEUE, {"id": new_id(), "entry_id": None, "leaf": leaf, "arrived_at": now})
