"""Proofs out of stored nodes: O(log n) of them each, in two statements, however long the ledger is.

Nothing the database says is believed here: what :func:`prove_entry` gives was recomputed up to a root that the pinned
key signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import checkpoints, tree
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, Tampered
from portal.kernel.clock import Utc
from portal.kernel.values import Id
from portal.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce

FEW = 64
"""So many nodes are read with one statement, every position at every level: what is found too much is less than what
a statement for each level costs."""

Walked = TypeVar("Walked")
_TRIED = 20  # rows looked at for one that the pinned key signed: after a new origin the older ones fail


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint whose signature held, its note word for word, and when it was made."""

    checkpoint: Checkpoint
    note: str
    made_at: Utc


def node_reader(session: Session, known: dict[tree.Node, bytes] | None = None) -> tree.Reader:
    """Reads hashes of complete subtrees, each once. The reader raises Tampered where the book lacks one.

    *known*: hashes that were read already; it is filled further.
    """
    known = {} if known is None else known

    def read(level: int, index: int) -> bytes:
        if (level, index) not in known:
            known[level, index] = _stored(session, level, index)
        return known[level, index]

    return read


def _stored(session: Session, level: int, index: int) -> bytes:
    if level == 0:
        leaf = session.scalar(select(LedgerLeaf.leaf).where(LedgerLeaf.seq == index))
        found = None if leaf is None else tree.leaf_hash(leaf)
    else:
        found = session.scalar(select(LedgerNode.hash).where(LedgerNode.level == level, LedgerNode.position == index))
    if found is None:
        raise Tampered(f"the ledger lacks node {level}/{index}")
    return found


def latest_checkpoint(session: Session, vkey: str, *, published: bool = False) -> Signed | None:
    """The newest checkpoint that the key *vkey* signed (only published ones if asked), or None."""
    rows = select(LedgerCheckpoint).order_by(LedgerCheckpoint.made_at.desc(), LedgerCheckpoint.size.desc())
    if published:
        rows = rows.where(LedgerCheckpoint.published.is_(True))
    return next(filter(None, (believed(row, vkey) for row in session.scalars(rows.limit(_TRIED)))), None)


def believed(row: LedgerCheckpoint, vkey: str) -> Signed | None:
    """The row's checkpoint if the key *vkey* signed it and the row says the same, else None."""
    try:
        checkpoint = checkpoints.verify(row.note, vkey)
    except CryptoError:
        return None
    same = (checkpoint.size, checkpoint.root) == (row.size, row.root)
    return Signed(checkpoint, row.note, row.made_at) if same else None


def prove_entry(session: Session, entry: Id, checkpoint: Checkpoint, read: tree.Reader | None = None) -> bytes:
    """The payload of *entry*, proven to stand in the tree of *checkpoint*; many at once share one reader.

    Raises Tampered when it does not: unknown, not yet included, or any of payload, nonce, leaf and tree was changed.
    """
    row = session.execute(
        select(LedgerEntry.payload, LedgerNonce.nonce, LedgerLeaf.seq)
        .join(LedgerNonce, LedgerNonce.entry_id == LedgerEntry.id)
        .join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.id == entry)
    ).one_or_none()
    if row is None or row.seq >= checkpoint.size:
        raise Tampered("this entry does not stand under the checkpoint")
    if read is None:
        path = inclusion(session, row.seq, checkpoint)
    else:
        path = tree.inclusion_proof(row.seq, checkpoint.size, read)
    leaf = tree.leaf_hash(tree.entry_leaf(row.nonce, row.payload))
    tree.verify_inclusion(leaf, row.seq, checkpoint.size, path, checkpoint.root)
    payload: bytes = row.payload
    return payload


def inclusion(session: Session, index: int, checkpoint: Checkpoint) -> list[bytes]:
    """The path from leaf *index* to the root of *checkpoint*. Malformed when it has no such leaf."""
    return inclusions(session, [index], checkpoint)[0]


def inclusions(session: Session, indexes: Sequence[int], checkpoint: Checkpoint) -> list[list[bytes]]:
    """The paths of many leaves."""
    return _walked(session, lambda read: [tree.inclusion_proof(index, checkpoint.size, read) for index in indexes])


def _walked(session: Session, walk: Callable[[tree.Reader], Walked]) -> Walked:
    """What *walk* gives: a first walk finds out which nodes it asks for, and they are read together before the next."""
    wanted: dict[int, set[int]] = {}

    def ask(level: int, index: int) -> bytes:
        wanted.setdefault(level, set()).add(index)
        return bytes(tree.HASH_SIZE)

    walk(ask)
    return walk(node_reader(session, _read_together(session, wanted)))


def _read_together(session: Session, wanted: Mapping[int, set[int]]) -> dict[tree.Node, bytes]:
    found: dict[tree.Node, bytes] = {}
    for some in batched(sorted(wanted.get(0, ()))):
        leaves = select(LedgerLeaf.seq, LedgerLeaf.leaf).where(LedgerLeaf.seq.in_(some))
        found.update({(0, row.seq): tree.leaf_hash(row.leaf) for row in session.execute(leaves)})
    above = {level: positions for level, positions in wanted.items() if level}
    groups = [above] if sum(map(len, above.values())) <= FEW else [{level: above[level]} for level in above]
    for group in groups:
        for some in batched(sorted(set[int]().union(*group.values()))):
            nodes = select(LedgerNode.level, LedgerNode.position, LedgerNode.hash).where(
                LedgerNode.level.in_(group), LedgerNode.position.in_(some)
            )
            found.update({(row.level, row.position): row.hash for row in session.execute(nodes)})
    return found


def batched(positions: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """*positions* in runs that one statement may name."""
    for start in range(0, len(positions), size):
        yield positions[start : start + size]


def consistency(session: Session, older: Checkpoint, newer: Checkpoint) -> list[bytes]:
    """The hashes that show *older* to be a prefix of *newer* (RFC 9162, 2.1.4). Malformed unless 1 <= old <= new."""
    return _walked(session, lambda read: tree.consistency_proof(older.size, newer.size, read))
