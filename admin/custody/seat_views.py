"""A keeper's own seats: made, handed over, taken from paper, sealed anew."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.accounts.forms import FoundForm
from admin.custody import founding, seats
from admin.custody.forms import HandOverForm, OpenForm, PaperForm
from admin.custody.kept import kept_by
from admin.staff.boards import weak_among
from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.papers import fresh_paper, paper_taken
from admin.web.stepup import ask_factor, take_factor
from crypto import recovery
from crypto.errors import CryptoError
from crypto.keys import Purpose, inner_from_seed, scrub
from portal.directory.keys import proven_keys
from portal.directory.models import BoardSeat, CustodyBoard
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotAllowed, NotFound, Refused, Throttled
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.routing import choose

Page = str | tuple[str, int] | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, Throttled)

blueprint = Blueprint("seats", __name__, url_prefix="/custody")


@blueprint.get("/seats/")
@needs(Permission.KEEP_SEAT)
def mine() -> str:
    """One's own seats, and those one is appointed to."""
    me = current_staff().staff.id
    with reading() as session:
        held = _rows(session, BoardSeat.holder_id == me)
        coming = _rows(session, BoardSeat.next_holder_id == me)
        states = {seat.id: _progress(session, seat) for seat, _ in held}
        new = {seat.id for seat, _ in coming if founding.awaits_key(session, seat.id)}
        weak = weak_among(session, me)
    return render_template(
        "custody/seats.html", held=held, coming=coming, states=states, new=new, weak=weak, kept=kept_by
    )


def _rows(session: Session, mine: ColumnElement[bool]) -> list[tuple[BoardSeat, CustodyBoard]]:
    query = select(BoardSeat, CustodyBoard).join(CustodyBoard, CustodyBoard.id == BoardSeat.board_id)
    return [(seat, board) for seat, board in session.execute(query.where(mine).order_by(BoardSeat.position))]


def _progress(session: Session, seat: BoardSeat) -> dict[str, int] | None:
    """How far the shares are sealed anew; None when no change of the key is under way."""
    keys = seats.generations(session, seat.id)
    if len(keys) < 2:
        return None
    left, done = (seats.left_to_reseal(session, seat, key.id) for key in (keys[0], keys[-1]))
    return {"left": left, "done": done, "all": left + done}


@blueprint.route("/seats/<uuid:seat_id>/key/", methods=["GET", "POST"])
@needs(Permission.KEEP_SEAT)
def found_key(seat_id: Id) -> Page:
    """The appointed keeper makes the first key of a seat: its sheets are shown once, then it is stored."""
    seat, board = _to_found(seat_id)
    owner, form, status = f"{board.name}第 {seat.position} 席", FoundForm(), 200
    page = {"seat": seat, "board": board, "owner": owner, "kept": kept_by(board)}
    if request.method == "GET":
        return render_template("custody/found_seat.html", form=None, sheets=None, **page)
    if request.form.get("do") != "found":
        sheets, paper = fresh_paper(owner, Purpose.BOARD_RECOVERY, seat_id)
        return render_template("custody/found_seat.html", form=FoundForm(None, paper=paper), sheets=sheets, **page)
    if form.validate():
        asked = ask_factor(f"建立{owner}的密钥", url_for("seats.mine"))
        if asked is not None:
            return asked
        try:
            _found(seat_id, form.paper.data)
            return redirect(url_for("seats.mine"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    return render_template("custody/found_seat.html", form=form, sheets=None, **page), status


def _to_found(seat_id: Id) -> tuple[BoardSeat, CustodyBoard]:
    """The seat that this person is appointed to and that never had a key, with its board."""
    with reading() as session:
        seat = seats.find_seat(session, seat_id)
        if seat.next_holder_id != current_staff().staff.id or not founding.awaits_key(session, seat_id):
            raise NotFound("no_seat", "没有这个席位。")
        return seat, session.get_one(CustodyBoard, seat.board_id)


def _found(seat_id: Id, signed: str) -> None:
    me, paper = current_staff(), paper_taken(signed, Purpose.BOARD_RECOVERY, seat_id)
    with transaction() as session:
        seat = seats.find_seat(session, seat_id, lock=True)
        founding.found_seat(session, seat, me.own_key().public, paper, me.actor, now())
    choose.forget()


@blueprint.route("/seats/<uuid:seat_id>/hand-over/", methods=["GET", "POST"])
@needs(Permission.KEEP_SEAT)
def hand_over(seat_id: Id) -> Page:
    """The present holder passes the key to the appointed colleague, after comparing the fingerprint by voice."""
    me, form, status = current_staff(), HandOverForm(), 200
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            with transaction() as session:
                seat = seats.find_seat(session, seat_id, lock=True)
                keys = [me.seat_key(seat.id, session, row.id) for row in seats.generations(session, seat.id)]
                seats.hand_over(session, seat, keys, form.fingerprint.data or "", me.actor, now())
            choose.forget()
            return redirect(url_for("seats.mine"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    with reading() as session:
        seat = seats.find_seat(session, seat_id)
        if seat.holder_id != me.staff.id:
            raise NotFound("no_seat", "没有这个席位。")
        newcomer = session.get(Staff, seat.next_holder_id) if seat.next_holder_id else None
        shown = _fingerprint(session, newcomer)
    form.fingerprint.data = shown
    return render_template("custody/hand_over.html", form=form, newcomer=newcomer, fingerprint=shown), status


def _fingerprint(session: Session, staff: Staff | None) -> str:
    """Of the colleague's proven key; "" while there is none."""
    if staff is None:
        return ""
    proven = proven_keys(session, Purpose.STAFF.value, [staff.id], site().checkpoint_vkey).get(staff.id)
    return proven[1].fingerprint if proven else ""


@blueprint.route("/seats/<uuid:seat_id>/paper/", methods=["GET", "POST"])
@needs(Permission.KEEP_SEAT)
def from_paper(seat_id: Id) -> Page:
    """The appointed colleague takes the seat with the board's recovery sheets: its holder is gone."""
    me, form, status = current_staff(), PaperForm(), 200
    with reading() as session:
        seat = seats.find_seat(session, seat_id)
        if seat.next_holder_id != me.staff.id:
            raise NotFound("no_seat", "没有这个席位。")
        board = session.get_one(CustodyBoard, seat.board_id)
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            _take_from_paper(seat_id, form.sheets())
            choose.forget()
            return redirect(url_for("seats.mine"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template("custody/paper.html", form=form, board=board)
    return page, 400 if form.errors and status == 200 else status


def _take_from_paper(seat_id: Id, sheets: list[str]) -> None:
    seed = b""
    try:
        seed = recovery.from_words(sheets)
        with inner_from_seed(Purpose.BOARD_RECOVERY, seed) as paper, transaction() as session:
            seat = seats.find_seat(session, seat_id, lock=True)
            seats.take_from_paper(session, seat, paper, current_staff().actor, now())
    except CryptoError as error:
        raise Refused("bad_words", "恢复词不对：请逐词核对，并确认是同一套里的两张。") from error
    finally:
        scrub(seed)


@blueprint.route("/seats/<uuid:seat_id>/reseal/", methods=["GET", "POST"])
@needs(Permission.KEEP_SEAT)
def reseal(seat_id: Id) -> Page:
    """Make the seat a new key, then seal its shares anew, some with each press; may be broken off at any time."""
    me, form, status = current_staff(), OpenForm(), 200
    if request.method == "POST":
        try:
            if request.form.get("do") == "begin":
                if form.validate():
                    take_factor(form.code.data)
                    _begin(seat_id)
                    return redirect(url_for("seats.reseal", seat_id=seat_id), 303)
            else:
                _reseal(seat_id)
                return redirect(url_for("seats.reseal", seat_id=seat_id), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    with reading() as session:
        seat = seats.find_seat(session, seat_id)
        if seat.holder_id != me.staff.id:
            raise NotFound("no_seat", "没有这个席位。")
        progress, keys = _progress(session, seat), seats.generations(session, seat.id)
        papers = [row.since for row, _ in seats.papers_of(session, seat)]
    page = render_template(
        "custody/reseal.html",
        form=form,
        seat=seat,
        progress=progress,
        keys=keys,
        papers=papers,
        a_time=seats.BATCH,
    )
    return page, 400 if form.errors and status == 200 else status


def _begin(seat_id: Id) -> None:
    me = current_staff()
    with transaction() as session:
        seat = seats.find_seat(session, seat_id, lock=True)
        seats.begin_generation(session, seat, me.own_key().public, me.actor, now())
    choose.forget()


def _reseal(seat_id: Id) -> None:
    me = current_staff()
    with transaction() as session:
        seat = seats.find_seat(session, seat_id, lock=True)
        keys = seats.generations(session, seat.id)
        if len(keys) < 2:
            raise Refused("nothing_to_do", "没有要重新封存的份额。")
        old, new = (me.seat_key(seat.id, session, row.id) for row in (keys[0], keys[-1]))
        seats.reseal_some(session, seat, old, new, me.actor, now())
    choose.forget()


def _above(form: FoundForm | HandOverForm | PaperForm | OpenForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 429 if isinstance(error, Throttled) else 422
