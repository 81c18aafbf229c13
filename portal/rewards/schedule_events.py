"""What stands on the ledger of reward schedules: two people and the text that they agreed on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class ScheduleProposed(Event):
    """Somebody proposed a version of a reward schedule; SHA-256 (hex) of its text."""

    kind: ClassVar[str] = "reward-schedule-proposed"
    name: str
    version: int
    sha256: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ScheduleDecided(Event):
    """Another person adopted or refused that very text, or its proposer withdrew it."""

    kind: ClassVar[str] = "reward-schedule-decided"
    name: str
    version: int
    sha256: str
    answer: str

    @property
    def subject(self) -> str:
        return self.name
