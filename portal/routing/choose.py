"""Routing over the directory as it stands: who answers for a report, and the keys that it is sealed to.

The directory changes a few times a year and is asked at every report: a process keeps one reading of it for a few
seconds (:data:`KEPT`). Every key in it is proven against the signed ledger before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crypto.keys import PublicKey
from portal.directory.keys import proven_keys
from portal.directory.models import BoardSeat, CustodyBoard, GridArea, Office
from portal.directory.values import BoardPurpose
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Unavailable
from portal.kernel.transaction import bound, reading
from portal.kernel.values import Id
from portal.routing.models import Rulebook
from portal.routing.rulebook import Book, parse_rulebook, shipped_rulebook
from portal.routing.rules import route
from portal.routing.values import BoardInfo, OfficeInfo, Routed, RouteQuery, SeatInfo
from portal.workdays.calendar import Calendar
from portal.workdays.setapart import calendar_of

KEPT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Directory:
    """One reading: offices, boards, grid areas, the rulebooks, the calendar, and the proven keys of offices and seats.

    ``boards`` keep identities; ``payment_boards`` keep whom to pay.
    """

    offices: Mapping[Id, OfficeInfo]
    boards: Mapping[Id, BoardInfo]
    payment_boards: Mapping[Id, BoardInfo]
    board_names: Mapping[Id, str]
    grids: Mapping[str, Id]
    books: tuple[Book, ...]
    calendar: Calendar
    office_keys: Mapping[Id, PublicKey] = field(repr=False)
    seat_keys: Mapping[Id, PublicKey] = field(repr=False)
    _ways: dict[tuple[RouteQuery, date], Routed] = field(default_factory=dict, init=False, repr=False, compare=False)

    def book(self, on: date) -> Book:
        """The newest rulebook in force on a day. Raises Unavailable when none is."""
        valid = [book for book in self.books if book.in_force_from <= on]
        if not valid:
            raise Unavailable("no_rulebook", "暂时不能接收举报，请通过 12393 电话反映。")
        return max(valid, key=lambda book: (book.in_force_from, book.version))

    def way(self, query: RouteQuery, on: date) -> Routed:
        """Who answers for a report of a day: worked out once in each reading. Raises what ``route`` raises."""
        known = self._ways.get((query, on))
        if known is None:
            known = route(query, self.book(on).rules, self.offices.values(), self.boards.values(), on, grids=self.grids)
            self._ways[query, on] = known
        return known

    def board_seats(self, board_id: Id) -> list[tuple[Id, PublicKey]]:
        """The seats of a board that can be sealed to, in order: a vacant seat with a trusted key gets its share too."""
        board = self.boards.get(board_id) or self.payment_boards[board_id]
        seats = (seat.id for seat in board.seats)
        return [(seat, self.seat_keys[seat]) for seat in seats if seat in self.seat_keys]


_readings: WeakKeyDictionary[Engine, tuple[Utc, str, Directory]] = WeakKeyDictionary()


def directory(session: Session, now: Utc, vkey: str) -> Directory:
    """The directory, at most :data:`KEPT` old."""
    kept = _kept(now, vkey)
    if kept is not None:
        return kept
    fresh = _read(session, vkey)
    _readings[bound().engine] = (now, vkey, fresh)
    return fresh


def _kept(now: Utc, vkey: str) -> Directory | None:
    kept = _readings.get(bound().engine)
    if kept is not None and kept[1] == vkey and timedelta() <= now - kept[0] < KEPT:
        return kept[2]
    return None


def forget() -> None:
    """Read the directory anew at its next use: after this process changed it."""
    _readings.clear()


def choose(session: Session, query: RouteQuery, now: Utc, vkey: str) -> Routed:
    """Who answers for a report that comes in now, and the board for its identity.

    Raises Unroutable (an Unavailable) when nobody may take it, Refused for an ``against_office`` that is no office.
    """
    return directory(session, now, vkey).way(query, day_of(now))


def ensure_open(now: Utc, vkey: str) -> None:
    """Raise Unavailable when a report of which nothing is known could not be sealed to anybody now."""
    known = _kept(now, vkey)
    if known is None:
        with reading() as session:
            known = directory(session, now, vkey)
    known.way(RouteQuery(), day_of(now))


def _read(session: Session, vkey: str) -> Directory:
    offices = session.scalars(select(Office).order_by(Office.code)).all()
    boards = session.scalars(select(CustodyBoard).order_by(CustodyBoard.id)).all()
    seats = session.scalars(select(BoardSeat).order_by(BoardSeat.position)).all()
    office_keys = _keys(session, "office", [office.id for office in offices], vkey)
    seat_keys = _keys(session, "seat", [seat.id for seat in seats], vkey)
    grids = session.execute(select(GridArea.code, GridArea.office_id)).all()
    books = session.scalars(select(Rulebook.rules)).all()
    known = {
        purpose: {
            board.id: _board(board, [seat for seat in seats if seat.board_id == board.id], seat_keys)
            for board in boards
            if board.purpose == purpose
        }
        for purpose in BoardPurpose
    }
    return Directory(
        {office.id: _office(office, office.id in office_keys) for office in offices},
        known[BoardPurpose.IDENTITY],
        known[BoardPurpose.PAYMENT],
        {board.id: board.name for board in boards},
        dict(grids),
        tuple(parse_rulebook(text) for text in books) or (shipped_rulebook(),),
        calendar_of(session),
        office_keys,
        seat_keys,
    )


def _keys(session: Session, purpose: str, owners: list[Id], vkey: str) -> dict[Id, PublicKey]:
    return {owner: public for owner, (_, public) in proven_keys(session, purpose, owners, vkey).items()}


def _office(office: Office, has_key: bool) -> OfficeInfo:
    """An office whose members were never counted is taken to have some if it has a key."""
    return OfficeInfo(
        office.id,
        office.code,
        office.name,
        office.kind,
        office.region,
        office.level,
        office.superior_id,
        office.active,
        members=int(has_key) if office.members is None else office.members,
        has_key=has_key,
        shared={Id(other): people for other, people in (office.shared or {}).items()},
        board_id=office.board_id,
    )


def _board(board: CustodyBoard, seats: list[BoardSeat], keys: Mapping[Id, PublicKey]) -> BoardInfo:
    """A seat is filled when somebody holds it, for an office, and its key can be trusted."""
    found = tuple(
        SeatInfo(
            seat.id,
            None not in (seat.holder_id, seat.holder_office_id) and seat.id in keys,
            seat.holder_office_id,
            keyed=seat.id in keys,
        )
        for seat in seats
    )
    return BoardInfo(board.id, board.office_id, board.k, found, retired=board.retired_on is not None)
