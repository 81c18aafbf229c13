"""Making checkpoints: the worker alone, which alone holds the signing key.

Internal ones let new keys be trusted at once and bound what could be changed unseen to an hour; published ones stand
on the public page at fixed hours, over a padded tree.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import tree
from crypto.checkpoints import Checkpoint
from crypto.errors import Tampered
from crypto.signing import sign, verifier_of
from portal.kernel.clock import Utc
from portal.ledger.counts import counts_under
from portal.ledger.events import KeyPublished
from portal.ledger.hours import published_until
from portal.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf
from portal.ledger.proofs import Signed, consistency, latest_checkpoint, node_reader
from portal.ledger.sequencer import pad, sequence, take_pen, tree_size


class Owed(Enum):
    """Which kind of checkpoint is due."""

    INTERNAL = "internal"
    PUBLISHED = "published"


INTERNAL_EVERY = timedelta(hours=1)
_BATCH = 1000


def make_checkpoint(session: Session, signer: str, now: Utc, *, publish: bool) -> LedgerCheckpoint | None:
    """Sign the tree as it stands; with *publish*, first take in all that waits and pad. None for an empty tree.

    Raises Tampered, and signs nothing, when the tree does not continue what this key signed last: a key that signs two
    histories proves nothing any more. After a restore from backup a new origin with a new key is started instead.
    """
    take_pen(session)
    if publish:
        while sequence(session, now, _BATCH) == _BATCH:
            pass
        pad(session)
    size = tree_size(session)
    if size == 0:
        return None
    vkey = verifier_of(signer)
    checkpoint = Checkpoint(vkey.split("+", 1)[0], size, tree.root(size, node_reader(session)))
    _must_continue(session, latest_checkpoint(session, vkey), checkpoint)
    row = LedgerCheckpoint(
        size=size,
        root=checkpoint.root,
        note=sign(checkpoint, signer),
        made_at=now,
        published=publish,
        counts=counts_under(session, size) if publish else None,
    )
    session.add(row)
    session.flush()
    return row


def owed_checkpoint(session: Session, vkey: str, now: Utc, hours: tuple[int, ...]) -> Owed | None:
    """The checkpoint that is owed at *now*, if any: published at *hours* (Beijing), internal otherwise."""
    last, size = latest_checkpoint(session, vkey), tree_size(session)
    if size == 0:
        return None
    published = latest_checkpoint(session, vkey, published=True)
    if hours and (published is None or published.made_at < published_until(now, hours)):
        return Owed.PUBLISHED
    if last is None:
        return Owed.INTERNAL
    if last.checkpoint.size == size:
        return None
    return Owed.INTERNAL if now - last.made_at >= INTERNAL_EVERY or _new_key_since(session, last) else None


def checkpoint_if_due(session: Session, signer: str, now: Utc, hours: tuple[int, ...]) -> LedgerCheckpoint | None:
    """Make the checkpoint that is owed, once however many workers ask."""
    take_pen(session)
    owed = owed_checkpoint(session, verifier_of(signer), now, hours)
    return None if owed is None else make_checkpoint(session, signer, now, publish=owed is Owed.PUBLISHED)


def _new_key_since(session: Session, last: Signed) -> bool:
    """Whether a key was published that no checkpoint covers yet: until one does, nobody may seal to it."""
    uncovered = (
        select(func.count())
        .select_from(LedgerLeaf)
        .join(LedgerEntry, LedgerEntry.id == LedgerLeaf.entry_id)
        .where(LedgerLeaf.seq >= last.checkpoint.size, LedgerEntry.kind == KeyPublished.kind)
    )
    return bool(session.scalar(uncovered))


def _must_continue(session: Session, last: Signed | None, new: Checkpoint) -> None:
    if last is None:
        newest = session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.made_at.desc()).limit(1)).first()
        if newest is not None and newest.note.startswith(f"{new.origin}\n"):
            raise Tampered("a checkpoint of this origin stands in the book that this key has not signed")
        return
    if last.checkpoint.size > new.size:
        raise Tampered(f"the ledger has {new.size} leaves and {last.checkpoint.size} were signed: it was cut")
    path = consistency(session, last.checkpoint, new)
    tree.verify_consistency(last.checkpoint.size, new.size, last.checkpoint.root, new.root, path)
