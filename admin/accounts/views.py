"""Accounts: one's own, those one manages, and colleagues who wait for a key."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from admin.accounts.forms import GrantForm, InviteForm, RoleForm, as_id
from admin.accounts.signin_views import Page, add_error, vault
from admin.staff import accounts, enrolling, granting
from admin.staff.boards import weak_boards
from admin.staff.models import Staff
from admin.staff.queries import colleagues, offices_where, roles_of
from admin.staff.roles import LABELS, PERMISSION_LABELS, ROLES, Permission, Role
from admin.web.guard import current_staff, needs
from admin.web.stepup import Asked, ask_factor
from crypto.keys import Purpose, generate_inner
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Refused, Unavailable
from portal.kernel.site import site
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.kernel.values import Id
from portal.routing import choose
from portal.signin.sessions import end_all_for
from portal.web.fields import options

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"role_words": LABELS, "permission_words": PERMISSION_LABELS, "role_permissions": ROLES}


def _managed(session: Session) -> Sequence[Office]:
    return offices_where(session, _actor(), Permission.MANAGE_STAFF)


@blueprint.get("/")
@needs(Permission.MANAGE_STAFF)
def index() -> Page:
    with reading() as session:
        offices = {office.id: office for office in _managed(session)}
        people, weak = colleagues(session, list(offices)), weak_boards(session)
    return render_template("staff/index.html", people=people, offices=offices, weak=weak)


@blueprint.route("/invite", methods=["GET", "POST"])
@needs(Permission.MANAGE_STAFF)
def invite() -> Page:
    form, status = InviteForm(), 200
    with reading() as session:
        form.office.choices = options((office.id, office.name) for office in _managed(session))
    if form.validate_on_submit():
        asked = ask_factor(f"为{form.name.data}建立账号", url_for("staff.index"))
        if asked is not None:
            return asked
        try:
            words, locked = _fresh_lock()
            with transaction() as session:
                office = session.get_one(Office, Id(form.office.data))
                roles = [Role(role) for role in form.roles.data]
                staff = accounts.invite(
                    session, form.sign_in.data, form.name.data, office, roles, locked, _actor(), now()
                )
            return render_template("staff/setup_words.html", staff=staff, words=words)
        except (Refused, Unavailable) as error:
            status = add_error(form, error)
    return render_template("staff/invite.html", form=form), status


@blueprint.get("/<uuid:staff_id>/")
@needs(Permission.MANAGE_STAFF)
def person(staff_id: Id) -> Page:
    return _person(staff_id)


def _person(staff_id: Id, error: Refused | None = None) -> Page:
    """The page of an account; with *error* above it when a change was refused."""
    with reading() as session:
        staff = accounts.find(session, staff_id, _actor())
        offices = {office.id: office for office in _managed(session)}
        roles = [held for held in roles_of(session, [staff_id])[staff_id] if held.office in offices]
    form = RoleForm()
    form.office.choices = options((office.id, office.name) for office in offices.values())
    status = add_error(form, error) if error else 200
    return render_template("staff/person.html", person=staff, roles=roles, offices=offices, form=form), status


@blueprint.post("/<uuid:staff_id>/roles")
@needs(Permission.MANAGE_STAFF)
def change_role(staff_id: Id) -> Page:
    take = request.form.get("do") == "take"
    office_id, role = as_id(request.form.get("office", "")), request.form.get("role", "")
    if office_id is None or role not in set(Role):
        abort(400)
    asked = _ask(staff_id, f"{'取消' if take else '增加'}角色“{LABELS[Role(role)]}”")
    if asked is not None:
        return asked
    try:
        with transaction() as session:
            staff = accounts.find(session, staff_id, _actor())
            office = session.get(Office, office_id)
            if office is None:
                raise NotFound("no_office", "没有这个单位。")
            verb = accounts.take_role if take else accounts.give_role
            verb(session, staff, office, Role(role), _actor(), now())
    except Refused as error:
        return _person(staff_id, error)
    choose.forget()
    return redirect(url_for("staff.person", staff_id=staff_id), 303)


@blueprint.post("/<uuid:staff_id>/reset")
@needs(Permission.MANAGE_STAFF)
def reset(staff_id: Id) -> Page:
    asked = _ask(staff_id, "重新设置口令和验证器")
    if asked is not None:
        return asked
    words, locked = _fresh_lock()
    with transaction() as session:
        staff = accounts.find(session, staff_id, _actor())
        accounts.reset(session, staff, locked, _actor(), now())
    _has_gone(staff_id)
    return render_template("staff/setup_words.html", staff=staff, words=words)


@blueprint.post("/<uuid:staff_id>/leave")
@needs(Permission.MANAGE_STAFF)
def leave(staff_id: Id) -> Page:
    asked = _ask(staff_id, "停用账号")
    if asked is not None:
        return asked
    with transaction() as session:
        accounts.leave(session, accounts.find(session, staff_id, _actor()), _actor(), now())
    _has_gone(staff_id)
    return redirect(url_for("staff.index"), 303)


@blueprint.route("/waiting/", methods=["GET", "POST"])
@needs(Permission.GRANT_KEY)
def waiting() -> Page:
    form, status = GrantForm(), 200
    if form.validate_on_submit():
        asked = ask_factor("把单位密钥授予同事", url_for("staff.waiting"))
        if asked is not None:
            return asked
        try:
            _grant(form)
            return redirect(url_for("staff.waiting"), 303)
        except Refused as error:
            status = add_error(form, error)
    with reading() as session:
        names = {office.id: office.name for office in offices_where(session, _actor(), Permission.GRANT_KEY)}
        found = granting.waiting_for(session, list(names))
    return render_template("staff/waiting.html", form=form, waiting=found, offices=names), status


def _grant(form: GrantForm) -> None:
    office, colleague = as_id(form.office.data), as_id(form.staff.data)
    if office is None or colleague is None or not _actor().may(Permission.GRANT_KEY, office):
        raise NotFound("nobody_waits", "没有等待授予的同事。")
    key = current_staff().office_key(office)
    with transaction() as session:
        staff = session.get(Staff, colleague, with_for_update=True)
        if staff is None:
            raise NotFound("nobody_waits", "没有等待授予的同事。")
        vkey = site().checkpoint_vkey
        granting.grant_office_key(session, staff, office, key, form.fingerprint.data, vkey, _actor(), now())
    choose.forget()


def _ask(staff_id: Id, act: str) -> Asked | None:
    """A fresh second factor before a change to somebody's account, who is named."""
    with reading() as session:
        name = accounts.find(session, staff_id, _actor()).name
    return ask_factor(f"{name}：{act}", url_for("staff.person", staff_id=staff_id))


def _actor() -> Actor:
    return current_staff().actor


def _has_gone(staff_id: Id) -> None:
    """After the grants of this person: the sessions, and what routing remembers of the office."""
    choose.forget()
    with session_transaction() as store:
        end_all_for(store, staff_id)


def _fresh_lock() -> tuple[str, bytes]:
    """A set-up passphrase and a throw-away seed under it: it opens nothing and ends with the first sign-in."""
    with generate_inner(Purpose.STAFF) as key:
        return enrolling.relock(vault(), key.seed)
