"""What a keeper answers to a release: the own shares of every payee in it, opened in the own session, passed on sealed
twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.payments.apart import works_on_it
from admin.payments.ending import end, overdue
from admin.payments.releasing import active, asked_event, payees_of
from admin.staff.models import Staff
from admin.staff.queries import actor_of, is_own
from admin.staff.roles import Permission
from crypto import custody
from crypto.keys import InnerKey, PublicKey, Purpose, scrub
from portal.custody.values import Answer
from portal.directory.keys import proven_keys
from portal.directory.models import BoardSeat
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.rows import insert_rows, new
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.models import LedgerEntry
from portal.payments.batch_models import PaymentBatch
from portal.payments.events import PayeeSealed, ReleaseAnswered, ReleaseAsked
from portal.payments.models import PassedPayeeShare, PayeeRecord, PayeeShare, Payment, PaymentAnswer, PaymentRelease
from portal.payments.rules import follows
from portal.payments.sealing import PAYEE, binding, content_of
from portal.payments.values import ReleaseState, Unreleased

KeyOf = Callable[[bytes], InnerKey]
"""Key id of a generation of the seat -> the key, opened in the keeper's session."""

Rows = Sequence[tuple[Payment, PayeeRecord]]


def consent(session: Session, release: PaymentRelease, key_of: KeyOf, actor: Actor, now: Utc) -> None:
    """Pass the seat's share of every payee of the batch on to the asker. With the k-th consent it is granted.

    ``release`` is locked. NotFound without a seat of the board, NotAllowed for whoever prepared or asked for it or
    works on reports and rewards, Refused when it has expired, was answered by this seat or person, holds something else
    than was asked for or than the book says; crypto errors for a share that was altered.
    """
    seat = _seat_for(session, release, actor, now)
    asker = _asker_key(session, release)
    rows = _agreed(session, release)
    shares = _shares(session, seat, rows)
    must_be_booked(session, release, rows, shares)
    append(session, ReleaseAnswered(str(release.id), str(seat.id), Answer.CONSENT.value), actor, now)
    answer = _answer(release, seat, next(iter(shares.values())).position, Answer.CONSENT, "", actor, now)
    passed = [_pass(release, payment, shares[payment.id], key_of, asker, answer.id) for payment, _ in rows]
    insert_rows(session, answer, *(new(PassedPayeeShare, **values) for values in passed))
    _follow(session, release, actor, now)


def object_to(session: Session, release: PaymentRelease, reason: Unreleased, actor: Actor, now: Utc) -> None:
    """Say no, and why. Once k consents can no longer come together the release is refused."""
    seat = _seat_for(session, release, actor, now)
    append(session, ReleaseAnswered(str(release.id), str(seat.id), Answer.OBJECT.value, reason.value), actor, now)
    insert_rows(session, _answer(release, seat, seat.position, Answer.OBJECT, reason.value, actor, now))
    _follow(session, release, actor, now)


def my_seat(session: Session, release: PaymentRelease, actor: Actor) -> BoardSeat | None:
    """The seat of this board that *actor* holds, with the permission to use it."""
    seat = session.scalar(
        select(BoardSeat).where(BoardSeat.board_id == release.board_id, BoardSeat.holder_id == actor.id)
    )
    if seat is None or seat.holder_office_id is None or not actor.may(Permission.PAYMENT_SEAT, seat.holder_office_id):
        return None
    return seat


def must_be_booked(session: Session, release: PaymentRelease, rows: Rows, shares: Mapping[Id, PayeeShare]) -> None:
    """Refused ("not_in_book") unless the book has the request as its row says, by the same person, and every payment
    with this very payee and share. Whoever writes into the tables alone, another sum or another payee, gets none."""
    asked = asked_event(release).content(), str(release.asked_by)
    booked = any(
        (entry["event"], entry["actor"]) == asked for entry in _entries(session, ReleaseAsked.kind, [str(release.id)])
    )
    bound = {binding(payment): (payment, record) for payment, record in rows}
    sealed = {
        entry["subject"]
        for entry in _entries(session, PayeeSealed.kind, list(bound))
        if _says(entry["event"], *bound[entry["subject"]], shares)
    }
    if not booked or sealed != set(bound):
        raise Refused("not_in_book", "这次放行和记录簿对不上，没有交出份额。请报告审计人员。")


def _says(event: dict[str, Any], payment: Payment, record: PayeeRecord, shares: Mapping[Id, PayeeShare]) -> bool:
    said = PayeeSealed(
        binding(payment), str(payment.board_id), hashlib.sha256(record.sealed).hexdigest(), tuple(event["shares"])
    )
    return event == said.content() and shares[payment.id].digest.hex() in event["shares"]


def _entries(session: Session, kind: str, subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    rows = select(LedgerEntry.payload).where(LedgerEntry.subject.in_(subjects), LedgerEntry.kind == kind)
    return (json.loads(payload) for payload in session.scalars(rows))


def _seat_for(session: Session, release: PaymentRelease, actor: Actor, now: Utc) -> BoardSeat:
    """The seat that may answer now."""
    seat = my_seat(session, release, actor)
    if seat is None:
        raise NotFound("no_release", "没有找到这次放行。")
    if is_own(session, release.asked_by, actor) or is_own(session, release.prepared_by, actor):
        raise NotAllowed("same_person", "这一批是您编制或者申请放行的，不能自己同意。")
    if works_on_it(session, session.get_one(Staff, actor.id), release.office_id):
        raise NotAllowed("works_on_it", "您还办理举报、奖励或者这个单位的付款，不能答复放行。请由另一位保管人答复。")
    if overdue(release, now):
        raise Refused("release_expired", "这次放行已经过期。")
    if release.state != ReleaseState.ASKED:
        raise IllegalMove("illegal_move", "这次放行已经有了结果。请刷新页面。")
    answered = select(PaymentAnswer.seat_id, PaymentAnswer.holder_id).where(PaymentAnswer.release_id == release.id)
    if any(one == seat.id or is_own(session, holder, actor) for one, holder in session.execute(answered)):
        raise Refused("answered_already", "您已经答复过这次放行。")
    return seat


def _asker_key(session: Session, release: PaymentRelease) -> PublicKey:
    """The asker's own key, proven under a signed checkpoint. Refused for one who could not ask the same today."""
    staff = active(session, release.asked_by)
    if staff is None or not actor_of(session, staff).may(Permission.PAY_REWARD, release.office_id):
        raise Refused("asker_may_not", "申请人现在不能办理付款，不能交出份额。")
    proven = proven_keys(session, Purpose.STAFF.value, [staff.id], site().checkpoint_vkey).get(staff.id)
    if proven is None or proven[0].id != staff.key_id:
        raise Refused("key_not_proven", "申请人的密钥现在不能确认。请联系申请人重新登录后再申请。")
    return proven[1]


def _agreed(session: Session, release: PaymentRelease) -> Rows:
    """What the batch holds, if it is what was asked for."""
    batch = session.get_one(PaymentBatch, release.batch_id)
    rows = payees_of(session, batch)
    if content_of(batch, [(payment, record.sealed) for payment, record in rows]) != release.content:
        raise Refused("batch_changed", "申请放行以后，这一批改动过。请让申请人撤回，重新申请。")
    return rows


def _shares(session: Session, seat: BoardSeat, rows: Rows) -> dict[Id, PayeeShare]:
    """The seat's share of each payee, by payment. Refused when it lacks one."""
    wanted = [payment.id for payment, _ in rows]
    query = select(PayeeShare).where(PayeeShare.seat_id == seat.id, PayeeShare.payment_id.in_(wanted))
    found = {share.payment_id: share for share in session.scalars(query)}
    if len(found) < len(wanted):
        raise Refused("no_share", "您的席位没有这一批里全部款项的份额。")
    return found


def _pass(
    release: PaymentRelease, payment: Payment, share: PayeeShare, key_of: KeyOf, asker: PublicKey, answer: Id
) -> dict[str, Any]:
    clear = custody.open_share(
        share.sealed, key_of(share.key_id), share.position, share.digest, PAYEE, payment.id.bytes
    )
    once = PublicKey(Purpose.OPENING, release.once_public or b"")
    sealed = custody.pass_share(clear, once, asker, way(release, payment.id))
    scrub(clear)
    return {"id": new_id(), "answer_id": answer, "payment_id": payment.id, "passed": sealed}


def way(release: PaymentRelease, payment: Id) -> bytes:
    """What binds a passed share to its release and its payment."""
    return release.id.bytes + payment.bytes


def _answer(
    release: PaymentRelease, seat: BoardSeat, position: int, answer: Answer, reason: str, actor: Actor, now: Utc
) -> PaymentAnswer:
    return PaymentAnswer(
        id=new_id(),
        release_id=release.id,
        seat_id=seat.id,
        office_id=seat.holder_office_id,
        holder_id=actor.id,
        position=position,
        answer=answer.value,
        reason=reason,
        day=day_of(now),
    )


def _follow(session: Session, release: PaymentRelease, actor: Actor, now: Utc) -> None:
    """The move that the answers so far come to."""
    answers = session.scalars(select(PaymentAnswer.answer).where(PaymentAnswer.release_id == release.id)).all()
    seats = session.scalar(select(func.count()).select_from(BoardSeat).where(BoardSeat.board_id == release.board_id))
    then = follows(release.k, seats or 0, [one == Answer.CONSENT.value for one in answers])
    if then is True:
        release.state = ReleaseState.GRANTED.value
    elif then is False:
        end(session, release, ReleaseState.REFUSED, actor, now)
