"""Writing to the ledger: an entry is a row of the caller's transaction, so nothing is recorded that did not happen.

The entry is not yet in the tree: the queue row beside it is what :mod:`portal.ledger.sequencer` turns into a leaf
within seconds, in order of arrival.
"""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from crypto import tree
from crypto.errors import Malformed
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.rows import insert_values
from portal.kernel.values import Id, new_id
from portal.ledger.events import Event
from portal.ledger.models import LedgerEntry, LedgerNonce, LedgerQueue


def append(session: Session, event: Event, actor: Actor, now: Utc) -> Id:
    """Record *event* in this transaction; returns the id of the entry.

    Plain inserts without RETURNING: the public role may add to the book and not read it.
    """
    entry, day = new_id(), day_of(now)
    payload = event.payload(day, actor.kind, actor.id)
    row = {"id": entry, "kind": event.kind, "day": day, "subject": event.subject, "actor_id": actor.id}
    insert_values(session, LedgerEntry, {**row, "payload": payload})
    insert_values(session, LedgerNonce, {"entry_id": entry, "nonce": secrets.token_bytes(tree.NONCE_SIZE)})
    insert_values(session, LedgerQueue, {"id": new_id(), "entry_id": entry, "leaf": None, "arrived_at": now})
    return entry


def append_leaf(session: Session, leaf: bytes, now: Utc) -> None:
    """Queue a leaf that has no entry: the one a reporter finds again from the receipt code alone.

    Raises Malformed unless it is 32 bytes: it must look like every other leaf.
    """
    if len(leaf) != tree.HASH_SIZE:
        raise Malformed("a leaf is 32 bytes")
    insert_values(session, LedgerQueue, {"id": new_id(), "entry_id": None, "leaf": leaf, "arrived_at": now})
