"""Pages of fund accounts: the list, one disclosure, and what may be done with it. Files: :mod:`.upload_views`."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select

from admin.disclosures import drafting, kept, publishing, wording
from admin.disclosures.shown import ROWS, whole
from admin.staff.roles import Permission
from admin.web.deciding import DecideForm, Page, Presses, SendBackForm
from admin.web.guard import current_staff, needs
from portal.directory.models import Office
from portal.kernel.site import site
from portal.kernel.transaction import reading
from portal.kernel.values import Id

blueprint = Blueprint("disclosures", __name__, url_prefix="/disclosures")


@blueprint.get("/")
@needs(Permission.READ_DISCLOSURE)
def index() -> Page:
    """The disclosures of this person's offices, with their states."""
    with reading() as session:
        found = kept.disclosures_of(session, current_staff().actor)
        names = {one.id: one.name for one in session.scalars(select(Office))}
    return render_template("disclosures/index.html", found=found, names=names, words=wording)


@blueprint.get("/<uuid:disclosure_id>/")
@needs(Permission.READ_DISCLOSURE)
def page(disclosure_id: Id) -> Page:
    """Its figures beside what is published, its checks with what was said of them, its history, what may be done."""
    return _page(disclosure_id)


@blueprint.post("/<uuid:disclosure_id>/explain")
@needs(Permission.EDIT_DISCLOSURE)
def explain(disclosure_id: Id) -> Page:
    """What was written beside the checks that do not fit; empty boxes are left for later."""
    said = {name[4:]: words for name, words in request.form.items() if name.startswith("why-") and words.strip()}
    return _presses.act(disclosure_id, lambda session, one, *by: drafting.explain_all(session, one, said, *by))


@blueprint.post("/<uuid:disclosure_id>/check")
@needs(Permission.EDIT_DISCLOSURE)
def check(disclosure_id: Id) -> Page:
    """To the second person."""
    return _presses.act(disclosure_id, drafting.check)


@blueprint.post("/<uuid:disclosure_id>/drop")
@needs(Permission.EDIT_DISCLOSURE)
def drop(disclosure_id: Id) -> Page:
    """The draft is given up."""
    return _presses.act(disclosure_id, drafting.drop)


@blueprint.post("/<uuid:disclosure_id>/send-back")
@needs(Permission.PUBLISH_DISCLOSURE)
def send_back(disclosure_id: Id) -> Page:
    """Back to the accountant, with words."""
    return _presses.send_back(disclosure_id, publishing.send_back)


@blueprint.post("/<uuid:disclosure_id>/approve")
@needs(Permission.PUBLISH_DISCLOSURE)
def approve(disclosure_id: Id) -> Page:
    """The second person stands behind the figures that were read."""
    return _presses.decide(disclosure_id, publishing.approve)


@blueprint.post("/<uuid:disclosure_id>/publish")
@needs(Permission.PUBLISH_DISCLOSURE)
def publish(disclosure_id: Id) -> Page:
    """Before the public, all of it."""
    return _presses.decide(disclosure_id, publishing.publish)


def _page(disclosure_id: Id, form: FlaskForm | None = None) -> str:
    """*form*: the one that was refused, with what is to be mended."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
    with reading() as session:
        found = whole(session, disclosure_id, current_staff().actor, number)
    decide = form if isinstance(form, DecideForm) else DecideForm(formdata=None)
    back = form if isinstance(form, SendBackForm) else SendBackForm(formdata=None)
    address, code = site().address, found.row.code
    return render_template(
        "disclosures/page.html", found=found, one=found.row, words=wording, decide=decide, back=back, refused=form,
        typed=request.form, most=ROWS, public=f"{address}/fund/disclosures/{code}/" if address and code else "",
    )  # fmt: skip


_presses = Presses(kept.locked, _page, lambda one: url_for("disclosures.page", disclosure_id=one))
