"""Writing down what came by another channel: the same intake verb, the same sealing, the same book."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from admin.directory.queries import institutions_like
from admin.staff.roles import Permission
from admin.tips import recorddrafts as drafts
from admin.tips import recordkeeping as keeping
from admin.tips import wording
from admin.tips.files import file_row
from admin.tips.recorddrafts import OpenRecord, Unreadable
from admin.tips.recordforms import RecordForm
from admin.web.guard import current_staff, needs
from crypto.receipts import ReceiptCode
from portal.attachments import arriving, rules
from portal.attachments.upload import give_room
from portal.directory.regions import regions
from portal.kernel.clock import BEIJING, now, today
from portal.kernel.errors import NotFound, Refused, Unavailable
from portal.kernel.site import MIB, site
from portal.kernel.transaction import reading
from portal.kernel.values import Id, new_id
from portal.tips.intake import Received
from portal.web.errors import as_usual

Answer = str | tuple[str, int] | BaseResponse
blueprint = Blueprint("record", __name__, url_prefix="/record")

SUGGESTED = 12


@blueprint.record_once
def open_room(state: BlueprintSetupState) -> None:
    give_room(cast("Flask", state.app), f"{blueprint.name}.page", keeping.room)


@blueprint.get("/")
@needs(Permission.RECORD_TIP)
def index() -> str:
    """What is not yet recorded, and an empty form."""
    keeping.forget_slips()
    return _page(new_id(), RecordForm(formdata=None), None)


@blueprint.route("/<uuid:draft>/", methods=["GET", "POST"])
@needs(Permission.RECORD_TIP)
def page(draft: Id) -> Answer:
    """The form with what was typed, and after it the slip: the code is shown once and is for first use only."""
    if request.method == "GET":
        opened = keeping.opened(draft)
        return _page(draft, keeping.form_of(opened), opened)
    before = keeping.received_before(draft)
    if before is not None:
        return _slip(*before)
    form = RecordForm()
    try:
        kept, problems = keeping.keep(draft)
    except Refused as error:
        before = keeping.received_before(draft)  # another press may have recorded it in this moment
        if before is not None:
            return _slip(*before)
        form.form_errors.append(error.message)
        return _page(draft, form, None), 422
    if kept is not None and request.form.get("remove"):
        keeping.remove_file(draft, request.form["remove"])
        return redirect(url_for("record.page", draft=draft), 303)
    if kept is not None and request.form.get("do") != "record" and not problems:
        return redirect(url_for("record.page", draft=draft, said="saved"), 303)
    return _recorded(draft, form, kept, problems)


@blueprint.post("/<uuid:draft>/save/")
@needs(Permission.RECORD_TIP)
def save(draft: Id) -> Response | tuple[Response, int]:
    """What a script sends a moment after typing stops. A window that is behind another overwrites nothing."""
    try:
        opened, _problems = keeping.keep(draft, seen=keeping.seen_version())
    except Refused as error:
        return jsonify(said=error.message), 409
    if opened is None:
        return jsonify(said="", version=0)
    return jsonify(said=_saved_words(opened), version=opened.row.version)


@blueprint.post("/<uuid:draft>/discard/")
@needs(Permission.RECORD_TIP)
def discard(draft: Id) -> BaseResponse:
    """Destroy a draft and its files at once."""
    keeping.discard(draft)
    return redirect(url_for("record.index", said="discarded"), 303)


@blueprint.post("/institutions.json")
@needs(Permission.READ_TIP)  # the form of a case record asks as well, which a head fills in too
def institutions() -> Response:
    """Names of designated institutions for type-ahead. Asked by POST: what is typed stands in no address or log."""
    asked = request.form.get("q", "").strip()[:60]
    if not asked:
        return jsonify([])
    with reading() as session:
        found = institutions_like(session, current_staff().actor, asked, SUGGESTED)
    return jsonify([{"value": one.name, "label": one.name} for one in found])


@blueprint.post("/regions.json")
@needs(Permission.READ_TIP)
def places() -> Response:
    """Divisions for type-ahead, with the way down to each."""
    found = regions().search(request.form.get("q", "")[:60], SUGGESTED)
    return jsonify([{"value": one.code, "label": " ".join(regions().path(one.code))} for one in found])


def _recorded(draft: Id, form: RecordForm, kept: OpenRecord | None, problems: list[str]) -> Answer:
    """The slip, or the page again with what is wrong; what was typed is saved by now."""
    status = 422
    if form.validate() and kept is not None and not problems:
        try:
            return _slip(*keeping.record(form, kept))
        except (Refused, Unavailable) as error:
            form.form_errors.append(error.message)
            status = 503 if isinstance(error, Unavailable) else 422
    form.file.errors = problems
    return _page(draft, form, kept), status


def _slip(received: Received, code: ReceiptCode | None) -> str:
    return render_template("record/done.html", received=received, code=code, form=None)


def _page(draft: Id, form: RecordForm, opened: OpenRecord | None) -> str:
    limits = site().limits
    with reading() as session:
        waiting = drafts.mine(session, keeping.owner(), now())
    return render_template(
        "record/index.html",
        draft=draft,
        form=form,
        version=opened.row.version if opened else 0,
        saved=_saved_words(opened) if opened else "",
        expires_on=opened.expires_on if opened else None,
        kept=[file_row(file) for file in opened.files] if opened else [],
        waiting=[_waiting_row(one) for one in waiting if one.id != draft],
        said=request.args.get("said", ""),
        accept=rules.ACCEPT,
        most_file=limits.file_bytes // MIB,
        most_total=limits.total_bytes // MIB,
    )


def _waiting_row(one: OpenRecord | Unreadable) -> dict[str, Any]:
    """A line of what is not yet recorded: told apart by where it came from, whom it is about, and its first words."""
    row: dict[str, Any] = {"id": one.id, "expires_on": one.expires_on, "saved": "", "words": "", "files": 0}
    if isinstance(one, OpenRecord):
        channel = str(wording.CHANNELS.get(one.typed.get("channel", ""), ""))
        parts = [channel, one.typed.get("target", "")[:30], " ".join(one.typed.get("words", "").split())[:30]]
        row["words"] = " · ".join(part for part in parts if part) or gettext("还没有填写内容")
        row["saved"], row["files"] = _saved_words(one), len(one.files)
    return row


def _saved_words(opened: OpenRecord) -> str:
    if opened.saved_at is None:
        return ""
    moment = opened.saved_at.astimezone(BEIJING)
    time = f"{moment:%H:%M}"
    if moment.date() == today():
        return str(gettext("已保存，%(time)s", time=time))
    return str(gettext("已保存，%(month)s月%(day)s日 %(time)s", month=moment.month, day=moment.day, time=time))


@blueprint.errorhandler(RequestEntityTooLarge)
@blueprint.errorhandler(CSRFError)
def not_taken(error: RequestEntityTooLarge | CSRFError) -> ResponseReturnValue:
    """Too much at once, or broken off on the way (the token is lost with it): the page again, as it was last saved."""
    too_much = isinstance(error, RequestEntityTooLarge)
    if request.endpoint != "record.page" or not (too_much or arriving.incoming().upload_broken):
        return as_usual(error)
    draft = Id(str((request.view_args or {})["draft"]))
    try:
        opened = keeping.opened(draft)
    except NotFound:
        opened = None
    form = keeping.form_of(opened) if opened else RecordForm(formdata=None)
    form.file.errors = [arriving.too_many_words() if too_much else arriving.broken_words()]
    return _page(draft, form, opened), 413 if too_much else 400
