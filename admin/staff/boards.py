"""How many seats of each board can act: said long before too few are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff
from admin.staff.roles import Permission
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.directory.values import BoardPurpose
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.kernel.site import site
from portal.kernel.values import Id
from portal.payments.models import PayeeRecord, Payment
from portal.routing.choose import directory
from portal.routing.rules import board_of
from portal.routing.values import BoardInfo, SeatInfo
from portal.tips.models import IdentityRecord


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat with the names a page shows. ``keyed``: its holder can open its shares; ``founded``: it has a key."""

    seat: BoardSeat
    holder: str
    next_holder: str
    office: str
    keyed: bool
    founded: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board, its seats, and how many records (sealed identities, or payees) it keeps."""

    board: CustodyBoard
    office: str
    seats: Sequence[SeatView]
    records: int

    @property
    def able(self) -> int:
        """Seats whose holder can act."""
        return sum(seat.keyed for seat in self.seats)

    @property
    def forming(self) -> bool:
        """Whether it keeps nothing yet and some seat still has to make its first key."""
        return not self.records and any(not seat.founded for seat in self.seats)

    @property
    def kind(self) -> str:
        """ "danger": nothing can be opened; "warning": one more loss and nothing can; "" otherwise, while it is still
        being formed, and when it is retired and keeps nothing."""
        if self.forming or (self.board.retired_on is not None and not self.records):
            return ""
        return _kind(self.able, self.board.k)


@dataclass(frozen=True, slots=True)
class Weak:
    """A board that one more loss would make useless, or that is so already (``kind``, as of :class:`BoardView`)."""

    id: Id
    name: str
    k: int
    able: int
    purpose: str = BoardPurpose.IDENTITY.value

    @property
    def kind(self) -> str:
        return _kind(self.able, self.k)


def _kind(able: int, k: int) -> str:
    if able < k:
        return "danger"
    return "warning" if able == k else ""


def weak_boards(session: Session) -> list[Weak]:
    """Every board of which not more than k seats can act, those that cannot open anything first. One statement.

    Boards that are still being formed, or take nothing new and keep nothing, are left out.
    """
    able = _able().subquery()
    unfounded = exists().where(
        BoardSeat.board_id == CustodyBoard.id,
        ~exists().where(SealingKey.owner_id == BoardSeat.id, SealingKey.purpose == "seat"),
    )
    count = func.count(able.c.id)
    rows = session.execute(
        select(CustodyBoard.id, CustodyBoard.name, CustodyBoard.k, count, CustodyBoard.purpose)
        .outerjoin(able, able.c.board_id == CustodyBoard.id)
        .where(or_(_keeps(), CustodyBoard.retired_on.is_(None) & ~unfounded))
        .group_by(CustodyBoard.id, CustodyBoard.name, CustodyBoard.k, CustodyBoard.purpose)
        .having(count <= CustodyBoard.k)
        .order_by(count - CustodyBoard.k, CustodyBoard.name)
    )
    return [Weak(*row) for row in rows]


def weak_among(session: Session, person: Id) -> list[Weak]:
    """Those of :func:`weak_boards` on which *person* has a seat."""
    mine = set(session.scalars(select(BoardSeat.board_id).where(BoardSeat.holder_id == person)))
    return [one for one in weak_boards(session) if one.id in mine] if mine else []


def weak_used_by(session: Session, actor: Actor, now: Utc) -> list[Weak]:
    """Those of :func:`weak_boards` that an office uses where *actor* is the head. Nothing is asked for anybody else."""
    heads = actor.offices_with(Permission.APPROVE)
    weak = weak_boards(session) if heads else []
    if not weak:
        return []
    known = directory(session, now, site().checkpoint_vkey)
    whole = [replace(board, seats=_all_filled(board)) for board in known.boards.values()]
    used = {
        board.id
        for office in heads
        if office in known.offices
        # the one in use, and the one that would be if its seats were filled
        for board in (board_of(office, known.offices, of) for of in (known.boards.values(), whole))
        if board is not None
    }
    return [one for one in weak if one.id in used]


def _all_filled(board: BoardInfo) -> tuple[SeatInfo, ...]:
    return tuple(replace(seat, filled=True) for seat in board.seats)


def boards(session: Session) -> list[BoardView]:
    """Every board with its seats: those in use first, and of these the site's."""
    offices = _names(session, select(Office.id, Office.name))
    people = _names(session, select(Staff.id, Staff.name).where(or_(*_on_a_seat())))
    records = {row[0]: row[1] for query in _counted() for row in session.execute(query)}
    able = {row.id for row in session.execute(_able())}
    founded = set(session.scalars(select(SealingKey.owner_id).where(SealingKey.purpose == "seat")))
    seats: dict[Id, list[SeatView]] = {}
    for seat in session.scalars(select(BoardSeat).order_by(BoardSeat.position)):
        holder, following, office = (
            names.get(one, "") if one else ""
            for names, one in (
                (people, seat.holder_id), (people, seat.next_holder_id), (offices, seat.holder_office_id),
            )
        )  # fmt: skip
        view = SeatView(seat, holder, following, office, seat.id in able, seat.id in founded)
        seats.setdefault(seat.board_id, []).append(view)
    order = CustodyBoard.retired_on.is_not(None), CustodyBoard.office_id.is_not(None), CustodyBoard.name
    return [
        BoardView(row, offices.get(row.office_id, "") if row.office_id else "", seats.get(row.id, []),
                  records.get(row.id, 0))
        for row in session.scalars(select(CustodyBoard).order_by(*order))
    ]  # fmt: skip


def must_not_strand(session: Session, person: Id) -> None:
    """Raise Refused when, without *person*, fewer than k seats of a board that keeps records could act."""
    able = {row.id for row in session.execute(_able())}
    for board in session.scalars(
        select(CustodyBoard).where(
            CustodyBoard.id.in_(select(BoardSeat.board_id).where(BoardSeat.holder_id == person)),
            _keeps(),
        )
    ):
        seats = session.scalars(select(BoardSeat).where(BoardSeat.board_id == board.id)).all()
        left = sum(seat.id in able and seat.holder_id != person for seat in seats)
        if left < board.k:
            raise Refused(
                "would_strand",
                f"{board.name}现在离不开这个人：少了这一席，已经封存的就再也凑不够人打开。"
                "请先任命接替的人，并由本人移交席位。",
            )


def _keeps() -> ColumnElement[bool]:
    """Whether a board keeps anything."""
    payee = exists().where(PayeeRecord.payment_id == Payment.id, Payment.board_id == CustodyBoard.id)
    return or_(exists().where(IdentityRecord.board_id == CustodyBoard.id), payee)


def _counted() -> tuple[Select[Id, int], Select[Id, int]]:
    """How many records each board keeps, for each purpose."""
    payees = select(Payment.board_id, func.count()).join(PayeeRecord, PayeeRecord.payment_id == Payment.id)
    return (
        select(IdentityRecord.board_id, func.count()).group_by(IdentityRecord.board_id),
        payees.group_by(Payment.board_id),
    )


def _able() -> Select[Id, Id]:
    """Seats, with their boards, whose holder is at work and holds a current key of theirs under the own current key."""
    return (
        select(BoardSeat.id, BoardSeat.board_id)
        .join(Staff, Staff.id == BoardSeat.holder_id)
        .join(SealingKey, (SealingKey.owner_id == BoardSeat.id) & (SealingKey.purpose == "seat"))
        .join(
            KeyGrant,
            (KeyGrant.key_id == SealingKey.id)
            & (KeyGrant.staff_id == Staff.id)
            & (KeyGrant.holder_key_id == Staff.key_id),
        )
        .where(Staff.state != "left", SealingKey.retired_on.is_(None))
        .distinct()
    )


def _on_a_seat() -> tuple[ColumnElement[bool], ...]:
    return (
        Staff.id.in_(select(BoardSeat.holder_id).where(BoardSeat.holder_id.is_not(None))),
        Staff.id.in_(select(BoardSeat.next_holder_id).where(BoardSeat.next_holder_id.is_not(None))),
    )


def _names(session: Session, query: Select[Id, str]) -> dict[Id, str]:
    return {row[0]: row[1] for row in session.execute(query)}
