"""Circulars of either kind: moved, delivered, found by those who got a copy, signed for (签收)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from portal.exposures.circular_states import CircularAction, CircularState, next_circular_state
from portal.exposures.events import CircularRead
from portal.exposures.models import Circular, CircularCopy, CircularReceipt
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.ledger.book import append
from portal.tips.models import Tip


def move(circular: Circular, action: CircularAction) -> None:
    """A move of the table. IllegalMove when it has none."""
    circular.state = next_circular_state(CircularState(circular.state), action).value


def deliver(session: Session, circular: Circular, actor: Actor, now: Utc) -> None:
    """From now on whoever got a copy finds it; who sends it has read it. IllegalMove unless it waits to be sent."""
    move(circular, CircularAction.SEND)
    circular.sent_on = day_of(now)
    session.flush()
    sign(session, circular, [circular.office_id], actor, now)


def find(session: Session, number: str, actor: Actor) -> tuple[Circular, list[CircularCopy]]:
    """A circular that was sent, and the copies of *actor*'s own offices. NotFound alike when there is none, and when
    the case is about an office of theirs."""
    circular = session.scalar(
        select(Circular).where(Circular.number == number, Circular.state == CircularState.SENT.value)
    )
    if circular is None:
        raise not_there()
    accused = session.scalar(select(Tip.against_office_id).where(Tip.id == circular.tip_id))
    wanted = select(CircularCopy).where(
        CircularCopy.circular_id == circular.id,
        CircularCopy.office_id.in_(actor.offices_with(Permission.READ_CIRCULAR)),
    )
    copies = list(session.scalars(wanted.order_by(CircularCopy.id)))
    if not copies or (accused is not None and accused in own_offices(actor)):
        raise not_there()
    return circular, copies


def sign(session: Session, circular: Circular, offices: Collection[Id], actor: Actor, now: Utc) -> int:
    """Write down that *actor* reads the copies of *offices*; how many receipts that made. Once for each person and
    copy, however often it is asked, and at once."""
    wanted = select(CircularCopy).where(CircularCopy.circular_id == circular.id, CircularCopy.office_id.in_(offices))
    made = 0
    for copy in session.scalars(wanted.order_by(CircularCopy.id)).all():
        if signed(session, copy, actor):
            continue
        try:
            with session.begin_nested():
                session.add(CircularReceipt(copy_id=copy.id, staff_id=actor.id, read_on=day_of(now)))
                session.flush()
        except IntegrityError:
            continue  # the same person, in another window, this very moment
        append(session, CircularRead(circular.number, copy.office_id.hex), actor, now)
        made += 1
    return made


def signed(session: Session, copy: CircularCopy, actor: Actor) -> bool:
    """Whether this person has signed for this copy."""
    wanted = select(CircularReceipt.id).where(CircularReceipt.copy_id == copy.id, CircularReceipt.staff_id == actor.id)
    return session.scalar(wanted) is not None


def not_there() -> NotFound:
    """The one answer for what is not there and for what somebody may not see."""
    return NotFound("no_circular", "没有找到这份通报。")
