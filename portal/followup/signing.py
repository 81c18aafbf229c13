"""From a receipt code to a mailbox: counted and bounded before the slow hash, one answer for every failure."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from crypto import receipts
from crypto.errors import Tampered
from crypto.receipts import ReceiptCode, ReceiptSecrets
from portal.followup.held import Held
from portal.kernel.clock import Utc
from portal.kernel.errors import NotFound, Unavailable
from portal.kernel.transaction import reading_rows, session_transaction
from portal.signin import throttle
from portal.signin.sessions import SessionKind, open_session, sweep_own_file
from portal.tips.receipt_hash import candidate_secrets
from portal.tips.reporter import Door, find_mailbox

log = logging.getLogger("mingjing.followup")


@dataclass(frozen=True, slots=True)
class Destroyed(Exception):
    """The code is right and what it opened is gone: since when, and by which rule of retention."""

    on: date
    rule: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """A session's cookie, and whether the code must be changed first."""

    cookie: str = field(repr=False)
    first_use: bool


def admit(code: ReceiptCode, address: str | None, now: Utc, words: str = "") -> Admitted:
    """Open a session for the mailbox behind *code*; *words* of an unsent letter are kept in it.

    A try counts as failed before anything slow is computed, and is taken back when the code was right. Raises
    Throttled, Unavailable (no free slot), NotFound ("no_mailbox"; alike for every failure), Destroyed, and Tampered
    when the mailbox does not carry the key that this code makes.
    """
    counters = [throttle.network_counter(address, now, throttle.CODE)]
    with session_transaction() as store:
        throttle.enter(store, counters, now)
    try:
        secrets, mailbox = _mailbox_of(code)
    except Unavailable:
        with session_transaction() as store:
            throttle.succeeded(store, counters, now)  # no slot was free: nothing was tried, so nothing is counted
        raise
    try:
        whole = mailbox.destroyed_on is None and mailbox.public == secrets.mailbox.public.raw
        with session_transaction() as store:
            throttle.succeeded(store, counters, now)
            if whole:
                return _begin(store, secrets, mailbox, words, now)
        if mailbox.destroyed_on is not None:
            raise Destroyed(mailbox.destroyed_on, mailbox.destroyed_by)
        raise Tampered("the mailbox carries another key")
    finally:
        secrets.wipe()


def _begin(store: Session, secrets: ReceiptSecrets, mailbox: Door, words: str, now: Utc) -> Admitted:
    new = receipts.generate() if mailbox.first_use_only else None
    held = Held(secrets.tag, secrets.mailbox.seed, secrets.leaf, new, words)
    sweep_own_file(store, now)
    cookie = open_session(store, SessionKind.MAILBOX, held.to_bytes(), now)
    held.wipe()
    return Admitted(cookie, mailbox.first_use_only)


def _mailbox_of(code: ReceiptCode) -> tuple[ReceiptSecrets, Door]:
    """Under every pepper that mailboxes may still carry: a code that opens none costs the same whatever it is."""
    found: tuple[ReceiptSecrets, Door] | None = None
    for secrets in candidate_secrets(code):
        with reading_rows() as connection:
            try:
                found = found or (secrets, find_mailbox(connection, secrets.tag))
            except NotFound:
                secrets.wipe()
    if found is None:
        raise NotFound("no_mailbox", "没有找到。请核对回执码。")
    return found
