"""Pages of retention: what is past its term, batches and the second person, holds, schedules."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.retention import adopting, holding, proposing, queries, wording
from admin.retention.facts import in_force, schedules
from admin.retention.forms import REFUSE, AdoptForm, DecideForm, HoldForm
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import Asked, ask_factor
from portal.directory.models import Office
from portal.kernel.clock import now, today
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.retention.rules import ADVANCE_DAYS, MOST_IN_BATCH
from portal.retention.schedule import parse_schedule
from portal.retention.states import BatchState
from portal.retention.values import HoldReason, Refusal
from portal.tips.drafts import LIFE

Page = Asked | Response
PAGE = 50
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, NotFound)

blueprint = Blueprint("retention", __name__, url_prefix="/retention")


@blueprint.get("/")
@needs(Permission.KEEP_RECORDS)
def index() -> str:
    """The schedule in force, what may go by office, outcome and year, what keeps the rest, and the batches."""
    me = current_staff()
    with reading() as session:
        schedule = in_force(session, today())
        found = queries.preview_for(session, me.actor, schedule, today())
        offices = queries.my_offices(session, me.actor)
        batches = queries.batches(session, offices)
    proposes = set(me.actor.offices_with(Permission.PROPOSE_SHRED))
    return render_template(
        "retention/index.html", schedule=schedule, found=found, offices=offices, batches=batches, proposes=proposes,
        draft_days=LIFE.days, most=MOST_IN_BATCH, w=wording,
    )  # fmt: skip


@blueprint.get("/due/")
@needs(Permission.KEEP_RECORDS)
def due() -> str:
    """The numbers of what may go, a page at a time. Nothing of what they say."""
    me, place = current_staff(), max(1, request.args.get("page", 1, type=int))
    with reading() as session:
        found = queries.preview_for(session, me.actor, in_force(session, today()), today())
    start = (place - 1) * PAGE
    lines, more = found.due[start : start + PAGE], len(found.due) > start + PAGE
    return render_template("retention/due.html", lines=lines, total=len(found.due), place=place, more=more, w=wording)


@blueprint.post("/propose/<uuid:office_id>/")
@needs(Permission.PROPOSE_SHRED)
def propose(office_id: Id) -> Page:
    """Freeze what may go of an office and ask the second person."""
    me, back = current_staff(), url_for("retention.index")
    me.actor.must(Permission.PROPOSE_SHRED, office_id)
    with reading() as session:
        name = session.get_one(Office, office_id).name
    asked = ask_factor(f"提出销毁{name}到期的材料", back)
    if asked is not None:
        return asked
    with transaction() as session:
        batch = proposing.propose(session, office_id, me.actor, now())
    return redirect(url_for("retention.batch", batch_id=batch.id), 303)


@blueprint.route("/batches/<uuid:batch_id>/", methods=["GET", "POST"])
@needs(Permission.KEEP_RECORDS)
def batch(batch_id: Id) -> Page:
    """The frozen list; for the second person, the answer."""
    me, form, status = current_staff(), DecideForm(), 200
    with reading() as session:
        found = queries.one_batch(session, me.actor, batch_id)
    if found is None:
        raise NotFound("no_batch", "没有找到这一批。")
    batch, items = found
    mine = batch.row.proposed_by == me.actor.id
    decides = me.actor.may(Permission.APPROVE_SHRED, batch.row.office_id) and not mine
    waits = batch.row.state == BatchState.OPEN and batch.row.expires_on >= today()
    if form.is_submitted() and not decides:
        raise NotAllowed("not_allowed", "这一批要由另一位负责人决定。")
    if form.validate_on_submit():
        try:
            answer = _decide(batch_id, form, batch)
            return answer or redirect(url_for("retention.batch", batch_id=batch_id), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template(
        "retention/batch.html", batch=batch, items=items, form=form if waits and decides else None,
        waits=waits, mine=mine, w=wording,
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


def _decide(batch_id: Id, form: DecideForm, batch: queries.NamedBatch) -> Asked | None:
    what = "不批准" if form.answer.data == REFUSE else "批准"
    asked = ask_factor(
        f"{what}销毁{batch.office}的 {batch.row.size} 件材料", url_for("retention.batch", batch_id=batch_id)
    )
    if asked is not None:
        return asked
    with transaction() as session:
        if form.answer.data == REFUSE:
            proposing.refuse(session, batch_id, Refusal(form.reason.data), current_staff().actor, now())
        else:
            proposing.approve(session, batch_id, current_staff().actor, now())
    return None


@blueprint.route("/holds/", methods=["GET", "POST"])
@needs(Permission.KEEP_RECORDS)
def holds() -> Page:
    """What is held back, and the form that holds back one more. Holding needs no second factor: it destroys nothing."""
    me, form, status = current_staff(), HoldForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                holding.hold(session, form.number.data, HoldReason(form.reason.data), me.actor, now())
            return redirect(url_for("retention.holds"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    with reading() as session:
        held = queries.holds(session, me.actor, queries.my_offices(session, me.actor))
    return render_template("retention/holds.html", held=held, form=form, w=wording), (
        400 if form.errors and status == 200 else status
    )


@blueprint.post("/holds/<uuid:hold_id>/lift/")
@needs(Permission.KEEP_RECORDS)
def lift(hold_id: Id) -> Page:
    """It may go again once nothing else keeps it."""
    asked = ask_factor("解除暂缓销毁", url_for("retention.holds"))
    if asked is not None:
        return asked
    with transaction() as session:
        holding.lift(session, hold_id, current_staff().actor, now())
    return redirect(url_for("retention.holds"), 303)


@blueprint.route("/schedule/", methods=["GET", "POST"])
@needs(Permission.MANAGE_RULES)
def schedule() -> Page:
    """Every schedule there was, and the form that adopts another one."""
    form, status = AdoptForm(), 200
    if form.validate_on_submit():
        try:
            given = parse_schedule(form.text.data)
            asked = ask_factor(f"采用保管期限表 {given.version}", url_for("retention.schedule"))
            if asked is not None:
                return asked
            with transaction() as session:
                adopting.adopt(session, form.text.data, current_staff().actor, now())
            return redirect(url_for("retention.schedule"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    with reading() as session:
        every, current = schedules(session), in_force(session, today())
    page = render_template(
        "retention/schedule.html", every=every, current=current, form=form, advance=ADVANCE_DAYS, today=today(),
        w=wording,
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


def _above(form: DecideForm | HoldForm | AdoptForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 422
