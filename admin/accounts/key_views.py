"""The keys of one's offices: which generation is in use, who holds it, and changing it when somebody has left."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select

from admin.accounts.signin_views import Page, add_error
from admin.staff import generations
from admin.staff.models import KeyGrant, Staff
from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import FactorForm, take_factor
from portal.directory.models import Office
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.routing import choose

blueprint = Blueprint("keys", __name__, url_prefix="/keys")


@blueprint.get("/")
@needs(Permission.GRANT_KEY)
def index() -> str:
    """Every office whose key this person holds, with the names of those who hold it, too."""
    with reading() as session:
        offices = offices_where(session, current_staff().actor, Permission.GRANT_KEY)
        keys = {office.id: generations.in_use(session, office.id) for office in offices}
        holders = {
            office: session.scalars(
                select(Staff.name)
                .join(KeyGrant, KeyGrant.staff_id == Staff.id)
                .where(KeyGrant.key_id == rows[0].id, KeyGrant.holder_key_id == Staff.key_id, Staff.state != "left")
                .order_by(Staff.name)
            ).all()
            for office, rows in keys.items()
            if rows
        }
    return render_template("keys/index.html", offices=offices, keys=keys, holders=holders)


@blueprint.route("/<uuid:office_id>/change/", methods=["GET", "POST"])
@needs(Permission.GRANT_KEY)
def change(office_id: Id) -> Page:
    """Make the office a new key. Reports that came before open with it as well."""
    me, form, status = current_staff(), FactorForm(), 200
    if not me.actor.may(Permission.GRANT_KEY, office_id):
        raise NotFound("no_office", "没有这个单位。")
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            with transaction() as session:
                office = session.get_one(Office, office_id, with_for_update=True)
                generations.rotate(session, office, me.office_key(office_id, session), me.actor, now())
            choose.forget()
            return redirect(url_for("keys.index"), 303)
        except (Refused, Throttled) as error:
            status = add_error(form, error)
    with reading() as session:
        office, paper = session.get_one(Office, office_id), generations.paper_of(session, office_id)
    made = [paper[0].since] if paper else []
    page = render_template("keys/change.html", form=form, office=office, papers=made)
    return page, 400 if form.errors and status == 200 else status
