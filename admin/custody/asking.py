"""Asking a custody board to open who reported, and taking the request back. ``(session, tip, …, actor, now)``.

What is asked stands on the ledger before anybody answers; the words that explain it can be read by the board's seats
and the asking office alone.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.custody.queries import records_of
from admin.staff.models import Staff, StaffRole
from admin.staff.queries import same_person
from admin.staff.roles import ROLES, Permission, Role
from admin.tips.casework import history, number_of, worded
from admin.tips.requests import end
from crypto import opening
from crypto.keys import PublicKey, Purpose, generate_inner
from crypto.sealing import Padding, seal_to
from portal.custody.models import IdentityRequest
from portal.custody.reasons import may_give
from portal.custody.rules import waits_until
from portal.custody.states import LIVE, RequestAction
from portal.custody.values import Use
from portal.directory.models import BoardSeat
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, NotFound, Refused
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import IdentityAsked
from portal.routing.choose import Directory, directory
from portal.tips.models import IdentityRecord, Tip

WORDS = "identity-request"


def ask(
    session: Session, tip: Tip, use: Use, reason: str, words: str, own: PublicKey, actor: Actor, now: Utc
) -> IdentityRequest:
    """Ask the board that keeps the record. ``own``: the asker's own key, to which the shares will be passed.

    NotAllowed for one who holds a seat of that board, under this or another account; NotFound when nothing is
    sealed; Refused while the same is asked already, or with a reason of another list.
    """
    actor.must(Permission.ASK_IDENTITY, tip.office_id)
    if not may_give(use, reason):
        raise Refused("bad_reason", "请选择申请的理由。")
    record = records_of(session, tip.id).get(use)
    if record is None:
        raise NotFound("no_identity", "这份举报没有封存的身份信息。")
    _must_hold_no_seat(session, record.board_id, actor)
    if _asked_already(session, tip.id, use):
        raise Refused("asked_already", "已经有一个申请在等保管人答复，或者已经打开。请看下面的记录。")
    request = _new_request(session, tip, record, use, reason, words, own, actor, now)
    history(session, tip, "ask_identity", actor, now, reason)
    asked = IdentityAsked(
        number_of(tip), str(request.id), tip.office_id.hex, str(record.board_id), request.use, request.reason
    )
    append(session, asked, actor, now)
    session.add(request)
    return request


def drop(session: Session, request: IdentityRequest, actor: Actor, now: Utc) -> None:
    """Take one's own request back. IllegalMove once it was opened."""
    if request.asked_by != actor.id:
        raise NotAllowed("not_allowed", "只有提出申请的人可以撤回。")
    end(session, request, RequestAction.DROP, actor, now)


def _must_hold_no_seat(session: Session, board: Id, actor: Actor) -> None:
    asker = session.get(Staff, actor.id)
    keepers = select(Staff).where(Staff.id.in_(select(BoardSeat.holder_id).where(BoardSeat.board_id == board)))
    if asker is None or any(same_person(asker, keeper) for keeper in session.scalars(keepers)):
        raise NotAllowed("asker_has_seat", "您是这个保管组的保管人，不能同时提出申请。请由另一位同事申请。")


def _asked_already(session: Session, tip: Id, use: Use) -> bool:
    live = [state.value for state in LIVE]
    there = select(IdentityRequest.id).where(
        IdentityRequest.tip_id == tip, IdentityRequest.use == use.value, IdentityRequest.state.in_(live)
    )
    return session.scalar(there.limit(1)) is not None


def _new_request(
    session: Session,
    tip: Tip,
    record: IdentityRecord,
    use: Use,
    reason: str,
    words: str,
    own: PublicKey,
    actor: Actor,
    now: Utc,
) -> IdentityRequest:
    if actor.id is None:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    request_id, today = new_id(), day_of(now)
    readers = _readers(directory(session, now, site().checkpoint_vkey), record.board_id, tip.office_id)
    sealed = seal_to(worded(words, "说明").encode(), readers, WORDS, request_id.bytes, Padding.MESSAGE)
    with generate_inner(Purpose.OPENING) as once:
        public, kept = once.public.raw, opening.seal_grant(once, own, request_id.bytes)
    return IdentityRequest(
        id=request_id,
        tip_id=tip.id,
        record_id=record.id,
        board_id=record.board_id,
        office_id=tip.office_id,
        use=use.value,
        reason=reason,
        words=sealed,
        k=record.k,
        asked_by=actor.id,
        asker_role=_role(session, actor.id, tip.office_id).value,
        asked_on=today,
        expires_on=waits_until(today),
        once_public=public,
        once_sealed=kept,
    )


def _readers(known: Directory, board: Id, office: Id) -> list[PublicKey]:
    """Who can read why it is asked for: the seats of the board, and the asking office itself."""
    return [*(public for _, public in known.board_seats(board)), known.office_keys[office]]


def _role(session: Session, person: Id, office: Id) -> Role:
    """In which role the asker asks: the reporter is told."""
    held = session.scalars(
        select(StaffRole.role).where(StaffRole.staff_id == person, StaffRole.office_id == office)
    ).all()
    asking = [role for role in Role if role.value in held and Permission.ASK_IDENTITY in ROLES[role]]
    if not asking:
        raise NotAllowed("not_allowed", "您没有办理这件事的权限。")
    return asking[-1]
