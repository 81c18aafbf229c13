"""Custody boards made on the staff site: planned by whoever manages the directory, brought to life seat by seat.

Whoever plans a board appoints and reads nothing: each keeper makes the key of the own seat and prints its sheets, so
that no single person ever has what opens an identity. Which board an office uses, and a board that takes nothing new,
are decided here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.custody import seats
from admin.custody.seats import must_manage
from admin.staff.founding import Holder, found_seat_key, record_board, record_choice
from admin.staff.models import Staff
from admin.staff.roles import Permission
from crypto.keys import PublicKey, Purpose
from portal.directory.keys import publish_key
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.directory.values import BoardPurpose
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.routing import choose
from portal.routing.choose import Directory
from portal.routing.rules import board_usable, boardless_without, superiors_of

MOST_SEATS = 7


@dataclass(frozen=True, slots=True)
class NewBoard:
    """A board as it was typed. ``office`` None: the site's default. ``seats``: who is appointed, with the staff
    number."""

    purpose: BoardPurpose
    name: str
    office: Id | None
    k: int
    seats: Sequence[tuple[Id, str]]


def plan_board(session: Session, new: NewBoard, actor: Actor, now: Utc) -> CustodyBoard:
    """A board whose seats are appointed and have no keys yet: it is passed over until k of them have.

    NotAllowed without the permission for its office, Refused when the figures are wrong, the name is taken, or for
    what :func:`admin.custody.seats.appoint` refuses.
    """
    must_manage(session, new.office, actor)
    name = " ".join(new.name.split())
    if not name:
        raise Refused("board_nameless", "请填写保管组的名称。")
    if not 2 <= new.k <= len(new.seats) <= MOST_SEATS:
        raise Refused("board_figures", "席位是 2 到 7 个，需要同意的席数至少 2，最多和席位一样多。")
    if session.scalar(select(CustodyBoard.id).where(CustodyBoard.name == name)) is not None:
        raise Refused("board_there", "已经有一个同名的保管组，请换一个名称。")
    board = CustodyBoard(id=new_id(), name=name, office_id=new.office, k=new.k, purpose=new.purpose.value)
    session.add(board)
    session.flush()
    for position, (person, number) in enumerate(new.seats, start=1):
        seat = BoardSeat(id=new_id(), board_id=board.id, position=position)
        session.add(seat)
        session.flush()
        staff = session.get(Staff, person, with_for_update=True)
        if staff is None:
            raise NotFound("no_person", "没有这个账号。")
        seats.appoint(session, seat, staff, number, actor, now)
    record_board(session, board, len(new.seats), actor, now)
    return board


def found_seat(session: Session, seat: BoardSeat, own: PublicKey, paper: PublicKey, actor: Actor, now: Utc) -> None:
    """The appointed keeper makes the key of a seat that never had one: granted to the keeper, sealed to *paper*.

    ``own``: the keeper's own key; ``paper``: the public half of the seat's own recovery sheets. NotAllowed for anybody
    but the one appointed, Refused when the seat has a key, or the keeper's key is under no checkpoint.
    """
    if seat.next_holder_id != actor.id:
        raise NotAllowed("not_allowed", "只有被任命的保管人本人可以建立席位密钥。")
    if not awaits_key(session, seat.id):
        raise Refused("key_there", "这个席位已经有密钥了。请由现在的保管人移交，或者用纸质恢复词取得。")
    keeper, public, office = seats.appointed(session, seat)
    if public.key_id != own.key_id or paper.purpose is not Purpose.BOARD_RECOVERY:
        raise Refused("key_changed", "您的密钥刚刚换过。请重新登录后再办理。")
    publish_key(session, seat.id, paper, actor, now)
    seat.holder_id, seat.next_holder_id, seat.holder_office_id = keeper.id, None, office
    found_seat_key(session, seat.id, Holder(keeper, public), paper, actor, now)
    seats.record_taking(session, seat, keeper, actor, now)


def awaits_key(session: Session, seat: Id) -> bool:
    """Whether a seat has never had a key."""
    there = select(SealingKey.id).where(SealingKey.owner_id == seat, SealingKey.purpose == Purpose.SEAT)
    return session.scalar(there.limit(1)) is None


def choices_for(known: Directory, office: Id) -> list[Id]:
    """The boards that an office may choose: its own, its superiors' and the site's, where usable."""
    near = {office, *superiors_of(office, known.offices), None}
    return [one.id for one in known.boards.values() if one.office_id in near and board_usable(one, frozenset())]


def choose_board(session: Session, office: Office, board: Id | None, actor: Actor, now: Utc) -> None:
    """From now on the identities of *office* go to *board*; None: as its place in the line says.

    What was sealed before stays where it is. Refused for a board that is not among :func:`choices_for`.
    """
    actor.must(Permission.MANAGE_DIRECTORY, office.id)
    if board is not None and board not in choices_for(in_force(session, now), office.id):
        raise Refused("board_not_usable", "只能选本单位、上级单位或者全站的保管组，而且它的密钥已经够数。")
    office.board_id = board
    record_choice(session, office, actor, now)


def retire_board(session: Session, board_id: Id, actor: Actor, now: Utc) -> None:
    """Seal nothing new to a board. What it keeps can be opened as before, by its seats.

    Refused when it is retired already, when some report would be left without any board, or every payee. Of two that
    are retired at once the later sees the earlier.
    """
    every = select(CustodyBoard).order_by(CustodyBoard.id).with_for_update()
    session.scalars(every.execution_options(populate_existing=True)).all()
    board, known = find_board(session, board_id), in_force(session, now)
    must_manage(session, board.office_id, actor)
    if board.retired_on is not None:
        raise Refused("retired_already", "这个保管组已经停止接收。")
    _must_not_be_the_last(board, known)
    board.retired_on = day_of(now)
    count = len(session.scalars(select(BoardSeat.id).where(BoardSeat.board_id == board.id)).all())
    record_board(session, board, count, actor, now)


def _must_not_be_the_last(board: CustodyBoard, known: Directory) -> None:
    if board.purpose == BoardPurpose.PAYMENT:
        if None in boardless_without(board.id, known.offices, known.payment_boards.values()):
            raise Refused("last_board", "停止以后，新的收款信息就没有保管组可以封存。请先组建另一个，等它的密钥够数。")
        return
    for accused in boardless_without(board.id, known.offices, known.boards.values()):
        about = f"举报{known.offices[accused].name}的人" if accused else "新的举报人"
        raise Refused("last_board", f"停止以后，{about}的身份就没有保管组可以封存。请先组建另一个，等它的密钥够数。")


def in_force(session: Session, now: Utc) -> Directory:
    """Offices and boards as routing sees them, read anew: what was done a moment ago counts."""
    choose.forget()
    return choose.directory(session, now, site().checkpoint_vkey)


def find_board(session: Session, board: Id) -> CustodyBoard:
    """The board. NotFound when there is none."""
    found = session.get(CustodyBoard, board)
    if found is None:
        raise NotFound("no_board", "没有这个保管组。")
    return found
