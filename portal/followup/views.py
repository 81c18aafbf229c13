"""Signing in with the receipt code, the overview, the copy of what was sent, and leaving."""

from __future__ import annotations

import logging
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from crypto.errors import CryptoError
from portal.attachments.values import size_words
from portal.custody.queries import openings
from portal.followup import visit
from portal.followup.forms import CodeForm
from portal.followup.handover import take_over
from portal.followup.held import Held
from portal.followup.openings import in_words
from portal.followup.overview import overview as overview_of
from portal.followup.queries import holders, readings
from portal.followup.sent import rows_of
from portal.followup.signing import Destroyed, admit
from portal.followup.visit import CodeNotKept, Ended, Page, followup
from portal.kernel.clock import now, today
from portal.kernel.errors import NotFound, Throttled, Unavailable
from portal.kernel.transaction import reading, reading_rows, transaction
from portal.retention.wording import DESTRUCTION_RULES
from portal.tips.receipt_hash import submit_secrets
from portal.tips.reporter import find_mailbox
from portal.tips.reporter import view as view_of
from portal.web.errors import as_usual
from portal.web.locale import gettext as _

log = logging.getLogger("mingjing.followup")


@followup.context_processor
def frame() -> dict[str, object]:
    """What every page of a visit is drawn with: when the session ends."""
    try:
        return {"session_seconds": visit.current(new_code=True).seconds_left, "size_words": size_words}
    except Ended:
        return {"session_seconds": 0, "size_words": size_words}


@followup.route("/", methods=["GET", "POST"])
def sign_in() -> Page:
    """The code. Whoever is signed in already goes on to the overview."""
    if request.method == "GET":
        return redirect(url_for("followup.overview"), 303) if signed_in() else sign_in_page(CodeForm())
    form = CodeForm(request.form)
    if not form.validate() or form.parsed is None:
        return sign_in_page(form, 400)
    try:
        admitted = admit(form.parsed, request.remote_addr, now(), request.form.get("words", ""))
    except NotFound:
        form.code.errors = [_("没有找到。请逐组核对回执码；核对无误还是打不开的，可以用其他方式询问。")]
        return sign_in_page(form, 400)
    except (Throttled, Unavailable) as error:
        form.form_errors = [waiting_words(error)]
        return sign_in_page(form, 429 if isinstance(error, Throttled) else 503)
    target = "followup.new_code" if admitted.first_use else "followup.overview"
    return visit.begin(redirect(url_for(target), 303), admitted.cookie)


def signed_in() -> bool:
    """Whether this browser's session is in force."""
    try:
        visit.current(new_code=True)
    except Ended:
        return False
    return True


def sign_in_page(form: CodeForm, status: int = 200) -> tuple[str, int]:
    """The door. A cookie without a session means that one has ended: the page says so."""
    ended = request.method == "GET" and visit.COOKIE in request.cookies
    words = request.form.get("words", "")
    return render_template("followup/sign_in.html", form=form, ended=ended, words=words), status


def waiting_words(error: Throttled | Unavailable) -> str:
    """Why not now, in the reader's language. How long exactly is no secret, and no help to anyone but a guesser."""
    if isinstance(error, Throttled):
        return str(_("尝试次数过多，请过几分钟再试。"))
    return str(_("现在使用的人较多，请过一会儿再试。"))


@followup.route("/new-code/", methods=["GET", "POST"])
def new_code() -> Page:
    """A code handed over by staff is changed for one that only its owner has seen; then the old one is dead."""
    held = visit.current(new_code=True).held
    if held.code is None:
        return redirect(url_for("followup.overview"), 303)
    if request.method == "GET":
        return render_template("followup/new_code.html", groups=held.code.grouped.split())
    secrets = submit_secrets(held.code)
    try:
        with transaction() as session:
            take_over(session, visit.locked(session), secrets, now())
        visit.keep(Held(secrets.tag, secrets.mailbox.seed, secrets.leaf, None, held.words, held.files))
    finally:
        secrets.wipe()
    return redirect(url_for("followup.overview"), 303)


@followup.get("/overview/")
def overview() -> Page:
    """Where it stands, what is owed by when, who has it, who has read it, what happened."""
    visit.current()
    with reading() as session:
        view = view_of(session, visit.opened(session))
        shown = overview_of(view, holders(session, view.tip, today()), readings(session, view.tip), today())
        asked = in_words(openings(session, view.tip.id)) if view.identity_on else []
    return render_template(
        "followup/overview.html", view=view, status_now=shown, asked=asked, said=request.args.get("said", "")
    )


@followup.get("/sent/")
def sent() -> Page:
    """A copy of what was handed in, files included."""
    visit.current()
    with reading() as session:
        view = view_of(session, visit.opened(session))
        rows = rows_of(session, view)
    return render_template("followup/sent.html", view=view, rows=rows)


@followup.post("/stay/")
def stay() -> Page:
    """Still here: a script asks for it when the reader presses the one key."""
    visit.stay()
    return Response(status=204)


@followup.post("/out/")
def sign_out() -> Page:
    """End the session here and in the browser."""
    return visit.end(redirect(url_for("followup.left"), 303))


@followup.get("/left/")
def left() -> Page:
    """Nothing of the report: what the reader may still clear by hand."""
    return render_template("followup/left.html")


@followup.errorhandler(Ended)
def ended(_error: Ended) -> Page:
    """The session is over. What was just typed is given back, and goes along when the code is entered again."""
    if request.endpoint == "followup.stay":
        return Response(status=410)
    words = request.form.get("text", "") if request.method == "POST" else ""
    if not words.strip():
        return redirect(url_for("followup.sign_in"), 303)
    return render_template("followup/sign_in.html", form=CodeForm(), ended=True, words=words), 410


@followup.errorhandler(CodeNotKept)
def code_first(_error: CodeNotKept) -> Page:
    """Nothing is shown before the new code is saved."""
    return redirect(url_for("followup.new_code"), 303)


@followup.errorhandler(Destroyed)
def destroyed(error: Destroyed) -> Page:
    """The code is right, what it opened is gone."""
    return destroyed_page(error.on, error.rule), 410


def destroyed_page(on: date | None, rule: str) -> str:
    """When, and by which rule, in words."""
    return render_template("followup/destroyed.html", on=on, rule=str(DESTRUCTION_RULES.get(rule, rule)))


def destroyed_meanwhile() -> str:
    """The same for a visit that was going on. Without a day where only the key is gone."""
    with reading_rows() as connection:
        mailbox = find_mailbox(connection, visit.current(new_code=True).held.tag)
    return destroyed_page(mailbox.destroyed_on, mailbox.destroyed_by)


@followup.errorhandler(NotFound)
def lost(error: NotFound) -> ResponseReturnValue:
    """Gone in the middle of a visit: the code was changed elsewhere, or the report was destroyed meanwhile."""
    if error.code == "no_session":
        return ended(Ended())
    if error.code not in ("no_mailbox", "shredded"):
        return as_usual(error)
    page = destroyed_meanwhile() if error.code == "shredded" else None
    response = Response(page, 410, mimetype="text/html") if page else redirect(url_for("followup.sign_in"), 303)
    return visit.end(response)


@followup.errorhandler(CryptoError)
def altered(error: CryptoError) -> Page:
    """A byte was changed underneath: nothing of it is shown as if it were true."""
    log.error("altered class=%s endpoint=%s", type(error).__name__, request.endpoint)
    return render_template("followup/altered.html"), 409


@followup.errorhandler(CSRFError)
def no_token(error: CSRFError) -> ResponseReturnValue:
    """The page was too old: at the door the code is asked for again; a letter comes back with its words."""
    words = request.form.get("text", "")
    if request.endpoint == "followup.sign_in":
        form = CodeForm()
        form.form_errors = [_("页面已经到期，请重新输入回执码。")]
        return sign_in_page(form, 400)
    if request.endpoint == "followup.conversation" and words.strip() and signed_in():
        return unsent(words, _("页面已经到期，您写的内容还在。请再按一次“发送”。"), 400)
    return as_usual(error)


def unsent(words: str, why: str, status: int) -> tuple[str, int]:
    """A page that gives typed words back when the conversation itself cannot be drawn."""
    return render_template("followup/unsent.html", words=words, why=why), status
