"""Pages of an editor: the cases that are being written, and one draft with everything it raises.

Each opening of a draft opens the report as well, and is recorded as such first: what is written is held against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures import draftqueries, recordshown
from admin.exposures.draftforms import DraftForm
from admin.exposures.drafting import (
    OPEN_STATES,
    TEXT_LIMIT,
    WORDS_LIMIT,
    Material,
    draft_of,
    judged,
    material_of,
    save,
    submit,
)
from admin.exposures.draftshown import draft_page
from admin.exposures.draftwords import KEEPS, STATES, asked_in_words
from admin.exposures.moving import locked_way
from admin.staff.roles import Permission
from admin.tips.casework import locked
from admin.tips.reading import keys_for
from admin.tips.triage import record_reading
from admin.web.guard import SignedIn, current_staff, needs
from portal.exposures.difference import difference
from portal.exposures.drafts import Draft, text_of
from portal.exposures.models import Exposure
from portal.exposures.states import ExposureState
from portal.kernel.clock import now, today
from portal.kernel.errors import IllegalMove, Refused
from portal.kernel.transaction import reading, transaction
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys

Page = str | tuple[str, int] | Response

blueprint = Blueprint("drafts", __name__, url_prefix="/exposures")


@dataclass(frozen=True, slots=True)
class Desk:
    """One case as it lies open before its editor. ``kept``: the newest version, None before the first."""

    tip: Tip
    exposure: Exposure
    keys: ReportKeys = field(repr=False)
    material: Material = field(repr=False)
    kept: Draft | None = field(repr=False)

    @property
    def start(self) -> Draft:
        """The newest version, or what is generated from the record."""
        return self.kept or Draft(content=self.material.generated)


@blueprint.get("/drafts/")
@needs(Permission.EDIT_EXPOSURE)
def index() -> str:
    """Cases that are being written, and those that wait for a publisher."""
    with reading() as session:
        lines = draftqueries.lines(session, current_staff().actor)
    return render_template("exposure/drafts.html", lines=lines, states=STATES)


@blueprint.route("/<number>/draft/", methods=["GET", "POST"])
@needs(Permission.EDIT_EXPOSURE)
def page(number: str) -> Page:
    """The draft: text, masks, questions, the difference to the record, the reporter's safety. Saving and submitting."""
    me, form, typed, fresh, status = current_staff(), DraftForm(), None, request.method == "GET", 200
    with transaction() as session:
        tip = locked(session, number, me.actor, permission=Permission.EDIT_EXPOSURE)
        record_reading(session, tip, me.actor, now())
    if form.is_submitted():
        try:
            status = 400
            if form.validate():
                typed = _typed(me, number, form)
                version = _saved(me, number, form, typed)
                fresh = True
                if request.form.get("do") == "submit":
                    _submitted(me, number, version)
                return redirect(url_for("drafts.page", number=number, _anchor="todo"), 303)
        except (Refused, IllegalMove) as error:
            form.form_errors.append(error.message)
            status = 422
    return _shown(me, number, form, None if fresh else typed, fresh), status


def _desk(session: Session, me: SignedIn, number: str) -> Desk:
    tip = locked(session, number, me.actor, permission=Permission.EDIT_EXPOSURE)
    exposure = locked_way(session, tip)
    keys = keys_for(session, tip, me.office_key(tip.office_id, session))
    return Desk(tip, exposure, keys, material_of(session, exposure, keys), draft_of(session, exposure, keys))


def _typed(me: SignedIn, number: str, form: DraftForm) -> Draft:
    with transaction() as session:
        desk = _desk(session, me, number)
    draft = form.typed(desk.start, desk.material, request.form, today())
    if pressed := request.form.get("mask"):
        masked = form.masking(draft, desk.material, pressed)
        draft = judged(masked, desk.material, today())
    return draft


def _saved(me: SignedIn, number: str, form: DraftForm, typed: Draft) -> int:
    """The version that holds what was typed: the next one, or the newest when that is the same."""
    with transaction() as session:
        desk = _desk(session, me, number)
        if desk.kept != typed or desk.exposure.version != int(form.seen.data or 0):
            save(session, desk.exposure, typed, int(form.seen.data or 0), me.actor, now(), desk.keys)
        return desk.exposure.version


def _submitted(me: SignedIn, number: str, version: int) -> None:
    with transaction() as session:
        desk = _desk(session, me, number)
        submit(session, desk.exposure, version, me.actor, now(), desk.keys)


def _shown(me: SignedIn, number: str, form: DraftForm, typed: Draft | None, fresh: bool) -> str:
    """The page around *typed*, or around the newest version; *fresh*: the form shows that version, too. When somebody
    saved meanwhile, their text stands beside what was typed, and the next press takes the place of theirs."""
    with transaction() as session:
        desk = _desk(session, me, number)
        history = draftqueries.history(session, desk.exposure)
        returned = draftqueries.returned(session, desk.exposure, desk.keys)
        checks = draftqueries.name_checks(session, desk.exposure)
    draft = judged(typed or desk.start, desk.material, today())
    theirs = None
    if typed is not None and desk.kept is not None and form.seen.data != str(desk.exposure.version):
        theirs = difference(text_of(desk.kept.content), text_of(draft.content))
    if fresh:
        form.show(draft)
    form.seen.data = str(desk.exposure.version)
    state = ExposureState(desk.exposure.state)
    return render_template(
        "exposure/draft.html", tip=desk.tip, exposure=desk.exposure, draft=draft, form=form, asked=asked_in_words,
        page=draft_page(draft, desk.material, today()),
        state=STATES[state], open=state in OPEN_STATES, correcting=state is ExposureState.CORRECTING, theirs=theirs,
        rows=recordshown.rows(desk.material.record), history=history, checks=checks, returned=returned, keeps=KEEPS,
        limits={"text": TEXT_LIMIT, "words": WORDS_LIMIT},
    )  # fmt: skip
