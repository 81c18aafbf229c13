"""What the reporting pages share: the draft of this request, its forms, and where to go next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.directory.models import Office
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, reading_rows, transaction
from portal.tips import draftcookie
from portal.tips.catalogue import conducts_for
from portal.tips.drafts import OpenDraft, gone, locked, open_draft, save
from portal.tips.forms import Answers, ConductForm, OfficeForm, Question
from portal.tips.journey import BEGIN, JOURNEY, said, subject_of
from portal.tips.regionform import region_line
from portal.tips.whoforms import IdNumberForm
from portal.web.locale import gettext as _
from portal.web.locale import language
from portal.web.wizard import Step

Page = str | Response | tuple[str, int]
report = Blueprint("report", __name__, url_prefix="/report")
"""The reporting journey. Its routes are in ``views``, ``fileviews`` and ``draftviews``."""


class AlreadySent(Exception):
    """The draft has become a report: every page of it leads to the receipt."""


class Conflict(Exception):
    """Another tab answered the same question meanwhile."""


def current_draft(*, sent: bool = False) -> OpenDraft:
    """The draft whose key this browser brings. Raises NotFound ("draft_gone", "draft_expired"), AlreadySent."""
    if "draft" not in g:
        held = draftcookie.read(request, now())
        if held is None:
            raise gone()
        with reading_rows() as connection:
            g.draft = open_draft(connection, held.key, now())
        g.draft_key = held.key
        g.draft_idle = held.idle
    draft: OpenDraft = g.draft
    if draft.content.sent is not None and not sent:
        raise AlreadySent
    return draft


def hold(draft: OpenDraft) -> None:
    """Let the browser of this request hold the key of *draft* from now on."""
    g.draft, g.draft_key, g.draft_idle = draft, draft.key, False


def let_go() -> None:
    """Take the key out of the browser."""
    g.draft_key = None
    g.draft_cleared = True


def refresh_cookie(response: Response) -> Response:
    """Every page of a draft renews the time its holder was last seen; a key let go is taken out of the browser."""
    if g.get("draft_cleared"):
        draftcookie.clear(response)
    elif g.get("draft_key") is not None and not g.get("draft_fold"):
        draftcookie.write(request, response, g.draft_key, now())
    return response


report.after_request(refresh_cookie)


def keep(slug: str, answers: Answers, seen: int) -> OpenDraft:
    """Store the answers of one question. Raises Conflict when another tab changed it meanwhile, AlreadySent."""
    with transaction() as session:
        draft = locked(session, current_draft(), now())
        content = draft.content
        if content.sent is not None:
            raise AlreadySent
        if content.stamps.get(slug, 0) > seen and content.answers.get(slug) != answers:
            g.draft = draft
            raise Conflict
        content.answers[slug] = answers
        content.stamps[slug] = draft.version + 1
        save(session, draft, now())
    g.draft = draft
    return draft


def seen_version() -> int:
    """The version of the draft that the posted page was drawn from; a tampered one counts as up to date."""
    typed = request.form.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 10**9


def form_for(step: Step, draft: OpenDraft, posted: MultiDict[str, str] | None = None) -> Question:
    """The form of a step with what is kept or was posted, and the choices that depend on other answers."""
    answers = draft.content.answers
    form: Question = step.form_class.load(answers.get(step.slug) or {}, posted)
    if isinstance(form, ConductForm):
        form.offer(conducts_for(subject_of(answers), today()))
    elif isinstance(form, OfficeForm):
        form.offer(offices_near(said(answers, "where", "region", "")))
    elif isinstance(form, IdNumberForm):
        form.under_14 = said(answers, BEGIN, "who") == "guardian"
    return form


def offices_near(region: str) -> Sequence[tuple[str, str]]:
    """Codes and names of the offices in charge at a place and above it; without a place, all of them."""
    line = region_line(region)
    wanted = select(Office.code, Office.name, Office.name_en, Office.region).where(Office.active.is_(True))
    with reading() as session:
        rows = session.execute(wanted.order_by(Office.region, Office.code)).all()
    english = language() != "zh"
    near = [row for row in rows if not line or row.region in line or (len(line) < 3 and row.region[:2] == line[0][:2])]
    return [(row.code, row.name_en if english and row.name_en else row.name) for row in near or rows]


def ask(step: Step, form: Question, draft: OpenDraft, status: int | None = None, **more: Any) -> tuple[str, int]:
    """The page of a question. Its title begins with the word for error when the form has one."""
    returning = request.args.get("return") == "check"
    answers = draft.content.answers
    earlier = JOURNEY.before(step.slug, answers)
    back = url_for("report.check") if returning else address(earlier.slug) if earlier else url_for("report.start")
    page = render_template(
        step.template or "report/question.html",
        form=form,
        step=step,
        back=back,
        progress_words=JOURNEY.position(step.slug, answers),
        seen=draft.version,
        draft=draft,
        **more,
    )
    return page, status or (400 if form.errors else 200)


def address(slug: str) -> str:
    """The address of a question."""
    return url_for("report.files") if slug == "files" else url_for("report.step", slug=slug)


def onwards(slug: str, draft: OpenDraft) -> Response:
    """To the next question; to the check page when that is where the reader came from and nothing new is open."""
    answers = draft.content.answers
    if request.args.get("return") == "check":
        return resume(draft)
    following = JOURNEY.after(slug, answers)
    return redirect(address(following.slug) if following else url_for("report.check"), 303)


def resume(draft: OpenDraft) -> Response:
    """To where the writing stopped: the first open question, the check page, or the receipt."""
    if draft.content.sent is not None:
        return redirect(url_for("report.receipt"), 303)
    open_step = JOURNEY.unanswered(draft.content.answers)
    return redirect(address(open_step.slug) if open_step else url_for("report.check"), 303)


def folded() -> Response:
    """Away from the words of somebody who left the screen alone."""
    g.draft_fold = True
    return redirect(url_for("report.paused"), 303)


def wants_later() -> bool:
    """Whether “save for later” was pressed."""
    return request.form.get("do") == "later"


def conflict(step: Step, form: Question) -> tuple[str, int]:
    """The question again after another tab changed it: what was typed here stays, and the next press decides."""
    form.form_errors = [_("这一题刚才在另一个窗口改过。请看一下内容，再按一次“继续”，就以这里的为准。")]
    return ask(step, form, g.draft, 409)


def not_now(step: Step, form: Question, draft: OpenDraft) -> tuple[str, int]:
    """The question again when nothing could be stored: every word typed is still on it."""
    form.form_errors = [_("现在保存不了，您写的内容还在这一页。请过一会儿再按一次“继续”。")]
    return ask(step, form, draft, 503)
