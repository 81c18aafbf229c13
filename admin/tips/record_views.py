"""Writing down what came by another channel: the same intake verb, the same sealing, the same book."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.recordforms import RecordForm
from admin.web.guard import current_staff, needs
from crypto import receipts
from crypto.receipts import ReceiptCode
from portal.directory.models import Institution, Office
from portal.directory.regions import regions
from portal.kernel.clock import now, today
from portal.kernel.errors import Refused, Unavailable
from portal.kernel.shred import create_shred_key, drop_shred_keys
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.tips.codes import check_codes
from portal.tips.intake import Received, find_received, receive_tip
from portal.tips.receipt_hash import submit_secrets
from portal.tips.values import AnswerWay

blueprint = Blueprint("record", __name__, url_prefix="/record")

SUGGESTED = 12


@blueprint.route("/", methods=["GET", "POST"])
@needs(Permission.RECORD_TIP)
def index() -> str | tuple[str, int]:
    """The form, and after it the slip: the code is shown once and is for first use only."""
    form = RecordForm()
    status = 200
    if request.method == "GET":
        form.tip_id.data = new_id().hex
    elif form.validate():
        try:
            received, code = _record(form)
            return render_template("record/done.html", received=received, code=code, form=None)
        except (Refused, Unavailable) as error:
            form.form_errors.append(error.message)
            status = 503 if isinstance(error, Unavailable) else 422
    else:
        status = 422
    return render_template("record/index.html", form=form), status


@blueprint.post("/institutions.json")
@needs(Permission.RECORD_TIP)
def institutions() -> Response:
    """Names of designated institutions for type-ahead. Asked by POST: what is typed stands in no address or log."""
    asked = request.form.get("q", "").strip()[:60]
    if not asked:
        return jsonify([])
    with reading() as session:
        found = _institutions(session, asked)
    return jsonify([{"value": one.name, "label": one.name} for one in found])


@blueprint.post("/regions.json")
@needs(Permission.RECORD_TIP)
def places() -> Response:
    """Divisions for type-ahead, with the way down to each."""
    found = regions().search(request.form.get("q", "")[:60], SUGGESTED)
    return jsonify([{"value": one.code, "label": " ".join(regions().path(one.code))} for one in found])


def _institutions(session: Session, asked: str) -> list[Institution]:
    """By the beginning of the name, which an index serves; then anywhere in it, inside the person's own areas."""
    me = current_staff()
    offices = session.scalars(
        select(Office.region).where(Office.id.in_(me.actor.offices_with(Permission.RECORD_TIP)))
    ).all()
    areas = [Institution.region.startswith(region.rstrip("0") or region, autoescape=True) for region in offices]
    found: dict[Id, Institution] = {}
    for matches in (
        Institution.name.startswith(asked, autoescape=True),
        Institution.name.contains(asked, autoescape=True),
    ):
        for area in areas:
            rows = session.scalars(
                select(Institution).where(area, matches, Institution.active).order_by(Institution.name).limit(SUGGESTED)
            )
            found.update({row.id: row for row in rows})
    return list(found.values())[:SUGGESTED]


def _record(form: RecordForm) -> tuple[Received, ReceiptCode | None]:
    """Hash, shred key, then one transaction; nothing stays behind when it is refused. Handed in twice it is one."""
    try:
        tip_id = Id(form.tip_id.data or "")
    except ValueError:
        raise Refused("bad_form", "页面已经过期，请复制填写的内容，刷新后再登记。") from None
    with reading() as session:
        before = find_received(session, tip_id)
    if before is not None:
        return before, None
    code = receipts.generate() if form.answer_way.data == AnswerWay.CODE else None
    submission = form.to_submission(submit_secrets(code) if code is not None else None)
    create_shred_key(tip_id, today())
    try:
        with transaction() as session:
            check_codes(session, submission.report)
            return receive_tip(session, submission, current_staff().actor, now()), code
    except BaseException:
        drop_shred_keys([tip_id])
        raise
