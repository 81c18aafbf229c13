"""Signing in, the first sign-in, signing out."""

from __future__ import annotations

import secrets
from typing import Any, cast

import segno
from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin.accounts.forms import EnrolForm, SignInForm
from admin.staff import enrolling, unlocking
from admin.staff.enrolling import Enrolment
from admin.staff.models import Staff
from admin.staff.signing_in import Admitted, Attempted, sign_in
from admin.staff.vault import Vault
from admin.web import cookies
from admin.web.guard import anyone, current_staff, signed_in
from admin.web.guard import enrolling as only_enrolling
from admin.web.navigation import first_page
from admin.web.stepup import PASSKEY, passkey_party
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, Refused, Throttled, Unavailable
from portal.kernel.transaction import session_transaction, transaction
from portal.signin import totp
from portal.signin.challenges import Ceremony, new_challenge
from portal.signin.passkeys import request_options
from portal.signin.sessions import end_all_for, end_session, replace_payload
from portal.web.leaving import on_leave
from portal.web.limits import limiter
from portal.web.preferences import local_path

blueprint = Blueprint("signin", __name__, url_prefix="/sign-in")

Page = str | tuple[str, int] | Response
STATUS: dict[type[DomainError], int] = {Throttled: 429, Unavailable: 503}


def vault() -> Vault:
    """The passphrase vault of this app."""
    return cast(Vault, current_app.extensions["mingjing_vault"])


def add_error(form: Any, error: DomainError) -> int:
    """Show *error* above the form; returns the status to answer with."""
    form.form_errors.append(error.message)
    return STATUS.get(type(error), 422)


@blueprint.route("/", methods=["GET", "POST"])
@anyone
def start() -> Page:
    form, status = SignInForm(), 200
    if form.validate_on_submit():
        try:
            return _admit(sign_in(_attempted(form), vault(), now(), passkey_party()))
        except (Refused, Throttled, Unavailable) as error:
            status = add_error(form, error)
    return render_template("signin/start.html", form=form), status


def _attempted(form: SignInForm) -> Attempted:
    name = form.sign_in.data
    return Attempted(
        name,
        form.passphrase.data,
        form.code.data or "",
        request.remote_addr,
        _device_of(name),
        request.form.get(PASSKEY, ""),
        _this_page(),
    )


def _this_page() -> bytes:
    """What only the browser that got the page with the form can come back with."""
    return str(session.get("csrf_token", "")).encode()


@blueprint.post("/passkey")
@anyone
@limiter.limit("60/minute")
def ask_passkey() -> Response:
    """A question to whatever passkey the browser has for this site: it says nothing about any name."""
    party = passkey_party()
    if party is None:
        abort(404)
    with session_transaction() as store:
        challenge = new_challenge(store, Ceremony.SIGN_IN, _this_page(), now())
    return jsonify(request_options(party, challenge))


def _admit(admitted: Admitted) -> Response:
    target = local_path(request.args.get("next")) if request.args.get("next") else url_for("signin.landing")
    response = redirect(url_for("signin.enrol") if admitted.enrolling else target, 303)
    cookies.set_session(response, admitted.cookie)
    cookies.set_device(response, _marks().dumps([admitted.name, secrets.token_hex(16)]))
    return response


def _marks() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="mingjing/device")


def _device_of(name: str) -> str | None:
    """The mark of a browser that has signed in under this very name before."""
    try:
        owner, mark = _marks().loads(request.cookies.get(cookies.DEVICE, ""), max_age=cookies.DEVICE_DAYS * 86400)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(mark) if owner == name.strip().lower() else None


@blueprint.get("/landing")
@signed_in
def landing() -> Page:
    return redirect(first_page())


@blueprint.route("/first", methods=["GET", "POST"])
@only_enrolling
def enrol() -> Page:
    form, status = EnrolForm(), 200
    enrolment = _enrolment()
    if form.validate_on_submit():
        try:
            return _finish(enrolment, form)
        except (Refused, Unavailable) as error:
            status = add_error(form, error)
    account = current_staff().staff.sign_in
    qr = segno.make(totp.enrolment_uri(enrolment.totp_secret, account), error="m")
    drawn = Markup(qr.svg_inline(scale=5, border=3, light="white"))  # noqa: S704  # segno draws it, no words in it
    key = totp.as_text(enrolment.totp_secret)
    return render_template("signin/enrol.html", form=form, enrolment=enrolment, qr=drawn, key=key), status


def _enrolment() -> Enrolment:
    """What was made for this session; made now when the page is opened for the first time."""
    payload = current_staff().session.payload
    kept = unlocking.enrolment_of(payload)
    if kept:
        return Enrolment.from_bytes(kept)
    made = enrolling.begin()
    with session_transaction() as store:
        sealed = unlocking.enrolling_payload(unlocking.seed_of(payload), made.to_bytes())
        replace_payload(store, request.cookies[cookies.SESSION], sealed)
    return made


def _finish(enrolment: Enrolment, form: EnrolForm) -> Response:
    person, moment = current_staff(), now()
    step = enrolling.check_typed_back(enrolment, form.passphrase.data, form.code.data, moment)
    locked = vault().lock(enrolment.seed, enrolment.passphrase)
    old = unlocking.seed_of(person.session.payload)
    with transaction() as database:
        staff = database.get_one(Staff, person.staff.id, with_for_update=True)
        enrolling.finish(database, staff, old, enrolment, locked, step, person.actor, moment)
    with session_transaction() as store:
        replace_payload(store, request.cookies[cookies.SESSION], unlocking.full_payload(enrolment.seed))
        end_all_for(store, person.staff.id, keep=person.session.id)
    return redirect(url_for("staff.account"), 303)


@blueprint.post("/out")
@anyone
def sign_out() -> Page:
    end_own_session()
    response = redirect(url_for("signin.start"), 303)
    cookies.clear_session(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@on_leave(blueprint)
def end_own_session() -> None:
    """Destroy the session of this request's cookie (sign-out and quick exit)."""
    with session_transaction() as store:
        end_session(store, request.cookies.get(cookies.SESSION))
