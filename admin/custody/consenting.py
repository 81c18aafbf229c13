"""What a seat holder answers to a request. The own share is opened in the own session and passed on sealed twice."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.custody.booked import must_be_booked
from admin.custody.ending import overdue
from admin.staff.models import Staff
from admin.staff.queries import actor_of, same_person
from admin.staff.roles import Permission
from admin.tips.casework import own_offices, visible
from admin.tips.requests import end
from crypto import custody
from crypto.keys import InnerKey, PublicKey, Purpose, scrub
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.rules import follows
from portal.custody.states import RequestAction, RequestState, next_state
from portal.custody.values import Answer, Objection
from portal.directory.keys import proven_keys
from portal.directory.models import BoardSeat
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.site import site
from portal.kernel.values import TipNumber
from portal.ledger.book import append
from portal.ledger.events import IdentityAnswered
from portal.tips.models import IdentityShare, Tip
from portal.tips.sealing import IDENTITY


def consent(session: Session, request: IdentityRequest, seat_key: InnerKey, actor: Actor, now: Utc) -> None:
    """Pass the share of one's seat on to the asker. With the k-th consent the request is granted.

    ``request`` is locked. Raises what :func:`_seat_for` raises, Refused when the asker may not ask any more or has
    another key than the one that the ledger vouches for, or when the request is not the one in the book, IllegalMove
    once it has ended, crypto errors for a share that was altered.
    """
    seat, share = _seat_for(session, request, RequestAction.CONSENT, actor, now)
    asker = _asker_key(session, request)
    must_be_booked(session, request, _number(session, request), share)
    append(session, _answered(session, request, seat, Answer.CONSENT), actor, now)
    record = request.record_id.bytes
    clear = custody.open_share(share.sealed, seat_key, share.position, share.digest, IDENTITY, record)
    once = PublicKey(Purpose.OPENING, request.once_public or b"")
    passed = custody.pass_share(clear, once, asker, request.id.bytes)
    scrub(clear)
    _keep(session, request, seat, share, Answer.CONSENT, "", passed, actor, now)


def object_to(session: Session, request: IdentityRequest, reason: Objection, actor: Actor, now: Utc) -> None:
    """Say no, and why. Once k consents can no longer come together the request is refused."""
    seat, share = _seat_for(session, request, RequestAction.OBJECT, actor, now)
    append(session, _answered(session, request, seat, Answer.OBJECT, reason), actor, now)
    _keep(session, request, seat, share, Answer.OBJECT, reason.value, None, actor, now)


def my_seat(session: Session, request: IdentityRequest, actor: Actor) -> BoardSeat | None:
    """The seat of this board that *actor* holds, if it may have a say: not about an office of one's own."""
    seat = session.scalar(
        select(BoardSeat).where(BoardSeat.board_id == request.board_id, BoardSeat.holder_id == actor.id)
    )
    if seat is None or seat.holder_office_id is None or not actor.may(Permission.SEAT, seat.holder_office_id):
        return None
    accused = session.scalar(select(Tip.against_office_id).where(Tip.id == request.tip_id))
    return None if accused is not None and accused in own_offices(actor) else seat


def key_of_share(session: Session, request: IdentityRequest, seat: BoardSeat) -> bytes | None:
    """The id of the seat's key to which its share of the record is sealed: while shares are sealed anew, two are in
    use. None without a share."""
    return session.scalar(
        select(IdentityShare.key_id).where(
            IdentityShare.record_id == request.record_id, IdentityShare.seat_id == seat.id
        )
    )


def _seat_for(
    session: Session, request: IdentityRequest, action: RequestAction, actor: Actor, now: Utc
) -> tuple[BoardSeat, IdentityShare]:
    """NotFound without a seat of this board, NotAllowed for one's own request, Refused when it has expired, the seat
    or its holder has answered, or holds no share of this record. One's own, and has answered: under any account."""
    seat = my_seat(session, request, actor)
    if seat is None:
        raise NotFound("no_request", "没有找到这个申请。")
    me = session.get_one(Staff, actor.id)
    if same_person(me, session.get_one(Staff, request.asked_by)):
        raise NotAllowed("same_person", "不能答复自己提出的申请。")
    if overdue(request, now) is not None:
        raise Refused("request_expired", "这个申请已经过期。")
    next_state(RequestState(request.state), action)
    share = session.scalar(
        select(IdentityShare).where(IdentityShare.record_id == request.record_id, IdentityShare.seat_id == seat.id)
    )
    if share is None:
        raise Refused("no_share", "您的席位设立得比这份记录晚，没有它的份额。")
    answers = session.execute(
        select(IdentityAnswer.seat_id, Staff)
        .join(Staff, Staff.id == IdentityAnswer.holder_id)
        .where(IdentityAnswer.request_id == request.id)
    )
    if any(answered == seat.id or same_person(me, by) for answered, by in answers):
        raise Refused("answered_already", "您已经答复过这个申请。")
    return seat, share


def _asker_key(session: Session, request: IdentityRequest) -> PublicKey:
    """The asker's own key, proven under a signed checkpoint: whoever can write the database cannot put another.

    Refused for one who could not ask the same today: without the role, or when the report is elsewhere by now."""
    staff, tip = session.get_one(Staff, request.asked_by), session.get_one(Tip, request.tip_id)
    may = visible(tip, actor_of(session, staff), Permission.ASK_IDENTITY)
    if not may or tip.office_id != request.office_id:
        raise Refused("asker_may_not", "申请人现在不能办理这份举报，不能交出份额。")
    proven = proven_keys(session, Purpose.STAFF.value, [staff.id], site().checkpoint_vkey).get(staff.id)
    if staff.state != "active" or proven is None or proven[0].id != staff.key_id:
        raise Refused("key_not_proven", "申请人的密钥现在不能确认。请联系申请人重新登录后再申请。")
    return proven[1]


def _number(session: Session, request: IdentityRequest) -> str:
    return session.scalars(select(Tip.number).where(Tip.id == request.tip_id)).one()


def _answered(
    session: Session, request: IdentityRequest, seat: BoardSeat, answer: Answer, reason: str = ""
) -> IdentityAnswered:
    number = TipNumber(_number(session, request))
    return IdentityAnswered(number, str(request.id), str(seat.id), answer.value, str(reason))


def _keep(
    session: Session,
    request: IdentityRequest,
    seat: BoardSeat,
    share: IdentityShare,
    answer: Answer,
    reason: str,
    passed: bytes | None,
    actor: Actor,
    now: Utc,
) -> None:
    """Store the answer and make the move that the answers so far come to."""
    session.add(
        IdentityAnswer(
            request_id=request.id,
            tip_id=request.tip_id,
            seat_id=seat.id,
            office_id=seat.holder_office_id,
            holder_id=actor.id,
            position=share.position,
            answer=answer.value,
            reason=reason,
            day=day_of(now),
            passed=passed,
        )
    )
    session.flush()  # two answers of one seat at once: the second meets the unique constraint
    answers = session.scalars(select(IdentityAnswer.answer).where(IdentityAnswer.request_id == request.id)).all()
    seats = session.scalar(
        select(func.count()).select_from(IdentityShare).where(IdentityShare.record_id == request.record_id)
    )
    then = follows(request.k, seats or 0, [one == Answer.CONSENT.value for one in answers])
    if then is RequestAction.COMPLETE:
        request.state = next_state(RequestState(request.state), then).value
    elif then is RequestAction.REFUSE:
        end(session, request, then, actor, now)
