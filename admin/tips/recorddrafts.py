"""Reports that staff are writing down: saved as they are typed, sealed to the person who types, gone after seven days.

Each draft has a key of its own, wrapped to that person's key; the content is sealed under it and a shred key that
belongs to the draft alone. Once the report is recorded nothing names that shred key any more (where a slip was shown:
from the next report, or the next day, on) and the worker destroys it: not even the one who wrote it down can then open
a copy in a backup. The draft's id is the id of the report it becomes, so its files stay where they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.tips.models import RecordDraft
from crypto import opening
from crypto.errors import CryptoError
from crypto.keys import InnerKey
from crypto.receipts import ReceiptCode
from crypto.sealing import Padding, derive, new_key, seal, wrap
from portal.attachments.register import attach, detach, detach_all
from portal.attachments.rules import check_size
from portal.attachments.upload import Taken
from portal.attachments.values import FileEntry
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.shred import create_shred_key, read_shred_key
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.tips.models import Tip

LIFE = timedelta(days=7)
"""From the first save on. Later saves do not prolong it: its shred key is then young enough for the worker's sweep."""

SLIP_LIFE = timedelta(minutes=2)
"""How long a button pressed again still shows the code of the report that it recorded."""

PURPOSE = "record-draft"
MOST_TYPED = 400_000
"""Characters of all fields together; every field's own limit is far below."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who writes: the person, and the own key that opens what they wrote."""

    staff_id: Id
    key: InnerKey = field(repr=False)


@dataclass(slots=True)
class OpenRecord:
    """A draft in the hands of its owner, for one request. ``typed`` holds the form's fields as they were typed."""

    row: RecordDraft
    key: bytes = field(repr=False)
    typed: dict[str, str] = field(default_factory=dict, repr=False)
    files: list[FileEntry] = field(default_factory=list, repr=False)
    saved_at: Utc | None = None

    @property
    def id(self) -> Id:
        return self.row.tip_id

    @property
    def expires_on(self) -> date:
        return self.row.expires_on


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A draft that does not open: the person has a new key since, or it was altered."""

    id: Id
    expires_on: date


def open_record(session: Session, draft: Id, owner: Owner, now: Utc, *, lock: bool = False) -> OpenRecord:
    """The draft of that id, if it is *owner*'s. ``lock``: hold its row. NotFound ("draft_gone") for every other."""
    wanted = select(RecordDraft).where(RecordDraft.tip_id == draft, RecordDraft.staff_id == owner.staff_id)
    row = session.scalar(wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted)
    if row is None or row.expires_on < day_of(now):
        raise gone()
    try:
        return _opened(row, owner)
    except (CryptoError, NotFound) as error:
        raise gone() from error


def start(session: Session, draft: Id, owner: Owner, now: Utc) -> OpenRecord:
    """A new draft and both its shred keys; :func:`save` follows in the same transaction.

    Refused ("already_recorded") for the id of a report, ("draft_conflict") when another window started it just now.
    """
    if is_recorded(session, draft):
        raise already_recorded()
    shred_id, key, today = new_id(), new_key(), day_of(now)
    tip_shred_key(draft, today)
    create_shred_key(shred_id, today)
    row = RecordDraft(
        tip_id=draft,
        staff_id=owner.staff_id,
        shred_id=shred_id,
        wrapped=wrap(key, owner.key.public, PURPOSE, draft.bytes),
        sealed=b"",
        expires_on=today + LIFE,
        version=0,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise conflict() from error
    return OpenRecord(row, key)


def tip_shred_key(draft: Id, today: date) -> bytes:
    """The shred key of the report to be; whoever asks first makes it, so that all windows seal files under one."""
    try:
        return read_shred_key(draft)
    except NotFound:
        try:
            return create_shred_key(draft, today)
        except IntegrityError:
            return read_shred_key(draft)


def save(
    session: Session,
    draft: OpenRecord,
    typed: Mapping[str, str],
    now: Utc,
    *,
    seen: int | None = None,
    added: Iterable[Taken] = (),
) -> None:
    """Store what was typed, and files that are durable. *draft* is locked or new.

    ``seen``: the version that the window knew; Refused ("draft_conflict") when another window saved meanwhile.
    None overwrites. Refused for more text or files than a report may have.
    """
    if seen is not None and seen != draft.row.version:
        raise conflict()
    if sum(map(len, typed.values())) > MOST_TYPED:
        raise Refused("too_long", "内容太长，没有保存。请分开写，或者把原件作为文件添加。")
    draft.typed = dict(typed)
    before = sum(file.size for file in draft.files)
    for one in added:
        check_size(one.entry.size, before, site().limits)  # another window may have filled the room meanwhile
        before += one.entry.size
        attach(session, draft.id, one, now)
        draft.files.append(one.entry)
    _seal(draft, now)


def remove_file(session: Session, draft: OpenRecord, typed: str, now: Utc) -> Id | None:
    """Take a file out of a locked draft; returns the blob to delete after the commit. None: it is gone already."""
    found = next((file for file in draft.files if file.id.hex == typed), None)
    if found is None:
        return None
    draft.files.remove(found)
    detach(session, draft.id, found.id)
    _seal(draft, now)
    return found.id


def mine(session: Session, owner: Owner, now: Utc) -> list[OpenRecord | Unreadable]:
    """Everything that this person has not yet recorded, the latest first."""
    rows = session.scalars(
        select(RecordDraft)
        .where(
            RecordDraft.staff_id == owner.staff_id,
            RecordDraft.expires_on >= day_of(now),
            RecordDraft.tip_id.not_in(select(Tip.id).where(Tip.id == RecordDraft.tip_id)),
        )
        .order_by(RecordDraft.tip_id)
    )
    found: list[OpenRecord | Unreadable] = []
    for row in rows:
        try:
            found.append(_opened(row, owner))
        except (CryptoError, NotFound):
            found.append(Unreadable(row.tip_id, row.expires_on))
    return sorted(found, key=_latest_first)


def end(session: Session, draft: OpenRecord, code: ReceiptCode | None, now: Utc) -> None:
    """The report is recorded in this very transaction: nothing of the draft stays, and its files are the report's.

    With a *code* the row keeps that alone, so that a button pressed twice shows it twice: see :func:`slip_of`.
    """
    if code is None:
        session.delete(draft.row)
        return
    draft.row.expires_on = day_of(now)
    _seal_content(draft, {"code": code.digits, "saved_at": now.isoformat()})


def slip_of(session: Session, draft: Id, owner: Owner, now: Utc) -> ReceiptCode | None:
    """The code of the slip that *owner* was shown less than :data:`SLIP_LIFE` ago, else None."""
    row = session.scalar(select(RecordDraft).where(RecordDraft.tip_id == draft, RecordDraft.staff_id == owner.staff_id))
    try:
        content = {} if row is None else _content(row, owner)[1]
    except (CryptoError, NotFound):
        return None
    if "code" not in content or now - datetime.fromisoformat(content["saved_at"]) >= SLIP_LIFE:
        return None
    return ReceiptCode(content["code"])


def forget_slips(session: Session, staff_id: Id) -> None:
    """Remove what :func:`end` kept for a person: they went on to the next report."""
    recorded = select(Tip.id).where(Tip.id == RecordDraft.tip_id).exists()
    session.execute(delete(RecordDraft).where(RecordDraft.staff_id == staff_id, recorded))


def discard(session: Session, draft: Id, staff_id: Id) -> list[Id]:
    """Remove a draft on its owner's wish; returns the blobs to delete after the commit. One that is gone is no error.

    Both shred keys are left for the worker, which alone may destroy one; without the draft they open nothing.
    """
    mine_only = (RecordDraft.tip_id == draft, RecordDraft.staff_id == staff_id)
    if session.scalar(select(RecordDraft.tip_id).where(*mine_only).with_for_update()) is None:
        return []
    session.execute(delete(RecordDraft).where(*mine_only))
    return [] if is_recorded(session, draft) else detach_all(session, [draft])


def is_recorded(session: Session, draft: Id) -> bool:
    """Whether the report of this id is in the book."""
    return session.scalar(select(Tip.id).where(Tip.id == draft)) is not None


def gone() -> NotFound:
    return NotFound("draft_gone", "没有找到这份草稿：已经登记，已经删除，或者过了七天的保存期限。")


def already_recorded() -> Refused:
    return Refused("already_recorded", "这份举报已经登记，不再保存草稿。")


def conflict() -> Refused:
    return Refused("draft_conflict", "另一个窗口改过这份草稿，这里的改动没有保存。要以这里为准，请按“先保存”。")


def _opened(row: RecordDraft, owner: Owner) -> OpenRecord:
    key, content = _content(row, owner)
    if "code" in content:
        raise gone()
    files = [FileEntry.from_json(file) for file in content["files"]]
    return OpenRecord(row, key, content["typed"], files, datetime.fromisoformat(content["saved_at"]))


def _content(row: RecordDraft, owner: Owner) -> tuple[bytes, dict[str, Any]]:
    key = opening.unwrap(row.wrapped, owner.key, PURPOSE, row.tip_id.bytes)
    return key, json.loads(opening.open_sealed(row.sealed, _sealing_key(row, key), PURPOSE, row.tip_id.bytes))


def _seal(draft: OpenRecord, now: Utc) -> None:
    """Seal what was typed anew, one version on."""
    draft.saved_at = now
    files = [file.to_json() for file in draft.files]
    _seal_content(draft, {"typed": draft.typed, "files": files, "saved_at": now.isoformat()})


def _seal_content(draft: OpenRecord, content: Mapping[str, Any]) -> None:
    row = draft.row
    key, record = _sealing_key(row, draft.key), row.tip_id.bytes
    row.sealed = seal(json.dumps({"v": 1, **content}).encode(), key, PURPOSE, record, Padding.REPORT)
    row.version += 1


def _sealing_key(row: RecordDraft, key: bytes) -> bytes:
    return derive(key, read_shred_key(row.shred_id), PURPOSE, row.tip_id.bytes)


def _latest_first(one: OpenRecord | Unreadable) -> float:
    moment = one.saved_at if isinstance(one, OpenRecord) else None
    return -moment.timestamp() if moment else 0.0
