"""Pages of the second person: reading a draft and deciding, and taking a published case down."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures import displaying, draftwords, publishing, recordshown, reviewing, wayqueries, withdrawing
from admin.exposures.issues import issues_of
from admin.exposures.moving import locked_way
from admin.exposures.reviewforms import LATER, NOW, ApproveForm, SendBackForm, WithdrawForm
from admin.staff.roles import Permission
from admin.tips.casework import WORDS_LIMIT, find, locked, number_of, office_name
from admin.tips.reading import keys_for
from admin.web.guard import SignedIn, current_staff, needs
from admin.web.stepup import take_factor
from portal.exposures import wording
from portal.exposures.content import CaseContent
from portal.exposures.difference import difference
from portal.exposures.drafts import text_of
from portal.exposures.events import CaseRead
from portal.exposures.generating import propose
from portal.exposures.models import Exposure
from portal.exposures.reviews import Return
from portal.exposures.states import ExposureState
from portal.exposures.values import ChangeReason
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotAllowed, Refused, Throttled
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys

Page = str | tuple[str, int] | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, Throttled)

blueprint = Blueprint("reviews", __name__, url_prefix="/exposures")


@blueprint.route("/<number>/review/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def page(number: str) -> Page:
    """The draft with all that speaks for and against it, the legal check, and the decision. The reading is recorded
    first."""
    me, status = current_staff(), 200
    _record_reading(me, number)
    back = request.method == "POST" and request.form.get("do") == "send-back"
    approve, send_back = (
        ApproveForm(formdata=None if back else request.form),
        SendBackForm(formdata=request.form if back else None),
    )
    _prepare(me, number, approve)
    form = send_back if back else approve
    if request.method == "POST" and form.validate():
        try:
            if back:
                _send_back(me, number, send_back)
            else:
                take_factor(approve.code.data)
                _approve(me, number, approve)
            return redirect(url_for("ways.page", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            form.form_errors.append(error.message)
            status = 429 if isinstance(error, Throttled) else 422
    return _shown(me, number, approve, send_back, form), 400 if form.errors and status == 200 else status


def _record_reading(me: SignedIn, number: str) -> None:
    with transaction() as session:
        tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
        locked_way(session, tip)
        append(session, CaseRead(number_of(tip), tip.office_id.hex), me.actor, now())


def _prepare(me: SignedIn, number: str, form: ApproveForm) -> None:
    with reading() as session:
        tip = find(session, number, me.actor, Permission.PUBLISH_EXPOSURE)
        line = wayqueries.line_of(session, tip, me.actor)
        issues = [one for one in issues_of(session, me.actor, open_only=True) if one.office_id == tip.office_id]
    form.prepare(line is not None and line.case is not None, issues)


def _approve(me: SignedIn, number: str, form: ApproveForm) -> None:
    with transaction() as session:
        way, keys = _opened(session, me, number)
        given = session, way, int(form.seen.data or 0), form.checks
        if form.when.data == NOW:
            publishing.approve(*given, me.actor, now(), keys)
        elif form.when.data == LATER:
            publishing.schedule(*given, form.day(), me.actor, now(), keys)
        else:
            publishing.put_into_issue(*given, form.issue(), me.actor, now(), keys)


def _send_back(me: SignedIn, number: str, form: SendBackForm) -> None:
    with transaction() as session:
        way, keys = _opened(session, me, number)
        seen, reason = int(form.seen.data or 0), Return(form.reason.data)
        reviewing.send_back(session, way, seen, reason, form.words.data or "", me.actor, now(), keys)


def _opened(session: Session, me: SignedIn, number: str) -> tuple[Exposure, ReportKeys]:
    tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
    way = locked_way(session, tip)
    return way, keys_for(session, tip, me.office_key(tip.office_id, session))


def _shown(
    me: SignedIn, number: str, approve: ApproveForm, send_back: SendBackForm, form: ApproveForm | SendBackForm
) -> str:
    with reading() as session:
        tip, way, read, office = _reading(session, me, number)
        another = reviewing.is_another(session, way, me.actor)
        steps = wayqueries.history(session, way.id)
    generated = propose(read.record, office, site().is_demo)
    if approve.seen.data != str(way.version):
        approve.points.data = []  # another version lies there now: its points are checked anew
    approve.seen.data = send_back.seen.data = str(way.version)
    return render_template(
        "exposure/review.html", tip=tip, way=way, draft=read.draft, rows=recordshown.rows(read.record), steps=steps,
        changed=difference(text_of(generated), text_of(read.draft.content)), approve=approve, send_back=send_back,
        form=form, another=another, waits=ExposureState(way.state) in reviewing.IN_REVIEW, limit=WORDS_LIMIT,
        asked=draftwords.asked_in_words, keeps=draftwords.KEEPS, w=wording,
        state=draftwords.STATES[ExposureState(way.state)],
    )  # fmt: skip


def _reading(session: Session, me: SignedIn, number: str) -> tuple[Tip, Exposure, reviewing.Reading, str]:
    tip = find(session, number, me.actor, Permission.PUBLISH_EXPOSURE)
    way = reviewing.way_of(session, tip)
    keys = keys_for(session, tip, me.office_key(tip.office_id, session))
    return tip, way, reviewing.reading_of(session, way, keys), office_name(session, tip)


@blueprint.route("/<number>/withdraw/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def withdraw(number: str) -> Page:
    """One publisher takes a case down at once."""
    me, form, status = current_staff(), WithdrawForm(), 200
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            with transaction() as session:
                way, keys = _opened(session, me, number)
                reason = ChangeReason(form.reason.data)
                withdrawing.withdraw(session, way, reason, form.words.data or "", me.actor, now(), keys)
            return redirect(url_for("ways.page", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            form.form_errors.append(error.message)
            status = 429 if isinstance(error, Throttled) else 422
    with reading() as session:
        tip = find(session, number, me.actor, Permission.PUBLISH_EXPOSURE)
        line = wayqueries.line_of(session, tip, me.actor)
        content = displaying.newest(session, line.case).content if line and line.case else ""
    html = render_template(
        "exposure/withdraw.html", tip=tip, form=form, line=line,
        content=CaseContent.from_json(content) if content else None,
    )  # fmt: skip
    return html, 400 if form.errors and status == 200 else status
