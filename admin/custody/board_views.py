"""Pages of boards, for those who manage the directory: planning one, appointing, which office uses which, retiring.

Part of the blueprint ``seats``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.custody import founding, seat_views, seats
from admin.custody.boardforms import AppointForm, ChoiceForm, NewBoardForm
from admin.custody.kept import KEPT, kept_by
from admin.staff.boards import BoardView, boards
from admin.staff.models import Staff, StaffRole
from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from admin.web.guard import current_staff, needs
from admin.web.stepup import ask_factor, take_factor
from portal.directory.models import Office
from portal.directory.values import BoardPurpose
from portal.kernel.clock import now
from portal.kernel.errors import DomainError, NotAllowed, NotFound, Refused, Throttled
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.payments.payees import board_in_reach
from portal.routing import choose
from portal.routing.rules import board_of

Page = str | tuple[str, int] | Response
_SHOWN_ABOVE_THE_FORM = (Refused, NotAllowed, NotFound, Throttled)

blueprint = seat_views.blueprint


@blueprint.route("/boards/", methods=["GET", "POST"])
@needs(Permission.MANAGE_DIRECTORY)
def index() -> Page:
    """Every board, how many of its seats can act, and appointing who holds a seat next."""
    form, status = AppointForm(), 200
    with reading() as session:
        form.prepare(_own_boards(session), _keepers(session))
    if form.validate_on_submit():
        try:
            take_factor(form.code.data)
            _appoint(form)
            return redirect(url_for("seats.index"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    return _index(form, 400 if form.errors and status == 200 else status)


def _index(form: AppointForm, status: int) -> Page:
    with reading() as session:
        found, known = boards(session), founding.in_force(session, now())
        managed = {office.id for office in _managed(session)}
    used = {office: board_of(office, known.offices, known.boards.values()) for office in known.offices}
    uses: dict[Id, list[str]] = {}
    for office, board in used.items():
        if board is not None and known.offices[office].active:
            uses.setdefault(board.id, []).append(known.offices[office].name)
    for one in known.offices.values():
        pays = board_in_reach(known, one.id)
        if pays is not None and one.active:
            uses.setdefault(pays.id, []).append(one.name)
    page = render_template(
        "custody/boards.html",
        boards=found,
        kept=kept_by,
        form=form,
        uses=uses,
        offices=[one for one in known.offices.values() if one.id in managed and one.active],
        used={office: known.board_names[board.id] for office, board in used.items() if board is not None},
    )
    return page, status


def _own_boards(session: Session) -> list[BoardView]:
    """The boards that this person manages: the site's, where an office at the top is theirs."""
    managed = _managed(session)
    own, top = {office.id for office in managed}, any(office.superior_id is None for office in managed)
    return [view for view in boards(session) if (view.board.office_id in own if view.board.office_id else top)]


def _keepers(session: Session) -> dict[BoardPurpose, Sequence[Staff]]:
    """Keepers of the offices that this person manages, by what they keep."""
    managed = current_staff().actor.offices_with(Permission.MANAGE_DIRECTORY)
    found: dict[BoardPurpose, Sequence[Staff]] = {}
    for purpose, kept in KEPT.items():
        held = select(StaffRole.staff_id).where(StaffRole.role == kept.role.value, StaffRole.office_id.in_(managed))
        people = select(Staff).where(Staff.id.in_(held), Staff.state == "active").order_by(Staff.name)
        found[purpose] = session.scalars(people).all()
    return found


def _managed(session: Session) -> Sequence[Office]:
    return offices_where(session, current_staff().actor, Permission.MANAGE_DIRECTORY)


def _appoint(form: AppointForm) -> None:
    try:
        seat_id, person = Id(form.seat.data or ""), Id(form.person.data)
    except ValueError:
        raise NotFound("no_seat", "没有这个席位。") from None
    with transaction() as session:
        seat = seats.find_seat(session, seat_id, lock=True)
        staff = session.get_one(Staff, person, with_for_update=True)
        seats.appoint(session, seat, staff, form.person_no.data, current_staff().actor, now())


@blueprint.route("/boards/new/", methods=["GET", "POST"], defaults={"purpose": BoardPurpose.IDENTITY})
@blueprint.route("/boards/new/payment/", methods=["GET", "POST"], defaults={"purpose": BoardPurpose.PAYMENT})
@needs(Permission.MANAGE_DIRECTORY)
def new_board(purpose: BoardPurpose) -> Page:
    """A new board: its name, whose it is, how many must consent, and who is appointed to each seat."""
    form, status = NewBoardForm(), 200
    with reading() as session:
        form.prepare(purpose, _managed(session), _keepers(session)[purpose])
    if form.validate_on_submit():
        asked = ask_factor(f"组建{form.name.data}，{form.k.data} 席同意才能打开", url_for("seats.index"))
        if asked is not None:
            return asked
        try:
            with transaction() as session:
                founding.plan_board(session, form.to_command(purpose), current_staff().actor, now())
            choose.forget()
            return redirect(url_for("seats.index"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template("custody/new_board.html", form=form, kept=KEPT[purpose])
    return page, 400 if form.errors and status == 200 else status


@blueprint.route("/boards/of/<uuid:office_id>/", methods=["GET", "POST"])
@needs(Permission.MANAGE_DIRECTORY)
def choose_board(office_id: Id) -> Page:
    """Which board an office uses: as its place in the line says, or one that it names."""
    form, status = ChoiceForm(), 200
    with reading() as session:
        office = next((one for one in _managed(session) if one.id == office_id), None)
        known = founding.in_force(session, now())
    if office is None:
        raise NotFound("no_office", "没有这个单位。")
    unchosen = {**known.offices, office_id: replace(known.offices[office_id], board_id=None)}
    in_line = board_of(office_id, unchosen, known.boards.values())
    form.prepare(
        known.board_names, founding.choices_for(known, office_id), known.board_names[in_line.id] if in_line else ""
    )
    if not form.is_submitted():
        form.board.data = str(office.board_id or "")
    if form.validate_on_submit():
        asked = ask_factor(f"改变{office.name}使用的保管组", url_for("seats.index"))
        if asked is not None:
            return asked
        try:
            with transaction() as session:
                row = session.get_one(Office, office_id, with_for_update=True)
                founding.choose_board(session, row, form.chosen(), current_staff().actor, now())
            choose.forget()
            return redirect(url_for("seats.index"), 303)
        except _SHOWN_ABOVE_THE_FORM as error:
            status = _above(form, error)
    page = render_template("custody/board_choice.html", form=form, office=office)
    return page, 400 if form.errors and status == 200 else status


@blueprint.post("/boards/<uuid:board_id>/retire/")
@needs(Permission.MANAGE_DIRECTORY)
def retire_board(board_id: Id) -> Page:
    """Nothing new is sealed to a board from now on."""
    with reading() as session:
        board = founding.find_board(session, board_id)
        seats.must_manage(session, board.office_id, current_staff().actor)
    asked = ask_factor(f"停止向{board.name}封存{kept_by(board).what}", url_for("seats.index"))
    if asked is not None:
        return asked
    try:
        with transaction() as session:
            founding.retire_board(session, board_id, current_staff().actor, now())
    except (Refused, NotAllowed) as error:
        form = AppointForm(formdata=None)
        with reading() as session:
            form.prepare(_own_boards(session), _keepers(session))
        return _index(form, _above(form, error))
    choose.forget()
    return redirect(url_for("seats.index"), 303)


def _above(form: AppointForm | NewBoardForm | ChoiceForm, error: DomainError) -> int:
    form.form_errors.append(error.message)
    return 429 if isinstance(error, Throttled) else 422
