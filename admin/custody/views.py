"""Pages of custody: asking for an identity from a report, answering for a seat, looking at what was opened."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.custody import asking, checking, consenting, opening, queries, wording
from admin.custody.ending import overdue
from admin.custody.forms import AnswerForm, AskForm, OpenForm
from admin.custody.seats import generations
from admin.staff.boards import weak_among
from admin.staff.roles import Permission
from admin.tips.casework import find, locked
from admin.tips.reading import keys_for
from admin.web.altered import record_broken
from admin.web.guard import SignedIn, current_staff, needs
from admin.web.stepup import take_factor
from crypto.errors import BadShare, Tampered, WrongKey
from crypto.opening import open_envelope
from portal.custody.models import IdentityRequest
from portal.custody.states import RequestState
from portal.custody.values import Answer, Objection, Use
from portal.directory.models import BoardSeat
from portal.kernel.clock import Utc, now
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys
from portal.tips.values import Identity

Page = str | tuple[str, int] | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, IllegalMove, Throttled)

blueprint = Blueprint("custody", __name__)


@blueprint.route("/tips/<number>/identity/", methods=["GET", "POST"])
@needs(Permission.ASK_IDENTITY)
def of_tip(number: str) -> Page:
    """What is sealed of a report's author, every request for it, and the form that asks the board."""
    me, form, status = current_staff(), AskForm(), 200
    with reading() as session:
        tip = find(session, number, me.actor, Permission.ASK_IDENTITY)
        uses = queries.records_of(session, tip.id)
        asked = queries.requests_of(session, tip.id)
    waiting = {one.request.use for one in asked if queries.live(one)}
    # What is asked for already is not offered; a form that was open meanwhile is answered with the reason.
    form.prepare(uses if form.is_submitted() else [use for use in uses if use.value not in waiting])
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            _ask(me, number, form)
            return redirect(url_for("custody.of_tip", number=number), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template(
        "custody/tip.html", tip=tip, uses=uses, asked=asked, form=form, me_id=me.actor.id, w=wording
    )  # fmt: skip
    return page, 400 if form.errors and status == 200 else status


def _ask(me: SignedIn, number: str, form: AskForm) -> None:
    with transaction() as session:
        tip = locked(session, number, me.actor)
        own = me.own_key().public
        asking.ask(session, tip, Use(form.use.data), form.reason.data, form.words.data, own, me.actor, now())


@blueprint.post("/tips/<number>/identity/<uuid:request_id>/drop/")
@needs(Permission.ASK_IDENTITY)
def drop(number: str, request_id: Id) -> Response:
    """Take one's own request back."""
    me = current_staff()
    with transaction() as session:
        tip = locked(session, number, me.actor)
        asking.drop(session, _of(session, tip, request_id), me.actor, now())
    return redirect(url_for("custody.of_tip", number=number), 303)


@blueprint.route("/tips/<number>/identity/<uuid:request_id>/", methods=["GET", "POST"])
@needs(Permission.ASK_IDENTITY)
def opened(number: str, request_id: Id) -> Page:
    """What the board granted. Looking takes a fresh second factor each time and is on record before it is shown."""
    me, form, status = current_staff(), OpenForm(), 200
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            return _look(me, number, request_id)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    with reading() as session:
        tip = find(session, number, me.actor, Permission.ASK_IDENTITY)
        asked = queries.named(session, _of(session, tip, request_id, lock=False))
    page = render_template("custody/opened.html", tip=tip, asked=asked, form=form, identity=None, w=wording)
    return page, 400 if form.errors and status == 200 else status


def _look(me: SignedIn, number: str, request_id: Id) -> Page:
    moment = now()
    with transaction() as session:
        tip = locked(session, number, me.actor)
        request = _of(session, tip, request_id)
        keys = keys_for(session, tip, me.office_key(tip.office_id, session))
        opening.record_opening(session, tip, request, me.actor, moment, keys)
    try:
        identity, checked = _answered(me, tip, request_id, keys, moment)
    except BadShare as error:
        record_broken(error)
        raise Refused("bad_share", f"第 {error.position} 号席位交来的份额不对，打不开。请报告审计人员。") from error
    except Tampered as error:
        record_broken(error)
        raise Refused("altered", "封存的内容被改动过，打不开。请报告审计人员。") from error
    with reading() as session:
        asked = queries.named(session, _of(session, tip, request_id, lock=False))
    return render_template(
        "custody/opened.html", tip=tip, asked=asked, form=None, identity=identity, checked=checked, w=wording,
        minutes=-(-int(opening.time_left(asked.request, moment).total_seconds()) // 60),
    )  # fmt: skip


def _answered(
    me: SignedIn, tip: Tip, request_id: Id, keys: ReportKeys, moment: Utc
) -> tuple[Identity | None, checking.Checked | None]:
    """What the request shows: an identity, or hit or no hit, which is kept with the version it is about."""
    with transaction() as session:
        request = _of(session, tip, request_id)
        if request.use == Use.CHECK:
            return None, checking.check_draft(session, request, me.own_key(), keys, me.actor, moment)
        return opening.look(session, request, me.own_key(), keys.shred_key, moment), None


@blueprint.get("/custody/")
@needs(Permission.SEAT)
def index() -> str:
    """Requests to the boards on which this person has a seat."""
    me = current_staff()
    with reading() as session:
        asked = [one for one in queries.for_my_seats(session, me.staff.id) if _concerns(session, one.request, me)]
        weak = weak_among(session, me.staff.id)
    return render_template("custody/index.html", asked=asked, weak=weak, w=wording, live=queries.live)


@blueprint.route("/custody/<uuid:request_id>/", methods=["GET", "POST"])
@needs(Permission.SEAT)
def answer(request_id: Id) -> Page:
    """One request: who asks, why, and this seat's answer."""
    me, form, status, refused = current_staff(), AnswerForm(), 200, None
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            _answer(me, request_id, form)
            return redirect(url_for("custody.index"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status, refused = _above(form, error), error
    with reading() as session:
        request, seat = _mine(session, me, request_id)
        asked = queries.named(session, request, me.staff.id)
        words = _words(session, me, request, seat)
        closed = overdue(request, now()) is not None or asked.state is not RequestState.ASKED
    if refused is not None and (closed or asked.mine):
        raise refused  # the page has no form any more above which it could be said
    page = render_template(
        "custody/answer.html", asked=asked, words=words, form=None if closed or asked.mine else form, w=wording
    )
    return page, 400 if form.errors and status == 200 else status


def _words(session: Session, me: SignedIn, request: IdentityRequest, seat: BoardSeat) -> str:
    """Why it is asked for. "" where it was sealed before this holder came: the key in force then is gone."""
    for row in generations(session, seat.id):
        try:
            key = me.seat_key(seat.id, session, row.id)
            return open_envelope(request.words, key, asking.WORDS, request.id.bytes).decode()
        except WrongKey:
            continue
    return ""


def _answer(me: SignedIn, request_id: Id, form: AnswerForm) -> None:
    with transaction() as session:
        request, seat = _mine(session, me, request_id, lock=True)
        if form.answer.data == Answer.CONSENT.value:
            sealed_to = consenting.key_of_share(session, request, seat)
            consenting.consent(session, request, me.seat_key(seat.id, session, sealed_to), me.actor, now())
        else:
            consenting.object_to(session, request, Objection(form.reason.data), me.actor, now())


def _mine(session: Session, me: SignedIn, request_id: Id, *, lock: bool = False) -> tuple[IdentityRequest, BoardSeat]:
    request = queries.one_request(session, request_id, lock=lock)
    seat = consenting.my_seat(session, request, me.actor) if request else None
    if request is None or seat is None:
        raise NotFound("no_request", "没有找到这个申请。")
    return request, seat


def _concerns(session: Session, request: IdentityRequest, me: SignedIn) -> bool:
    return consenting.my_seat(session, request, me.actor) is not None


def _of(session: Session, tip: Tip, request_id: Id, *, lock: bool = True) -> IdentityRequest:
    """A request about this very report, made by the office that holds it."""
    request = queries.one_request(session, request_id, lock=lock)
    if request is None or request.tip_id != tip.id or request.office_id != tip.office_id:
        raise NotFound("no_request", "没有找到这个申请。")
    return request


def _above(form: AskForm | AnswerForm | OpenForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 429 if isinstance(error, Throttled) else 422
