"""A person's own account: sessions, passphrase, recovery codes. Part of the blueprint ``staff``."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for

from admin.accounts import views
from admin.accounts.forms import KeptForm
from admin.accounts.signin_views import Page, add_error, vault
from admin.staff import enrolling, factors, unlocking
from admin.staff.membership import offices_to_found
from admin.staff.models import Staff
from admin.staff.passkeys import MOST, passkeys_of
from admin.staff.queries import keyed_offices, roles_of, seats_held
from admin.web import cookies
from admin.web.guard import current_staff, signed_in
from admin.web.stepup import FactorForm, passkey_party, take_factor
from crypto import passphrase
from portal.directory.models import Office
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused, Throttled, Unavailable
from portal.kernel.transaction import reading, session_reading, session_transaction, transaction
from portal.signin.sessions import end_all_for, end_by_handle, handle_of, replace_payload, sessions_of

blueprint = views.blueprint


@blueprint.get("/me/")
@signed_in
def account() -> Page:
    person = current_staff()
    mine = person.staff.id
    with reading() as session:
        roles = roles_of(session, [mine])[mine]
        keyed = keyed_offices(session, [mine])[mine]
        offices = {held.office: session.get_one(Office, held.office).name for held in roles}
        to_found = offices_to_found(session, session.get_one(Staff, mine))
        passkeys = passkeys_of(session, mine)
        codes, seats = factors.codes_left(session, mine), len(seats_held(session, mine))
    with session_reading() as store:
        sessions = sessions_of(store, mine, now())
    return render_template(
        "staff/account.html",
        person=person.staff,
        roles=roles,
        offices=offices,
        keyed=keyed,
        to_found=to_found,
        codes=codes,
        passkeys=passkeys,
        can_add_passkey=passkey_party() is not None and len(passkeys) < MOST,
        seats=seats,
        sessions=sessions,
        here=handle_of(person.session.id),
        fingerprint=person.own_key().public.fingerprint,
    )


@blueprint.post("/me/sessions")
@signed_in
def end_sessions() -> Page:
    person = current_staff()
    handle = request.form.get("handle")
    with session_transaction() as store:
        if handle is None:
            end_all_for(store, person.staff.id, keep=person.session.id)
        elif not end_by_handle(store, person.staff.id, handle):
            raise NotFound("no_session", "这次登录已经结束了。")
    return redirect(url_for("staff.account"), 303)


@blueprint.route("/me/codes", methods=["GET", "POST"])
@signed_in
def codes() -> Page:
    form, status = FactorForm(), 200
    if form.validate_on_submit():
        try:
            fresh = _after_code(form.code.data)
            return render_template("staff/codes.html", form=None, codes=fresh)
        except (Refused, Throttled) as error:
            status = add_error(form, error)
    return render_template("staff/codes.html", form=form, codes=None), status


def _after_code(typed: str) -> list[str]:
    """New recovery codes in place of the old, once the second factor was right."""
    take_factor(typed)
    person, fresh = current_staff(), factors.new_codes()
    with transaction() as session:
        factors.store_codes(session, person.staff.id, unlocking.seed_of(person.session.payload), fresh)
    return fresh


@blueprint.route("/me/passphrase", methods=["GET", "POST"])
@signed_in
def new_passphrase() -> Page:
    form, status = FactorForm(), 200
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            payload = current_staff().session.payload
            fresh = unlocking.full_payload(unlocking.seed_of(payload)) + passphrase.generate().encode()
            with session_transaction() as store:
                replace_payload(store, request.cookies[cookies.SESSION], fresh)
            return redirect(url_for("staff.keep_passphrase"), 303)
        except (Refused, Throttled) as error:
            status = add_error(form, error)
    return render_template("staff/new_passphrase.html", form=form), status


@blueprint.route("/me/passphrase/keep", methods=["GET", "POST"])
@signed_in
def keep_passphrase() -> Page:
    """Shows the passphrase that was made; it holds once it was typed back."""
    words = unlocking.enrolment_of(current_staff().session.payload).decode()
    if not words:
        abort(404)
    form, status = KeptForm(), 200
    if form.validate_on_submit():
        try:
            _put_in_force(words, form.passphrase.data)
            return redirect(url_for("staff.account"), 303)
        except (Refused, Unavailable) as error:
            status = add_error(form, error)
    return render_template("staff/keep_passphrase.html", form=form, words=words), status


def _put_in_force(words: str, typed: str) -> None:
    if " ".join(typed.lower().split()) != words:
        raise Refused("passphrase_not_kept", "您输入的口令和上面的新口令不一样。请照着抄下来的口令再输入一次。")
    person = current_staff()
    seed = unlocking.seed_of(person.session.payload)
    locked = vault().lock(seed, words)
    with transaction() as session:
        staff = session.get_one(Staff, person.staff.id, with_for_update=True)
        enrolling.change_passphrase(session, staff, locked, person.actor, now())
    with session_transaction() as store:
        replace_payload(store, request.cookies[cookies.SESSION], unlocking.full_payload(seed))
        end_all_for(store, person.staff.id, keep=person.session.id)
