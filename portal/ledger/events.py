"""What can stand on the ledger. Each event is a small frozen value: codes, ids, numbers, hashes; no personal data.

A new kind of event is one more dataclass here, or in the ``events`` of the feature that it belongs to. ``kind`` names
it for ever: old entries keep their kind, so a kind is never given another meaning. Pure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar

from portal.kernel.values import Id, TipNumber

FORMAT = 1


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: one value has one text (docs/formats/ledger.md)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. The fields of a subclass are what is recorded."""

    kind: ClassVar[str] = ""

    @property
    def subject(self) -> str:
        """What the event is about, for finding it again: the public number of the tip, or ""."""
        return str(getattr(self, "number", ""))

    def content(self) -> dict[str, Any]:
        """The recorded fields by name; tuples as lists."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def payload(self, day: date, actor_kind: str, actor: Id | None) -> bytes:
        """The canonical bytes of the ledger entry: what happened, on which day (Beijing), by whom."""
        return canonical(
            {
                "v": FORMAT,
                "kind": self.kind,
                "subject": self.subject,
                "day": day.isoformat(),
                "actor_kind": actor_kind,
                "actor": str(actor) if actor else None,
                "event": self.content(),
            }
        )


@dataclass(frozen=True, slots=True)
class KeyPublished(Event):
    """A public key that may be sealed to from the next checkpoint on. ``key``: crypto key id, hex."""

    kind: ClassVar[str] = "key-published"
    purpose: str
    owner: str
    generation: int
    key: str

    @property
    def subject(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class KeyRetired(Event):
    """A public key that nothing new is sealed to."""

    kind: ClassVar[str] = "key-retired"
    purpose: str
    owner: str
    generation: int
    key: str

    @property
    def subject(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class TipReceived(Event):
    """A report came in: which office and board it went to by which rule, and the hashes that bind what was sealed."""

    kind: ClassVar[str] = "tip-received"
    number: TipNumber
    office: str
    board: str
    rule: str
    body_sha256: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TipRead(Event):
    """A member of staff opened a report: recorded before it is shown."""

    kind: ClassVar[str] = "tip-read"
    number: TipNumber
    office: str


@dataclass(frozen=True, slots=True)
class FileRead(Event):
    """A member of staff opened or saved a file of a report."""

    kind: ClassVar[str] = "file-read"
    number: TipNumber
    office: str
    file: str


@dataclass(frozen=True, slots=True)
class TipMoved(Event):
    """An act upon a report, and its state afterwards. ``office`` holds it then; ``code`` is a reason or outcome."""

    kind: ClassVar[str] = "tip-moved"
    number: TipNumber
    action: str
    before: str
    after: str
    office: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class TipAssigned(Event):
    """Who works on a report from now on (staff id), or nobody."""

    kind: ClassVar[str] = "tip-assigned"
    number: TipNumber
    assignee: str


@dataclass(frozen=True, slots=True)
class ClockChanged(Event):
    """A legal clock was paused, resumed, extended or ended, by which rule and to which day (ISO)."""

    kind: ClassVar[str] = "clock-changed"
    number: TipNumber
    rule: str
    change: str
    due: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class LetterSent(Event):
    """A letter of the conversation, by direction; binds SHA-256 of the sealed letter."""

    kind: ClassVar[str] = "letter-sent"
    number: TipNumber
    direction: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RecordWritten(Event):
    """Staff wrote a note, findings or a decision; binds SHA-256 of what was sealed."""

    kind: ClassVar[str] = "record-written"
    number: TipNumber
    record: str
    sha256: str


@dataclass(frozen=True, slots=True)
class IdentitySealed(Event):
    """An identity (or contact data) was sealed to a custody board; SHA-256 of each clear share."""

    kind: ClassVar[str] = "identity-sealed"
    number: TipNumber
    record: str
    board: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdentityAsked(Event):
    """Somebody asked a custody board to open a sealed record: for which use, for what reason (codes)."""

    kind: ClassVar[str] = "identity-asked"
    number: TipNumber
    request: str
    office: str
    board: str
    use: str
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityAnswered(Event):
    """A seat of the board consented (its share was passed on) or objected."""

    kind: ClassVar[str] = "identity-answered"
    number: TipNumber
    request: str
    seat: str
    answer: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IdentityOpened(Event):
    """The asker opened the record, after k seats had consented: recorded before it is shown, each time."""

    kind: ClassVar[str] = "identity-opened"
    number: TipNumber
    request: str
    office: str
    use: str
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityRequestEnded(Event):
    """A request ended and its one-time key was destroyed: refused, expired, dropped or closed."""

    kind: ClassVar[str] = "identity-request-ended"
    number: TipNumber
    request: str
    how: str


@dataclass(frozen=True, slots=True)
class SealBroken(Event):
    """Somebody met sealed content that did not open: on which page, which class of error, and the position of the
    seat whose share it was (0: no share)."""

    kind: ClassVar[str] = "seal-broken"
    number: str
    where: str
    error: str
    share: int = 0


@dataclass(frozen=True, slots=True)
class PrintMade(Event):
    """A printable view was made of ``what`` (a tip's number, or a page of the queue with its row count)."""

    kind: ClassVar[str] = "print-made"
    what: str
    office: str
    rows: int = 1
    number: str = ""


@dataclass(frozen=True, slots=True)
class LedgerExported(Event):
    """Entries were taken away as a file, with proofs: how many, under a tree of which size, and what was searched for.

    ``person``: staff id whose acts were searched for. ``number``: the report that was.
    """

    kind: ClassVar[str] = "ledger-exported"
    rows: int
    size: int
    wanted: str = ""
    person: str = ""
    since: str = ""
    until: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class ProposalMade(Event):
    """An act that needs a second person was proposed."""

    kind: ClassVar[str] = "proposal-made"
    number: TipNumber
    action: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class ProposalDecided(Event):
    """A proposal was approved, refused or dropped."""

    kind: ClassVar[str] = "proposal-decided"
    number: TipNumber
    action: str
    answer: str


@dataclass(frozen=True, slots=True)
class ReportShredded(Event):
    """A report is destroyed by this rule: recorded with the loss of its rows, before its key goes.

    ``restored``: it had come back with a backup and was destroyed again; no batch stands behind that.
    """

    kind: ClassVar[str] = "report-shredded"
    number: TipNumber
    rule: str
    batch: str
    restored: bool = False


@dataclass(frozen=True, slots=True)
class GrantMade(Event):
    """A key of an office or seat was sealed to a member of staff."""

    kind: ClassVar[str] = "grant-made"
    key: str
    staff: str
    purpose: str

    @property
    def subject(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class StaffChanged(Event):
    """An account or its roles changed: invited, activated, role-given, role-taken, left, reset …"""

    kind: ClassVar[str] = "staff-changed"
    staff: str
    change: str
    office: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """A setting, rulebook, calendar day or directory row was put in force; SHA-256 of its canonical form."""

    kind: ClassVar[str] = "setting-changed"
    what: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """A signed notice about the ledger itself, e.g. that a new origin follows a restore from backup."""

    kind: ClassVar[str] = "notice"
    text: str


OUTLIVES = frozenset({ReportShredded.kind, LedgerExported.kind})
"""Kinds of entries about a report that keep their nonce when it is destroyed: that it was, and what auditors took."""
