"""The key of an office that never had one, made by its first member. Part of the blueprint ``staff``.

The sheets are made and shown before anything is stored: what goes through the form is only the public half of the
recovery key, signed. So a page that got lost, or was printed badly, is made anew, and nothing remembers the words.
"""

from __future__ import annotations

import base64

from flask import current_app, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from admin.accounts import passkey_views
from admin.accounts.forms import FoundForm
from admin.accounts.signin_views import Page, add_error
from admin.staff import founding
from admin.staff.founding import Holder, Sheets
from admin.staff.membership import offices_to_found
from admin.staff.models import Staff
from admin.staff.queries import keyed_offices
from admin.web.guard import current_staff, signed_in
from admin.web.stepup import ask_factor
from crypto.keys import PublicKey, Purpose
from portal.directory.keys import proven_keys
from portal.directory.models import Office
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.routing import choose

blueprint = passkey_views.blueprint

PRINTING_S = 3600
"""How long the sheets may take from the printer into three hands."""


@blueprint.route("/me/offices/<uuid:office_id>/key", methods=["GET", "POST"])
@signed_in
def found_key(office_id: Id) -> Page:
    if request.method == "GET":
        return _state_of(office_id)
    office = _to_found(office_id)
    form, status = FoundForm(), 200
    if request.form.get("do") != "found":
        sheets, paper = _fresh_sheets(office)
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


def _fresh_sheets(office: Office) -> tuple[Sheets, str]:
    """The words for the page, and the public half for its form, good for this person and office only."""
    paper = founding.new_paper(office.name, Purpose.OFFICE_RECOVERY)
    public = base64.b64encode(paper.public.raw).decode()
    return paper.sheets, _signed().dumps([str(current_staff().staff.id), str(office.id), public])


def _signed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="mingjing/recovery-paper")


def _found(office_id: Id, signed: str) -> None:
    person = current_staff()
    try:
        who, where, public = _signed().loads(signed, max_age=PRINTING_S)
    except BadSignature:
        raise Refused("paper_too_old", "这一页打开太久了。请重新制作恢复词。") from None
    if (who, where) != (str(person.staff.id), str(office_id)):
        raise Refused("paper_of_another", "这一页不是为您和这个单位做的。请重新制作恢复词。")
    paper = PublicKey(Purpose.OFFICE_RECOVERY, base64.b64decode(public))
    with transaction() as session:
        staff = session.get_one(Staff, person.staff.id, with_for_update=True)
        founder = Holder(staff, person.own_key().public)
        founding.found_own_office_key(session, office_id, founder, paper, person.actor, now())
    choose.forget()
