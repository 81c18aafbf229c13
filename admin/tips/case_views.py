"""The page of one report, what can be done from it, and its printed form."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from admin.staff.generations import every_generation
from admin.staff.roles import Permission
from admin.tips import letterfiles, proposals, triage, wording
from admin.tips.casepage import case_page
from admin.tips.casework import find, followers_of, last_position, locked, tombstone
from admin.tips.conversation import mark_read
from admin.tips.deeds import Deed, Doing, deed_of, offered
from admin.tips.exposurepanel import exposure_panel
from admin.tips.files import file_row
from admin.tips.permitted import must
from admin.tips.reading import TipView, keys_for, open_tip
from admin.tips.rewardpanel import reward_panel
from admin.web.guard import SignedIn, current_staff, needs
from portal.attachments import rules
from portal.attachments.upload import give_room
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, NotFound, Refused
from portal.kernel.site import MIB, site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.ledger.events import PrintMade
from portal.mailbox.letters import IN
from portal.mailbox.reasons import FOUND_SOMETHING
from portal.retention.wording import DESTRUCTION_RULES
from portal.tips.findings_kept import findings_of
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action

Answer = str | tuple[str, int] | BaseResponse

blueprint = Blueprint("tips", __name__, url_prefix="/tips")


@blueprint.get("/<number>/")
@needs(Permission.READ_TIP)
def case(number: str) -> str:
    """The report and its file. That it was opened is on record before anything is shown."""
    try:
        return _shown(number, "tips/case.html")
    except NotFound as error:
        if error.code != "shredded":
            raise
    with reading() as session:
        tip = tombstone(session, number, current_staff().actor)
    rule = DESTRUCTION_RULES.get(tip.destroyed_by or "", tip.destroyed_by)
    return render_template("tips/tombstone.html", tip=tip, rule=rule, w=wording)


@blueprint.get("/<number>/print/")
@needs(Permission.PRINT)
def printed(number: str) -> str:
    """The same for paper, with the reader's name on it; a print is recorded like a reading."""
    me = current_staff()
    with transaction() as session:
        tip = find(session, number, me.actor)
        me.actor.must(Permission.PRINT, tip.office_id)
        append(session, PrintMade("tip", tip.office_id.hex, number=tip.number), me.actor, now())
    return _shown(number, "tips/print.html")


@blueprint.record_once
def open_room(state: BlueprintSetupState) -> None:
    give_room(cast("Flask", state.app), f"{blueprint.name}.act", letterfiles.room)


@blueprint.route("/<number>/<slug>/", methods=["GET", "POST"])
@needs(Permission.READ_TIP)
def act(number: str, slug: str) -> Answer:
    """One act: its form, then its verb. A letter's files stay with the page until it is sent."""
    me, deed = current_staff(), deed_of(slug)
    form = deed.form()
    if request.method == "GET" and form.shows_findings:
        _record_reading(me, number, deed)
    with reading() as session:
        tip = find(session, number, me.actor)
        must(me.actor, tip.office_id, *deed.needs)
        form.prepare(session, tip)
        if request.method == "GET":
            form.seen.data = str(last_position(session, tip))
            if form.shows_findings:
                form.prefill(tip, findings_of(session, tip, _keys(session, me, tip)))
        elif form.takes_files:
            _take_files(me, tip, form)
    only_files = request.form.get("do") == "add" or "remove" in request.form
    if not only_files and form.validate_on_submit() and not form.file_problems:
        try:
            _perform(me, number, slug, form)
            return redirect(_after(deed, number, form))
        except (Refused, IllegalMove) as error:
            form.form_errors.append(error.message)
    return _act_page(tip, deed, form)


def _after(deed: Deed, number: str, form: Any) -> str:
    """Where an act leads: back to the report, to the list once it is gone, on to the record once a case is closed."""
    if deed.leaves:
        return url_for("queue.index", done=deed.slug)
    if deed.slug == Action.CLOSE.value and form.reason.data in FOUND_SOMETHING:
        return url_for("case_records.page", number=number)
    return url_for("tips.case", number=number)


def _record_reading(me: SignedIn, number: str, deed: Deed) -> None:
    """Before a form shows sealed words again: as on the page of the case."""
    with transaction() as session:
        tip = locked(session, number, me.actor)
        must(me.actor, tip.office_id, *deed.needs)
        triage.record_reading(session, tip, me.actor, now())


def _take_files(me: SignedIn, tip: Tip, form: Any) -> None:
    try:
        waiting = letterfiles.arrived(me, tip, form.waiting.data or "")
    except Refused as error:
        form.waiting.data, form.file_problems = "", [error.message]
        return
    form.taken, form.file_problems = waiting.files, waiting.problems
    form.waiting.data = letterfiles.sealed(me, tip, waiting.files)


def _act_page(tip: Tip, deed: Deed, form: Any, status: int = 200) -> Answer:
    limits = site().limits
    if form.takes_files:
        form.file.errors = form.file_problems
    page = render_template(
        "tips/act.html",
        tip=tip,
        deed=deed,
        form=form,
        kept=[file_row(one.entry) for one in form.taken],
        accept=rules.ACCEPT,
        most_file=limits.file_bytes // MIB,
        most_total=limits.total_bytes // MIB,
    )
    return page, status


@blueprint.post("/<number>/proposals/<uuid:proposal>/<answer>/")
@needs(Permission.APPROVE)
def decide(number: str, proposal: Id, answer: str) -> BaseResponse:
    """The head agrees or does not."""
    me, form = current_staff(), FlaskForm()
    if not form.validate() or answer not in ("approve", "refuse"):
        raise Refused("bad_answer", "请从举报页面上选择批准或者不批准。")
    with transaction() as session:
        tip = locked(session, number, me.actor)
        if answer == "approve":
            followers = {one.id: _keys(session, me, one) for one in followers_of(session, tip)}
            proposals.approve(session, tip, proposal, me.actor, now(), _keys(session, me, tip), followers)
        else:
            proposals.refuse(session, tip, proposal, me.actor, now())
    return redirect(url_for("tips.case", number=number))


def _shown(number: str, template: str) -> str:
    me, moment = current_staff(), now()
    with transaction() as session:
        tip = locked(session, number, me.actor)
        triage.record_reading(session, tip, me.actor, moment)
    with reading() as session:
        keys = _keys(session, me, tip)
        view = open_tip(session, tip, keys)
        newest = me.office_key(tip.office_id)
        tags = triage.duplicate_tags(view.report, every_generation(session, newest, tip.office_id))
        page = case_page(session, view, keys, tags, me.actor, today())
        reward, exposure = reward_panel(session, tip), exposure_panel(session, view)
    _after_looking(me, view, tags[0] if tags else None)
    waiting = frozenset(one.action for one in view.proposals if one.state == "open")
    deeds = offered(tip, me.actor, view.clocks, mailbox=view.mailbox is not None, proposed=waiting)

    return render_template(
        template, view=view, tip=tip, page=page, deeds=deeds, today=today(), moment=moment, reward=reward,
        exposure=exposure, w=wording,
    )  # fmt: skip


def _after_looking(me: SignedIn, view: TipView, tag: bytes | None) -> None:
    """Keep what an opening leaves behind: the tag of the newest key, and that letters were read."""
    unread = any(one.row.direction == IN and not one.row.read_by_office for one in view.letters)
    if not unread and tag == view.tip.duplicate_tag:
        return
    with transaction() as session:
        tip = locked(session, view.tip.number, me.actor)
        if tip.office_id == view.tip.office_id:  # else it was given away this very moment
            tip.duplicate_tag = tag
            mark_read(session, tip)


def _perform(me: SignedIn, number: str, slug: str, form: Any) -> None:
    with transaction() as session:
        tip = locked(session, number, me.actor, form.seen_position if form.seen_position is not None else -1)
        letterfiles.all_there(form.taken)
        followers = {one.id: _keys(session, me, one) for one in followers_of(session, tip)}
        deed_of(slug).run(Doing(session, tip, me.actor, now(), _keys(session, me, tip), followers), form)


def _keys(session: Session, me: SignedIn, tip: Tip) -> ReportKeys:
    return keys_for(session, tip, me.office_key(tip.office_id, session))
