"""A report being written: ciphertext here, its key with the reporter.

The draft key is 32 random bytes in a cookie of the browser's session. From it come the tag that finds the row and the
key that opens it; the database alone tells nobody what is being written, nor how far it is. A draft dies seven days
after it was last saved. Its id is the id of the report it becomes, so files and the shred key stay where they are.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import Session

from crypto import own, receipts
from crypto.errors import CryptoError
from crypto.receipts import ReceiptCode, ReturnSecrets
from crypto.sealing import Padding, derive, new_key, seal
from portal.attachments.register import detach_all
from portal.attachments.values import FileEntry
from portal.kernel.capability import Capability, present
from portal.kernel.clock import Utc, day_of
from portal.kernel.db import table_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.shred import create_shred_key
from portal.kernel.values import Id, new_id
from portal.tips.models import Draft, Tip

LIFE = timedelta(days=7)
PURPOSE, RETURN = "draft", "draft-return"
DRAFT_TAG, DRAFT_KEY = "draft-tag", "draft"

_TABLE = table_of(Draft)
_COLUMNS = (_TABLE.c.tip_id, _TABLE.c.sealed, _TABLE.c.expires_on, _TABLE.c.version)
_KEPT = select(*_COLUMNS).where(_TABLE.c.tag == bindparam("of"))
_LOCKED = _KEPT.with_for_update()
_SAVED = update(_TABLE).where(_TABLE.c.tag == bindparam("of"), _TABLE.c.version == bindparam("seen"))


@dataclass(slots=True)
class Content:
    """What a draft holds. ``stamps``: the version at which each question was last answered."""

    answers: dict[str, Any] = field(default_factory=dict, repr=False)
    stamps: dict[str, int] = field(default_factory=dict)
    code: ReceiptCode = field(default_factory=receipts.generate, repr=False)
    return_code: ReceiptCode | None = field(default=None, repr=False)
    files: list[FileEntry] = field(default_factory=list, repr=False)
    sent: dict[str, Any] | None = field(default=None, repr=False)

    def to_bytes(self) -> bytes:
        data = {
            "v": 1,
            "answers": self.answers,
            "stamps": self.stamps,
            "receipt_code": self.code.digits,
            "return_code": self.return_code.digits if self.return_code else None,
            "files": [file.to_json() for file in self.files],
            "sent": self.sent,
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()

    def copy(self) -> Content:
        """One in which answers and files can be put without changing this one."""
        return replace(self, answers=dict(self.answers), stamps=dict(self.stamps), files=list(self.files))

    @classmethod
    def from_bytes(cls, data: bytes) -> Content:
        read = json.loads(data)
        return cls(
            read["answers"],
            read["stamps"],
            ReceiptCode(read["receipt_code"]),
            ReceiptCode(read["return_code"]) if read["return_code"] else None,
            [FileEntry.from_json(file) for file in read["files"]],
            read["sent"],
        )


@dataclass(slots=True)
class OpenDraft:
    """A draft in the hands of its reporter, for one request."""

    key: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    tip_id: Id
    version: int
    expires_on: date
    content: Content = field(repr=False)


def cookie_text(key: bytes) -> str:
    """The key as a cookie holds it: 43 characters of base64url."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def key_of_cookie(text: str) -> bytes | None:
    """The key in a cookie, or None when it is none of ours."""
    try:
        key = base64.urlsafe_b64decode(text.encode("ascii") + b"=")
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 32 else None


def start(session: Session, now: Utc) -> OpenDraft:
    """A new, empty draft with its receipt code already made, and the shred key of the report it will become."""
    key, tip_id, today = new_key(), new_id(), day_of(now)
    create_shred_key(tip_id, today)
    draft = OpenDraft(key, _tag(key), tip_id, 0, today + LIFE, Content())
    present(session, Capability.DRAFT, draft.tag)
    sealed = _sealed(draft)
    session.add(Draft(tag=draft.tag, tip_id=tip_id, sealed=sealed, expires_on=draft.expires_on, version=0))
    session.flush()
    return draft


def open_draft(session: Session | Connection, key: bytes, now: Utc, *, lock: bool = False) -> OpenDraft:
    """The draft of a key. ``lock``: hold its row until the transaction ends. Raises NotFound ("draft_gone")."""
    tag = _tag(key)
    present(session, Capability.DRAFT, tag)
    row = session.execute(_LOCKED if lock else _KEPT, {"of": tag}).one_or_none()
    if row is None:
        raise gone()
    if row.expires_on < day_of(now):
        raise expired()
    try:
        content = Content.from_bytes(own.open_sealed(row.sealed, _sealing_key(key), PURPOSE, tag))
    except (CryptoError, ValueError, KeyError) as error:
        raise gone() from error
    return OpenDraft(key, tag, row.tip_id, row.version, row.expires_on, content)


def locked(session: Session, seen: OpenDraft, now: Utc) -> OpenDraft:
    """The draft that this request opened, its row held until the transaction ends; opened anew if it changed meanwhile.

    *seen* stays as it is whatever is then done to what is returned. Raises what :func:`open_draft` raises.
    """
    present(session, Capability.DRAFT, seen.tag)
    row = session.execute(_LOCKED, {"of": seen.tag}).one_or_none()
    if row is None or row.version != seen.version or row.expires_on < day_of(now):
        return open_draft(session, seen.key, now, lock=True)
    return replace(seen, content=seen.content.copy())


def unlocked(session: Session, seen: OpenDraft, now: Utc) -> OpenDraft:
    """The same without asking: whether it is as it was seen comes out in :func:`save`, which must follow.

    Raises NotFound ("draft_expired") when the last day that was seen is over.
    """
    if seen.expires_on < day_of(now):
        raise expired()
    present(session, Capability.DRAFT, seen.tag)
    return replace(seen, content=seen.content.copy())


def save(session: Session, draft: OpenDraft, now: Utc) -> None:
    """Seal and store the content, one version on. Raises Refused ("draft_conflict") when another tab was faster."""
    draft.expires_on = day_of(now) + LIFE
    row = {"sealed": _sealed(draft), "expires_on": draft.expires_on, "version": draft.version + 1}
    changed = session.execute(_SAVED, {"of": draft.tag, "seen": draft.version, **row})
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Refused("draft_conflict", "另一个窗口刚刚改过这份举报。请重新打开本页，再接着填写。")
    draft.version += 1


def save_for_later(session: Session, draft: OpenDraft, code: ReceiptCode, way_back: ReturnSecrets, now: Utc) -> None:
    """Wrap the draft's key for a return code and start the seven days anew. The code is kept in the draft, sealed."""
    wrapped = seal(draft.key, way_back.key, RETURN, way_back.tag, Padding.MESSAGE)
    session.execute(update(Draft).where(Draft.tag == draft.tag).values(return_tag=way_back.tag, return_wrap=wrapped))
    draft.content.return_code = code
    save(session, draft, now)


def come_back(session: Session, way_back: ReturnSecrets, now: Utc) -> OpenDraft:
    """The draft behind a return code. Raises NotFound ("draft_expired") or ("draft_gone")."""
    present(session, Capability.DRAFT, way_back.tag)
    found = session.execute(
        select(Draft.return_wrap, Draft.expires_on).where(Draft.return_tag == way_back.tag)
    ).one_or_none()
    if found is None or found.return_wrap is None:
        raise gone()
    if found.expires_on < day_of(now):
        raise expired()
    try:
        key = own.open_sealed(found.return_wrap, way_back.key, RETURN, way_back.tag)
    except CryptoError as error:
        raise gone() from error
    return open_draft(session, key, now)


def finish(session: Session, draft: OpenDraft) -> None:
    """Remove the draft of a report that was sent, once its reporter has the code. The report and its files stay."""
    present(session, Capability.DRAFT, draft.tag)
    session.execute(delete(Draft).where(Draft.tag == draft.tag))


def discard(session: Session, draft: OpenDraft) -> list[Id]:
    """Remove a draft that was not sent, on its reporter's wish; returns blobs to delete after the commit.

    The shred key stays for the worker's sweep, which alone may destroy one; without the draft it opens nothing.
    """
    present(session, Capability.DRAFT, draft.tag)
    blobs = detach_all(session, [draft.tip_id])
    session.execute(delete(Draft).where(Draft.tag == draft.tag))
    return blobs


def sweep_drafts(session: Session, now: Utc, limit: int = 500) -> tuple[list[Id], list[Id]]:
    """Remove drafts past their day. Returns (blobs, shred keys) to destroy after the commit; reports keep theirs."""
    due = session.execute(select(Draft.tag, Draft.tip_id).where(Draft.expires_on < day_of(now)).limit(limit)).all()
    ids = [row.tip_id for row in due]
    # Removed before looking for reports: a draft that is being sent or saved this moment is held from its save on, and
    # once it is ours we see what became of it; one that is not yet saved finds nothing to save.
    session.execute(delete(Draft).where(Draft.tag.in_([row.tag for row in due]), Draft.expires_on < day_of(now)))
    never_sent = without_home(session, ids)
    return detach_all(session, never_sent), never_sent


def without_home(session: Session, ids: list[Id]) -> list[Id]:
    """Which of *ids* are neither a draft nor a report."""
    alive = {*session.scalars(select(Draft.tip_id).where(Draft.tip_id.in_(ids)))}
    alive |= {*session.scalars(select(Tip.id).where(Tip.id.in_(ids)))}
    return [one for one in ids if one not in alive]


def gone() -> NotFound:
    return NotFound(
        "draft_gone", "没有找到正在填写的举报：可能已经过期，或者浏览器关闭时清除了。请重新开始，或者输入续填码。"
    )


def expired() -> NotFound:
    return NotFound("draft_expired", "这份草稿已经过了保存期限，内容已销毁。请重新填写。")


def _tag(key: bytes) -> bytes:
    return derive(key, b"", DRAFT_TAG)


def _sealing_key(key: bytes) -> bytes:
    return derive(key, b"", DRAFT_KEY)


def _sealed(draft: OpenDraft) -> bytes:
    return seal(draft.content.to_bytes(), _sealing_key(draft.key), PURPOSE, draft.tag, Padding.REPORT)
