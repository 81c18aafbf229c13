"""One visit behind a receipt code: the session of this request, the mailbox it opens, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, current_app, g, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from crypto.keys import Purpose, own_from_seed, scrub
from portal.followup.held import Held
from portal.kernel.capability import Capability, present
from portal.kernel.clock import now
from portal.kernel.errors import NotFound
from portal.kernel.site import site
from portal.kernel.transaction import session_rows, session_transaction
from portal.mailbox.models import Mailbox
from portal.signin.sessions import (
    Opened,
    SessionKind,
    end_session,
    read_session,
    replace_payload,
    touch,
    wants_touch,
)
from portal.tips.models import Tip
from portal.tips.reporter import OwnTip, open_own
from portal.web.leaving import on_leave

COOKIE = "mj_mailbox"
Page = str | Response | tuple[str, int]

followup = Blueprint("followup", __name__, url_prefix="/followup")
"""The pages behind the receipt code. Routes are in the modules ending in ``views``."""


class Ended(Exception):
    """No session is in force: never signed in, silent for too long, or ended elsewhere."""


class CodeNotKept(Exception):
    """A code handed over by staff: nothing is shown before its owner has saved the new one."""


@dataclass(slots=True)
class Visit:
    """The session of this request and when it ends by itself."""

    cookie: str = field(repr=False)
    held: Held = field(repr=False)
    ends_at: datetime

    @property
    def seconds_left(self) -> int:
        return max(1, int((self.ends_at - now()).total_seconds()))


def current(*, new_code: bool = False) -> Visit:
    """The visit of this request; asking counts as activity. Raises Ended, and CodeNotKept unless *new_code*."""
    if "visit" not in g:
        g.visit = _read()
    visit: Visit = g.visit
    if visit.held.code is not None and not new_code:
        raise CodeNotKept
    return visit


def _read() -> Visit:
    cookie, moment = request.cookies.get(COOKIE), now()
    with session_rows() as store:
        opened = read_session(store, SessionKind.MAILBOX, cookie, moment)
    if opened is None or cookie is None:
        raise Ended
    ends_at = opened.ends_at
    if wants_touch(opened, moment):
        ends_at = _touch(opened)
    held = Held.from_bytes(opened.payload)
    scrub(opened.payload)
    return Visit(cookie, held, ends_at)


def _touch(opened: Opened) -> datetime:
    with session_transaction() as store:
        return touch(store, opened, now())


def stay() -> None:
    """Count this moment as activity, however recent the last one was. Raises Ended."""
    moment = now()
    with session_transaction() as store:
        opened = read_session(store, SessionKind.MAILBOX, request.cookies.get(COOKIE), moment)
        if opened is None:
            raise Ended
        touch(store, opened, moment)
        scrub(opened.payload)


def keep(held: Held) -> None:
    """Store what the session holds now. Raises NotFound ("no_session") when it ended meanwhile."""
    visit = current(new_code=True)
    with session_transaction() as store:
        replace_payload(store, visit.cookie, held.to_bytes())


def opened(session: Session) -> OwnTip:
    """The report of this visit, for reading. Raises NotFound ("no_mailbox", "shredded"), and crypto errors."""
    held = current(new_code=True).held
    with own_from_seed(Purpose.MAILBOX, held.seed) as key:
        return open_own(session, held.tag, key)


def locked(session: Session) -> OwnTip:
    """The same for writing: mailbox and report are locked until the transaction ends, so that positions are unique."""
    tag = current(new_code=True).held.tag
    present(session, Capability.MAILBOX, tag)
    found = session.scalar(select(Mailbox).where(Mailbox.tag == tag).with_for_update())
    if found is None:
        raise NotFound("no_mailbox", "没有找到。请核对回执码。")
    session.get(Tip, found.tip_id, with_for_update=True)
    return opened(session)


def begin(response: Response, cookie: str) -> Response:
    """Give the session to the browser for as long as its window is open."""
    response.set_cookie(COOKIE, cookie, path="/", httponly=True, samesite="Lax", secure=site().secure_cookies)
    return response


def end(response: Response) -> Response:
    """Destroy the session here and take its cookie out of the browser, with what the browser kept of the pages."""
    _destroy()
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=site().secure_cookies)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _destroy() -> None:
    with session_transaction() as store:
        end_session(store, request.cookies.get(COOKIE))


@on_leave(followup)
def on_quick_exit() -> None:
    """Quick exit ends the session on the server too; leaving never fails."""
    if COOKIE not in request.cookies:
        return
    try:
        _destroy()
    except (SQLAlchemyError, OSError) as error:
        current_app.logger.warning("left without ending the session class=%s", type(error).__name__)


@followup.teardown_request
def wipe(_error: BaseException | None) -> None:
    """Overwrite the seed when the request is over."""
    visit: Visit | None = g.pop("visit", None)
    if visit is not None:
        visit.held.wipe()
