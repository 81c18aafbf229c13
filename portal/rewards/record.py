"""How inputs and trace of a figure are sealed: under a key of their own and the shred key of the report.

``mingjing reward replay`` must compute every figure again without anybody's passphrase, so no office key is needed: the
two stores together open it, neither does alone, and it dies with the report (docs/decisions/0017).
"""

from __future__ import annotations

import hashlib

from crypto import own
from crypto.sealing import Padding, derive, new_key, seal
from portal.kernel.shred import read_shred_key
from portal.rewards.claim_models import RewardProposal
from portal.rewards.claims import Record

PURPOSE = "reward"


def seal_record(row: RewardProposal, record: Record) -> None:
    """Put *record* into a new proposal. Raises NotFound ("shredded")."""
    row.record_key = new_key()
    row.record = seal(record.to_json().encode(), _key(row), PURPOSE, row.id.bytes, Padding.MESSAGE)


def open_record(row: RewardProposal) -> Record:
    """What :func:`seal_record` put there. Raises NotFound ("shredded") and crypto errors when it was changed."""
    return Record.from_json(own.open_sealed(row.record, _key(row), PURPOSE, row.id.bytes).decode())


def record_hash(row: RewardProposal) -> str:
    """SHA-256 of the sealed record, in hex: what the ledger has."""
    return hashlib.sha256(row.record).hexdigest() if row.record else ""


def _key(row: RewardProposal) -> bytes:
    return derive(row.record_key, read_shred_key(row.tip_id), PURPOSE, row.id.bytes)
