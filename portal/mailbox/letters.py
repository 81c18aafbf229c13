"""Letters: sealed messages between a reporter and the office that holds the report.

A letter is sealed under a key derived from the report key, so that whoever may open the report (the office, the
reporter) may read the conversation, and nobody else. Both sides write through :func:`post`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from crypto import own, receipts
from crypto.sealing import Padding, seal
from portal.attachments.values import FileEntry
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.rows import columns, insert_rows, looked_at
from portal.kernel.values import Id, TipNumber, new_id
from portal.ledger.book import append
from portal.ledger.events import LetterSent
from portal.mailbox.models import Letter, Mailbox
from portal.mailbox.notices import NoticeKind

IN, OUT = "in", "out"
PLAIN = frozenset(
    {
        NoticeKind.REWARD_OPENED,
        NoticeKind.REWARD_RETURNED,
        NoticeKind.REWARD_PAID,
        NoticeKind.REWARD_FORFEITED,
    }
)
"""Notices that the worker posts without a key: they say nothing that is not in the row, and in that of the reward."""
PURPOSE = "message"

_LAST = select(func.max(Letter.position)).where(Letter.mailbox_id == bindparam("mailbox_id"))
_IS = columns(Letter)
_KEPT = (
    select(*_IS)
    .where(_IS.mailbox_id == bindparam("mailbox_id"), _IS.removed_by_reporter.is_(False))
    .order_by(_IS.position)
)
LetterKey = Callable[[Id], bytes]
"""Gives the key of a letter from its id (``ReportKeys.letter``)."""


@dataclass(frozen=True, slots=True)
class LetterBody:
    """What a letter says: words of a person, or an official notice by kind with its parameters."""

    text: str = field(default="", repr=False)
    notice: str = ""
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: tuple[FileEntry, ...] = field(default=(), repr=False)

    def to_bytes(self) -> bytes:
        content = {
            "v": 1,
            "text": self.text,
            "notice": self.notice,
            "params": dict(self.params),
            "files": [file.to_json() for file in self.files],
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> LetterBody:
        content = json.loads(data)
        return cls(
            content["text"],
            content["notice"],
            content["params"],
            tuple(FileEntry.from_json(file) for file in content["files"]),
        )


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A letter as its reader sees it."""

    row: Letter
    body: LetterBody


def refuse_codes(text: str) -> None:
    """Refuse words that hold a receipt code: it would hand the key of the mailbox to whoever reads them."""
    if receipts.contains_code(text):
        raise Refused(
            "code_in_message", "您写的内容里有一串像回执码的数字。回执码不要告诉任何人，也不要写在这里；请删去后再发。"
        )


def post(
    session: Session,
    mailbox_id: Id,
    tip_id: Id,
    number: TipNumber,
    direction: str,
    body: LetterBody,
    key_of: LetterKey,
    actor: Actor,
    now: Utc,
    *,
    first: bool = False,
) -> Letter:
    """Seal *body* as the next letter of the mailbox and record it. Raises Refused when it holds a receipt code.

    ``first``: the mailbox was made in this transaction, so nobody has to ask how many letters it holds.
    """
    refuse_codes(body.text)
    letter_id = new_id()
    last = 0 if first else session.scalar(_LAST, {"mailbox_id": mailbox_id})
    sealed = seal(body.to_bytes(), key_of(letter_id), PURPOSE, letter_id.bytes, Padding.MESSAGE)
    letter = Letter(
        id=letter_id,
        mailbox_id=mailbox_id,
        tip_id=tip_id,
        position=(last or 0) + 1,
        direction=direction,
        notice=body.notice,
        day=day_of(now),
        sealed=sealed,
        attachments=len(body.files),
    )
    insert_rows(session, letter)
    append(session, LetterSent(number, direction, digest_of(sealed, body.notice)), actor, now)
    return letter


def digest_of(sealed: bytes, notice: str) -> str:
    """What the book keeps of a letter: SHA-256 in hex of what is sealed; a plain notice has its kind alone."""
    return hashlib.sha256(sealed or notice.encode()).hexdigest()


def post_plain(session: Session, tip_id: Id, number: TipNumber, notice: NoticeKind, now: Utc) -> Letter | None:
    """A notice of the worker, which can seal nothing: its kind and its day are all that it says. Lock the report first.

    None where there is no mailbox any more.
    """
    if notice not in PLAIN:
        raise ValueError("this notice says more than its kind")
    live = select(Mailbox.id).where(Mailbox.tip_id == tip_id, Mailbox.destroyed_on.is_(None))
    mailbox_id = session.scalar(live)
    if mailbox_id is None:
        return None
    last = session.scalar(_LAST, {"mailbox_id": mailbox_id}) or 0
    told = {"direction": OUT, "notice": notice.value, "day": day_of(now), "sealed": b"", "attachments": 0}
    letter = Letter(id=new_id(), mailbox_id=mailbox_id, tip_id=tip_id, position=last + 1, **told)
    insert_rows(session, letter)
    append(session, LetterSent(number, OUT, digest_of(b"", notice.value)), SYSTEM, now)
    return letter


def read_letters(session: Session, mailbox_id: Id, key_of: LetterKey) -> list[OpenLetter]:
    """Every letter that the reporter has not removed, oldest first. Raises crypto errors on tampering."""
    rows = looked_at(session, Letter, _KEPT, {"mailbox_id": mailbox_id})
    return [OpenLetter(row, open_letter(row, key_of)) for row in rows]


def open_letter(row: Letter, key_of: LetterKey) -> LetterBody:
    """The body of one letter; of a notice of the worker, its kind alone. Raises crypto errors on tampering."""
    if not row.sealed and row.direction == OUT and row.notice in PLAIN:
        return LetterBody(notice=row.notice)
    return LetterBody.from_bytes(own.open_sealed(row.sealed, key_of(row.id), PURPOSE, row.id.bytes))
