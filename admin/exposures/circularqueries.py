"""What the pages of circulars ask: what came in, what went out, who has signed, and the words themselves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from admin.exposures.circulating import CIRCULAR, CIRCULAR_KEY
from admin.staff.generations import generation_of
from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from crypto import opening
from crypto.errors import Tampered
from crypto.keys import InnerKey
from crypto.sealing import derive
from portal.directory.models import Office
from portal.exposures.circular_sheets import EvaluationSheet, sha256_of
from portal.exposures.circular_states import PROPOSED, CircularAction, CircularState
from portal.exposures.circulars import CircularText
from portal.exposures.events import CircularMoved
from portal.exposures.models import Circular, CircularCopy, CircularReceipt
from portal.kernel.actors import Actor
from portal.kernel.shred import read_shred_key
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry
from portal.statistics.evaluation import Period
from portal.tips.models import Tip

_SENT = Circular.state == CircularState.SENT.value
MOST = 200
"""Lines of a list; the unread and the newest are kept."""


@dataclass(frozen=True, slots=True)
class Received:
    """A circular that came to an office of the reader."""

    number: str
    about: str
    sender: str
    sent_on: date
    mine: bool
    """The reader has signed."""
    destroyed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who signed, and when."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class CopyLine:
    """An office that got a copy, with everybody of it who has signed, the first first."""

    office: str
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A circular that went out from an office of the reader. ``copies``: without the sender's own."""

    number: str
    about: str
    sender: str
    sent_on: date
    copies: tuple[CopyLine, ...]

    @property
    def waiting(self) -> tuple[str, ...]:
        """The offices where nobody has signed."""
        return tuple(one.office for one in self.copies if not one.receipts)


def received(session: Session, actor: Actor) -> list[Received]:
    """What came to the reader's offices from others: unread first, then by day, the newest first."""
    mine = actor.offices_with(Permission.READ_CIRCULAR)
    own = aliased(CircularCopy)
    signed = exists().where(CircularReceipt.copy_id == own.id, CircularReceipt.staff_id == actor.id)
    wanted = (
        select(Circular, Office.name, signed.label("signed"))
        .join(own, own.circular_id == Circular.id)
        .join(Office, Office.id == Circular.office_id)
        .outerjoin(Tip, Tip.id == Circular.tip_id)
        .where(_SENT, own.office_id.in_(mine), own.office_id != Circular.office_id, _not_about(actor))
        .order_by(signed, Circular.sent_on.desc(), Circular.number)
        .limit(MOST)
    )
    found: dict[str, Received] = {}
    for circular, sender, has in session.execute(wanted):
        said = circular.number, about(circular), sender, _sent_on(circular)
        found.setdefault(circular.number, Received(*said, has, circular.gone))
    return list(found.values())


def sent(session: Session, actor: Actor) -> list[Sent]:
    """What the reader's offices sent, the newest first."""
    wanted = (
        select(Circular, Office.name)
        .join(Office, Office.id == Circular.office_id)
        .outerjoin(Tip, Tip.id == Circular.tip_id)
        .where(_SENT, Circular.office_id.in_(actor.offices_with(Permission.READ_CIRCULAR)), _not_about(actor))
        .order_by(Circular.sent_on.desc(), Circular.number)
        .limit(MOST)
    )
    rows = session.execute(wanted).all()
    lines = copies_of(session, [circular for circular, _ in rows])
    return [Sent(one.number, about(one), sender, _sent_on(one), tuple(lines[one.id])) for one, sender in rows]


def about(circular: Circular) -> str:
    """What it is about, as far as may be said before the receipt."""
    return f"{Period.read(circular.period).words}综合评价" if circular.period else "案件"


def _sent_on(circular: Circular) -> date:
    assert circular.sent_on is not None  # it was sent
    return circular.sent_on


def copies_of(session: Session, circulars: Sequence[Circular]) -> dict[Id, list[CopyLine]]:
    """The copies of each circular for other offices, by the office's code, with who has signed."""
    wanted = (
        select(CircularCopy.circular_id, CircularCopy.id, Office.name, Staff.name, CircularReceipt.read_on)
        .join(Circular, Circular.id == CircularCopy.circular_id)
        .join(Office, Office.id == CircularCopy.office_id)
        .outerjoin(CircularReceipt, CircularReceipt.copy_id == CircularCopy.id)
        .outerjoin(Staff, Staff.id == CircularReceipt.staff_id)
        .where(
            CircularCopy.circular_id.in_([one.id for one in circulars]), CircularCopy.office_id != Circular.office_id
        )
        .order_by(Office.code, CircularReceipt.read_on, Staff.name)
    )
    by_copy: dict[tuple[Id, Id, str], list[Receipt]] = defaultdict(list)
    for circular, copy, office, name, day in session.execute(wanted):
        by_copy[circular, copy, office] += [Receipt(name, day)] if day else []
    found: dict[Id, list[CopyLine]] = defaultdict(list)
    for (circular, _, office), receipts in by_copy.items():
        found[circular].append(CopyLine(office, tuple(receipts)))
    return found


def opened(session: Session, circular: Circular, copy: CircularCopy, office_key: InnerKey) -> CircularText:
    """The words of a circular on a case, with the newest key of the copy's office, whichever generation they were
    sealed to.

    Whoever calls it has written the receipt. Raises crypto errors when a byte was changed, NotFound once the report is
    destroyed.
    """
    assert circular.tip_id is not None and copy.key_id is not None and copy.wrapped is not None  # it is on a case
    with generation_of(session, office_key, copy.office_id, copy.key_id) as key:
        own = opening.unwrap(copy.wrapped, key, CIRCULAR_KEY, circular.id.bytes)
    under = derive(own, read_shred_key(circular.tip_id), CIRCULAR, circular.id.bytes)
    return CircularText.from_json(opening.open_sealed(circular.sealed, under, CIRCULAR, circular.id.bytes).decode())


def fixed(session: Session, circular: Circular) -> EvaluationSheet:
    """The text of a circular on the evaluation. Raises Tampered unless the book has it as proposed, and as sent once it
    counts as sent."""
    found = sha256_of(circular.content)
    wanted = {PROPOSED} | ({CircularAction.SEND.value} if circular.state == CircularState.SENT else set())
    if found != circular.sha256 or not wanted <= _booked(session, circular.number, found):
        raise Tampered("a circular is not the one that the book has")
    return EvaluationSheet.from_text(circular.content)


def _booked(session: Session, number: str, sha256: str) -> set[str]:
    """What was done with exactly this text, as the book has it."""
    entries = select(LedgerEntry.payload).where(LedgerEntry.subject == number, LedgerEntry.kind == CircularMoved.kind)
    events = [json.loads(payload)["event"] for payload in session.scalars(entries)]
    return {one["action"] for one in events if one["sha256"] == sha256}


def numbers_of(session: Session, tips: Collection[Id]) -> dict[Id, list[str]]:
    """The circulars of each report."""
    found: dict[Id, list[str]] = defaultdict(list)
    wanted = select(Circular.tip_id, Circular.number).where(Circular.tip_id.in_(tips)).order_by(Circular.made_on)
    for tip, number in session.execute(wanted):
        if tip is not None:
            found[tip].append(number)
    return found


def _not_about(actor: Actor) -> ColumnElement[bool]:
    """As on the page of a report: never what is about an office of the reader's own."""
    return or_(Tip.against_office_id.is_(None), Tip.against_office_id.not_in(own_offices(actor)))
