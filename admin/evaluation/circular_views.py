"""Pages of circulars on the evaluation: proposing one, and one with what may be done and who has signed."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from admin.evaluation import circulating, wording
from admin.evaluation.circularqueries import whole
from admin.evaluation.forms import ProposeForm
from admin.evaluation.views import asked_period
from admin.exposures.circularforms import by_place
from admin.staff.roles import Permission
from admin.web.deciding import DecideForm, Page, Presses, SendBackForm
from admin.web.guard import current_staff, needs
from portal.directory.models import Office
from portal.exposures.circulars import BODY_LIMIT, looked_at
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transacted
from portal.kernel.values import Id

blueprint = Blueprint("evaluation_circulars", __name__, url_prefix="/evaluation")


@blueprint.route("/<uuid:office_id>/circular/", methods=["GET", "POST"])
@needs(Permission.PROPOSE_EVALUATION)
def new(office_id: Id) -> Page:
    """What would be told, to whom, and words besides; nothing is kept before it is proposed."""
    actor, period, form = current_staff().actor, asked_period(), ProposeForm()
    actor.must(Permission.PROPOSE_EVALUATION, office_id)
    with reading() as session:
        offered = circulating.recipients(session, office_id, now())
        office = session.get_one(Office, office_id).name
        sheet = circulating.drafted(session, office_id, period, "", now())
    form.offer(offered)
    looked = looked_at("", form.words.data or "", ())
    form.ask(looked.asked)
    if request.method == "GET":
        form.tick(offered)
    elif form.validate_on_submit():
        said = form.words.data or "", form.chosen, form.answered.data or ()
        try:
            made = transacted(
                lambda session: circulating.propose(session, office_id, period, *said, actor, now()).number
            )
            return redirect(url_for("evaluation_circulars.page", circular=made), 303)
        except Refused as error:
            form.form_errors.append(error.message)
    html = render_template(
        "evaluation/circular_new.html", form=form, groups=by_place(offered), office=office, period=period, sheet=sheet,
        limit=BODY_LIMIT, looked=looked,
    )  # fmt: skip
    return html, 422 if form.errors else 200


@blueprint.get("/circulars/<circular>/")
@needs(Permission.READ_FIGURES)
def page(circular: str) -> Page:
    """The text as it was fixed, what may be done, and who has signed."""
    return _page(circular)


@blueprint.post("/circulars/<circular>/send/")
@needs(Permission.SEND_EVALUATION)
def send(circular: str) -> Page:
    """A second person sends exactly what they read."""
    return _presses.decide(circular, circulating.send)


@blueprint.post("/circulars/<circular>/send-back/")
@needs(Permission.SEND_EVALUATION)
def send_back(circular: str) -> Page:
    """Not sent, with words for whoever proposed it."""
    return _presses.send_back(circular, circulating.send_back)


@blueprint.post("/circulars/<circular>/drop/")
@needs(Permission.PROPOSE_EVALUATION)
def drop(circular: str) -> Page:
    """The proposal is given up."""
    return _presses.act(circular, circulating.drop)


def _page(circular: str, form: FlaskForm | None = None) -> str:
    """*form*: the one that was refused, with what is to be mended."""
    with reading() as session:
        found = whole(session, circular, current_staff().actor)
    return render_template(
        "evaluation/circular.html", found=found, one=found.row, states=wording.STATES, refused=form,
        decide=form if isinstance(form, DecideForm) else DecideForm(formdata=None),
        back=form if isinstance(form, SendBackForm) else SendBackForm(formdata=None),
    )  # fmt: skip


_presses = Presses(circulating.locked, _page, lambda one: url_for("evaluation_circulars.page", circular=one))
