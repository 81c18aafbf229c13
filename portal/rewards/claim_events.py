"""What stands on the ledger of the reward for a report: codes, sums and hashes, nobody's name or account. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.kernel.values import TipNumber
from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class RewardMoved(Event):
    """A reward went on to another state. ``record``: SHA-256 of what a proposed figure was computed from, sealed."""

    kind: ClassVar[str] = "reward-moved"
    number: TipNumber
    action: str
    before: str
    after: str
    code: str = ""
    amount_fen: int = 0
    record: str = ""
