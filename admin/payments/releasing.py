"""Releasing a batch of payments: asked by one, agreed to by k keepers of the board, made into its file once.

Whoever prepared the batch does not release it; whoever has a seat of the board neither; and nobody of them may open
reports or decide rewards. What is asked stands on the ledger before anybody answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.payments.apart import works_on_it
from admin.payments.ending import LIVE, end, overdue
from admin.staff.models import Staff
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from crypto import opening
from crypto.keys import PublicKey, Purpose, generate_inner
from portal.directory.models import BoardSeat
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.payments.batch_models import PaymentBatch
from portal.payments.events import ReleaseAsked
from portal.payments.models import PayeeRecord, Payment, PaymentRelease
from portal.payments.rules import waits_until
from portal.payments.sealing import content_of
from portal.payments.states import BatchState
from portal.payments.values import ReleaseState

_TO_RELEASE = (BatchState.DRAFT.value, BatchState.RELEASED.value)


def ask(session: Session, batch: PaymentBatch, own: PublicKey, actor: Actor, now: Utc) -> PaymentRelease:
    """Ask the board to let *batch*, which is locked, be made into its file. ``own``: the asker's own key.

    NotAllowed for whoever prepared the batch, has a seat of its board, or works on reports and rewards anywhere, under
    this or another account; IllegalMove once the bank has answered; Refused while the same is asked already, or when a
    payee is gone.
    """
    actor.must(Permission.PAY_REWARD, batch.office_id)
    if actor.id is None or is_own(session, batch.made_by, actor):
        raise NotAllowed("same_person", "这一批是您编制的，请由另一位同事申请放行。")
    if works_on_it(session, session.get_one(Staff, actor.id)):
        raise NotAllowed("works_on_it", "您还办理举报或者审核奖励，不能申请放行。请由另一位同事申请。")
    _must_hold_no_seat(session, batch.board_id, actor)
    if batch.state not in _TO_RELEASE:
        raise IllegalMove("illegal_move", "这一批已经撤销，或者银行已经答复，不能再放行。")
    if live_release(session, batch.id) is not None:
        raise Refused("asked_already", "这一批已经申请放行，正在等保管人答复，或者正等着生成文件。")
    rows = payees_of(session, batch)
    release_id, today = new_id(), day_of(now)
    with generate_inner(Purpose.OPENING) as once:
        public, kept = once.public.raw, opening.seal_grant(once, own, release_id.bytes)
    release = PaymentRelease(
        id=release_id,
        batch_id=batch.id,
        board_id=batch.board_id,
        office_id=batch.office_id,
        content=content_of(batch, [(payment, record.sealed) for payment, record in rows]),
        state=ReleaseState.ASKED.value,
        k=max(record.k for _, record in rows),
        prepared_by=batch.made_by,
        asked_by=actor.id,
        asked_on=today,
        expires_on=waits_until(today),
        once_public=public,
        once_sealed=kept,
    )
    append(session, asked_event(release), actor, now)
    session.add(release)
    return release


def drop(session: Session, release: PaymentRelease, actor: Actor, now: Utc) -> None:
    """Take one's own request back. IllegalMove once it has ended."""
    if release.asked_by != actor.id:
        raise NotAllowed("not_allowed", "只有申请放行的人可以撤回。")
    end(session, release, ReleaseState.DROPPED, actor, now)


def end_overdue(session: Session, batch: PaymentBatch, now: Utc) -> None:
    """End a release of *batch*, which is locked, whose days are over: it may be asked for anew at once."""
    release = live_release(session, batch.id)
    if release is not None and overdue(release, now):
        end(session, locked_release(session, release.id), ReleaseState.EXPIRED, SYSTEM, now)


def asked_event(release: PaymentRelease) -> ReleaseAsked:
    """What the book has of the request, out of its row."""
    return ReleaseAsked(
        str(release.id),
        str(release.batch_id),
        release.office_id.hex,
        str(release.board_id),
        release.content,
        str(release.prepared_by),
    )


def payees_of(session: Session, batch: PaymentBatch) -> Sequence[tuple[Payment, PayeeRecord]]:
    """The payments of a batch by number, each with its sealed payee, locked until the transaction ends.

    Refused ("payee_gone") when one has none any more, "other_board" when one is sealed to another board.
    """
    rows = session.execute(
        select(Payment, PayeeRecord)
        .outerjoin(PayeeRecord, PayeeRecord.payment_id == Payment.id)
        .where(Payment.batch_id == batch.id)
        .order_by(Payment.number)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).all()
    whole: list[tuple[Payment, PayeeRecord | None]] = [(payment, record) for payment, record in rows]
    found = [(payment, record) for payment, record in whole if record is not None]
    if not rows or len(found) < len(rows):
        raise Refused("payee_gone", "这一批里有收款信息已经销毁的款项，不能放行。请先把它移出去。")
    if any(payment.board_id != batch.board_id for payment, _ in found):
        raise Refused("other_board", "这一批里有封存给别的保管组的款项，不能放行。请报告审计人员。")
    return found


def live_release(session: Session, batch: Id) -> PaymentRelease | None:
    """The release of a batch that has not ended."""
    live = select(PaymentRelease).where(PaymentRelease.batch_id == batch, PaymentRelease.state.in_(LIVE))
    return session.scalar(live.limit(1))


def locked_release(session: Session, release: Id) -> PaymentRelease:
    """The release, locked until the transaction ends. NotFound when there is none."""
    query = select(PaymentRelease).where(PaymentRelease.id == release)
    found = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound("no_release", "没有找到这次放行。")
    return found


def _must_hold_no_seat(session: Session, board: Id, actor: Actor) -> None:
    keepers = session.scalars(select(BoardSeat.holder_id).where(BoardSeat.board_id == board))
    if any(is_own(session, keeper, actor) for keeper in keepers if keeper is not None):
        raise NotAllowed("asker_has_seat", "您是这个付款保管组的保管人，不能同时申请放行。请由另一位同事申请。")


def active(session: Session, person: Id) -> Staff | None:
    """The account, if it is at work."""
    staff = session.get(Staff, person)
    return staff if staff is not None and staff.state == "active" else None
