"""A file of figures: looked at first, row by row, and stored as it was shown by a second press."""

from __future__ import annotations

import io
from typing import cast

from flask import Blueprint, Flask, redirect, render_template, request, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.disclosures import drafting, kept, wording
from admin.disclosures.drafting import File
from admin.disclosures.forms import PurposeForm, StoreForm, UploadForm
from admin.disclosures.previewing import Preview, pack, preview, read_file, unpack
from admin.disclosures.shown import ROWS, tally
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from portal.attachments.upload import take_in_clear
from portal.directory.models import Office
from portal.disclosures.models import Disclosure
from portal.disclosures.template import MEDIA_TYPE, NAME, template
from portal.kernel.clock import now
from portal.kernel.errors import IllegalMove, Refused
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.web.fields import options

Page = str | tuple[str, int] | Response

blueprint = Blueprint("disclosure_files", __name__, url_prefix="/disclosures")
blueprint.record_once(lambda state: take_in_clear(cast(Flask, state.app), "disclosure_files.new"))
blueprint.record_once(lambda state: take_in_clear(cast(Flask, state.app), "disclosure_files.replace"))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.EDIT_DISCLOSURE)
def new() -> Page:
    """A file is looked at; pressed again, it is a draft."""
    return _page(None)


@blueprint.get("/template")
@needs(Permission.EDIT_DISCLOSURE)
def blank() -> Response:
    """The table to fill in, as XLSX."""
    content = io.BytesIO(template())
    return send_file(content, MEDIA_TYPE, as_attachment=True, download_name=NAME)


@blueprint.route("/<uuid:disclosure_id>/replace", methods=["GET", "POST"])
@needs(Permission.EDIT_DISCLOSURE)
def replace(disclosure_id: Id) -> Page:
    """Another file in the place of the first, looked at before in the same way."""
    with reading() as session:
        return _page(kept.shown(session, disclosure_id, current_staff().actor))


def _page(old: Disclosure | None) -> Page:
    """A press that is refused shows the file again: nothing has to be chosen or typed twice."""
    stores = request.method == "POST" and "packed" in request.form
    form: PurposeForm = StoreForm() if stores else UploadForm(data=_before(old))
    with reading() as session:
        form.office.choices = options(_offices(session, old))
    if request.method == "GET":
        return _shown(form, old)
    file: File | None = None
    status, valid = 400, form.validate()
    try:
        if valid or stores:
            content, name = _content(form)
            file = read_file(content, name)
            if valid and stores:
                return redirect(url_for("disclosures.page", disclosure_id=_store(form, file, old)), 303)
            if valid:
                form, status = _second(form, content, file), 422 if file.reading.errors else 200
    except (Refused, IllegalMove) as error:
        form.form_errors.append(error.message)
        status = 422
    with reading() as session:
        seen = preview(session, file) if file else None
    return _shown(form, old, seen), status


def _before(old: Disclosure | None) -> dict[str, str]:
    """What the form holds at first: of the file that is replaced, its title and purpose."""
    return {} if old is None else {name: getattr(old, name) for name in ("title", "kind", "reason", "words")}


def _offices(session: Session, old: Disclosure | None) -> list[tuple[str, str]]:
    able = [old.office_id] if old else current_staff().actor.offices_with(Permission.EDIT_DISCLOSURE)
    found = session.scalars(select(Office).where(Office.id.in_(able)).order_by(Office.name))
    return [(one.id.hex, one.name) for one in found]


def _content(form: PurposeForm) -> tuple[bytes, str]:
    """The bytes of this press and the name of the file."""
    if isinstance(form, StoreForm):
        return unpack(form.packed.data or "", form.sha256.data or ""), form.name.data or ""
    uploaded = cast(UploadForm, form).file.data
    return uploaded.read(), (uploaded.filename or "")[-200:]


def _second(form: PurposeForm, content: bytes, file: File) -> StoreForm:
    """The form of the second press: what was filled in, and the same bytes."""
    second = StoreForm(formdata=None, data={**form.data, "name": file.name, "sha256": file.sha256})
    second.office.choices, second.packed.data = form.office.choices, pack(content)
    return second


def _store(form: PurposeForm, file: File, old: Disclosure | None) -> Id:
    actor = current_staff().actor
    with transaction() as session:
        if old is None:
            return drafting.take_in(session, Id(form.office.data), file, form.purpose, actor, now()).id
        row = kept.locked(session, old.id, actor)
        drafting.replace_file(session, row, file, form.purpose, actor, now())
        return row.id


def _shown(form: PurposeForm, old: Disclosure | None, seen: Preview | None = None) -> str:
    looks = [(one, wording.told(one.line.figure)) for one in seen.looks[:ROWS]] if seen else []
    differing = [one for one in seen.checks if one.explain][:ROWS] if seen else []
    return render_template(
        "disclosures/file.html", form=form, old=old, seen=seen, looks=looks, most=ROWS, words=wording,
        tally=tally(seen.checks) if seen else [], differing=differing,
    )  # fmt: skip
