"""A payment board of four seats over the offices of :mod:`tests.admin_tips.world`, of which two must agree; keepers,
finance officers, and rewards to be paid. Everybody here is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.staff.granting import add_grant
from admin.staff.models import Staff
from admin.staff.roles import Role
from crypto.keys import InnerKey, Purpose, generate_inner
from portal.directory.keys import forget_proofs, publish_key
from portal.directory.models import BoardSeat, CustodyBoard
from portal.directory.values import BoardPurpose
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now
from portal.kernel.transaction import transaction
from portal.kernel.values import Fen, Id, new_id
from portal.payments.models import Payment
from portal.payments.payees import register
from portal.payments.values import Payee
from portal.routing import choose
from tests.admin_tips.world import DISTRICT, PROVINCE, World

SEATS = 4
PEOPLE = (
    Payee("测试收款甲", "110101199001010015", "虚构银行演示甲支行", "6200000000000000034"),
    Payee("测试收款乙", "320104198502030042", "虚构银行演示乙支行", "320104000000112233"),
    Payee("测试收款丙", "320105197701150110", "虚构农商行演示丙支行", "6200000000000000059"),
)
"""Nobody: numbers with right check digits and invented names."""


@dataclass
class Vault:
    """The board, its seats in order, who holds them, and the keys of both."""

    world: World
    board: Id
    seats: list[Id] = field(default_factory=list)
    keys: list[InnerKey] = field(default_factory=list)
    keepers: list[Actor] = field(default_factory=list)

    @property
    def office(self) -> Id:
        """The payer."""
        return self.world.offices[DISTRICT].id

    def register(
        self, payee: Payee = PEOPLE[0], fen: int = 123_456, claim: Id | None = None, session: Session | None = None
    ) -> Payment:
        """A payment of this year, waiting for a batch."""
        given = claim or new_id(), self.office, 2026, Fen(fen), payee, now()
        if session is not None:
            return register(session, *given)
        with transaction() as own:
            return register(own, *given)

    def checkpoint(self) -> None:
        """What was published so far can be sealed to from now on."""
        with transaction() as session:
            make_checkpoint(session, self.world.signer, now() + timedelta(seconds=1), publish=True)
        choose.forget()


def make_vault(world: World, office: str | None = None, k: int = 2) -> Vault:
    """The site's payment board, or that of an *office*."""
    forget_proofs()
    home = world.offices[office].id if office else None
    vault = Vault(world, new_id())
    vault.keepers = [world.new_person(PROVINCE, Role.PAYMENT_KEEPER) for _ in range(SEATS)]
    with transaction() as session:
        session.add(
            CustodyBoard(
                id=vault.board, name="付款保管组（虚构）", office_id=home, k=k, purpose=BoardPurpose.PAYMENT.value
            )
        )
        session.flush()
        for position, keeper in enumerate(vault.keepers, start=1):
            assert keeper.id is not None
            held = {"holder_office_id": world.offices[PROVINCE].id, "holder_id": keeper.id}
            seat = BoardSeat(id=new_id(), board_id=vault.board, position=position, **held)
            session.add(seat)
            session.flush()
            key = generate_inner(Purpose.SEAT)
            vault.seats.append(seat.id)
            vault.keys.append(key)
            publish_key(session, seat.id, key.public, SYSTEM, now())
            session.flush()
            own, staff = world.staff_keys[keeper.id].public, session.get_one(Staff, keeper.id)
            add_grant(session, key, seat.id, own, staff, SYSTEM, now())
    vault.checkpoint()
    return vault
