"""A board of seven seats with a keeper each, an asker, and names sealed to any k of any n of them; verbs, no pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.custody import asking, consenting, opening
from admin.custody.queries import one_request
from admin.staff.roles import Role
from crypto.keys import InnerKey, Purpose, generate_inner
from portal.custody.models import IdentityRequest
from portal.custody.values import Objection, Use
from portal.directory.keys import forget_proofs, publish_key
from portal.directory.models import BoardSeat, CustodyBoard
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, now
from portal.kernel.shred import read_shred_key
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, TipNumber, new_id
from portal.ledger.book import append
from portal.ledger.events import IdentitySealed
from portal.ledger.models import LedgerEntry
from portal.routing import choose
from portal.tips.models import IdentityRecord, IdentityShare, Tip
from portal.tips.sealing import seal_identity
from portal.tips.values import Identity
from tests.admin_tips.world import DISTRICT, PROVINCE, World

WHO = Identity(name="测试人甲（虚构）", phone="13900000000")
MOST = 7


@dataclass
class Quorum:
    """The seven seats in order, with keepers and keys, and the report whose author may be asked for."""

    world: World
    number: str
    asker: Actor
    board: Id
    seats: list[Id] = field(default_factory=list)
    keepers: list[Actor] = field(default_factory=list)
    keys: list[InnerKey] = field(default_factory=list)

    def sealed(self, session: Session, k: int, n: int) -> IdentityRecord:
        """The name of the report's author, sealed so that *k* of the first *n* seats open it."""
        tip = self.tip(session)
        record = IdentityRecord(
            id=new_id(), tip_id=tip.id, board_id=self.board, kind="identity", k=k, sealed=b"", made_on=now().date()
        )
        publics = [key.public for key in self.keys[:n]]
        made = seal_identity(WHO, publics, k, record.id, read_shred_key(tip.id))
        record.sealed = made.body
        session.add(record)
        session.flush()
        for seat, share in zip(self.seats, made.shares, strict=False):
            given: dict[str, Any] = {"seat_id": seat, "key_id": share.seat, "position": share.index}
            session.add(IdentityShare(record_id=record.id, sealed=share.sealed, digest=share.digest, **given))
        digests = tuple(share.digest.hex() for share in made.shares)
        append(session, IdentitySealed(TipNumber(tip.number), "identity", str(self.board), digests), SYSTEM, now())
        session.flush()
        return record

    def tip(self, session: Session) -> Tip:
        return session.scalars(select(Tip).where(Tip.number == self.number)).one()

    def ask(self, session: Session, moment: Utc) -> IdentityRequest:
        assert self.asker.id is not None
        own = self.world.staff_keys[self.asker.id].public
        words = "需要当面核对（虚构）"
        made = asking.ask(session, self.tip(session), Use.IDENTITY, "facts", words, own, self.asker, moment)
        session.flush()
        return made

    def answer(self, session: Session, request: Id, seat: int, yes: bool, moment: Utc) -> None:
        """What the page does with the answer of the keeper of a seat (from 0)."""
        locked = one_request(session, request, lock=True)
        assert locked is not None
        if yes:
            consenting.consent(session, locked, self.keys[seat], self.keepers[seat], moment)
        else:
            consenting.object_to(session, locked, Objection.NOT_NEEDED, self.keepers[seat], moment)

    def record_opening(self, session: Session, request: Id, moment: Utc) -> None:
        """The first half of looking, in a transaction of its own."""
        tip, locked = self.tip(session), one_request(session, request, lock=True)
        assert locked is not None
        opening.record_opening(session, tip, locked, self.asker, moment, self.world.keys_of(session, tip))

    def look(self, session: Session, request: Id, moment: Utc) -> Identity:
        """The second half."""
        assert self.asker.id is not None
        found = one_request(session, request)
        assert found is not None
        own = self.world.staff_keys[self.asker.id]
        return opening.look(session, found, own, read_shred_key(found.tip_id), moment)

    def told(self, session: Session, kind: str) -> int:
        """How many entries of a kind the ledger has about the report."""
        rows = session.scalars(
            select(LedgerEntry.id).where(LedgerEntry.subject == self.number, LedgerEntry.kind == kind)
        )
        return len(rows.all())


def make_quorum(world: World) -> Quorum:
    """Seven seats with proven keys; the report has no name yet."""
    forget_proofs()
    quorum = Quorum(world, world.report(), world.person(DISTRICT, Role.HANDLER), new_id())
    quorum.keepers = [world.new_person(PROVINCE, Role.CUSTODIAN) for _ in range(MOST)]
    with transaction() as session:
        session.add(CustodyBoard(id=quorum.board, name="七席保管委员会（虚构）", k=2))
        session.flush()
        for position, keeper in enumerate(quorum.keepers, start=1):
            held = {"holder_office_id": world.offices[PROVINCE].id, "holder_id": keeper.id}
            seat = BoardSeat(id=new_id(), board_id=quorum.board, position=position, **held)
            session.add(seat)
            session.flush()
            quorum.seats.append(seat.id)
            quorum.keys.append(generate_inner(Purpose.SEAT))
            publish_key(session, seat.id, quorum.keys[-1].public, SYSTEM, now())
    with transaction() as session:
        make_checkpoint(session, world.signer, now() + timedelta(seconds=1), publish=True)
    choose.forget()
    return quorum
