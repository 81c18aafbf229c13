"""Pages of circulars: writing one after the gate, the list, signing for one, reading and printing it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.exposures import circularqueries as queries
from admin.exposures.circularforms import CircularForm, by_place
from admin.exposures.circulating import recipients, send, standing
from admin.exposures.delivering import find, sign, signed
from admin.staff.roles import Permission
from admin.tips.casework import locked, number_of, office_name
from admin.tips.reading import keys_for
from admin.web.guard import SignedIn, current_staff, needs
from portal.directory.models import Office
from portal.exposures.circular_sheets import EvaluationSheet
from portal.exposures.circular_states import CircularKind
from portal.exposures.circulars import BODY_LIMIT, Candidate, CircularText, looked_at, propose_text
from portal.exposures.events import CaseRead
from portal.exposures.models import Circular, CircularCopy
from portal.exposures.record import CaseRecord
from portal.kernel.clock import now
from portal.kernel.errors import Refused
from portal.kernel.transaction import reading, transacted, transaction
from portal.ledger.book import append
from portal.ledger.events import PrintMade
from portal.retention.wording import DESTRUCTION_RULES
from portal.tips.models import Tip

blueprint = Blueprint("circulars", __name__)


@blueprint.route("/exposures/<number>/circular/new/", methods=["GET", "POST"])
@needs(Permission.PUBLISH_EXPOSURE)
def new(number: str) -> str | tuple[str, int] | Response:
    """The proposed words and recipients. That the record was opened is on record first."""
    me, form = current_staff(), CircularForm()
    with transaction() as session:
        tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
        append(session, CaseRead(number_of(tip), tip.office_id.hex), me.actor, now())
    with reading() as session:
        keys = keys_for(session, tip, me.office_key(tip.office_id, session))
        kept = standing(session, tip, me.actor, now(), keys)
        offered, office = recipients(session, tip, kept, now()), office_name(session, tip)
    record = kept.version.record
    form.offer(offered)
    if request.method == "GET":
        form.show(propose_text(record, office), offered)
    elif request.form.get("do") == "mask":
        _mask(form, record)
    elif form.validate_on_submit():
        try:
            circular = transacted(lambda session: _send(session, me, number, form))
            return redirect(url_for("circulars.page", circular=circular.number), 303)
        except Refused as error:
            form.form_errors.append(error.message)
    return _form_page(tip, form, offered, record)


def _form_page(tip: Tip, form: CircularForm, offered: Sequence[Candidate], record: CaseRecord) -> str | tuple[str, int]:
    looked = looked_at(*form.typed, record.names)
    form.ask(looked.asked)
    html = render_template(
        "exposure/circular_new.html", tip=tip, form=form, groups=by_place(offered), limit=BODY_LIMIT, looked=looked
    )
    return html, 422 if form.errors else 200


def _mask(form: CircularForm, record: CaseRecord) -> None:
    """Put the assistant's masks into what was typed; nothing is sent."""
    form.title.data, _, form.body.data = looked_at(*form.typed, record.names).masked.partition("\n")


def _send(session: Session, me: SignedIn, number: str, form: CircularForm) -> Circular:
    tip = locked(session, number, me.actor, permission=Permission.PUBLISH_EXPOSURE)
    keys = keys_for(session, tip, me.office_key(tip.office_id, session))
    return send(session, tip, *form.typed, form.chosen, form.answered.data or (), me.actor, now(), keys)


@blueprint.get("/circulars/")
@needs(Permission.READ_CIRCULAR)
def index() -> str:
    """What came in, unread first, and what went out, with who has not signed."""
    me = current_staff()
    with reading() as session:
        came, went = queries.received(session, me.actor), queries.sent(session, me.actor)
    return render_template("exposure/circulars.html", came=came, went=went)


@blueprint.get("/circulars/<circular>/")
@needs(Permission.READ_CIRCULAR)
def page(circular: str) -> str:
    """Before the receipt: who sent it, and the button. Afterwards the words; the sender's office sees who has read."""
    return _shown(circular, "exposure/circular.html")


@blueprint.post("/circulars/<circular>/sign/")
@needs(Permission.READ_CIRCULAR)
def receipt(circular: str) -> Response:
    """签收: written down, and committed, before a word is shown."""
    me = current_staff()
    if not FlaskForm().validate():
        raise Refused("bad_answer", "请从通报的页面上签收。")
    with transaction() as session:
        found, copies = find(session, circular, me.actor)
        if not found.gone:
            sign(session, found, [one.office_id for one in copies], me.actor, now())
    return redirect(url_for("circulars.page", circular=circular), 303)


@blueprint.get("/circulars/<circular>/print/")
@needs(Permission.PRINT)
def printed(circular: str) -> str:
    """For paper, with the reader's name on it; a print is recorded like a reading. Refused before the receipt."""
    me = current_staff()
    with transaction() as session:
        found, copies = find(session, circular, me.actor)
        copy = _own_copy(session, me, copies)
        if copy is None or found.gone:
            raise Refused("not_signed", "请先签收，再打印。")
        me.actor.must(Permission.PRINT, copy.office_id)
        append(session, PrintMade("circular", copy.office_id.hex, number=found.number), me.actor, now())
    return _shown(circular, "exposure/circular_print.html")


def _own_copy(session: Session, me: SignedIn, copies: Sequence[CircularCopy]) -> CircularCopy | None:
    """A copy for which this person has signed."""
    return next((one for one in copies if signed(session, one, me.actor)), None)


def _shown(number: str, template: str) -> str:
    me = current_staff()
    with reading() as session:
        found, copies = find(session, number, me.actor)
        copy = _own_copy(session, me, copies)
        text = _text(session, me, found, copy) if copy is not None and not found.gone else None
        ours = any(one.office_id == found.office_id for one in copies)
        lines = queries.copies_of(session, [found])[found.id] if ours else []
        sender = session.get_one(Office, found.office_id).name
        tip = session.get(Tip, found.tip_id) if found.tip_id else None
    return render_template(
        template, circular=found, about=queries.about(found), copy=copy, text=text, lines=lines, ours=ours,
        sender=sender, moment=now(), destroyed_on=tip and tip.destroyed_on, rule=tip and _rule(tip),
    )  # fmt: skip


def _text(session: Session, me: SignedIn, found: Circular, copy: CircularCopy) -> CircularText | EvaluationSheet:
    """What was signed for."""
    if found.kind == CircularKind.EVALUATION:
        return queries.fixed(session, found)
    return queries.opened(session, found, copy, me.office_key(copy.office_id, session))


def _rule(tip: Tip) -> object:
    return DESTRUCTION_RULES.get(tip.destroyed_by or "", tip.destroyed_by)
