"""How many seats of each board can act: said long before too few are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, Staff
from portal.directory.models import BoardSeat, CustodyBoard, Office, SealingKey
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.tips.models import IdentityRecord


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat with the names a page shows. ``keyed``: its holder can open its shares."""

    seat: BoardSeat
    holder: Staff | None
    next_holder: Staff | None
    office: str
    keyed: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board, its seats, and how many records it keeps."""

    board: CustodyBoard
    office: str
    seats: Sequence[SeatView]
    records: int

    @property
    def able(self) -> int:
        """Seats whose holder can act."""
        return sum(seat.keyed for seat in self.seats)

    @property
    def kind(self) -> str:
        """ "danger": nothing can be opened; "warning": one more loss and nothing can; "" otherwise."""
        if self.able < self.board.k:
            return "danger"
        return "warning" if self.able == self.board.k else ""


def boards(session: Session) -> list[BoardView]:
    """Every board with its seats, the site's first."""
    able = _able(session)
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name))}
    counted = select(IdentityRecord.board_id, func.count()).group_by(IdentityRecord.board_id)
    records = {row[0]: row[1] for row in session.execute(counted)}
    seats: dict[Id, list[SeatView]] = {}
    for seat in session.scalars(select(BoardSeat).order_by(BoardSeat.position)):
        holder = session.get(Staff, seat.holder_id) if seat.holder_id else None
        following = session.get(Staff, seat.next_holder_id) if seat.next_holder_id else None
        office = offices.get(seat.holder_office_id, "") if seat.holder_office_id else ""
        seats.setdefault(seat.board_id, []).append(SeatView(seat, holder, following, office, seat.id in able))
    rows = session.scalars(select(CustodyBoard).order_by(CustodyBoard.office_id.is_not(None), CustodyBoard.name))
    return [
        BoardView(row, offices.get(row.office_id, "") if row.office_id else "", seats.get(row.id, []),
                  records.get(row.id, 0))
        for row in rows
    ]  # fmt: skip


def must_not_strand(session: Session, person: Id) -> None:
    """Raise Refused when, without *person*, fewer than k seats of a board that keeps records could act."""
    able = _able(session)
    for board in session.scalars(
        select(CustodyBoard).where(
            CustodyBoard.id.in_(select(BoardSeat.board_id).where(BoardSeat.holder_id == person)),
            exists().where(IdentityRecord.board_id == CustodyBoard.id),
        )
    ):
        seats = session.scalars(select(BoardSeat).where(BoardSeat.board_id == board.id)).all()
        left = sum(seat.id in able and seat.holder_id != person for seat in seats)
        if left < board.k:
            raise Refused(
                "would_strand",
                f"{board.name}现在离不开这个人：少了这一席，已经封存的身份就再也凑不够人打开。"
                "请先任命接替的人，并由本人移交席位。",
            )


def _able(session: Session) -> set[Id]:
    """Seats whose holder is at work and holds the current key under the own current key."""
    rows = session.scalars(
        select(BoardSeat.id)
        .join(Staff, Staff.id == BoardSeat.holder_id)
        .join(SealingKey, (SealingKey.owner_id == BoardSeat.id) & (SealingKey.purpose == "seat"))
        .join(
            KeyGrant,
            (KeyGrant.key_id == SealingKey.id)
            & (KeyGrant.staff_id == Staff.id)
            & (KeyGrant.holder_key_id == Staff.key_id),
        )
        .where(Staff.state != "left", SealingKey.retired_on.is_(None))
    )
    return set(rows)
