"""The key of an office that never had one, made by its first member. Part of the blueprint ``staff``."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from admin.accounts import passkey_views
from admin.accounts.forms import FoundForm
from admin.accounts.signin_views import Page, add_error
from admin.staff import founding
from admin.staff.founding import Holder
from admin.staff.membership import offices_to_found
from admin.staff.models import Staff
from admin.staff.queries import keyed_offices
from admin.web.guard import current_staff, signed_in
from admin.web.papers import fresh_paper, paper_taken
from admin.web.stepup import ask_factor
from crypto.keys import Purpose
from portal.directory.keys import proven_keys
from portal.directory.models import Office
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.routing import choose

blueprint = passkey_views.blueprint


@blueprint.route("/me/offices/<uuid:office_id>/key", methods=["GET", "POST"])
@signed_in
def found_key(office_id: Id) -> Page:
    if request.method == "GET":
        return _state_of(office_id)
    office = _to_found(office_id)
    form, status = FoundForm(), 200
    if request.form.get("do") != "found":
        sheets, paper = fresh_paper(office.name, Purpose.OFFICE_RECOVERY, office_id)
        return render_template("staff/found_key.html", form=FoundForm(None, paper=paper), office=office, sheets=sheets)
    if form.validate():
        asked = ask_factor(f"为{office.name}建立单位密钥", url_for("staff.account"))
        if asked is not None:
            return asked
        try:
            _found(office_id, form.paper.data)
            return redirect(url_for("staff.found_key", office_id=office_id), 303)
        except Refused as error:
            status = add_error(form, error)
    return render_template("staff/found_key.html", form=form, office=office, sheets=None), status


def _state_of(office_id: Id) -> Page:
    """The page before, or, for whoever holds the key by now, after."""
    mine, vkey = current_staff().staff.id, site().checkpoint_vkey
    with reading() as session:
        if office_id not in keyed_offices(session, [mine])[mine]:
            return render_template("staff/found_key.html", form=None, office=_to_found(office_id), sheets=None)
        office = session.get_one(Office, office_id)
        receives = bool(proven_keys(session, Purpose.OFFICE, [office_id], vkey))
    fingerprint = current_staff().office_key(office_id).public.fingerprint
    return render_template("staff/founded_key.html", office=office, receives=receives, fingerprint=fingerprint)


def _to_found(office_id: Id) -> Office:
    with reading() as session:
        for office in offices_to_found(session, session.get_one(Staff, current_staff().staff.id)):
            if office.id == office_id:
                return office
    raise NotFound("nothing_to_found", "没有等您建立密钥的单位。")


def _found(office_id: Id, signed: str) -> None:
    person = current_staff()
    paper = paper_taken(signed, Purpose.OFFICE_RECOVERY, office_id)
    with transaction() as session:
        staff = session.get_one(Staff, person.staff.id, with_for_update=True)
        founder = Holder(staff, person.own_key().public)
        founding.found_own_office_key(session, office_id, founder, paper, person.actor, now())
    choose.forget()
