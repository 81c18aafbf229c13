"""Server-side sessions: the cookie is a random secret, the row is sealed under it and the boot secret.

Whoever copies the session store, even with all cookies, opens nothing after a restart; whoever has the cookie alone
opens nothing without the running service. A row carries whose it is only for staff, so that they can list and end
their sessions; a mailbox's row names nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import Session

from crypto.errors import CryptoError
from crypto.keys import scrub
from crypto.passphrase import lock_with_key, session_key, unlock_with_key
from portal.kernel.boot import boot_secret
from portal.kernel.clock import Utc
from portal.kernel.db import table_of
from portal.kernel.errors import NotFound
from portal.kernel.rows import insert_values
from portal.kernel.values import Id
from portal.signin.models import OpenSession
from portal.signin.throttle import sweep_attempts

COOKIE_BYTES = 32


class SessionKind(StrEnum):
    STAFF = "staff"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without a request, and in all."""

    idle: timedelta
    whole: timedelta


LIFETIMES = {
    SessionKind.STAFF: Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    SessionKind.MAILBOX: Lifetime(timedelta(minutes=15), timedelta(hours=4)),
}
_SESSIONS = table_of(OpenSession)
_ROW = select(*_SESSIONS.columns).where(_SESSIONS.c.id == bindparam("id"))
_END = delete(_SESSIONS).where(_SESSIONS.c.id == bindparam("of"))
_SWEEP = delete(_SESSIONS).where(_SESSIONS.c.ends_at <= bindparam("now"))
TOUCH_EVERY = timedelta(minutes=1)
"""A row is not rewritten more often than this: reading pages quickly must not write for each."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is in force. ``ends_at`` is when it ends if nothing more is asked for."""

    id: bytes = field(repr=False)
    kind: SessionKind
    owner: Id | None
    payload: bytes = field(repr=False)
    started_at: Utc
    seen_at: Utc
    ends_at: Utc


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as its owner sees it in the list; ``handle`` names it without being its id."""

    handle: str
    started_at: Utc
    seen_at: Utc


def open_session(session: Session, kind: SessionKind, payload: bytes, now: Utc, owner: Id | None = None) -> str:
    """Store *payload* sealed; returns the value of the cookie. ``session`` is one of the session store."""
    secret = secrets.token_bytes(COOKIE_BYTES)
    row_id = _row_id(secret)
    row = {
        "id": row_id, "kind": kind.value, "owner_id": owner, "sealed": _seal(payload, secret, row_id),
        "started_at": now, "seen_at": now, "ends_at": now + LIFETIMES[kind].idle,
    }  # fmt: skip
    insert_values(session, OpenSession, [row])
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def read_session(session: Session | Connection, kind: SessionKind, cookie: str | None, now: Utc) -> Opened | None:
    """The session of a cookie, or None: unknown, of another kind, ended, from before a restart, or altered."""
    secret = _secret_of(cookie)
    if secret is None:
        return None
    row = session.execute(_ROW, {"id": _row_id(secret)}).one_or_none()
    if row is None or row.kind != kind.value or row.ends_at <= now:
        return None
    key = session_key(secret, boot_secret())
    try:
        payload = unlock_with_key(row.sealed, key, row.id)
    except CryptoError:
        return None
    finally:
        scrub(key)
    return Opened(row.id, kind, row.owner_id, payload, row.started_at, row.seen_at, row.ends_at)


def touch(session: Session, opened: Opened, now: Utc) -> Utc:
    """Count *now* as activity; returns the new end. Never beyond the whole lifetime."""
    lifetime = LIFETIMES[opened.kind]
    ends_at = min(now + lifetime.idle, opened.started_at + lifetime.whole)
    session.execute(update(OpenSession).where(OpenSession.id == opened.id).values(seen_at=now, ends_at=ends_at))
    return ends_at


def wants_touch(opened: Opened, now: Utc) -> bool:
    """Whether the last recorded activity is old enough to be written again."""
    return now - opened.seen_at >= TOUCH_EVERY


def replace_payload(session: Session, cookie: str, payload: bytes) -> None:
    """Seal another payload into the session of *cookie*. Raises NotFound when there is none."""
    secret = _secret_of(cookie)
    row = session.get(OpenSession, _row_id(secret)) if secret else None
    if secret is None or row is None:
        raise NotFound("no_session", "登录已经结束，请重新登录。")
    row.sealed = _seal(payload, secret, row.id)


def end_session(session: Session, cookie: str | None) -> None:
    """Destroy the row of *cookie*, if there is one."""
    secret = _secret_of(cookie)
    if secret is not None:
        session.connection().execute(_END, {"of": _row_id(secret)})


def sessions_of(session: Session, owner: Id, now: Utc) -> list[Listed]:
    """The owner's sessions in force, newest first."""
    rows = session.scalars(
        select(OpenSession)
        .where(OpenSession.owner_id == owner, OpenSession.ends_at > now)
        .order_by(OpenSession.started_at.desc())
    )
    return [Listed(handle_of(row.id), row.started_at, row.seen_at) for row in rows]


def end_by_handle(session: Session, owner: Id, handle: str) -> bool:
    """End one of the owner's own sessions; False when there is no such one."""
    for row in session.scalars(select(OpenSession).where(OpenSession.owner_id == owner)):
        if secrets.compare_digest(handle_of(row.id), handle):
            session.delete(row)
            return True
    return False


def end_all_for(session: Session, owner: Id, keep: bytes | None = None) -> int:
    """End every session of *owner*, but the one whose id is *keep*; returns how many ended."""
    query = select(OpenSession).where(OpenSession.owner_id == owner)
    ended = [row for row in session.scalars(query) if row.id != keep]
    for row in ended:
        session.delete(row)
    return len(ended)


def sweep_sessions(session: Session, now: datetime) -> int:
    """Delete what has ended; returns how many rows."""
    # The worker may see when a session ends and not what it holds: a plain delete, no row is loaded.
    return session.connection().execute(_SWEEP, {"now": now}).rowcount


def sweep_own_file(session: Session, now: datetime) -> None:
    """Delete what has ended where no worker comes: a site on SQLite keeps its sessions in a file of its own.

    Two deletes along an index, called when a session is opened. On a server it does nothing: the worker sweeps there.
    """
    if session.get_bind().dialect.name == "sqlite":
        sweep_sessions(session, now)
        sweep_attempts(session, now)


def handle_of(row_id: bytes) -> str:
    """A name for a session that may stand in a form: its id cannot be computed from it."""
    return hashlib.sha256(b"mingjing/session-handle" + row_id).hexdigest()[:24]


def _row_id(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _secret_of(cookie: str | None) -> bytes | None:
    if not cookie or len(cookie) > 64 or not cookie.isascii():
        return None
    try:
        secret = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    except (ValueError, binascii.Error):
        return None
    return secret if len(secret) == COOKIE_BYTES else None


def _seal(payload: bytes, secret: bytes, row_id: bytes) -> bytes:
    key = session_key(secret, boot_secret())
    try:
        return lock_with_key(payload, key, row_id)
    finally:
        scrub(key)
