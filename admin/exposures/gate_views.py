"""Pages of the severity gate: the closed cases of a publisher's office, and the decision on one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from admin.exposures import casequeries, recordshown
from admin.exposures.circulating import sent_of, waits
from admin.exposures.gating import decide
from admin.exposures.recordforms import GateForm
from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.tips.casework import WORDS_LIMIT, locked, number_of, office_name
from admin.tips.reading import keys_for
from admin.web.guard import current_staff, needs
from portal.exposures import wording
from portal.exposures.events import CaseRead
from portal.exposures.gates import propose_rule, rule_words
from portal.exposures.generating import propose
from portal.exposures.models import ExposureGate
from portal.exposures.records_kept import record_of
from portal.exposures.values import Treatment
from portal.kernel.clock import now, today
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.tips.sealing import open_words

blueprint = Blueprint("gates", __name__, url_prefix="/exposures")


@blueprint.get("/gate/")
@needs(Permission.PUBLISH_EXPOSURE)
def index() -> str:
    """Closed cases that found something, with what was decided."""
    with reading() as session:
        found = casequeries.lines(session, current_staff().actor, Permission.PUBLISH_EXPOSURE)
    return render_template("exposure/cases.html", lines=found, gate=True, w=wording)


@blueprint.route("/<number>/gate/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def page(number: str) -> str | tuple[str, int] | Response:
    """The record, what the rules propose, the turns so far, and the decision. That it was opened is recorded first."""
    me, form, status = current_staff(), GateForm(), 200
    with transaction() as session:
        tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
        append(session, CaseRead(number_of(tip), tip.office_id.hex), me.actor, now())
    with reading() as session:
        keys = keys_for(session, tip, me.office_key(tip.office_id, session))
        record = record_of(session, tip, keys)
        if record is None:
            raise Refused("no_record", "这个案件还没有登记案件记录，请承办人员先登记。")
        wanted = select(ExposureGate, Staff.name).join(Staff, Staff.id == ExposureGate.decided_by)
        found = session.execute(wanted.where(ExposureGate.tip_id == tip.id).order_by(ExposureGate.turn.desc())).all()
        turns = [(row, name, open_words(row.words, keys, row.id)) for row, name in found]
        office, sent, waiting = office_name(session, tip), sent_of(session, tip), waits(session, tip)
    proposed = propose_rule(record, today())
    if request.method == "GET" and proposed is not None and not turns:
        form.treatment.data, form.rule.data = proposed.treatment.value, proposed.id
    if form.validate_on_submit():
        try:
            with transaction() as session:
                tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
                keys = keys_for(session, tip, me.office_key(tip.office_id, session))
                choice = Treatment(form.treatment.data), form.rule.data, form.words.data
                decide(session, tip, *choice, me.actor, now(), keys)
            onward = "circulars.new" if choice[0] is Treatment.CIRCULATE else "gates.page"
            return redirect(url_for(onward, number=number), 303)
        except Refused as error:
            form.form_errors.append(error.message)
            status = 422
    html = render_template(
        "exposure/gate.html", tip=tip, form=form, turns=turns, rows=recordshown.rows(record), rule=proposed,
        proposed=propose(record, office), rule_words=rule_words, limit=WORDS_LIMIT, w=wording, sent=sent,
        waiting=waiting,
    )  # fmt: skip
    return html, 400 if form.errors and status == 200 else status
