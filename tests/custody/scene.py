"""A board at work, over the offices of :mod:`tests.admin_tips.world`: seats held, handed over, sealed anew; requests
in every state. Made by the real verbs, for whoever looks at pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.custody import asking, consenting, opening, seats
from admin.staff import generations
from admin.staff.granting import add_grant
from admin.staff.models import Staff
from admin.staff.roles import Role
from portal.custody.models import IdentityRequest
from portal.custody.values import Objection, Use
from portal.directory.models import BoardSeat, CustodyBoard, Office
from portal.kernel.actors import Actor
from portal.kernel.clock import now
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from tests.admin_tips.world import DISTRICT, PROVINCE, World

WHY = "需要当面核对住院的日子（虚构）。"


@dataclass
class Scene:
    """The seats of the world's board, the first held by *me*, and reports about which an identity was asked for."""

    world: World
    me: Actor
    asker: Actor = field(init=False)
    keepers: list[Actor] = field(init=False)
    seats: list[Id] = field(init=False)

    def __post_init__(self) -> None:
        self.asker = self.world.new_person(DISTRICT, Role.HANDLER)
        self.keepers = [self.world.new_person(PROVINCE, Role.CUSTODIAN) for _ in range(3)]
        with reading() as session:
            self.seats = list(session.scalars(select(BoardSeat.id).order_by(BoardSeat.position)))
        for seat, holder, office in zip(
            self.seats, (self.me, *self.keepers), (DISTRICT, PROVINCE, PROVINCE), strict=False
        ):
            self._fill(seat, holder, office)
        self.appoint(self.seats[0], self.keepers[2])
        self.appoint(self.seats[2], self.me)
        self.checkpoint()

    def checkpoint(self) -> None:
        """What was published so far can be sealed to from now on."""
        with transaction() as session:
            make_checkpoint(session, self.world.signer, now(), publish=True)

    def appoint(self, seat: Id, person: Actor) -> None:
        with transaction() as session:
            session.get_one(BoardSeat, seat).next_holder_id = person.id

    def ask(self, number: str, use: Use = Use.IDENTITY, reason: str = "facts") -> Id:
        """A request that waits; returns its id."""
        assert self.asker.id is not None
        own = self.world.staff_keys[self.asker.id].public
        with self.world.at(number, self.asker) as (session, tip, _):
            return asking.ask(session, tip, use, reason, WHY, own, self.asker, now()).id

    def consent(self, request: Id, *positions: int) -> None:
        for position in positions:
            with transaction() as session:
                key = self.world.seat_keys[self.seats[position - 1]]
                consenting.consent(session, _locked(session, request), key, self._holder(position), now())

    def object_to(self, request: Id, *positions: int) -> None:
        for position in positions:
            with transaction() as session:
                consenting.object_to(
                    session, _locked(session, request), Objection.UNCLEAR, self._holder(position), now()
                )

    def look(self, number: str, request: Id) -> None:
        """The asker opens what was granted."""
        with self.world.at(number, self.asker) as (session, tip, keys):
            opening.record_opening(session, tip, _locked(session, request), self.asker, now(), keys)

    def every_state(self) -> dict[str, tuple[str, Id]]:
        """One report and its request for each: asked, half (one consent), granted, opened, refused."""
        found = {}
        for state in ("asked", "half", "granted", "opened", "refused"):
            number = self.world.report(named=True)
            found[state] = number, self.ask(number)
        self.consent(found["half"][1], 2)
        self.consent(found["granted"][1], 2, 3)
        self.consent(found["opened"][1], 2, 3)
        self.object_to(found["refused"][1], 2, 3)
        self.look(*found["opened"])
        return found

    def new_board(self) -> Id:
        """A board that is being formed, with a name as long as they come; returns the seat that waits for *me*."""
        with transaction() as session:
            home = self.world.offices[DISTRICT].id
            board = CustodyBoard(
                id=new_id(), name="演示甲区医疗保障局与派驻纪检监察组联合身份保管组", office_id=home, k=2
            )
            session.add(board)
            session.flush()
            seats = [
                BoardSeat(id=new_id(), board_id=board.id, position=position, next_holder_id=person.id)
                for position, person in enumerate((self.me, *self.keepers[:2]), start=1)
            ]
            session.add_all(seats)
            return seats[0].id

    def begin_new_key(self) -> None:
        """The first seat gets a new key; its shares are still sealed to the old one."""
        assert self.me.id is not None
        own = self.world.staff_keys[self.me.id].public
        with transaction() as session:
            seats.begin_generation(session, session.get_one(BoardSeat, self.seats[0]), own, self.me, now())

    def rotate(self, office: str = DISTRICT) -> None:
        """The office's key is changed, and no checkpoint covers the new one yet."""
        row = self.world.offices[office]
        member = self.world.person(office, Role.HANDLER)
        with transaction() as session:
            generations.rotate(session, session.get_one(Office, row.id), self.world.keys[row.id], member, now())

    def _holder(self, position: int) -> Actor:
        return (self.me, *self.keepers)[position - 1]

    def _fill(self, seat: Id, holder: Actor, office: str) -> None:
        assert holder.id is not None
        public = self.world.staff_keys[holder.id].public
        with transaction() as session:
            row, staff = session.get_one(BoardSeat, seat), session.get_one(Staff, holder.id)
            row.holder_id, row.holder_office_id = holder.id, self.world.offices[office].id
            add_grant(session, self.world.seat_keys[seat], seat, public, staff, holder, now())


def _locked(session: Session, request: Id) -> IdentityRequest:
    return session.scalars(select(IdentityRequest).where(IdentityRequest.id == request).with_for_update()).one()
