"""What stands on the ledger of retention, beside the destruction itself (:mod:`portal.ledger.events`). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.kernel.values import TipNumber
from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class ShredProposed(Event):
    """Destruction was proposed: of which office's reports, by which schedule, how many, SHA-256 of the list."""

    kind: ClassVar[str] = "shred-proposed"
    batch: str
    office: str
    schedule: str
    rows: int
    sha256: str

    @property
    def subject(self) -> str:
        return self.batch


@dataclass(frozen=True, slots=True)
class ShredDecided(Event):
    """Another person approved or refused that very list; or it expired, or was stopped because it had changed."""

    kind: ClassVar[str] = "shred-decided"
    batch: str
    office: str
    answer: str
    sha256: str
    reason: str = ""

    @property
    def subject(self) -> str:
        return self.batch


@dataclass(frozen=True, slots=True)
class HoldChanged(Event):
    """A report is kept beyond its term from now on, or no longer (set, lifted), for a reason of the list."""

    kind: ClassVar[str] = "hold-changed"
    number: TipNumber
    change: str
    reason: str
