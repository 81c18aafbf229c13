"""An office that pays: payments that wait, batches of them, files, and what an invented bank answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from admin.payments import answering, batches, budgeting
from admin.payments.answering import AnswerFile, Taken
from admin.staff.roles import Role
from portal.directory.models import CustodyBoard
from portal.kernel.actors import Actor
from portal.kernel.clock import now, today
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen, Id, new_id
from portal.ledger.models import LedgerEntry
from portal.payments.batch_models import PaymentBatch
from portal.payments.batching import BudgetReason
from portal.payments.layout import FileKind, PaymentFile
from portal.payments.models import Payment
from portal.payments.values import Payee, PaymentNumber, new_payment_number
from tests.admin_tips.world import DISTRICT, World

HEAD = "支付编号,结果,退回原因,日期,银行流水号,金额（元）\n"
LI = Payee("李虚构", "110101199003070035", "虚构银行演示支行", "6222020200112233445")


@dataclass
class Treasury:
    """The world and short words for what tests do with its money."""

    world: World

    @property
    def finance(self) -> Actor:
        return self.world.person(DISTRICT, Role.FINANCE)

    @property
    def head(self) -> Actor:
        return self.world.person(DISTRICT, Role.HEAD)

    @property
    def office(self) -> Id:
        return self.world.offices[DISTRICT].id

    def waiting(self, *amounts: int, office: Id | None = None, year: int = 2026, claim: Id | None = None) -> list[str]:
        """Payments as the claims of reporters leave them; the numbers."""
        with transaction() as session:
            board = session.scalars(select(CustodyBoard.id).limit(1)).one()
            made = [
                Payment(
                    id=new_id(), number=new_payment_number(), claim_id=claim or new_id(), board_id=board, year=year,
                    office_id=office or self.office, amount_fen=amount, made_on=today(),
                )
                for amount in amounts
            ]  # fmt: skip
            session.add_all(made)
        return [payment.number for payment in made]

    def draft(self, year: int = 2026) -> Id:
        with transaction() as session:
            return batches.propose(session, self.office, year, self.finance, now()).id

    def release(self, batch: Id, kind: FileKind = FileKind.CSV) -> PaymentFile:
        """The file as whoever released the batch gets it, every payee being the same one."""
        with transaction() as session:
            row = batches.locked_batch(session, batch, self.finance)
            payees = {line.number: LI for line in batches.rows_of(session, row)}
            return batches.make_file(session, row, payees, kind, self.finance, now())

    def released(self, *amounts: int) -> tuple[Id, list[str]]:
        """A batch of these whose file went to the bank, and its numbers in that order."""
        numbers = self.waiting(*amounts)
        batch = self.draft()
        self.release(batch)
        return batch, numbers

    def answer(self, batch: Id, *rows: str, name: str = "answer.csv", head: str = HEAD) -> Taken:
        file = AnswerFile.read((head + "\n".join(rows)).encode(), name)
        with transaction() as session:
            return answering.take_answer(session, batch, file, self.finance, now())

    def budget(self, yuan: int, strict: bool = False, year: int = 2026) -> None:
        with transaction() as session:
            budgeting.set_budget(
                session, self.office, year, Fen(yuan * 100), strict, BudgetReason.APPROVED, self.head, now()
            )

    def batch(self, batch: Id) -> PaymentBatch:
        with reading() as session:
            return session.get_one(PaymentBatch, batch)

    def states(self, numbers: Iterable[str]) -> list[str]:
        """The states of payments, in the order asked."""
        with reading() as session:
            return [session.scalars(select(Payment.state).where(Payment.number == one)).one() for one in numbers]

    def entries(self, kind: str) -> int:
        """How many entries of a kind the book has or will have."""
        with reading() as session:
            query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)
            return session.scalar(query) or 0


def paid(number: str, yuan: str = "", day: str = "2026-09-28") -> str:
    """A line of the bank's answer."""
    return f"{number},成功,,{day},B1,{yuan or '1.00'}"


def back(number: str, reason: str = "户名不符", day: str = "2026-09-28") -> str:
    """A line of the bank's answer: the money came back."""
    return f"{number},退回,{reason},{day},B2,1.00"


def payees_of(numbers: Iterable[str]) -> dict[PaymentNumber, Payee]:
    return {PaymentNumber(number): LI for number in numbers}
