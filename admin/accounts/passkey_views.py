"""Passkeys on a person's own account: asked for, made, removed. Part of the blueprint ``staff``.

Making one takes a fresh second factor first: the challenge for it is given only after that, and to that session alone.
"""

from __future__ import annotations

from flask import abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.accounts import own_views
from admin.accounts.signin_views import Page, add_error
from admin.staff import passkeys, unlocking
from admin.staff.models import Staff
from admin.web.guard import current_staff, signed_in
from admin.web.stepup import PASSKEY, FactorForm, ask_factor, passkey_party, stepped_up
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.site import site
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.kernel.values import Id
from portal.signin.challenges import Ceremony, new_challenge
from portal.signin.passkeys import (
    BadPasskey,
    Registered,
    RelyingParty,
    creation_options,
    registered,
    request_options,
)

blueprint = own_views.blueprint


@blueprint.post("/me/passkeys/ask")
@signed_in
def ask_passkey() -> Response:
    """A question to the person's own passkeys, for a step-up in this session."""
    party, person = _party(), current_staff()
    with reading() as session:
        allowed = passkeys.usable(session, person.staff.id)
    with session_transaction() as store:
        challenge = new_challenge(store, Ceremony.STEP_UP, person.session.id, now())
    return jsonify(request_options(party, challenge, allowed))


@blueprint.post("/me/passkeys/new")
@signed_in
@stepped_up("登记新的通行密钥", "staff.account")
def new_passkey() -> Page:
    """The page on which the device makes the passkey."""
    party, person = _party(), current_staff()
    with reading() as session:
        known = [one.credential_id for one in passkeys.passkeys_of(session, person.staff.id)]
    with session_transaction() as store:
        challenge = new_challenge(store, Ceremony.REGISTER, person.session.id, now())
    options = creation_options(party, challenge, site().name, person.staff.id.bytes, person.staff.sign_in, known)
    name = request.form.get("name", "").strip()[: passkeys.NAME_LIMIT] or "通行密钥"
    return render_template("staff/passkey.html", form=FactorForm(formdata=None), options=options, name=name)


@blueprint.post("/me/passkeys/made")
@signed_in
def made_passkey() -> Page:
    """Take what the device made."""
    person, name = current_staff(), request.form.get("name", "")
    try:
        made = _made()
        with transaction() as session:
            staff = session.get_one(Staff, person.staff.id, with_for_update=True)
            seed = unlocking.seed_of(person.session.payload)
            passkeys.add_passkey(session, staff, seed, made, name, person.actor, now())
    except Refused as error:
        form = FactorForm(formdata=None)
        status = add_error(form, error)
        return render_template("staff/passkey.html", form=form, options=None, name=name), status
    return redirect(url_for("staff.account"), 303)


def _made() -> Registered:
    party = _party()
    with session_transaction() as store:
        bound = current_staff().session.id
        answer = passkeys.fresh_answer(store, request.form.get(PASSKEY, ""), Ceremony.REGISTER, bound, now())
    try:
        if answer is not None:
            return registered(party, answer)
    except BadPasskey:
        pass
    raise Refused("passkey_not_made", "通行密钥没有登记成功，可能是时间太久。请从“我的账号”重新开始。")


@blueprint.post("/me/passkeys/<uuid:passkey_id>/remove")
@signed_in
def remove_passkey(passkey_id: Id) -> Page:
    """Take a passkey back, after a fresh second factor."""
    person = current_staff()
    with reading() as session:
        name = passkeys.find_passkey(session, person.staff.id, passkey_id).name
    asked = ask_factor(f"删除通行密钥“{name}”", url_for("staff.account"))
    if asked is not None:
        return asked
    with transaction() as session:
        passkeys.remove_passkey(session, person.staff.id, passkey_id, person.actor, now())
    return redirect(url_for("staff.account"), 303)


def _party() -> RelyingParty:
    return passkey_party() or abort(404)
