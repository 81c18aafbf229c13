"""Opening what the board has granted: in the asker's own session, for a limited time, on record before it is shown."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.custody.ending import overdue
from admin.staff.roles import Permission
from admin.tips.casework import history, notify, number_of, office_name
from crypto import custody, opening
from crypto.custody import PassedShare
from crypto.keys import InnerKey, PublicKey, Purpose, scrub
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.rules import SHOWN_FOR
from portal.custody.states import RequestAction, RequestState, next_state
from portal.custody.values import Use
from portal.exposures.naming import gives_away
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.ledger.book import append
from portal.ledger.events import IdentityOpened
from portal.mailbox.notices import NoticeKind
from portal.tips.models import IdentityRecord, IdentityShare, Tip
from portal.tips.sealing import IDENTITY, ReportKeys
from portal.tips.values import Identity

_NO_TIME = timedelta()


def record_opening(
    session: Session, tip: Tip, request: IdentityRequest, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Put on record that the asker looks now; the first time starts the clock and tells the reporter.

    NotAllowed for anybody but the asker, Refused when it has expired, IllegalMove before k seats have consented.
    """
    actor.must(Permission.ASK_IDENTITY, tip.office_id)
    if request.asked_by != actor.id or request.office_id != tip.office_id:
        raise NotAllowed("not_allowed", "只有提出申请的人可以打开。")
    if overdue(request, now) is not None:
        raise Refused("request_expired", "这个申请已经过期，或者查看的时间已经用完。需要时请重新申请。")
    first = RequestState(request.state) is RequestState.GRANTED
    request.state = next_state(RequestState(request.state), RequestAction.OPEN).value
    looked = IdentityOpened(number_of(tip), str(request.id), tip.office_id.hex, request.use, request.reason)
    append(session, looked, actor, now)
    if first:
        request.opened_on, request.shown_until = day_of(now), now + SHOWN_FOR
        history(session, tip, "open_identity", actor, now, request.reason)
        params = {"office": office_name(session, tip), "reason": request.reason}
        notify(session, tip, NoticeKind.IDENTITY_OPENED, params, actor, now, keys)


def look(session: Session, request: IdentityRequest, own: InnerKey, shred_key: bytes, now: Utc) -> Identity:
    """What the record holds; of a request for contact only how to reach the reporter.

    ``own``: the asker's own key. Called after :func:`record_opening` has been committed. Raises BadShare naming the
    giver of a wrong share, Tampered when the record was changed, Refused when the time is over, and ("not_shown") for
    a request that shows nothing.
    """
    if Use(request.use) is Use.CHECK:
        raise Refused("not_shown", "这个申请只核对草稿，不显示身份。")
    identity = _open(session, request, own, shred_key, now)
    return identity if Use(request.use) is Use.IDENTITY else _contact_only(identity)


def compare(session: Session, request: IdentityRequest, own: InnerKey, shred_key: bytes, text: str, now: Utc) -> bool:
    """Whether *text* says who the reporter is, and nothing else. Raises as :func:`look`; Refused ("not_asked") for a
    request of another use."""
    if Use(request.use) is not Use.CHECK:
        raise Refused("not_asked", "这个申请不是用来核对草稿的。")
    return gives_away(text, _open(session, request, own, shred_key, now))


def _open(session: Session, request: IdentityRequest, own: InnerKey, shred_key: bytes, now: Utc) -> Identity:
    if RequestState(request.state) is not RequestState.OPENED or overdue(request, now) is not None:
        raise Refused("request_expired", "这个申请已经过期，或者查看的时间已经用完。需要时请重新申请。")
    record = session.get_one(IdentityRecord, request.record_id)
    once_public = PublicKey(Purpose.OPENING, request.once_public or b"")
    with opening.open_grant(request.once_sealed or b"", own, once_public, request.id.bytes) as once:
        payload = custody.open_quorum(
            record.sealed,
            _passed(session, request),
            record.k,
            once,
            own,
            request.id.bytes,
            IDENTITY,
            record.id.bytes,
            shred_key,
        )
    identity = Identity.from_json(payload.decode())
    scrub(payload)
    return identity


def time_left(request: IdentityRequest, now: Utc) -> timedelta:
    """How long the record is still shown."""
    return max(request.shown_until - now, _NO_TIME) if request.shown_until else _NO_TIME


def _passed(session: Session, request: IdentityRequest) -> list[PassedShare]:
    """The shares that were passed on, each with the digest that was recorded when it was made."""
    rows = session.execute(
        select(IdentityAnswer.position, IdentityAnswer.passed, IdentityShare.digest)
        .join(
            IdentityShare,
            (IdentityShare.record_id == request.record_id) & (IdentityShare.seat_id == IdentityAnswer.seat_id),
        )
        .where(IdentityAnswer.request_id == request.id, IdentityAnswer.passed.is_not(None))
        .order_by(IdentityAnswer.position)
    )
    return [PassedShare(row.position, row.passed, row.digest) for row in rows]


def _contact_only(identity: Identity) -> Identity:
    return Identity(phone=identity.phone, email=identity.email, address=identity.address)
