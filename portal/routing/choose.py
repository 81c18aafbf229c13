"""Routing over what the database holds now: the rulebook in force, offices, boards, and keys that can be trusted."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.directory.keys import proven_keys
from portal.directory.models import BoardSeat, CustodyBoard, GridArea, Office
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.routing.models import Rulebook
from portal.routing.rulebook import Book, parse_rulebook, shipped_rulebook
from portal.routing.rules import route
from portal.routing.values import BoardInfo, OfficeInfo, Routed, RouteQuery, SeatInfo


def choose(session: Session, query: RouteQuery, on: date, vkey: str) -> Routed:
    """Who answers for *query*, and the board for its identity; keys count only when *vkey* vouches for them.

    Raises Unroutable (an Unavailable) when nobody may take it, Refused for an ``against_office`` that is no office.
    """
    book = rulebook_in_force(session, on)
    offices = office_infos(session, vkey)
    boards = board_infos(session, vkey)
    return route(query, book.rules, offices, boards, on, grids=_grids(session, query.grid))


def rulebook_in_force(session: Session, on: date) -> Book:
    """The newest stored book in force on a day, or the shipped one where none is stored."""
    text = session.scalar(
        select(Rulebook.rules)
        .where(Rulebook.in_force_from <= on)
        .order_by(Rulebook.in_force_from.desc(), Rulebook.version.desc())
        .limit(1)
    )
    return shipped_rulebook() if text is None else _parsed(text)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Book:
    return parse_rulebook(text)


def office_infos(session: Session, vkey: str) -> list[OfficeInfo]:
    """Every office as routing sees it. One whose members were never counted is taken to have some if it has a key."""
    columns = (
        Office.id,
        Office.code,
        Office.name,
        Office.kind,
        Office.region,
        Office.level,
        Office.superior_id,
        Office.active,
        Office.members,
    )
    rows = session.execute(select(*columns).order_by(Office.code)).all()
    keyed = proven_keys(session, "office", [row.id for row in rows], vkey)
    return [
        OfficeInfo(
            id=row.id,
            code=row.code,
            name=row.name,
            kind=row.kind,
            region=row.region,
            level=row.level,
            superior_id=row.superior_id,
            active=row.active,
            members=1 if row.members is None else row.members,
            has_key=row.id in keyed,
        )
        for row in rows
    ]


def board_infos(session: Session, vkey: str) -> list[BoardInfo]:
    """Every custody board with its seats; a seat is filled when an office holds it and its key can be trusted."""
    seats = session.execute(
        select(BoardSeat.id, BoardSeat.board_id, BoardSeat.holder_office_id).order_by(BoardSeat.position)
    ).all()
    keyed = proven_keys(session, "seat", [seat.id for seat in seats], vkey)
    of_board: dict[Id, list[SeatInfo]] = {}
    for seat in seats:
        filled = seat.holder_office_id is not None and seat.id in keyed
        of_board.setdefault(seat.board_id, []).append(SeatInfo(seat.id, filled, seat.holder_office_id))
    boards = session.execute(select(CustodyBoard.id, CustodyBoard.office_id, CustodyBoard.k)).all()
    return [BoardInfo(board.id, board.office_id, board.k, tuple(of_board.get(board.id, ()))) for board in boards]


def seats_of(session: Session, board_id: Id) -> list[Id]:
    """The seats of a board that can be sealed to, in order: a vacant seat with a trusted key still gets its share."""
    seats = session.scalars(
        select(BoardSeat.id).where(BoardSeat.board_id == board_id).order_by(BoardSeat.position)
    ).all()
    keyed = proven_keys(session, "seat", seats, site().checkpoint_vkey)
    return [seat for seat in seats if seat in keyed]


def _grids(session: Session, grid: str | None) -> dict[str, Id]:
    if not grid:
        return {}
    rows = session.execute(select(GridArea.code, GridArea.office_id).where(GridArea.code == grid))
    return {row.code: row.office_id for row in rows}
