"""The bank's answer to a batch: all of it is taken, or nothing when anything is wrong. ``(session, …, actor, now)``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.payments.batches import locked_batch, payments_of
from portal.directory.institutions import MOST_ERRORS, RowError
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.payments.answers import Answer, AnswerLine, Result, read_answer
from portal.payments.batch_events import AnswerTaken
from portal.payments.batch_models import PaymentBatch, PaymentOutcome
from portal.payments.layout import yuan
from portal.payments.models import Payment
from portal.payments.states import BatchAction, BatchState, next_state
from portal.payments.values import PaymentState


class FaultyAnswer(Refused):
    """Nothing of the answer was taken; ``errors`` are all that is wrong with it, row by row."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__("faulty_answer", f"文件里有 {len(errors)} 处问题，一笔也没有登记。")
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer changed: payments newly paid and returned; ``known``: said before already, changed nothing."""

    paid: int
    returned: int
    known: int


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """An answer that was read, and the SHA-256 of the file in hex."""

    answer: Answer
    sha256: str

    @classmethod
    def read(cls, content: bytes, filename: str) -> AnswerFile:
        """Read a file, outside of any transaction. Never raises."""
        return cls(read_answer(content, filename), hashlib.sha256(content).hexdigest())


def take_answer(session: Session, batch_id: Id, file: AnswerFile, actor: Actor, now: Utc) -> Taken:
    """Record what the bank paid and returned of a batch; with its last open payment the batch is ANSWERED.

    The same again, in whatever file and order, changes nothing. Raises FaultyAnswer with every fault, NotFound,
    Refused ("not_released").
    """
    batch = locked_batch(session, batch_id, actor)
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    if batch.released_on is None:
        raise Refused("not_released", "这一批的支付文件还没有生成，银行不会有答复。")
    payments = {payment.number: payment for payment in payments_of(session, batch)}
    said = outcomes_of(session, batch)
    faults = [*file.answer.errors, *_faults(file.answer.lines, payments, said, batch.released_on, day_of(now))]
    if faults:
        raise FaultyAnswer(sorted(faults, key=lambda fault: fault.row)[:MOST_ERRORS])
    fresh = [line for line in file.answer.lines if payments[line.number].id not in said]
    for line in fresh:
        _settle(session, batch, payments[line.number], line, actor.id, day_of(now))
    taken = _counted(fresh, len(file.answer.lines))
    if fresh:
        if len(said) + len(fresh) == len(payments):
            batch.state = next_state(BatchState(batch.state), BatchAction.ANSWER).value
            batch.ended_on = day_of(now)
        session.flush()
        event = AnswerTaken(batch.number, batch.office_id.hex, taken.paid, taken.returned, file.sha256)
        append(session, event, actor, now)
    return taken


def outcomes_of(session: Session, batch: PaymentBatch) -> dict[Id, PaymentOutcome]:
    """What the bank has said so far, by payment."""
    query = select(PaymentOutcome).where(PaymentOutcome.batch_id == batch.id)
    return {outcome.payment_id: outcome for outcome in session.scalars(query)}


def _faults(
    lines: Sequence[AnswerLine],
    payments: Mapping[str, Payment],
    said: Mapping[Id, PaymentOutcome],
    released: date,
    today: date,
) -> list[RowError]:
    found = []
    for line in lines:
        payment = payments.get(line.number)
        if payment is None:
            found.append(RowError(line.row, "支付编号", f"{line.number} 不在这一批里，请核对是不是别的批次的答复。"))
            continue
        if line.amount not in (None, payment.amount_fen):
            found.append(RowError(line.row, "金额", f"应当是 {yuan(payment.amount_fen)} 元，请向银行核对。"))
        if not released <= line.day <= today:
            found.append(RowError(line.row, "日期", f"要在生成支付文件那天（{released}）到今天之间。"))
        before = said.get(payment.id)
        if before is not None and (before.result, before.reason) != (line.result, line.reason or ""):
            words = "支付成功" if before.result == Result.PAID else "退回"
            found.append(RowError(line.row, "结果", f"这一笔已经登记为{words}，和文件不一样，请先向银行核对。"))
    return found


def _settle(session: Session, batch: PaymentBatch, payment: Payment, line: AnswerLine, by: Id, today: date) -> None:
    payment.state = (PaymentState.PAID if line.result is Result.PAID else PaymentState.RETURNED).value
    payment.settled_on = today
    session.add(
        PaymentOutcome(
            payment_id=payment.id,
            batch_id=batch.id,
            result=line.result.value,
            reason=line.reason.value if line.reason else "",
            day=line.day,
            reference=line.reference,
            taken_by=by,
            taken_on=today,
        )
    )


def _counted(fresh: Sequence[AnswerLine], lines: int) -> Taken:
    paid = sum(line.result is Result.PAID for line in fresh)
    return Taken(paid, len(fresh) - paid, lines - len(fresh))
