"""The reporting journey's pages: start, questions, check, send, receipt. Files and drafts have views of their own."""

from __future__ import annotations

from datetime import date

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.wrappers import Response

from portal.directory.models import CustodyBoard, Office
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotFound, Refused, Unavailable
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.routing.choose import choose, ensure_open
from portal.tips import draftcookie, drafts, walk
from portal.tips.draftviews import leave_for_later
from portal.tips.forms import BeginForm, SendForm
from portal.tips.intake import query_of
from portal.tips.journey import BEGIN, JOURNEY, is_named, report_of
from portal.tips.receipt_hash import submit_secrets
from portal.tips.submit import due_of, send
from portal.tips.summary import rows_of
from portal.tips.walk import Page, report
from portal.web import errors
from portal.web.limits import limiter
from portal.web.locale import gettext as _
from portal.web.locale import language


@report.get("/")
def start() -> Page:
    """Who is told what, before a word is written; closed while nothing could be sealed."""
    return refused_here() or start_page(BeginForm.load({}))


@report.post("/")
@limiter.limit("30/minute")
def begin() -> Page:
    """A new draft, unless this browser is in the middle of one."""
    if refused := refused_here():
        return refused
    form = BeginForm.load({}, request.form)
    if not form.validate():
        return start_page(form)
    if form.answers()["who"] == "child":
        return redirect(url_for("report.guardian"), 303)
    with transaction() as session:
        draft = drafts.start(session, now())
        draft.content.answers[BEGIN] = form.answers()
        drafts.save(session, draft, now())
    walk.hold(draft)
    return redirect(walk.address(JOURNEY.steps[0].slug), 303)


def refused_here() -> Response | None:
    """Inside WeChat's browser nobody starts. Raises Unavailable when no office and board could be sealed to."""
    if "MicroMessenger" in request.headers.get("User-Agent", ""):
        return redirect(url_for("pages.wechat"), 303)
    ensure_open(now(), site().checkpoint_vkey)
    return None


def start_page(form: BeginForm) -> Page:
    """The first page, with what is wrong in it."""
    body = render_template("report/start.html", form=form, resumable=resumable(), handler=handler())
    return body, 400 if form.errors else 200


def handler() -> str:
    """Who is responsible for the personal information (art. 17)."""
    footer = site().footer
    return (footer.body_en if language() == "en" else footer.body) or footer.body or site().name


def resumable() -> bool:
    """Whether this browser holds a draft that can be gone on with."""
    try:
        walk.current_draft(sent=True)
    except DomainError:
        return False
    return True


@report.get("/resume/")
def resume() -> Page:
    """Go on where the writing stopped."""
    return walk.resume(walk.current_draft(sent=True))


@report.get("/guardian/")
def guardian() -> Page:
    """Under 14 and alone: how to report with somebody's help."""
    return render_template("report/guardian.html")


@report.route("/<slug>/", methods=["GET", "POST"])
def step(slug: str) -> Page:
    """One question."""
    draft = walk.current_draft()
    asked = JOURNEY.step(slug, draft.content.answers)
    if request.method == "GET":
        return walk.folded() if g.draft_idle else walk.ask(asked, walk.form_for(asked, draft), draft)
    form = walk.form_for(asked, draft, request.form)
    if not form.validate():
        if walk.wants_later() and not any(request.form.get(field.name) for field in form):
            return leave_for_later(draft)
        return walk.ask(asked, form, draft)
    try:
        draft = walk.keep(slug, form.answers(), walk.seen_version())
    except walk.Conflict:
        return walk.conflict(asked, form)
    except (Unavailable, OperationalError, PoolTimeout):
        return walk.not_now(asked, form, draft)
    return leave_for_later(draft) if walk.wants_later() else walk.onwards(slug, draft)


@report.route("/check/", methods=["GET", "POST"])
def check() -> Page:
    """Everything that was written, each with a way to change it, and the button that sends it."""
    if request.method == "POST":
        return submit()
    draft = walk.current_draft()
    if g.draft_idle:
        return walk.folded()
    return check_page(draft, SendForm())


def check_page(draft: drafts.OpenDraft, form: SendForm, problem: str = "", status: int = 200) -> Page:
    """The check page, or the first question that is still open."""
    if JOURNEY.unanswered(draft.content.answers) is not None:
        return walk.resume(draft)
    rows = [
        {
            "key": row.key,
            "value": row.value,
            "change": walk.address(row.slug) + "?return=check",
            "about": row.key,
        }
        for row in rows_of(draft.content)
    ]
    if problem:
        form.form_errors = [problem]
    to = destination(draft)
    back = walk.address(JOURNEY.arising(draft.content.answers)[-1].slug)
    page = render_template(
        "report/check.html", form=form, rows=rows, office=to[0], board=to[1], elsewhere=status == 503, back=back
    )
    return page, 400 if form.errors and status == 200 else status


def destination(draft: drafts.OpenDraft) -> tuple[str, str]:
    """Names of the office that will get the report, and of the board that keeps a name ("" without a name)."""
    answers = draft.content.answers
    with reading() as session:
        routed = choose(session, query_of(report_of(answers)), now(), site().checkpoint_vkey)
        office = session.get_one(Office, routed.office_id)
        board = session.get_one(CustodyBoard, routed.board_id).name if is_named(answers) else ""
    return (office.name_en if language() == "en" and office.name_en else office.name), board


def submit() -> Page:
    """Send once: the slow hash first, in a bounded slot; then one transaction."""
    draft = walk.current_draft()
    form = SendForm(request.form)
    if not form.validate():
        return check_page(draft, form)
    try:
        secrets = submit_secrets(draft.content.code)
        send(draft, secrets, now())
    except Refused as error:
        return check_page(draft, form, _(error.message))
    except (Unavailable, OperationalError, PoolTimeout) as error:
        if isinstance(error, Unavailable) and error.code != "busy":
            return errors.answer_to(error)
        return check_page(
            draft, form, _("现在没有提交成功，也没有送达。您填写的内容都还在，请过一会儿再按一次“提交举报”。"), 503
        )
    return redirect(url_for("report.receipt"), 303)


@report.get("/receipt/")
def receipt() -> Page:
    """The code, large, as often as it is asked for until its owner says it is saved."""
    draft = walk.current_draft(sent=True)
    sent = draft.content.sent
    if sent is None:
        return walk.resume(draft)
    groups = draft.content.code.grouped.split()
    received = date.fromisoformat(sent["received"])
    return render_template("report/receipt.html", groups=groups, sent=sent, due=due_of(sent), received=received)


@report.post("/saved/")
def saved() -> Page:
    """The reporter has the code: forget the draft here and in the browser. Pressed twice it is still done."""
    try:
        draft = walk.current_draft(sent=True)
    except NotFound:
        return redirect(url_for("report.done"), 303)
    if draft.content.sent is None:
        return walk.resume(draft)
    with transaction() as session:
        drafts.finish(session, draft)
    walk.let_go()
    return redirect(url_for("report.done"), 303)


@report.get("/done/")
def done() -> Page:
    """Nothing of the report, only what the reporter can do now."""
    return render_template("report/done.html")


@report.errorhandler(walk.AlreadySent)
def already_sent(_error: walk.AlreadySent) -> Page:
    """Back and send again, another tab, a late press: the same receipt."""
    return redirect(url_for("report.receipt"), 303)


@report.errorhandler(NotFound)
def lost(error: NotFound) -> Page:
    """No draft here: say why, and offer the two ways on."""
    if error.code not in ("draft_gone", "draft_expired", "shredded"):
        return errors.answer_to(error)
    if g.get("draft_key") is not None or draftcookie.NAME in request.cookies:
        walk.let_go()
    return render_template("report/lost.html", expired=error.code == "draft_expired"), 410
