"""Leaving a draft and coming back to it: save for later, the return code, the fold-away, throwing it away."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import StopValidation

from crypto import receipts
from crypto.errors import Malformed, MistypedCode
from crypto.receipts import ReceiptCode, return_secrets, slow_hash
from portal.attachments.store import site_store
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotFound, Unavailable
from portal.kernel.site import site
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.signin import throttle
from portal.signin.slots import Slots
from portal.tips import drafts, walk
from portal.tips.drafts import OpenDraft
from portal.tips.forms import Question
from portal.tips.walk import Page, report
from portal.web.leaving import on_leave
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import lazy_gettext as _l


class CodeForm(Question):
    """A return code as typed; its check digit is looked at before anything else."""

    code = StringField(_l("续填码"), description=_l("24 位数字，中间有没有空格都可以。"))
    parsed: ReceiptCode | None = None

    def validate_code(self, field: StringField) -> None:
        try:
            self.parsed = receipts.parse(field.data or "")
        except MistypedCode as error:
            raise StopValidation(_("有一位数字输错了，请逐组核对")) from error
        except Malformed as error:
            raise StopValidation(_("续填码是 24 位数字，请检查有没有漏写或多写")) from error


def leave_for_later(draft: OpenDraft) -> Response:
    """Make the return code of a draft, once, and show it."""
    if draft.content.return_code is None:
        code = receipts.generate()
        with Slots.SUBMIT.held():
            slow = slow_hash(code, site().receipts, site().receipt_cost)
        way_back = return_secrets(slow, site().receipts)
        with transaction() as session:
            locked = drafts.locked(session, draft, now())
            if locked.content.return_code is None:
                drafts.save_for_later(session, locked, code, way_back, now())
    return redirect(url_for("report.later"), 303)


@report.route("/later/", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def later() -> Page:
    """The return code and the day until which it is good."""
    draft = walk.current_draft()
    if request.method == "POST":
        return leave_for_later(draft)
    if draft.content.return_code is None:
        return walk.resume(draft)
    groups = draft.content.return_code.grouped.split()
    return render_template("report/later.html", groups=groups, expires_on=draft.expires_on)


@report.route("/return/", methods=["GET", "POST"])
def come_back() -> Page:
    """A draft in another browser, by its return code. Every failure past the check digit is answered alike."""
    form = CodeForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and form.parsed is not None:
        try:
            draft = found(form.parsed)
        except NotFound as error:
            words = {"draft_expired": _("这份草稿已经过了保存期限，内容已销毁。请重新填写。")}
            form.code.errors = [words.get(error.code, _("没有找到这份草稿。请核对续填码；超过七天的草稿会自动销毁。"))]
        else:
            walk.hold(draft)
            return walk.resume(draft)
    return render_template("report/return.html", form=form), 400 if form.errors else 200


def found(code: ReceiptCode) -> OpenDraft:
    """The draft of a return code. Tries are counted before the slow hash. Raises NotFound, Throttled, Unavailable."""
    counters = [throttle.network_counter(request.remote_addr, now(), throttle.CODE)]
    with session_transaction() as session:
        throttle.enter(session, counters, now())
    try:
        with Slots.SIGN_IN.held():
            slow = slow_hash(code, site().receipts, site().receipt_cost)
    except Unavailable:
        with session_transaction() as session:
            throttle.succeeded(session, counters, now())  # no slot was free: nothing was tried
        raise
    draft = by_any_pepper(slow)
    with session_transaction() as session:
        throttle.succeeded(session, counters, now())
    return draft


def by_any_pepper(slow: bytes) -> OpenDraft:
    """Tries each pepper that drafts may still carry, newest first. Raises NotFound."""
    last: NotFound = drafts.gone()
    for version in sorted(site().receipts.peppers, reverse=True):
        try:
            with reading() as session:
                return drafts.come_back(session, return_secrets(slow, site().receipts, version), now())
        except NotFound as error:
            last = error
    raise last


@report.get("/paused/")
def paused() -> Page:
    """A page without words, shown to whoever comes to a screen that was left alone."""
    walk.current_draft(sent=True)
    g.draft_fold = True
    return render_template("report/paused.html")


@report.post("/stay/")
def stay() -> Page:
    """Still here: renew the time (a script asks), or unfold the pages (the reader pressed)."""
    draft = walk.current_draft(sent=True)
    return walk.resume(draft) if request.form.get("do") == "resume" else Response(status=204)


@report.post("/close/")
def close() -> Page:
    """Take the draft's key out of this browser; the return code still opens it."""
    walk.let_go()
    return redirect(url_for("pages.home"), 303)


@report.post("/discard/")
def discard() -> Page:
    """Destroy the draft and its files at once."""
    throw_away(walk.current_draft())
    walk.let_go()
    return redirect(url_for("pages.home"), 303)


def throw_away(draft: OpenDraft, *, but_returnable: bool = False) -> None:
    """The row first; blobs once that is committed. What fails here is swept later, as is the shred key.

    ``but_returnable``: not when a return code opens it. Raises AlreadySent when it was sent meanwhile: its files are
    the report's, and it holds the receipt.
    """
    with transaction() as session:
        held = drafts.locked(session, draft, now())
        if held.content.sent is not None:
            raise walk.AlreadySent
        if but_returnable and held.content.return_code is not None:
            return
        blobs = drafts.discard(session, held)
    for blob in blobs:
        site_store().delete(blob)


@on_leave(report)
def on_quick_exit() -> None:
    """Quick exit forgets the key; a draft without a return code could never be opened again, so it is destroyed."""
    try:
        throw_away(walk.current_draft(), but_returnable=True)
    except (DomainError, walk.AlreadySent, SQLAlchemyError, OSError):
        return  # leaving never fails; an unreachable draft dies with its seven days
