"""A payment board of four seats over the offices of :mod:`tests.admin_tips.world`, of which two must agree; keepers,
finance officers, and rewards to be paid. Everybody here is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from admin.payments import batches, consenting, releasing, taking
from admin.staff.granting import add_grant
from admin.staff.models import Staff
from admin.staff.roles import Role
from crypto.keys import InnerKey, Purpose, generate_inner
from portal.directory.keys import forget_proofs, publish_key
from portal.directory.models import BoardSeat, CustodyBoard
from portal.directory.values import BoardPurpose
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen, Id, new_id
from portal.payments.batch_models import PaymentBatch
from portal.payments.layout import FileKind, PaymentFile
from portal.payments.models import Payment, PaymentRelease
from portal.payments.payees import register
from portal.payments.values import Payee, Unreleased
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
    preparer: Actor = field(init=False)
    asker: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.preparer, self.asker = (self.world.new_person(DISTRICT, Role.FINANCE) for _ in range(2))

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

    def batch(self, *fen: int) -> Id:
        """A draft of one payment for each sum, which goes to one of :data:`PEOPLE` after the other."""
        for place, one in enumerate(fen):
            self.register(PEOPLE[place % len(PEOPLE)], one)
        with transaction() as session:
            return batches.propose(session, self.office, 2026, self.preparer, now()).id

    def ask(self, batch: Id, by: Actor | None = None) -> Id:
        """A release that waits; returns its id."""
        asker = by or self.asker
        assert asker.id is not None
        with transaction() as session:
            row = batches.locked_batch(session, batch, asker)
            return releasing.ask(session, row, self.world.staff_keys[asker.id].public, asker, now()).id

    def consent(self, release: Id, *positions: int, by: Actor | None = None) -> None:
        """The keepers of these seats agree, each in a transaction of the own."""
        for position in positions:
            with transaction() as session:
                key, keeper = self.keys[position - 1], by or self.keepers[position - 1]
                row = releasing.locked_release(session, release)
                consenting.consent(session, row, lambda _: key, keeper, now())  # noqa: B023 - called within the round

    def object_to(self, release: Id, *positions: int) -> None:
        for position in positions:
            with transaction() as session:
                row = releasing.locked_release(session, release)
                consenting.object_to(session, row, Unreleased.AMOUNT, self.keepers[position - 1], now())

    def take(self, release: Id, kind: FileKind = FileKind.CSV, by: Actor | None = None) -> PaymentFile:
        """What the page does when the asker makes the file."""
        actor = by or self.asker
        assert actor.id is not None
        own = self.world.staff_keys[actor.id]
        with transaction() as session:
            row = releasing.locked_release(session, release)
            taking.record_taking(session, row, batches.locked_batch(session, row.batch_id, actor), actor, now())
        with transaction() as session:
            row = releasing.locked_release(session, release)
            batch = batches.locked_batch(session, row.batch_id, actor)
            return taking.take(session, row, batch, kind, own, actor, now())

    def release(self, release: Id) -> PaymentRelease:
        """The row as it is now."""
        with reading() as session:
            return session.get_one(PaymentRelease, release)

    def checkpoint(self) -> None:
        """What was published so far can be sealed to from now on."""
        with transaction() as session:
            make_checkpoint(session, self.world.signer, now() + timedelta(seconds=1), publish=True)
        choose.forget()


@dataclass(frozen=True)
class Bare:
    """Rows behind the addresses of a release: the seat is *keeper*'s, the second release was asked by *asker*."""

    asked: Id
    own: Id
    own_batch: Id


def bare_releases(office: Id, keeper: Actor, asker: Actor, state: str = "asked") -> Bare:
    """Two batches of nothing with a release each, of which the second is in *state*; no key and no payee."""
    board, made = new_id(), [(new_id(), new_id()) for _ in range(2)]
    with transaction() as session:
        session.add(CustodyBoard(id=board, name="演示付款保管组", office_id=office, k=2, purpose="payment"))
        session.flush()
        held = {"holder_office_id": office, "holder_id": keeper.id}
        session.add(BoardSeat(id=new_id(), board_id=board, position=1, **held))
        for place, (batch, release) in enumerate(made):
            session.add(
                PaymentBatch(
                    id=batch, number=f"PB-2222-444{place + 2}", office_id=office, board_id=board, year=2026,
                    state="draft", total_fen=0, size=0, made_by=new_id(), made_on=today(),
                )
            )  # fmt: skip
            session.add(
                PaymentRelease(
                    id=release, batch_id=batch, board_id=board, office_id=office, content="ab" * 32,
                    state=state if place else "asked", k=2, prepared_by=new_id(),
                    asked_by=asker.id if place else new_id(), asked_on=today(), expires_on=today() + timedelta(days=7),
                )
            )  # fmt: skip
    return Bare(made[0][1], made[1][1], made[1][0])


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
