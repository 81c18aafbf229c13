"""One request of the page on which staff write down a report: what was typed and sent is kept before anything else."""

from __future__ import annotations

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from admin.tips import recorddrafts as drafts
from admin.tips.recorddrafts import OpenRecord, Owner
from admin.tips.recordforms import RecordForm
from admin.web.guard import current_staff
from crypto import receipts
from crypto.receipts import ReceiptCode, ReceiptSecrets
from portal.attachments import arriving
from portal.attachments.store import site_store
from portal.attachments.upload import Room, Taken
from portal.kernel.clock import now, today
from portal.kernel.errors import NotFound, Refused
from portal.kernel.transaction import reading, transacted, transaction
from portal.kernel.values import Id
from portal.ledger.events import TipReceived
from portal.ledger.models import LedgerEntry
from portal.tips.codes import check_codes
from portal.tips.intake import Received, find_received, receive_tip
from portal.tips.receipt_hash import submit_secrets
from portal.tips.sealing import file_key
from portal.tips.values import AnswerWay

_NOT_TYPED = frozenset({"csrf_token", "do", "remove", "version", "file"})
_PRESET = frozenset({"subject_type", "relation"})
"""Fields that hold something on an empty page."""


def owner() -> Owner:
    """The person of this request, with the own key."""
    me = current_staff()
    return Owner(me.staff.id, me.own_key())


def room() -> Room:
    """Room for the files of the draft in the address; it may be the first that is heard of this draft.

    Raises DomainError when that report is recorded already, or the draft is somebody else's.
    """
    draft = Id(str((request.view_args or {})["draft"]))
    with reading() as session:
        if drafts.is_recorded(session, draft):
            raise drafts.already_recorded()
        try:
            files = drafts.open_record(session, draft, owner(), now()).files
        except NotFound:
            files = []
    # The key is made when the first byte of a file arrives; one that no draft comes to name is swept.
    return Room(
        lambda own, file: file_key(own, drafts.tip_shred_key(draft, today()), file),
        sum(file.size for file in files),
        len(files),
    )


def typed() -> dict[str, str]:
    """The fields of the form as they were typed."""
    return {name: value for name, value in request.form.items() if name not in _NOT_TYPED}


def seen_version() -> int:
    """The version of the draft that the window knows: 0 before the first save."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def keep(draft: Id, *, seen: int | None = None) -> tuple[OpenRecord | None, list[str]]:
    """Save what was typed and the files that came, before anything is checked; returns what to say of other files.

    None: there is nothing to keep yet. ``seen``: as in :func:`admin.tips.recorddrafts.save`.
    """
    words = typed()
    taken, problems = arriving.kept_files()
    try:
        try:
            opened = _kept(draft, words, taken, seen)
        except Refused as error:
            if error.code != "draft_conflict" or seen is not None:
                raise
            opened = _kept(draft, words, taken, seen)  # a script's save had just started the same draft
    except BaseException:
        arriving.forget(taken)
        raise
    return opened, problems


def _kept(draft: Id, words: dict[str, str], taken: list[Taken], seen: int | None) -> OpenRecord | None:
    with transaction() as session:
        try:
            opened = drafts.open_record(session, draft, owner(), now(), lock=True)
        except NotFound:
            if not taken and not _worth_keeping(words):
                return None
            opened = drafts.start(session, draft, owner(), now())
        drafts.save(session, opened, words, now(), seen=seen, added=taken)
    return opened


def _worth_keeping(words: dict[str, str]) -> bool:
    return any(value.strip() for name, value in words.items() if name not in _PRESET)


def remove_file(draft: Id, typed_id: str) -> None:
    """Take one file out of the draft and destroy it."""
    with transaction() as session:
        opened = drafts.open_record(session, draft, owner(), now(), lock=True)
        gone = drafts.remove_file(session, opened, typed_id, now())
    if gone is not None:
        site_store().delete(gone)


def discard(draft: Id) -> None:
    """Destroy a draft and its files."""
    with transaction() as session:
        blobs = drafts.discard(session, draft, current_staff().staff.id)
    for blob in blobs:
        site_store().delete(blob)


def received_before(draft: Id) -> tuple[Received, ReceiptCode | None] | None:
    """The receipt of this report, and for a moment its code, if this very person put it into the book.

    The button was pressed twice, and the answer to the first press was never seen.
    """
    with reading() as session:
        return _received_by_me(session, draft)


def forget_slips() -> None:
    """No code that was shown before can be had again."""
    with transaction() as session:
        drafts.forget_slips(session, current_staff().staff.id)


def _received_by_me(session: Session, draft: Id) -> tuple[Received, ReceiptCode | None] | None:
    """Nothing for the id of any other report: its number and office may be kept from this person."""
    found = find_received(session, draft)
    if found is None:
        return None
    mine = select(LedgerEntry.id).where(
        LedgerEntry.subject == found.number,
        LedgerEntry.kind == TipReceived.kind,
        LedgerEntry.actor_id == current_staff().staff.id,
    )
    return (found, drafts.slip_of(session, draft, owner(), now())) if session.scalar(mine) is not None else None


def record(form: RecordForm, opened: OpenRecord) -> tuple[Received, ReceiptCode | None]:
    """Hash first, then one transaction: the report is in the book and the draft is gone, or neither."""
    code = receipts.generate() if form.answer_way.data == AnswerWay.CODE else None
    secrets = submit_secrets(code) if code is not None else None
    return transacted(lambda session: _recorded(session, form, opened.id, code, secrets))


def _recorded(
    session: Session, form: RecordForm, draft: Id, code: ReceiptCode | None, secrets: ReceiptSecrets | None
) -> tuple[Received, ReceiptCode | None]:
    try:
        locked = drafts.open_record(session, draft, owner(), now(), lock=True)
    except NotFound:
        before = _received_by_me(session, draft)  # recorded while this press waited for the row
        if before is None:
            raise
        return before
    submission = form.to_submission(locked.id, tuple(locked.files), secrets)
    check_codes(session, submission.report)
    received = receive_tip(session, submission, current_staff().actor, now())
    shown = None if received.already else code
    drafts.end(session, locked, shown, now())
    return received, shown


def opened(draft: Id) -> OpenRecord:
    """The person's own draft of that id. NotFound ("draft_gone")."""
    with reading() as session:
        return drafts.open_record(session, draft, owner(), now())


def form_of(opened: OpenRecord) -> RecordForm:
    """The form as it was left."""
    return RecordForm(MultiDict(opened.typed))
