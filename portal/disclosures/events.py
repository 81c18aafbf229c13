"""What stands on the ledger of fund accounts: which disclosure, how many figures, the hash of all of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class DisclosureMoved(Event):
    """A step inside the office: the action, the state afterwards, and the SHA-256 (hex) of the figures it is about."""

    kind: ClassVar[str] = "disclosure-moved"
    disclosure: str
    office: str
    action: str
    state: str
    sha256: str

    @property
    def subject(self) -> str:
        return self.disclosure


@dataclass(frozen=True, slots=True)
class FundDisclosed(Event):
    """Figures were published, or corrected (``change``), with the SHA-256 (hex) of their canonical lines."""

    kind: ClassVar[str] = "fund-disclosed"
    code: str
    change: str
    figures: int
    sha256: str
    reason: str = ""

    @property
    def subject(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class PromiseSet(Event):
    """An office promised to publish an edition within so many days of each period's end."""

    kind: ClassVar[str] = "disclosure-promised"
    office: str
    edition: str
    every: str
    days: int
    in_force_from: str

    @property
    def subject(self) -> str:
        return self.edition
