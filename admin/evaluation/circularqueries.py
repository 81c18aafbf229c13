"""Circulars on the evaluation as the pages of the office that tells them show them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from admin.evaluation.circulating import is_another, mark
from admin.exposures.circularqueries import CopyLine, copies_of, fixed
from admin.exposures.delivering import not_there
from admin.staff.models import Staff
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.exposures.circular_sheets import EvaluationSheet
from portal.exposures.circular_states import CircularAction, CircularKind, CircularState, circular_actions_from
from portal.exposures.models import Circular
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.statistics.evaluation import Period

MOST = 50
_NEEDS = {
    CircularAction.SEND: Permission.SEND_EVALUATION,
    CircularAction.SEND_BACK: Permission.SEND_EVALUATION,
    CircularAction.DROP: Permission.PROPOSE_EVALUATION,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One in the list. ``signed`` of so many ``offices``; ``waits_for_me``: the reader is to send it or not."""

    number: str
    period: Period
    state: str
    office_id: Id
    sender: str
    made_on: date
    offices: int
    signed: int
    waits_for_me: bool

    @property
    def is_sent(self) -> bool:
        return self.state == CircularState.SENT

    @property
    def is_proposed(self) -> bool:
        return self.state == CircularState.PROPOSED


@dataclass(frozen=True, slots=True)
class Whole:
    """One circular with all that its page says. ``mark``: what an approval names; ``own``: the reader proposed it."""

    row: Circular
    sheet: EvaluationSheet
    period: Period
    sender: str
    proposed_by: str
    approved_by: str
    copies: Sequence[CopyLine]
    actions: frozenset[CircularAction]
    own: bool
    mark: str

    @property
    def waiting(self) -> tuple[str, ...]:
        """The offices where nobody has signed."""
        return tuple(one.office for one in self.copies if not one.receipts)


def told_by(session: Session, actor: Actor) -> list[Line]:
    """Circulars of the offices whose figures *actor* may read, the newest first; given up ones are left out."""
    wanted = _of(actor).where(Circular.state != CircularState.DROPPED.value)
    ordered = wanted.order_by(Circular.made_on.desc(), Circular.number).limit(MOST)
    rows = [(row, sender) for row, sender in session.execute(ordered)]
    copies = copies_of(session, [row for row, _ in rows])
    return [_line(session, row, sender, copies.get(row.id, ()), actor) for row, sender in rows]


def waiting_for(session: Session, actor: Actor) -> int:
    """How many wait for *actor* to send them or not."""
    wanted = select(Circular).where(
        Circular.kind == CircularKind.EVALUATION.value,
        Circular.state == CircularState.PROPOSED.value,
        Circular.office_id.in_(actor.offices_with(Permission.SEND_EVALUATION)),
    )
    return sum(is_another(session, one, actor) for one in session.scalars(wanted))


def whole(session: Session, number: str, actor: Actor) -> Whole:
    """One of :func:`told_by`, also a dropped one. NotFound for any other; Tampered when its text is not the book's."""
    found = session.execute(_of(actor).where(Circular.number == number)).one_or_none()
    if found is None:
        raise not_there()
    row, sender = found
    own = not is_another(session, row, actor)
    return Whole(
        row, fixed(session, row), Period.read(row.period), sender, _name(session, row.made_by),
        _name(session, row.approved_by), copies_of(session, [row]).get(row.id, ()), _actions(row, actor, own=own), own,
        mark(session, row),
    )  # fmt: skip


def _of(actor: Actor) -> Select[Circular, str]:
    wanted = select(Circular, Office.name).join(Office, Office.id == Circular.office_id)
    return wanted.where(
        Circular.kind == CircularKind.EVALUATION.value,
        Circular.office_id.in_(actor.offices_with(Permission.READ_FIGURES)),
    )


def _line(session: Session, row: Circular, sender: str, copies: Sequence[CopyLine], actor: Actor) -> Line:
    may_send = CircularAction.SEND in _actions(row, actor, own=False) and is_another(session, row, actor)
    signed = sum(bool(one.receipts) for one in copies)
    return Line(
        row.number, Period.read(row.period), row.state, row.office_id, sender, row.made_on, len(copies), signed,
        waits_for_me=may_send,
    )  # fmt: skip


def _actions(row: Circular, actor: Actor, *, own: bool) -> frozenset[CircularAction]:
    """What the table allows, what *actor* may, and never the second half of what they proposed themselves."""
    found = {one for one in circular_actions_from(CircularState(row.state)) if actor.may(_NEEDS[one], row.office_id)}
    return frozenset(one for one in found if not own or _NEEDS[one] is not Permission.SEND_EVALUATION)


def _name(session: Session, person: Id | None) -> str:
    staff = session.get(Staff, person) if person else None
    return staff.name if staff else ""
