"""Pages of case records: the list of closed cases, and one record with its form."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.exposures import casequeries, recordshown
from admin.exposures.recordforms import MARKS, SUMS, CaseRecordForm
from admin.exposures.recording import WHY_LIMIT, closing_of, record_case
from admin.staff.roles import Permission
from admin.tips.casework import locked, office_name
from admin.tips.reading import keys_for
from admin.tips.triage import record_reading
from admin.web.guard import current_staff, needs
from portal.exposures import wording
from portal.exposures.generating import propose
from portal.exposures.records_kept import versions_of
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transaction
from portal.mailbox.reasons import FOUND_SOMETHING
from portal.tips.findings_kept import findings_of
from portal.tips.states import State

blueprint = Blueprint("case_records", __name__, url_prefix="/exposures")


@blueprint.get("/cases/")
@needs(Permission.HANDLE)
def index() -> str:
    """Closed cases that found something: which have a record, and what the gate said."""
    with reading() as session:
        found = casequeries.lines(session, current_staff().actor, Permission.HANDLE)
    return render_template("exposure/cases.html", lines=found, gate=False, w=wording)


@blueprint.route("/<number>/record/", methods=["GET", "POST"])
@needs(Permission.HANDLE)
def page(number: str) -> str | tuple[str, int] | Response:
    """The record that stands, the paragraph it would make, and the form. The reading is recorded first."""
    me, form, status = current_staff(), CaseRecordForm(), 200
    with transaction() as session:
        tip = locked(session, number, me.actor, permission=Permission.HANDLE)
        record_reading(session, tip, me.actor, now())
    with reading() as session:
        if State(tip.state) is not State.CLOSED or closing_of(session, tip) not in FOUND_SOMETHING:
            raise Refused("not_closed", "查实并且结案以后，才能登记案件记录。")
        keys = keys_for(session, tip, me.office_key(tip.office_id, session))
        kept = versions_of(session, tip, keys)
        standing = kept[0].version.record if kept else None
        if request.method == "GET":
            form.show(standing or casequeries.first_record(tip, findings_of(session, tip, keys)))
        office = office_name(session, tip)
    if request.form.get("do") != "more" and form.validate_on_submit():
        try:
            with transaction() as session:
                tip = locked(session, number, me.actor, permission=Permission.HANDLE)
                keys = keys_for(session, tip, me.office_key(tip.office_id, session))
                record_case(session, tip, form.to_record(), me.actor, now(), keys, form.why.data or "")
            return redirect(url_for("case_records.page", number=number), 303)
        except Refused as error:
            form.form_errors.append(error.message)
            status = 422
    html = render_template(
        "exposure/record.html", tip=tip, form=form, kept=kept, sums=SUMS, marks=MARKS, limit=WHY_LIMIT,
        rows=recordshown.rows(standing) if standing else [],
        proposed=propose(standing, office) if standing else None,
    )  # fmt: skip
    return html, 400 if form.errors and status == 200 else status
