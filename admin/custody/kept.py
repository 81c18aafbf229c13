"""What a board keeps, by its purpose: who may hold its seats, which shares are sealed to them, and in which words.

Boards of identities and boards of payees are the same in everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from admin.staff.roles import Permission, Role
from portal.directory.models import BoardSeat, CustodyBoard
from portal.directory.values import BoardPurpose
from portal.kernel.values import Id
from portal.payments.models import PayeeShare
from portal.payments.sealing import PAYEE
from portal.tips.models import IdentityShare
from portal.tips.sealing import IDENTITY

Share = IdentityShare | PayeeShare


@dataclass(frozen=True, slots=True)
class Kept:
    """``role`` holds the seats with ``permission``; ``record``: the column of ``table`` that says whose share it is;
    ``label``: what the shares are sealed for. ``what`` is kept, ``one`` is opened, by whom is called ``keeper``."""

    role: Role
    permission: Permission
    table: type[IdentityShare] | type[PayeeShare]
    record: InstrumentedAttribute[Id]
    label: str
    what: str
    one: str
    keeper: str

    def sealed_to(self, key_id: bytes, seat: Id) -> Select[Any]:
        """The shares of a seat that are sealed to one of its keys."""
        return select(self.table).where(self.table.seat_id == seat, self.table.key_id == key_id)

    def record_of(self, share: Share) -> Id:
        """Whose share it is."""
        found: Id = getattr(share, self.record.key)
        return found


KEPT: Mapping[BoardPurpose, Kept] = {
    BoardPurpose.IDENTITY: Kept(
        Role.CUSTODIAN, Permission.SEAT, IdentityShare, IdentityShare.record_id, IDENTITY,
        "举报人的身份", "一个身份", "身份保管人",
    ),
    BoardPurpose.PAYMENT: Kept(
        Role.PAYMENT_KEEPER, Permission.PAYMENT_SEAT, PayeeShare, PayeeShare.payment_id, PAYEE,
        "奖励的收款信息", "一批收款信息", "付款保管人",
    ),
}  # fmt: skip


def kept_by(board: CustodyBoard) -> Kept:
    """What this board keeps."""
    return KEPT[BoardPurpose(board.purpose)]


def kept_at(session: Session, seat: BoardSeat) -> Kept:
    """What the board of a seat keeps."""
    return kept_by(session.get_one(CustodyBoard, seat.board_id))
