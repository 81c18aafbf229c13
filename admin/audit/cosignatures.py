"""Taking in what a witness signed: only lines of configured witnesses that hold on a checkpoint we published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.cosignatures import Cosignature, verify_any
from crypto.errors import Malformed, WrongKey
from portal.kernel.clock import Utc
from portal.ledger.models import LedgerCheckpoint, LedgerCosignature
from portal.ledger.proofs import believed

LOOKED_AT = 50
"""How many of the newest published checkpoints a line may belong to: about two weeks of three a day."""
CLOCKS_DIFFER = timedelta(minutes=5)


def add_cosignatures(
    session: Session, text: str, vkey: str, witnesses: Sequence[str], now: Utc
) -> list[tuple[int, Cosignature]]:
    """Store every cosignature in *text* (signature lines, alone or under a checkpoint) that is not there yet.

    Returns (size, cosignature) of all that hold, new or known. Raises Malformed when there is no signature line or one
    is from the future, WrongKey when none is a configured witness's on a checkpoint of the pinned key.
    """
    lines = [line for line in text.splitlines() if line.startswith("— ")]
    if not lines:
        raise Malformed("there is no signature line")
    rows = session.scalars(
        select(LedgerCheckpoint)
        .where(LedgerCheckpoint.published.is_(True))
        .order_by(LedgerCheckpoint.made_at.desc(), LedgerCheckpoint.size.desc())
        .limit(LOOKED_AT)
    ).all()
    found: list[tuple[int, Cosignature]] = []
    for row in rows:
        signed = believed(row, vkey)
        if signed is None or signed.checkpoint.size in {size for size, _ in found}:
            continue
        for line in lines:
            cosignature = verify_any(line, signed.checkpoint, witnesses)
            if cosignature is not None:
                _store(session, row, cosignature, now)
                found.append((row.size, cosignature))
    if not found:
        raise WrongKey("no configured witness signed a published checkpoint here")
    return found


def _store(session: Session, row: LedgerCheckpoint, cosignature: Cosignature, now: Utc) -> None:
    if cosignature.at > (now + CLOCKS_DIFFER).timestamp():
        raise Malformed("a cosignature from the future")
    known = select(LedgerCosignature.id).where(
        LedgerCosignature.checkpoint_id == row.id, LedgerCosignature.witness == cosignature.witness
    )
    if session.scalar(known) is None:
        session.add(
            LedgerCosignature(checkpoint_id=row.id, witness=cosignature.witness, line=cosignature.line, added_at=now)
        )
        session.flush()
