"""Pages of issues: the list with a new one, and one with its cases, published together."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures.issues import approved_for, issues_of, locked_issue, open_issue, reword, shown_issue
from admin.exposures.publishing import publish_issue
from admin.exposures.reviewforms import IssueForm, PublishIssueForm
from admin.staff.roles import Permission
from admin.tips.casework import locked
from admin.tips.reading import keys_for
from admin.web.guard import SignedIn, current_staff, needs
from admin.web.stepup import take_factor
from portal.directory.models import Office
from portal.exposures.models import Exposure, PublishedCase
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.web.fields import options

Page = str | tuple[str, int] | Response

blueprint = Blueprint("issues", __name__, url_prefix="/exposures/issues")


@blueprint.route("/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def index() -> Page:
    """The issues of this person's offices, and a new one."""
    me, form, status = current_staff(), IssueForm(), 200
    with reading() as session:
        found = issues_of(session, me.actor)
        mine = Office.id.in_(me.actor.offices_with(Permission.PUBLISH_EXPOSURE))
        names = {one.id: one.name for one in session.scalars(select(Office).where(mine).order_by(Office.name))}
    form.office.choices = options((one.hex, name) for one, name in names.items())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                words = form.title.data or "", form.preamble.data or ""
                made = open_issue(session, Id(form.office.data), *words, me.actor, now())
            return redirect(url_for("issues.page", issue_id=made.id), 303)
        except Refused as error:
            form.form_errors.append(error.message)
            status = 422
    html = render_template("exposure/issues.html", issues=found, names=names, form=form)
    return html, 400 if form.errors and status == 200 else status


@blueprint.route("/<uuid:issue_id>/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def page(issue_id: Id) -> Page:
    """Title and preamble, the approved cases in their order, and publishing them together."""
    me, status = current_staff(), 200
    publishes = request.method == "POST" and request.form.get("do") == "publish"
    words = IssueForm(formdata=None if publishes else request.form)
    publish = PublishIssueForm(formdata=request.form if publishes else None)
    del words.office
    form = publish if publishes else words
    if request.method == "POST" and form.validate():
        try:
            if publishes:
                take_factor(publish.code.data)
                _publish(me, issue_id)
            else:
                with transaction() as session:
                    batch = locked_issue(session, issue_id, me.actor)
                    reword(session, batch, words.title.data or "", words.preamble.data or "", me.actor)
            return redirect(url_for("issues.page", issue_id=issue_id), 303)
        except (Refused, IllegalMove, Throttled) as error:
            form.form_errors.append(error.message)
            status = 422
    html = _shown(me, issue_id, words, publish, form)
    return html, 400 if form.errors and status == 200 else status


def _shown(me: SignedIn, issue_id: Id, words: IssueForm, publish: PublishIssueForm, form: object) -> str:
    with reading() as session:
        batch = shown_issue(session, issue_id, me.actor)
        waiting = session.execute(
            select(Exposure, Tip.number).join(Tip, Tip.id == Exposure.tip_id)
            .where(Exposure.batch_id == batch.id, Exposure.state == "scheduled")
            .order_by(Exposure.opened_on, Exposure.id)
        ).all()  # fmt: skip
        cases = select(PublishedCase).where(PublishedCase.batch_id == batch.id).order_by(PublishedCase.position)
        published = session.scalars(cases).all()
    if request.method == "GET" or form is publish:
        words.title.data, words.preamble.data = batch.title, batch.preamble
    asked = "&".join(f"{row.id.hex}" for row, _ in waiting)
    return render_template(
        "exposure/issue.html", issue=batch, waiting=waiting, published=published, words=words, publish=publish,
        form=form, seen=asked,
    )  # fmt: skip


def _publish(me: SignedIn, issue_id: Id) -> None:
    """The cases that were seen, in the order that was typed; a case that came or left meanwhile refuses it."""
    with transaction() as session:
        batch = locked_issue(session, issue_id, me.actor)
        ways = {one.id.hex: one for one in approved_for(session, batch)}
        seen = [one for one in request.form.get("seen", "").split("&") if one]
        if set(seen) != set(ways):
            raise Refused("issue_changed", "这一期的案例有了变化。请刷新页面再公布。")
        ordered = sorted(seen, key=lambda one: _place(request.form.get(f"place-{one}", "")))
        publish_issue(session, batch, [_opened(session, me, ways[one]) for one in ordered], me.actor, now())


def _place(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 999


def _opened(session: Session, me: SignedIn, way: Exposure) -> tuple[Exposure, ReportKeys]:
    number = session.scalars(select(Tip.number).where(Tip.id == way.tip_id)).one()
    tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
    if tip.office_id != way.office_id:
        raise NotFound("no_tip", "没有找到这份举报。")
    return way, keys_for(session, tip, me.office_key(tip.office_id, session))
