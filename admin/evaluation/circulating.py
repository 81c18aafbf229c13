"""Circulars on the evaluation: proposed by one person, sent by another, to offices with receipts.

``(session, …, actor, now)``. The text is fixed as bytes when it is proposed; what a second person sends are the bytes
that they read: docs/decisions/0026-a-circular-on-the-evaluation-is-in-clear.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from admin.evaluation.circular import sheet
from admin.evaluation.queries import table_of
from admin.exposures.circularqueries import fixed
from admin.exposures.delivering import deliver, move, not_there
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from portal.exposures.circular_sheets import EvaluationSheet, sha256_of
from portal.exposures.circular_states import PROPOSED, CircularAction, CircularKind, CircularState
from portal.exposures.circulars import BODY_LIMIT, Candidate, candidates, may_stand, new_circular_number
from portal.exposures.events import CircularMoved
from portal.exposures.models import Circular, CircularCopy
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.site import site
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import canonical
from portal.routing.choose import directory
from portal.statistics.evaluation import Period, version_for
from portal.tips.values import clean_text

BACK_LIMIT = 500
"""Characters of why one was sent back."""


def recipients(session: Session, office: Id, now: Utc) -> list[Candidate]:
    """The offices that may get it: below, beside and above *office*."""
    return candidates(office, directory(session, now, site().checkpoint_vkey).offices)


def drafted(session: Session, office: Id, period: Period, words: str, now: Utc) -> EvaluationSheet:
    """What would be proposed now. Refused: "not_over" for a period that goes on, "nothing_new" when the last circular
    of this office on it tells the same figures."""
    today, version = day_of(now), version_for(period)
    if period.last >= today:
        raise Refused("not_over", "这个时间段还没有结束，不能通报。")
    last = _last_sent(session, office, period)
    before = last.number if last else ""
    made = sheet(table_of(session, office, period, version, today), period, version, today, _paragraphs(words), before)
    if last and fixed(session, last).figures == made.figures:
        raise Refused("nothing_new", f"这个时间段已经通报过（{before}），数字没有变化。")
    return made


def propose(
    session: Session,
    office: Id,
    period: Period,
    words: str,
    chosen: Collection[Id],
    answered: Collection[str],
    actor: Actor,
    now: Utc,
) -> Circular:
    """Put a circular of *office* before the second person, with the offices that it shall go to.

    Refused: what :func:`drafted` refuses; "named", "unanswered" for the *words*; "no_recipient", "bad_recipient";
    "under_way" when another one of this office and period waits.
    """
    actor.must(Permission.PROPOSE_EVALUATION, office)
    assert actor.id is not None  # permissions are people's
    said = clean_text(words, BODY_LIMIT, "补充的话")
    may_stand("", said, (), answered)
    if not chosen:
        raise Refused("no_recipient", "请至少选择一个接收单位。")
    if not set(chosen) <= {one.office.id for one in recipients(session, office, now)}:
        raise Refused("bad_recipient", "所选的单位里有不能接收这份通报的，请重新选择。")
    text = drafted(session, office, period, said, now).to_text()
    made = Circular(
        id=new_id(), number=new_circular_number(), kind=CircularKind.EVALUATION.value,
        state=CircularState.PROPOSED.value, office_id=office, period=str(period), content=text,
        sha256=sha256_of(text), made_by=actor.id, made_on=day_of(now),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise Refused("under_way", "这个时间段的通报已经有一份在等签发，请从列表里打开它。") from None
    session.add_all(CircularCopy(circular_id=made.id, office_id=one) for one in {*chosen, office})
    session.flush()
    _book(session, made, PROPOSED, actor, now)
    return made


def send(session: Session, circular: Circular, seen: str, actor: Actor, now: Utc) -> None:
    """A second person sends exactly what they read (*seen*: its mark); they have signed for the own copy.

    Refused ("changed") when text or offices are not those; Tampered when the text is not the book's; NotAllowed
    ("own_circular"); IllegalMove.
    """
    _must_be_another(session, circular, actor)
    fixed(session, circular)
    if seen != mark(session, circular):
        raise Refused("changed", "您看的时候，通报有了变化。请刷新页面，看完再决定。")
    circular.approved_by = actor.id
    _book(session, circular, CircularAction.SEND.value, actor, now)
    deliver(session, circular, actor, now)


def send_back(session: Session, circular: Circular, words: str, actor: Actor, now: Utc) -> None:
    """It is not sent, and whoever proposed it reads why. Refused ("words_missing"); NotAllowed; IllegalMove."""
    _must_be_another(session, circular, actor)
    said = clean_text(words, BACK_LIMIT, "退回的理由")
    if not said:
        raise Refused("words_missing", "请填写退回的理由。")
    move(circular, CircularAction.SEND_BACK)
    circular.words = said
    _book(session, circular, CircularAction.SEND_BACK.value, actor, now)


def drop(session: Session, circular: Circular, actor: Actor, now: Utc) -> None:
    """The proposal is given up. IllegalMove once it was decided."""
    actor.must(Permission.PROPOSE_EVALUATION, circular.office_id)
    move(circular, CircularAction.DROP)
    _book(session, circular, CircularAction.DROP.value, actor, now)


def mark(session: Session, circular: Circular) -> str:
    """SHA-256 (hex) of all that a second person reads: the text and to whom it goes."""
    read = [circular.number, sha256_of(circular.content), *_offices(session, circular)]
    return hashlib.sha256(canonical(read)).hexdigest()


def locked(session: Session, number: str, actor: Actor) -> Circular:
    """A circular on the evaluation of an office whose figures *actor* may read, locked until the transaction ends.
    NotFound for any other."""
    wanted = select(Circular).where(
        Circular.number == number,
        Circular.kind == CircularKind.EVALUATION.value,
        Circular.office_id.in_(actor.offices_with(Permission.READ_FIGURES)),
    )
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise not_there()
    return found


def is_another(session: Session, circular: Circular, actor: Actor) -> bool:
    """Whether *actor* did not propose it, under whatever account."""
    return not is_own(session, circular.made_by, actor)


def _must_be_another(session: Session, circular: Circular, actor: Actor) -> None:
    actor.must(Permission.SEND_EVALUATION, circular.office_id)
    if not is_another(session, circular, actor):
        raise NotAllowed("own_circular", "这份通报是您提出的，请由另一位负责人签发。")


def _last_sent(session: Session, office: Id, period: Period) -> Circular | None:
    """The one that no other takes the place of."""
    wanted = select(Circular).where(
        Circular.kind == CircularKind.EVALUATION.value,
        Circular.office_id == office,
        Circular.period == str(period),
        Circular.state == CircularState.SENT.value,
    )
    sent = session.scalars(wanted.order_by(Circular.number)).all()
    replaced = {fixed(session, one).before for one in sent}
    return next((one for one in sent if one.number not in replaced), None)


def _offices(session: Session, circular: Circular) -> list[str]:
    wanted = select(CircularCopy.office_id).where(
        CircularCopy.circular_id == circular.id, CircularCopy.office_id != circular.office_id
    )
    return sorted(one.hex for one in session.scalars(wanted))


def _book(session: Session, circular: Circular, action: str, actor: Actor, now: Utc) -> None:
    told = tuple(_offices(session, circular))
    said = (circular.number, circular.office_id.hex, circular.period, action, circular.sha256, told)
    append(session, CircularMoved(*said), actor, now)


def _paragraphs(words: str) -> Sequence[str]:
    return [one.strip() for one in words.splitlines() if one.strip()]
