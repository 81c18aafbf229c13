"""Pages of the monthly bulletin: months with what became of each, one bulletin, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.staff.roles import Permission
from admin.statistics import kept, making, wording
from admin.statistics.forms import CorrectionForm, MonthForm
from admin.statistics.shown import whole
from admin.web.deciding import DecideForm, SendBackForm
from admin.web.guard import current_staff, needs
from admin.web.stepup import take_factor
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, now, today
from portal.kernel.errors import IllegalMove, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.statistics.models import Bulletin
from portal.statistics.values import Month
from portal.statistics.wording import REASONS

Page = str | tuple[str, int] | Response
Act = Callable[[Session, Bulletin, Actor, Utc], object]
Decision = Callable[[Session, Bulletin, str, Actor, Utc], object]

blueprint = Blueprint("bulletins", __name__, url_prefix="/statistics")


@blueprint.get("/")
@needs(Permission.READ_FIGURES)
def index() -> Page:
    """Bulletins with their states, and the months that have none."""
    return _index(MonthForm(formdata=None))


@blueprint.post("/")
@needs(Permission.EDIT_BULLETIN)
def generate() -> Page:
    """Have a month counted."""
    form = MonthForm()
    with reading() as session:
        _offer(session, form)
    if not form.validate_on_submit():
        return _index(form), 400
    try:
        with transaction() as session:
            of = Id(form.office.data), Month.read(form.month.data)
            made = making.generate(session, *of, None, current_staff().actor, now()).id
    except Refused as error:
        form.form_errors.append(error.message)
        return _index(form), 422
    return redirect(url_for("bulletins.page", bulletin_id=made), 303)


@blueprint.get("/<uuid:bulletin_id>/")
@needs(Permission.READ_FIGURES)
def page(bulletin_id: Id) -> Page:
    """What the public will see, its history, what may be done."""
    return _page(bulletin_id)


@blueprint.post("/<uuid:bulletin_id>/correct")
@needs(Permission.EDIT_BULLETIN)
def correct(bulletin_id: Id) -> Page:
    """Count a published month again, with the reason."""
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _page(bulletin_id, form), 400
    actor = current_staff().actor
    try:
        with transaction() as session:
            old = kept.locked(session, bulletin_id, actor)
            of = old.office_id, Month.read(old.month)
            made = making.generate(session, *of, form.correction, actor, now()).id
    except Refused as error:
        form.form_errors.append(error.message)
        return _page(bulletin_id, form), 422
    return redirect(url_for("bulletins.page", bulletin_id=made), 303)


@blueprint.post("/<uuid:bulletin_id>/count-again")
@needs(Permission.EDIT_BULLETIN)
def count_again(bulletin_id: Id) -> Page:
    """The draft as the book says it now."""
    return _act(bulletin_id, making.count_again)


@blueprint.post("/<uuid:bulletin_id>/drop")
@needs(Permission.EDIT_BULLETIN)
def drop(bulletin_id: Id) -> Page:
    """The draft is given up."""
    return _act(bulletin_id, making.drop)


@blueprint.post("/<uuid:bulletin_id>/send-back")
@needs(Permission.PUBLISH_BULLETIN)
def send_back(bulletin_id: Id) -> Page:
    """Back to whoever had it counted, with words."""
    form = SendBackForm()
    if not form.validate_on_submit():
        return _page(bulletin_id, form), 400
    words = form.words.data or ""
    return _act(bulletin_id, lambda session, one, *by: making.send_back(session, one, words, *by), form)


@blueprint.post("/<uuid:bulletin_id>/approve")
@needs(Permission.PUBLISH_BULLETIN)
def approve(bulletin_id: Id) -> Page:
    """The second person stands behind the figures that were read."""
    return _decide(bulletin_id, making.approve)


@blueprint.post("/<uuid:bulletin_id>/publish")
@needs(Permission.PUBLISH_BULLETIN)
def publish(bulletin_id: Id) -> Page:
    """Before the public."""
    return _decide(bulletin_id, making.publish)


def _decide(bulletin_id: Id, verb: Decision) -> Page:
    form = DecideForm()
    if not form.validate_on_submit():
        return _page(bulletin_id, form), 400
    try:
        take_factor(form.code.data)
    except (Refused, Throttled) as error:
        form.form_errors.append(error.message)
        return _page(bulletin_id, form), 422
    seen = form.seen.data or ""
    return _act(bulletin_id, lambda session, one, *by: verb(session, one, seen, *by), form)


def _act(bulletin_id: Id, verb: Act, form: FlaskForm | None = None) -> Page:
    """Do it and show the page again; what stands against it is said on the page."""
    actor = current_staff().actor
    form = form or SendBackForm(formdata=None)
    try:
        with transaction() as session:
            verb(session, kept.locked(session, bulletin_id, actor), actor, now())
        return redirect(url_for("bulletins.page", bulletin_id=bulletin_id), 303)
    except (Refused, IllegalMove) as error:
        form.form_errors.append(error.message)
        return _page(bulletin_id, form), 422


def _offer(session: Session, form: MonthForm) -> None:
    offices = kept.highest_for(session, current_staff().actor)
    form.office.choices = [(one.id.hex, one.name) for one in offices]
    months = map(str, kept.months_without(session, today()))
    form.month.choices = [(month, wording.month_words(month)) for month in months]


def _index(form: MonthForm) -> str:
    with reading() as session:
        _offer(session, form)
        found = kept.bulletins_of(session, current_staff().actor)
    return render_template("statistics/index.html", found=found, form=form, words=wording)


def _page(bulletin_id: Id, form: FlaskForm | None = None) -> str:
    """*form*: the one that was refused, with what is to be mended."""
    with reading() as session:
        found = whole(session, bulletin_id, current_staff().actor)
    return render_template(
        "statistics/page.html", found=found, one=found.row, words=wording, reasons=REASONS, refused=form,
        decide=form if isinstance(form, DecideForm) else DecideForm(formdata=None),
        back=form if isinstance(form, SendBackForm) else SendBackForm(formdata=None),
        correction=form if isinstance(form, CorrectionForm) else CorrectionForm(formdata=None),
    )  # fmt: skip
