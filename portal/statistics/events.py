"""What stands on the ledger of bulletins of figures on handling: which month and version, the hash of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class BulletinMoved(Event):
    """A step inside: the action, the state afterwards, and the SHA-256 (hex) of the content that it is about."""

    kind: ClassVar[str] = "bulletin-moved"
    month: str
    version: int
    action: str
    state: str
    sha256: str

    @property
    def subject(self) -> str:
        return self.month


@dataclass(frozen=True, slots=True)
class HandlingPublished(Event):
    """The figures of a month were published, or corrected (``version`` above 1, with a ``reason``).

    ``ledger_size``: below how many leaves they were counted; ``sha256``: hex, of the canonical bytes that anybody can
    download (docs/formats/figures.md).
    """

    kind: ClassVar[str] = "handling-published"
    month: str
    version: int
    ledger_size: int
    sha256: str
    reason: str = ""

    @property
    def subject(self) -> str:
        return self.month
