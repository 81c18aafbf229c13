"""What stands on the ledger of exposures: decisions, hashes and codes, never a word of a report. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.kernel.values import TipNumber
from portal.ledger.events import Event


@dataclass(frozen=True, slots=True)
class CaseRecorded(Event):
    """The structured record of a closed case went into the file, in this version."""

    kind: ClassVar[str] = "case-recorded"
    number: TipNumber
    office: str
    version: int


@dataclass(frozen=True, slots=True)
class GateDecided(Event):
    """The severity gate: publish, circulate or neither, by which rule."""

    kind: ClassVar[str] = "exposure-gate"
    number: TipNumber
    office: str
    treatment: str
    rule: str


@dataclass(frozen=True, slots=True)
class CaseDisplayed(Event):
    """A version of a published case: what it is, and the SHA-256 (hex) of its canonical text.

    A withdrawal bears the hash of the text that was taken down. No report is named: the book joins the two nowhere.
    """

    kind: ClassVar[str] = "case-displayed"
    code: str
    version: int
    change: str
    sha256: str
    reason: str = ""

    @property
    def subject(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class ExposureMoved(Event):
    """A step of an exposure inside the office: which draft version, and the state afterwards."""

    kind: ClassVar[str] = "exposure-moved"
    number: TipNumber
    office: str
    action: str
    state: str
    version: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class CircularSent(Event):
    """A case was told inside, to so many offices."""

    kind: ClassVar[str] = "circular-sent"
    number: TipNumber
    circular: str
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CircularRead(Event):
    """Somebody of an office read a circular."""

    kind: ClassVar[str] = "circular-read"
    circular: str
    office: str

    @property
    def subject(self) -> str:
        return self.circular


@dataclass(frozen=True, slots=True)
class CircularMoved(Event):
    """A circular on the evaluation of offices was proposed, sent, sent back or given up. ``office``: whose it is;
    ``sha256`` (hex): of its text; ``offices``: to which it goes."""

    kind: ClassVar[str] = "circular-moved"
    circular: str
    office: str
    period: str
    action: str
    sha256: str
    offices: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.circular


@dataclass(frozen=True, slots=True)
class CaseRead(Event):
    """Somebody opened the record of a closed case, or a draft written from it; not the report."""

    kind: ClassVar[str] = "case-read"
    number: TipNumber
    office: str


@dataclass(frozen=True, slots=True)
class TeachingDisplayed(Event):
    """A teaching notice of a published case was shown, paused or ended, with the SHA-256 (hex) of its text."""

    kind: ClassVar[str] = "teaching-displayed"
    code: str
    audience: str
    version: int
    change: str
    sha256: str

    @property
    def subject(self) -> str:
        return self.code
