"""Public keys that may be sealed to: only those whose ledger entry stands under a checkpoint of the pinned key.

Without this, whoever can write the database would swap a key and read what comes next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.keys import PublicKey, Purpose
from crypto.tree import Reader
from portal.directory.models import SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Unavailable
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import KeyPublished, KeyRetired
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.ledger.proofs import latest_checkpoint, prove_entry

_proven: dict[tuple[str, bytes, Id, int], PublicKey] = {}
"""Keys proven once in this process, by pinned key, key id, owner and generation: the ledger takes nothing back."""


def publish_key(
    session: Session, owner_id: Id, public: PublicKey, actor: Actor, now: Utc, generation: int = 1
) -> SealingKey:
    """Make *public* the key of its owner from the next checkpoint on, and say so on the ledger."""
    event = KeyPublished(public.purpose.value, str(owner_id), generation, public.key_id.hex())
    row = SealingKey(
        id=public.key_id,
        purpose=public.purpose.value,
        owner_id=owner_id,
        generation=generation,
        public=public.raw,
        entry_id=append(session, event, actor, now),
        since=day_of(now),
    )
    session.add(row)
    return row


def retire_key(session: Session, row: SealingKey, actor: Actor, now: Utc) -> None:
    """Nothing new is sealed to this key."""
    row.retired_on = day_of(now)
    append(session, KeyRetired(row.purpose, str(row.owner_id), row.generation, row.id.hex()), actor, now)


def sealing_keys(
    session: Session, purpose: str, owner_ids: Sequence[Id], vkey: str
) -> dict[Id, tuple[SealingKey, PublicKey]]:
    """The current key of each owner, proven. Raises Unavailable ("no_sealing_key") when one lacks a trusted key."""
    found = proven_keys(session, purpose, owner_ids, vkey)
    if len(found) < len(set(owner_ids)):
        raise Unavailable(
            "no_sealing_key", "加密密钥暂时不可用，现在不能接收举报，什么也没有存下。请改用其他举报渠道。"
        )
    return found


def proven_keys(
    session: Session, purpose: str, owner_ids: Sequence[Id], vkey: str
) -> dict[Id, tuple[SealingKey, PublicKey]]:
    """Like :func:`sealing_keys`, but an owner without a trusted key is left out: for choosing who can receive.

    While a new generation still waits for its checkpoint the one before it holds.
    """
    candidates = _candidates(session, purpose, owner_ids)
    signed = latest_checkpoint(session, vkey) if candidates else None
    if signed is None:
        return {}
    told = _told(session, signed.checkpoint.size)
    trusted: dict[Id, tuple[SealingKey, PublicKey]] = {}
    for owner, rows in candidates.items():
        for row in rows:
            known = _known(session, row, vkey, signed.checkpoint) if told.allows(row) else None
            if known is not None:
                trusted[owner] = (row, known)
                break
    return trusted


def _known(session: Session, row: SealingKey, vkey: str, checkpoint: Checkpoint) -> PublicKey | None:
    """The key of a row once it was proven; each is proven once a process."""
    mark = (vkey, row.id, row.owner_id, row.generation)
    known = _proven.get(mark)
    if known is None or known.raw != row.public:
        known = prove_key(session, row, checkpoint)
        if known is not None:
            _proven[mark] = known
    return known


def unproven_keys(session: Session, vkey: str) -> list[SealingKey]:
    """Every key in use that no signed checkpoint vouches for: not yet covered, or swapped."""
    rows = session.scalars(select(SealingKey).where(SealingKey.retired_on.is_(None)).order_by(SealingKey.id)).all()
    signed = latest_checkpoint(session, vkey)
    return [row for row in rows if signed is None or prove_key(session, row, signed.checkpoint) is None]


def misstated_keys(session: Session) -> list[str]:
    """What the directory says of a key otherwise than the ledger does: a row that is gone, brought back to life, or
    whose public half is another's (retired ones too: what was sealed to them is still opened with them)."""
    told = _told(session)
    rows = {row.id.hex(): row for row in session.scalars(select(SealingKey))}
    faults = [f"key {key}: the ledger published it and the directory lacks it" for key in told.published - set(rows)]
    for key, row in rows.items():
        if (row.retired_on is not None) != (key in told.retired):
            faults.append(f"key {key}: ledger and directory differ on whether it is retired")
        if not _is_its_own(row):
            faults.append(f"key {key}: its public half was swapped")
    return sorted(faults)


def _is_its_own(row: SealingKey) -> bool:
    try:
        return PublicKey(Purpose(row.purpose), row.public).key_id == row.id
    except (CryptoError, ValueError):
        return False


def forget_proofs() -> None:
    """Prove every key again at its next use."""
    _proven.clear()


def _candidates(session: Session, purpose: str, owner_ids: Sequence[Id]) -> Mapping[Id, list[SealingKey]]:
    """The generations of each owner that are not retired, newest first."""
    rows = session.scalars(
        select(SealingKey)
        .where(SealingKey.purpose == purpose, SealingKey.owner_id.in_(set(owner_ids)), SealingKey.retired_on.is_(None))
        .order_by(SealingKey.generation.desc())
    )
    found: dict[Id, list[SealingKey]] = {}
    for row in rows:
        found.setdefault(row.owner_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What the ledger says of keys: those published and those retired (hex ids), and the newest generation of each
    owner that was not retired."""

    published: frozenset[str]
    retired: frozenset[str]
    newest: Mapping[tuple[str, str], int]

    def allows(self, row: SealingKey) -> bool:
        """False where the ledger speaks against a row: somebody deleted the row of a newer key, or unmade a retirement.

        A proof of inclusion cannot tell: the entry of the older key is true and stays in the tree.
        """
        newest = self.newest.get((row.purpose, str(row.owner_id)), 0)
        return row.id.hex() not in self.retired and newest <= row.generation


def _told(session: Session, covered: int | None = None) -> _Told:
    """One reading of a few entries for each key there ever was; entries still on the way into the tree count too.

    With *covered* a newer generation counts against an older one only once it stands under those many leaves.
    """
    kinds = (KeyPublished.kind, KeyRetired.kind)
    rows = session.execute(
        select(LedgerEntry.kind, LedgerEntry.payload, LedgerLeaf.seq)
        .outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind.in_(kinds))
    )
    events: dict[str, list[tuple[dict[str, Any], bool]]] = {kind: [] for kind in kinds}
    for kind, payload, found in rows:
        seq: int | None = found  # an outer join: None while it is on the way
        in_tree = covered is None or (seq is not None and seq < covered)
        events[kind].append((json.loads(payload)["event"], in_tree))
    published, retired = (frozenset(event["key"] for event, _ in events[kind]) for kind in kinds)
    newest: dict[tuple[str, str], int] = {}
    for event, in_tree in events[KeyPublished.kind]:
        if in_tree and event["key"] not in retired:
            owner = (event["purpose"], event["owner"])
            newest[owner] = max(newest.get(owner, 0), event["generation"])
    return _Told(published, retired, newest)


def prove_key(
    session: Session, row: SealingKey, checkpoint: Checkpoint, read: Reader | None = None
) -> PublicKey | None:
    """The row's key if its entry, saying just that, stands under *checkpoint*; else None."""
    try:
        public = PublicKey(Purpose(row.purpose), row.public)
        payload = prove_entry(session, row.entry_id, checkpoint, read)
    except (CryptoError, ValueError):
        return None
    return public if public.key_id == row.id and _says(payload, row) else None


def _says(payload: bytes, row: SealingKey) -> bool:
    """Whether the proven entry publishes this very key for this very owner."""
    entry: dict[str, Any] = json.loads(payload)
    expected = KeyPublished(row.purpose, str(row.owner_id), row.generation, row.id.hex())
    return (entry["kind"], entry["event"]) == (KeyPublished.kind, expected.content())
