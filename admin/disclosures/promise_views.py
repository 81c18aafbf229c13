"""The page of promises: what was promised, whether it was kept, and a new one."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Regexp

from admin.disclosures import wording
from admin.disclosures.promising import MOST_DAYS, Given, promise
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.directory.models import Office
from portal.disclosures.promises import promised
from portal.disclosures.schedule import Every
from portal.disclosures.vocabulary import vocabulary
from portal.kernel.clock import now, today
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.web.fields import options

Page = str | tuple[str, int] | Response

blueprint = Blueprint("promises", __name__, url_prefix="/disclosures/promises")


class PromiseForm(FlaskForm):
    """Which edition of which place, how often, and within how many days."""

    office = SelectField("单位", [InputRequired("请选择单位。")])
    region = StringField(
        "地区", [InputRequired("请填写地区。"), Regexp("[0-9]{6}$", message="请填写六位行政区划代码。")],
        description="六位行政区划代码；全国写 000000。",
    )  # fmt: skip
    edition = SelectField("版本", [InputRequired("请选择版本。")])
    every = SelectField("多久一次", [InputRequired("请选择。")], choices=options(wording.EVERY.items()))
    days = IntegerField(
        "期末以后多少天以内",
        [InputRequired("请填写天数。"), NumberRange(1, MOST_DAYS, f"天数要在 1 到 {MOST_DAYS} 之间。")],
    )
    since = StringField("从哪一天起", [InputRequired("请填写日子。")], description="写成 2026-10-08 这样，不早于今天。")

    @property
    def given(self) -> Given:
        """What was filled in. Refused ("bad_day") when the day cannot be read."""
        try:
            since = date.fromisoformat((self.since.data or "").strip())
        except ValueError as error:
            raise Refused("bad_day", "开始的日子请写成 2026-10-08 这样。") from error
        return Given(self.region.data or "", self.edition.data, Every(self.every.data), self.days.data or 0, since)


@blueprint.get("/")
@needs(Permission.READ_DISCLOSURE)
def index() -> Page:
    """Every promise with what became of each of its periods."""
    return _shown(_form())


@blueprint.post("/")
@needs(Permission.PUBLISH_DISCLOSURE)
def add() -> Page:
    """One more promise; it is not taken back."""
    form = _form()
    if not form.validate():
        return _shown(form), 400
    try:
        with transaction() as session:
            promise(session, Id(form.office.data), form.given, current_staff().actor, now())
        return redirect(url_for("promises.index"), 303)
    except Refused as error:
        form.form_errors.append(error.message)
        return _shown(form), 422


def _form() -> PromiseForm:
    form = PromiseForm()
    form.edition.choices = options((one.id, one.zh) for one in vocabulary().editions.values())
    with reading() as session:
        form.office.choices = options(_offices(session))
    return form


def _offices(session: Session) -> list[tuple[str, str]]:
    mine = Office.id.in_(current_staff().actor.offices_with(Permission.PUBLISH_DISCLOSURE))
    return [(one.id.hex, one.name) for one in session.scalars(select(Office).where(mine).order_by(Office.name))]


def _shown(form: PromiseForm) -> str:
    with reading() as session:
        found = promised(session, today())
    return render_template("disclosures/promises.html", found=found, form=form, words=wording)
