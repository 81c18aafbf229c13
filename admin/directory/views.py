"""Offices, custody boards, the register of institutions, settings of rules and working days."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, abort, redirect, render_template, url_for
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from admin.accounts.signin_views import Page, add_error
from admin.directory import changes, queries
from admin.directory.forms import KIND_WORDS, LEVEL_WORDS, ImportForm, OfficeForm, SettingForm, WorkdayForm
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.attachments.upload import take_in_clear
from portal.directory.institutions import ImportResult, read_institutions
from portal.directory.models import Office
from portal.kernel.clock import now, today
from portal.kernel.errors import NotFound, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.routing import choose
from portal.tips.deadlines import rules
from portal.web.fields import options

blueprint = Blueprint("directory", __name__, url_prefix="/directory")
blueprint.record_once(lambda state: take_in_clear(cast(Flask, state.app), "directory.institutions"))


@blueprint.get("/")
@needs(Permission.MANAGE_DIRECTORY)
def index() -> Page:
    with reading() as session:
        offices, boards = queries.offices(session), queries.boards(session)
    manages = set(current_staff().actor.offices_with(Permission.MANAGE_DIRECTORY))
    words = {"kinds": KIND_WORDS, "levels": LEVEL_WORDS}
    return render_template("directory/index.html", offices=offices, boards=boards, manages=manages, **words)


@blueprint.route("/offices/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_DIRECTORY)
def new_office() -> Page:
    form, status = OfficeForm(), 200
    with reading() as session:
        form.superior.choices = _superiors(session)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                changes.add_office(session, form.to_command(), current_staff().actor, now())
            choose.forget()
            return redirect(url_for("directory.index"), 303)
        except (Refused, NotFound) as error:
            status = add_error(form, error)
    return render_template("directory/office.html", form=form, office=None), status


@blueprint.route("/offices/<uuid:office_id>/", methods=["GET", "POST"])
@needs(Permission.MANAGE_DIRECTORY)
def office(office_id: Id) -> Page:
    with reading() as session:
        found = session.get(Office, office_id)
        if found is None or not current_staff().actor.may(Permission.MANAGE_DIRECTORY, office_id):
            abort(404)
        form, status = OfficeForm(obj=found), 200
        form.superior.choices = _superiors(session)
    if not form.is_submitted():
        form.superior.data = str(found.superior_id or "")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                changes.change_office(session, office_id, form.to_command(), current_staff().actor, now())
            choose.forget()
            return redirect(url_for("directory.index"), 303)
        except (Refused, NotFound) as error:
            status = add_error(form, error)
    return render_template("directory/office.html", form=form, office=found), status


def _superiors(session: Session) -> list[SelectChoice]:
    return options(((row.id, row.name) for row in queries.every_office(session)), empty="没有上级单位")


@blueprint.route("/institutions/", methods=["GET", "POST"])
@needs(Permission.MANAGE_DIRECTORY)
def institutions() -> Page:
    form, result, fresh, status = ImportForm(), None, 0, 200
    if form.validate_on_submit():
        result = read_institutions(form.file.data.read(), form.file.data.filename or "")
        if result.errors:
            status = 422
        else:
            fresh = _take(result, bool(form.whole.data))
    with reading() as session:
        shown, whole = queries.institution_counts(session)
    page = {"form": form, "result": result, "fresh": fresh, "offered": shown, "whole": whole}
    return render_template("directory/institutions.html", **page), status


def _take(result: ImportResult, whole: bool) -> int:
    with transaction() as session:
        return changes.take_register(session, result.rows, whole, current_staff().actor, now())


@blueprint.route("/settings/", methods=["GET", "POST"])
@needs(Permission.MANAGE_RULES)
def settings() -> Page:
    form, status, in_force = SettingForm(), 200, rules(today())
    form.rule.choices = options((one.id, f"{one.id} {one.name}") for one in in_force if not one.hard)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                changes.set_rule(
                    session,
                    form.rule.data,
                    (form.region.data or "").strip(),
                    form.amount.data,
                    form.unit.data,
                    form.basis.data,
                    form.since.data,
                    current_staff().actor,
                    now(),
                )
            return redirect(url_for("directory.settings"), 303)
        except (Refused, NotFound) as error:
            status = add_error(form, error)
    with reading() as session:
        made = queries.settings(session)
    return render_template("directory/settings.html", form=form, rules=in_force, made=made), status


@blueprint.route("/workdays/", methods=["GET", "POST"])
@needs(Permission.MANAGE_RULES)
def workdays() -> Page:
    form, status = WorkdayForm(), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                working = form.working.data == "yes"
                actor = current_staff().actor
                changes.set_workday(session, form.day.data, working, form.basis.data, actor, now())
            choose.forget()
            return redirect(url_for("directory.workdays"), 303)
        except Refused as error:
            status = add_error(form, error)
    with reading() as session:
        made = queries.workdays(session)
    return render_template("directory/workdays.html", form=form, made=made), status
