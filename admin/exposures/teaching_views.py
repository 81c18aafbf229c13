"""Pages of teaching notices: an editor picks audiences and writes, a publisher reads and approves."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures import teaching
from admin.exposures.teaching import Doubt
from admin.exposures.teaching_forms import AudienceForm, BackForm, WordsForm
from admin.exposures.teaching_queries import MOST, case_by, cases, known_of, notice_by
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import ask_factor
from portal.exposures import wording
from portal.exposures.models import PublishedCase, Teaching
from portal.exposures.teaching import Audience, TeachingNotice, audiences_for, kinds_told
from portal.exposures.teaching_states import TeachingState
from portal.exposures.teaching_wording import audience_words
from portal.kernel.clock import now, today
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transaction
from portal.web.fields import options

blueprint = Blueprint("teaching", __name__, url_prefix="/exposures/teaching")

EDIT, PUBLISH = Permission.EDIT_EXPOSURE, Permission.PUBLISH_EXPOSURE
Page = str | tuple[str, int] | Response
STATES = {
    TeachingState.DRAFTING: ("在写", "open"),
    TeachingState.IN_REVIEW: ("等审批", "waiting"),
    TeachingState.SHOWN: ("已公布", "done"),
}


@blueprint.get("/")
@needs(EDIT)
def index() -> str:
    """Published cases of the editor's offices, with the notices that were begun."""
    return _list(EDIT)


@blueprint.get("/review/")
@needs(PUBLISH)
def review() -> str:
    """The same for a publisher."""
    return _list(PUBLISH)


@blueprint.route("/<code>/", methods=["GET", "POST"])
@needs(EDIT)
def choose(code: str) -> Page:
    """Whom the case is worth telling; choosing one begins its notice."""
    me, form, status = current_staff(), AudienceForm(), 200
    with reading() as session:
        case = case_by(session, code, me.actor, EDIT)
        content = teaching.content_of(session, case)
    form.offer(kinds_told(content.manner, today()))
    if form.is_submitted():
        audience = Audience.of(request.form.get("audience", ""))
        try:
            if audience is None and form.validate():
                audience = form.audience
            if audience is None:
                raise Refused("no_audience", "请选一个对象。")
            with transaction() as session:
                teaching.begin(session, case_by(session, code, me.actor, EDIT, hold=True), audience, me.actor, now())
            return redirect(url_for(".write", code=code, audience=audience.slug), 303)
        except Refused as error:
            form.form_errors.append(error.message)
            status = 422
    html = render_template(
        "exposure/teaching_choose.html", case=case, content=content, form=form, who=audience_words, w=wording,
        proposed=audiences_for(content, today()),
    )  # fmt: skip
    return html, status


@blueprint.route("/<code>/<audience>/", methods=["GET", "POST"])
@needs(EDIT)
def write(code: str, audience: str) -> Page:
    """The notice with its form while it is written; what stands otherwise."""
    form, status = WordsForm(), 200
    case, row, found = _opened(code, audience, EDIT)
    notice = TeachingNotice.from_json(row.content)
    if request.method == "GET":
        form.lead.data, form.check.data = notice.happened, "\n".join(notice.check)
        form.answered.data = [one.key for one in teaching.answers_of(row)]
    elif form.validate():
        try:
            found = _doubts(code, audience, form)
            _rewrite(code, audience, form)
            return redirect(url_for(".write", code=code, audience=audience), 303)
        except Refused as error:
            form.form_errors.append(error.message)
            status = 422
    form.answered.choices = options((one.key, f"{wording.KINDS[one.kind]}：{one.text}") for one in found)
    html = render_template("exposure/teaching_write.html", form=form, doubts=found, **_shown(case, row, notice))
    return html, status


@blueprint.post("/<code>/<audience>/submit/")
@needs(EDIT)
def submit(code: str, audience: str) -> Response:
    """Hand it to a publisher."""
    me = current_staff()
    with transaction() as session:
        _case, row = notice_by(session, code, audience, me.actor, EDIT, hold=True)
        teaching.submit(session, row, me.actor, now())
    return redirect(url_for(".write", code=code, audience=audience), 303)


@blueprint.post("/<code>/<audience>/take-back/")
@needs(EDIT)
def take_back(code: str, audience: str) -> Response:
    """Off the public page, to be written anew."""
    return _take_back(code, audience, EDIT, ".write")


@blueprint.post("/review/<code>/<audience>/take-back/")
@needs(PUBLISH)
def stop(code: str, audience: str) -> Response:
    """The same by a publisher."""
    return _take_back(code, audience, PUBLISH, ".judge")


@blueprint.get("/review/<code>/<audience>/")
@needs(PUBLISH)
def judge(code: str, audience: str) -> str:
    """The notice as the public would read it, and what the editor let stand."""
    return _judged(code, audience, BackForm())


@blueprint.post("/review/<code>/<audience>/send-back/")
@needs(PUBLISH)
def send_back(code: str, audience: str) -> Page:
    """Back to the editor with what has to change."""
    me, form = current_staff(), BackForm()
    if not form.validate_on_submit():
        return _judged(code, audience, form), 400
    with transaction() as session:
        _case, row = notice_by(session, code, audience, me.actor, PUBLISH, hold=True)
        teaching.send_back(session, row, form.words.data or "", me.actor, now())
    return redirect(url_for(".judge", code=code, audience=audience), 303)


@blueprint.post("/review/<code>/<audience>/approve/")
@needs(PUBLISH)
def approve(code: str, audience: str) -> Page:
    """Before the public, after a fresh second factor."""
    me = current_staff()
    back, seen = url_for(".judge", code=code, audience=audience), request.form.get("seen", "")
    _opened(code, audience, PUBLISH)  # nobody is asked for a code for what they may not see
    asked = ask_factor(f"公布案例 {code} 的警示提醒", back)
    if asked is not None:
        return asked
    with transaction() as session:
        case, row = notice_by(session, code, audience, me.actor, PUBLISH, hold=True)
        known = known_of(session, case, me.office_key)
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
        teaching.approve(session, row, version, me.actor, now(), known)
    return redirect(back, 303)


def _list(permission: str) -> str:
    with reading() as session:
        found = cases(session, current_staff().actor, permission)
    template = "exposure/teaching_cases.html"
    return render_template(
        template, lines=found, publisher=permission == PUBLISH, states=STATES, who=audience_words, of=Audience.of,
        w=wording, most=MOST,
    )  # fmt: skip


def _opened(code: str, audience: str, permission: str) -> tuple[PublishedCase, Teaching, tuple[Doubt, ...]]:
    with reading() as session:
        case, row = notice_by(session, code, audience, current_staff().actor, permission)
        return case, row, teaching.answers_of(row)


def _judged(code: str, audience: str, form: BackForm) -> str:
    case, row, answers = _opened(code, audience, PUBLISH)
    notice = TeachingNotice.from_json(row.content)
    return render_template("exposure/teaching_judge.html", form=form, answers=answers, **_shown(case, row, notice))


def _shown(case: PublishedCase, row: Teaching, notice: TeachingNotice) -> dict[str, object]:
    state = TeachingState(row.state)
    return {
        "case": case, "row": row, "notice": notice, "state": state.value, "stands": STATES[state],
        "words": audience_words(teaching.audience_of(row)), "w": wording,
    }  # fmt: skip


def _doubts(code: str, audience: str, form: WordsForm) -> tuple[Doubt, ...]:
    with reading() as session:
        case, row = notice_by(session, code, audience, current_staff().actor, EDIT)
        known = _known(session, case)
        return teaching.doubts_of(session, case, row, form.lead.data or "", _typed(form), now(), known)


def _rewrite(code: str, audience: str, form: WordsForm) -> None:
    me = current_staff()
    with transaction() as session:
        case, row = notice_by(session, code, audience, me.actor, EDIT, hold=True)
        words = form.lead.data or "", _typed(form), set(form.answered.data or ())
        teaching.rewrite(session, row, *words, me.actor, now(), _known(session, case))


def _known(session: Session, case: PublishedCase) -> tuple[str, ...]:
    return tuple(known_of(session, case, current_staff().office_key))


def _typed(form: WordsForm) -> list[str]:
    return (form.check.data or "").splitlines()


def _take_back(code: str, audience: str, permission: str, back: str) -> Response:
    me = current_staff()
    with transaction() as session:
        _case, row = notice_by(session, code, audience, me.actor, permission, hold=True)
        teaching.take_back(session, row, me.actor, now())
    return redirect(url_for(back, code=code, audience=audience), 303)
