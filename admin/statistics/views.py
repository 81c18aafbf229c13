"""Pages of the monthly bulletin: months with what became of each, one bulletin, and what may be done with it."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.statistics import kept, making, wording
from admin.statistics.forms import CorrectionForm, MonthForm
from admin.statistics.making import Correction
from admin.statistics.shown import whole
from admin.web.deciding import DecideForm, Page, Presses, SendBackForm, attempt
from admin.web.guard import current_staff, needs
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.statistics.values import Month
from portal.statistics.wording import REASONS
from portal.web.fields import options

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

    def work() -> str:
        return _made(Id(form.office.data), Month.read(form.month.data), None)

    return attempt(form, lambda _refused: _index(form), work)


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

    def work() -> str:
        with reading() as session:
            old = kept.shown(session, bulletin_id, current_staff().actor)
            office, month = old.office_id, Month.read(old.month)
        return _made(office, month, form.correction)

    return attempt(form, lambda refused: _page(bulletin_id, refused), work)


@blueprint.post("/<uuid:bulletin_id>/count-again")
@needs(Permission.EDIT_BULLETIN)
def count_again(bulletin_id: Id) -> Page:
    """The draft as the book says it now."""
    return _presses.act(bulletin_id, making.count_again)


@blueprint.post("/<uuid:bulletin_id>/drop")
@needs(Permission.EDIT_BULLETIN)
def drop(bulletin_id: Id) -> Page:
    """The draft is given up."""
    return _presses.act(bulletin_id, making.drop)


@blueprint.post("/<uuid:bulletin_id>/send-back")
@needs(Permission.PUBLISH_BULLETIN)
def send_back(bulletin_id: Id) -> Page:
    """Back to whoever had it counted, with words."""
    return _presses.send_back(bulletin_id, making.send_back)


@blueprint.post("/<uuid:bulletin_id>/approve")
@needs(Permission.PUBLISH_BULLETIN)
def approve(bulletin_id: Id) -> Page:
    """The second person stands behind the figures that were read."""
    return _presses.decide(bulletin_id, making.approve)


@blueprint.post("/<uuid:bulletin_id>/publish")
@needs(Permission.PUBLISH_BULLETIN)
def publish(bulletin_id: Id) -> Page:
    """Before the public."""
    return _presses.decide(bulletin_id, making.publish)


def _made(office: Id, month: Month, correction: Correction | None) -> str:
    """Where the bulletin is that was counted."""
    with transaction() as session:
        made = making.generate(session, office, month, correction, current_staff().actor, now()).id
    return _address(made)


def _address(bulletin_id: Id) -> str:
    return url_for("bulletins.page", bulletin_id=bulletin_id)


def _offer(session: Session, form: MonthForm) -> None:
    offices = kept.highest_for(session, current_staff().actor)
    form.office.choices = options((one.id.hex, one.name) for one in offices)
    months = map(str, kept.months_without(session, today()))
    form.month.choices = options((month, wording.month_words(month)) for month in months)


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


_presses = Presses(kept.locked, _page, _address)
