"""Pages of exposures for editors and publishers: the list, one with its history, and the moves that need no form."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures import displaying, publishing, wayqueries, withdrawing
from admin.exposures.moving import locked_way
from admin.exposures.reviewforms import CorrectForm, MustCorrectForm
from admin.exposures.reviewing import is_another
from admin.staff.roles import Permission
from admin.tips.casework import find, locked
from admin.tips.reading import keys_for
from admin.web.guard import current_staff, needs
from portal.exposures.content import CaseContent
from portal.exposures.models import Exposure
from portal.exposures.states import ON_SHOW, ExposureState
from portal.exposures.values import ChangeReason
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, now, today
from portal.kernel.errors import IllegalMove, NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.tips.models import Tip

blueprint = Blueprint("ways", __name__, url_prefix="/exposures")
Verb = Callable[[Session, Exposure, Actor, Utc], None]
_MOVES: dict[str, Verb] = {
    "unschedule": publishing.unschedule,
    "drop": withdrawing.drop,
    "take-up": withdrawing.take_up,
}


@blueprint.get("/")
@needs(Permission.READ_DRAFT)
def index() -> str:
    """What waits for this person, what has not ended, or everything."""
    show = request.args.get("show", "todo")
    show = show if show in ("todo", "open", "all") else "todo"
    with reading() as session:
        found = wayqueries.lines(session, current_staff().actor, show)
    return render_template("exposure/ways.html", lines=found, show=show, today=today())


@blueprint.get("/<number>/")
@needs(Permission.READ_DRAFT)
def page(number: str) -> str:
    """Where one stands, its days, its history, what the public sees, and what may be done. Nothing sealed is opened."""
    me = current_staff()
    with reading() as session:
        tip = find(session, number, me.actor, Permission.READ_DRAFT)
        line = wayqueries.line_of(session, tip, me.actor)
        if line is None:
            raise NotFound("no_exposure", "这个案件没有要公开的案例。")
        steps = wayqueries.history(session, line.way.id)
        shown = displaying.newest(session, line.case).content if line.case and _on_show(line.way) else ""
        another = is_another(session, line.way, me.actor)
    return render_template(
        "exposure/way.html", tip=tip, line=line, steps=steps, today=today(), another=another, S=ExposureState,
        content=CaseContent.from_json(shown) if shown else None, wrong=MustCorrectForm(), on_show=_on_show(line.way),
    )  # fmt: skip


def _on_show(way: Exposure) -> bool:
    return ExposureState(way.state) in ON_SHOW


@blueprint.post("/<number>/must-correct/")
@needs(Permission.READ_DRAFT)
def must_correct(number: str) -> Response:
    """What is shown is known to be wrong: the days begin to run."""
    form = MustCorrectForm()

    def verb(session: Session, way: Exposure, actor: Actor, now: Utc) -> None:
        if not form.validate():
            raise Refused("bad_reason", "请选择理由。")
        withdrawing.must_correct(session, way, ChangeReason(form.reason.data), actor, now)

    return _done(number, Permission.READ_DRAFT, verb)


@blueprint.post("/<number>/moves/<name>/")
@needs(Permission.PUBLISH_EXPOSURE)
def move(number: str, name: str) -> Response:
    """A publisher takes back what waits, gives a draft up, or has it written again."""
    if name not in _MOVES:
        raise NotFound("no_move", "没有这个操作。")
    return _done(number, Permission.PUBLISH_EXPOSURE, _MOVES[name])


@blueprint.post("/<number>/drop-correction/")
@needs(Permission.EDIT_EXPOSURE)
def drop_correction(number: str) -> Response:
    """An editor stops correcting; what is shown stays."""
    return _done(number, Permission.EDIT_EXPOSURE, withdrawing.drop_correction)


def _done(number: str, permission: Permission, verb: Verb) -> Response:
    me = current_staff()
    with transaction() as session:
        verb(session, _locked(session, number, permission)[1], me.actor, now())
    return redirect(url_for("ways.page", number=number), 303)


def _locked(session: Session, number: str, permission: Permission) -> tuple[Tip, Exposure]:
    tip = locked(session, number, current_staff().actor, permission=permission)
    return tip, locked_way(session, tip)


@blueprint.route("/<number>/correct/", methods=["GET", "POST"])
@needs(Permission.EDIT_EXPOSURE)
def correct(number: str) -> str | tuple[str, int] | Response:
    """An editor begins a correction and goes on to its draft."""
    me, form, status = current_staff(), CorrectForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                tip, way = _locked(session, number, Permission.EDIT_EXPOSURE)
                keys = keys_for(session, tip, me.office_key(tip.office_id, session))
                reason = ChangeReason(form.reason.data)
                withdrawing.correct(session, way, reason, form.words.data or "", me.actor, now(), keys)
            return redirect(url_for("drafts.page", number=number), 303)
        except (Refused, IllegalMove) as error:
            form.form_errors.append(error.message)
            status = 422
    with reading() as session:
        tip = find(session, number, me.actor, Permission.EDIT_EXPOSURE)
    html = render_template("exposure/correct.html", tip=tip, form=form)
    return html, 400 if form.errors and status == 200 else status
