"""Checking the whole book: every leaf, node, checkpoint and key is recomputed from what the database says.

Nothing stored is used to check itself: leaves come from entries and nonces, the tree from the leaves, and the roots
must be those that the pinned key signed. Runs in memory that does not grow with the book.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import checkpoints, tree
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, Malformed, Tampered, WrongKey
from portal.ledger.events import OUTLIVES, ReportShredded
from portal.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce, LedgerQueue
from portal.ledger.proofs import consistency
from portal.ledger.sequencer import PADDED_TO, tree_size

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: where in the book, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """The outcome. ``muted``: leaves whose nonce was destroyed with a report, so that only the tree speaks for them.

    An entry of the book must say that the report was destroyed; a nonce that is missing without one is a fault.
    """

    leaves: int = 0
    waiting: int = 0
    muted: int = 0
    signed: int = 0
    foreign: int = 0  # checkpoints of an earlier origin
    faults: list[Fault] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)  # entries in the tree

    def fault(self, where: str, what: str) -> None:
        self.faults.append(Fault(where, what))


def verify_book(session: Session, vkey: str) -> Report:
    """Check everything under the pinned key *vkey*; a sound book has no faults."""
    report = Report(leaves=tree_size(session))
    signed = _signed(session, vkey, report)
    _check_tree(session, signed, _counted(session), report)
    _check_growth(session, signed, report)
    _check_entries_are_in(session, report)
    return report


def _signed(session: Session, vkey: str, report: Report) -> dict[int, Checkpoint]:
    """Checkpoints of the pinned key by size; those that are not sound are faults."""
    origin = checkpoints.read_vkey(vkey)[0]
    found: dict[int, Checkpoint] = {}
    for row in session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.made_at)):
        where = f"checkpoint {row.id} over {row.size} leaves"
        if not row.note.startswith(f"{origin}\n"):
            report.foreign += 1
            continue
        try:
            checkpoint = checkpoints.verify(row.note, vkey)
        except (WrongKey, Tampered, Malformed) as error:
            report.fault(where, str(error))
            continue
        report.signed += 1
        if (checkpoint.size, checkpoint.root) != (row.size, row.root):
            report.fault(where, "the row and its note differ")
        if row.published and checkpoint.size % PADDED_TO:
            report.fault(where, f"published over a tree that is not padded to {PADDED_TO}")
        if found.setdefault(checkpoint.size, checkpoint).root != checkpoint.root:
            report.fault(where, "two signed roots for one size")
    for size in [size for size in found if size > report.leaves]:
        report.fault(f"checkpoint over {size} leaves", f"the ledger has {report.leaves}: it was cut")
        del found[size]
    return found


def _counted(session: Session) -> Mapping[int, Sequence[Mapping[str, int]]]:
    """What published checkpoints say of the entries under them, by size."""
    told: dict[int, list[Mapping[str, int]]] = {}
    for size, counts in session.execute(
        select(LedgerCheckpoint.size, LedgerCheckpoint.counts).where(LedgerCheckpoint.published.is_(True))
    ):
        if counts is not None:
            told.setdefault(size, []).append(counts)
    return told


def _check_tree(
    session: Session,
    signed: Mapping[int, Checkpoint],
    counted: Mapping[int, Sequence[Mapping[str, int]]],
    report: Report,
) -> None:
    """Walk all leaves once, carrying the right edge of the tree along."""
    edge: dict[int, tuple[int, bytes]] = {}

    def read(level: int, index: int) -> bytes:
        at, value = edge[level]
        if at != index:
            raise AssertionError("the right edge was lost")  # a mistake in this module, never in the book
        return value

    size = 0
    for end in _stops(report.leaves, sorted(signed)):
        hashes = [tree.leaf_hash(leaf) for leaf in _leaves(session, size, end, report)]
        if len(hashes) != end - size:
            report.fault(f"leaves {size} to {end - 1}", "there are gaps in the numbering")
            return
        nodes = tree.new_nodes(size, hashes, read)
        _check_nodes(session, nodes, report)
        edge.update({level: (index, value) for level, index, value in nodes})
        size = end
        if size in signed and tree.root(size, read) != signed[size].root:
            report.fault(f"checkpoint over {size} leaves", "the leaves do not lead to the signed root")
        if size in signed and any(counts != report.kinds for counts in counted.get(size, ())):
            report.fault(f"checkpoint over {size} leaves", "its counts are not those of the entries")


def _stops(leaves: int, sizes: list[int]) -> Iterator[int]:
    """Where to pause: at every signed size, and at least every :data:`_BATCH` leaves."""
    at = 0
    for target in [*[size for size in sizes if size], leaves]:
        while at < target:
            at = min(at + _BATCH, target)
            yield at


def _leaves(session: Session, start: int, end: int, report: Report) -> list[bytes]:
    rows = session.execute(
        select(LedgerLeaf.seq, LedgerLeaf.leaf, LedgerLeaf.entry_id, LedgerEntry, LedgerNonce.nonce)
        .outerjoin(LedgerEntry, LedgerEntry.id == LedgerLeaf.entry_id)
        .outerjoin(LedgerNonce, LedgerNonce.entry_id == LedgerLeaf.entry_id)
        .where(LedgerLeaf.seq >= start, LedgerLeaf.seq < end)
        .order_by(LedgerLeaf.seq)
    ).all()
    explained = _shredded(session, {row.LedgerEntry.subject for row in rows if row.LedgerEntry and not row.nonce})
    for row in rows:
        if row.entry_id is not None:
            _check_entry(row.seq, row.leaf, row.LedgerEntry, row.nonce, explained, report)
    leaves = [row.leaf for row in rows]
    session.expunge_all()  # so that memory does not grow with the book
    return leaves


def _shredded(session: Session, subjects: Collection[str]) -> Collection[str]:
    """Those of *subjects* that the book says were destroyed."""
    if not subjects:
        return ()
    told = select(LedgerEntry.subject).where(LedgerEntry.kind == ReportShredded.kind, LedgerEntry.subject.in_(subjects))
    return set(session.scalars(told))


def _check_entry(
    seq: int,
    leaf: bytes,
    entry: LedgerEntry | None,
    nonce: bytes | None,
    explained: Collection[str],
    report: Report,
) -> None:
    where = f"leaf {seq}"
    if entry is None:
        report.fault(where, "its entry is gone")
        return
    if nonce is None:
        report.muted += 1
        if entry.kind in OUTLIVES or entry.subject not in explained:
            report.fault(where, f"entry {entry.id} has lost its nonce, and no destruction of a report explains it")
    elif tree.entry_leaf(nonce, entry.payload) != leaf:
        report.fault(where, f"entry {entry.id} or its nonce was changed")
    try:
        said = json.loads(entry.payload)
        report.kinds[str(said["kind"])] += 1
        same = (said["kind"], said["subject"], said["day"], said["actor"]) == (
            entry.kind,
            entry.subject,
            entry.day.isoformat(),
            str(entry.actor_id) if entry.actor_id else None,
        )
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        report.fault(where, f"entry {entry.id}: its columns do not say what its payload says")


def _check_nodes(session: Session, nodes: list[tuple[int, int, bytes]], report: Report) -> None:
    levels: dict[int, dict[int, bytes]] = {}
    for level, index, value in nodes:
        if level:  # level 0 is not stored
            levels.setdefault(level, {})[index] = value
    for level, expected in levels.items():
        span = LedgerNode.position.between(min(expected), max(expected))
        stored = select(LedgerNode.position, LedgerNode.hash).where(LedgerNode.level == level, span)
        held = {row.position: row.hash for row in session.execute(stored)}
        for index in expected:
            if held.get(index) != expected[index]:
                report.fault(f"node {level}/{index}", "it is missing" if index not in held else "it was changed")


def _check_growth(session: Session, signed: dict[int, Checkpoint], report: Report) -> None:
    """Each signed tree is a prefix of the next: with the very proofs that the public page gives out."""
    ordered = [signed[size] for size in sorted(signed) if size]
    for older, newer in pairwise(ordered):
        try:
            path = consistency(session, older, newer)
            tree.verify_consistency(older.size, newer.size, older.root, newer.root, path)
        except CryptoError as error:
            report.fault(f"checkpoints over {older.size} and {newer.size} leaves", str(error))


def _check_entries_are_in(session: Session, report: Report) -> None:
    """Every entry has its leaf or waits for it."""
    report.waiting = session.scalar(select(func.count()).select_from(LedgerQueue)) or 0
    lost = (
        select(LedgerEntry.id)
        .outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .outerjoin(LedgerQueue, LedgerQueue.entry_id == LedgerEntry.id)
        .where(LedgerLeaf.seq.is_(None), LedgerQueue.id.is_(None))
    )
    for entry in session.scalars(lost):
        report.fault(f"entry {entry}", "it has no leaf and does not wait for one")
