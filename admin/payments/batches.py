"""Batches of payments: put together, made smaller, dropped, made into a file. ``(session, …, actor, now)``.

Two people who take the same payment at once meet at its row: the second waits, and finds that it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.values import Fen, Id, new_id
from portal.ledger.book import append
from portal.payments import layout
from portal.payments.batch_events import BatchChanged, PaymentFileMade
from portal.payments.batch_models import PaymentBatch
from portal.payments.batching import MOST_IN_BATCH, new_batch_number
from portal.payments.budget import budget_state
from portal.payments.layout import FileKind, Line, PaymentFile
from portal.payments.models import Payment
from portal.payments.states import BatchAction, BatchState, next_state
from portal.payments.values import Payee, PaymentNumber, PaymentState


def propose(session: Session, office: Id, year: int, actor: Actor, now: Utc) -> PaymentBatch:
    """A draft of what waits to be paid by *office* out of the budget of *year*, the longest waiting first.

    At most MOST_IN_BATCH payments, all of the one board that keeps the first's payee. Refused ("nothing_to_pay",
    "over_budget" where the budget is strict), NotAllowed without the permission.
    """
    actor.must(Permission.PAY_REWARD, office)
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    payments = _waiting(session, office, year)
    if not payments:
        raise Refused("nothing_to_pay", "现在没有等待支付的款项。")
    _must_be_in_budget(session, office, year, sum(payment.amount_fen for payment in payments))
    batch = PaymentBatch(
        id=new_id(),
        number=new_batch_number(),
        office_id=office,
        board_id=payments[0].board_id,
        year=year,
        state=BatchState.DRAFT.value,
        made_by=actor.id,
        made_on=day_of(now),
    )
    for payment in payments:
        payment.batch_id, payment.state = batch.id, PaymentState.IN_BATCH.value
    session.add(batch)
    _recount(session, batch, payments, "made", actor, now)
    return batch


def _waiting(session: Session, office: Id, year: int) -> list[Payment]:
    """What waits, locked: rows that another batch takes at this moment are looked at again once it has them."""
    waits = select(Payment).where(
        Payment.office_id == office, Payment.year == year, Payment.state == PaymentState.SEALED.value
    )
    first = session.scalar(waits.order_by(Payment.made_on, Payment.number).limit(1))
    if first is None:
        return []
    same = waits.where(Payment.board_id == first.board_id).order_by(Payment.made_on, Payment.number)
    return list(session.scalars(same.limit(MOST_IN_BATCH).with_for_update().execution_options(populate_existing=True)))


def _must_be_in_budget(session: Session, office: Id, year: int, total: int) -> None:
    state = budget_state(session, office, year)
    spent = state.paid_fen + state.under_way_fen + total
    if state.strict and state.amount_fen is not None and spent > state.amount_fen:
        raise Refused("over_budget", "加上这一批就超过本年度预算了，而预算设定为不得超过。请先由负责人调整预算。")


def take_out(session: Session, batch_id: Id, number: PaymentNumber, actor: Actor, now: Utc) -> PaymentBatch:
    """Put one payment of a draft back among those that wait; the last one only goes with the batch (:func:`drop`).

    NotFound, IllegalMove once the file was made, Refused ("last_one").
    """
    batch = locked_batch(session, batch_id, actor)
    _must_be_draft(batch)
    payments = payments_of(session, batch)
    out = next((payment for payment in payments if payment.number == number), None)
    if out is None:
        raise NotFound("no_payment", "这一批里没有这一笔。")
    if len(payments) == 1:
        raise Refused("last_one", "这是最后一笔。不再支付的，请撤销整批。")
    out.batch_id, out.state = None, PaymentState.SEALED.value
    payments.remove(out)
    _recount(session, batch, payments, "taken-out", actor, now)
    return batch


def drop(session: Session, batch_id: Id, actor: Actor, now: Utc) -> PaymentBatch:
    """Give a draft up; all of it waits again. NotFound, IllegalMove once the file was made."""
    batch = locked_batch(session, batch_id, actor)
    batch.state = next_state(BatchState(batch.state), BatchAction.DROP).value
    batch.ended_on = day_of(now)
    for payment in payments_of(session, batch):
        payment.batch_id, payment.state = None, PaymentState.SEALED.value
    _recount(session, batch, [], "dropped", actor, now)
    return batch


def _must_be_draft(batch: PaymentBatch) -> None:
    if batch.state != BatchState.DRAFT:
        raise IllegalMove("illegal_move", "支付文件已经生成，这一批不能再改。")


def _recount(
    session: Session, batch: PaymentBatch, payments: Sequence[Payment], change: str, actor: Actor, now: Utc
) -> None:
    batch.size, batch.total_fen = len(payments), sum(payment.amount_fen for payment in payments)
    session.flush()
    event = BatchChanged(batch.number, batch.office_id.hex, change, batch.size, batch.total_fen)
    append(session, event, actor, now)


def locked_batch(
    session: Session, batch_id: Id, actor: Actor, permission: Permission = Permission.PAY_REWARD
) -> PaymentBatch:
    """The batch, locked until the transaction ends. NotFound where *actor* does not pay."""
    query = select(PaymentBatch).where(PaymentBatch.id == batch_id)
    batch = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if batch is None or not actor.may(permission, batch.office_id):
        raise NotFound("no_batch", "没有找到这一批。")
    return batch


def payments_of(session: Session, batch: PaymentBatch) -> list[Payment]:
    """The payments of a batch by number, locked until the transaction ends."""
    query = select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.number)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def rows_of(session: Session, batch: PaymentBatch) -> list[Line]:
    """The lines of the file of a batch, without anybody's name. Numbers are random, so their order says nothing."""
    query = select(Payment.number, Payment.amount_fen).where(Payment.batch_id == batch.id).order_by(Payment.number)
    return [
        Line(place, PaymentNumber(number), Fen(amount))
        for place, (number, amount) in enumerate(session.execute(query), 1)
    ]


def make_file(
    session: Session,
    batch: PaymentBatch,
    payees: Mapping[PaymentNumber, Payee],
    kind: FileKind,
    actor: Actor,
    now: Utc,
) -> PaymentFile:
    """The file of a batch that is locked (:func:`locked_batch`), for a release that other people have agreed to.

    The batch is RELEASED from then on, and the book has the hash. Made again, it is the same file or Refused
    ("other_kind", "other_file"). Raises ValueError where *payees* are not those of the batch, IllegalMove once it was
    answered or dropped.
    """
    batch.state = next_state(BatchState(batch.state), BatchAction.RELEASE).value
    lines = rows_of(session, batch)
    if (len(lines), sum(line.amount_fen for line in lines)) != (batch.size, batch.total_fen):
        raise Refused("altered", "这一批的笔数或者合计和编制时的不一样，没有生成文件。请报告审计人员。")
    file = layout.write(batch.number, lines, payees, kind)
    if batch.file_kind not in ("", kind.value):
        raise Refused("other_kind", f"这一批已经生成过 {batch.file_kind.upper()} 文件，再次生成要用同样的格式。")
    if batch.file_sha256 not in ("", file.sha256):
        raise Refused("other_file", "再次生成的文件和上一次的不一样，没有给出。请报告审计人员。")
    batch.file_kind, batch.file_sha256 = kind.value, file.sha256
    batch.released_on = batch.released_on or day_of(now)
    event = PaymentFileMade(batch.number, batch.office_id.hex, kind.value, batch.size, batch.total_fen, file.sha256)
    append(session, event, actor, now)
    return file
