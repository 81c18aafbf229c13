"""Public keys that may be sealed to: only those whose ledger entry stands under a checkpoint of the pinned key.

Without this, whoever can write the database would swap a key and read what comes next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.keys import PublicKey, Purpose
from portal.directory.models import SealingKey
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Unavailable
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import KeyPublished, KeyRetired
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
    """Like :func:`sealing_keys`, but an owner without a trusted key is left out: for choosing who can receive."""
    current = _current_rows(session, purpose, owner_ids)
    trusted: dict[Id, tuple[SealingKey, PublicKey]] = {}
    checkpoint: Checkpoint | None = None
    for owner, row in current.items():
        known = _proven.get((vkey, row.id, owner, row.generation))
        if known is None or known.raw != row.public:
            if checkpoint is None:
                signed = latest_checkpoint(session, vkey)
                if signed is None:
                    return trusted
                checkpoint = signed.checkpoint
            known = _prove(session, row, checkpoint)
            if known is None:
                continue
            _proven[vkey, row.id, owner, row.generation] = known
        trusted[owner] = (row, known)
    return trusted


def unproven_keys(session: Session, vkey: str) -> list[SealingKey]:
    """Every key in use that no signed checkpoint vouches for: not yet covered, or swapped."""
    rows = session.scalars(select(SealingKey).where(SealingKey.retired_on.is_(None)).order_by(SealingKey.id)).all()
    signed = latest_checkpoint(session, vkey)
    return [row for row in rows if signed is None or _prove(session, row, signed.checkpoint) is None]


def forget_proofs() -> None:
    """Prove every key again at its next use."""
    _proven.clear()


def _current_rows(session: Session, purpose: str, owner_ids: Sequence[Id]) -> Mapping[Id, SealingKey]:
    """The newest generation of each owner that is not retired."""
    rows = session.scalars(
        select(SealingKey)
        .where(SealingKey.purpose == purpose, SealingKey.owner_id.in_(set(owner_ids)), SealingKey.retired_on.is_(None))
        .order_by(SealingKey.generation)
    )
    return {row.owner_id: row for row in rows}


def _prove(session: Session, row: SealingKey, checkpoint: Checkpoint) -> PublicKey | None:
    try:
        public = PublicKey(Purpose(row.purpose), row.public)
        payload = prove_entry(session, row.entry_id, checkpoint)
    except (CryptoError, ValueError):
        return None
    return public if public.key_id == row.id and _says(payload, row) else None


def _says(payload: bytes, row: SealingKey) -> bool:
    """Whether the proven entry publishes this very key for this very owner."""
    entry: dict[str, Any] = json.loads(payload)
    expected = KeyPublished(row.purpose, str(row.owner_id), row.generation, row.id.hex())
    return (entry["kind"], entry["event"]) == (KeyPublished.kind, expected.content())
