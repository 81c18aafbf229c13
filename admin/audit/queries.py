"""Reads of the ledger for those who may: never what concerns a report that an accused office must not know of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff, StaffRole
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.exposures.events import CaseRead, CircularRead
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.ledger import events
from portal.ledger.models import LedgerEntry, LedgerLeaf, LedgerNonce
from portal.tips.models import Tip

A_PAGE = 50
SCANNED = 5000
"""Rows looked at for one page at most: a page may then be short, and continues below."""
READS = tuple(
    event.kind
    for event in (
        events.TipRead, events.FileRead, events.PrintMade, events.IdentityOpened, events.LedgerExported,
        CaseRead, CircularRead,
    )
)  # fmt: skip
"""Who read what: entries of somebody having seen something, or taken it away."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for; empty means all. ``person``: name or sign-in name of who acted. ``since`` and
    ``until``: both days included. ``before``: leaves below this position. ``reads``: only entries of :data:`READS`.
    """

    kind: str = ""
    subject: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it. ``actor`` is a name, or None for a reporter or the system (``actor_kind``);
    ``office``: the one that its event names, if it names one; ``detail``: a file's id, what was printed.
    """

    seq: int
    day: date
    kind: str
    subject: str
    actor_kind: str
    actor: str | None
    office: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """Lines from the newest to the oldest; ``next`` continues below them, None at the end."""

    lines: Sequence[Line]
    next: int | None


Found = Row[Any]
"""seq, leaf, entry_id, day, kind, subject, actor_id, payload, nonce."""


def entries(session: Session, wanted: Wanted, actor: Actor) -> Page:
    """One page of entries that stand in the tree, as far as *actor* may see them."""
    offices = _offices(session)
    rows, below = matching(session, wanted, actor, A_PAGE)
    names = names_of(session, {row.actor_id for row in rows if row.actor_id is not None})
    lines = [_line(row, names, offices) for row in rows]
    return Page(lines, below)


def matching(session: Session, wanted: Wanted, actor: Actor, most: int) -> tuple[list[Found], int | None]:
    """Up to *most* entries, newest first, and the position below which there may be more (None: there are none)."""
    reach = _Reach(frozenset(actor.offices_with(Permission.READ_LEDGER)), _offices(session), _homes(session))
    kept: list[Found] = []
    for number, row in enumerate(_rows(session, wanted, actor)):
        if len(kept) == most or number == SCANNED:
            return kept, row.seq + 1
        if row.tip_id is not None or reach.covers(row):
            kept.append(row)
    return kept, None


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which entries about no report are the reader's business: of an office reached, or of somebody who serves one."""

    reached: frozenset[Id]
    offices: Mapping[str, Office]
    homes: Mapping[Id, Set[Id]]  # offices of each member of staff, as their roles are now

    def covers(self, row: Found) -> bool:
        """False for what names another office, or a person who serves only others. What names neither is for all."""
        event = _event(row)
        office = self.offices.get(str(event.get("office", "")))
        if office is not None:
            return office.id in self.reached
        homes = self.homes.get(_id(str(event.get("staff", ""))) or row.actor_id, frozenset())
        return not homes or not self.reached.isdisjoint(homes)


def persons(session: Session, name: str) -> list[Id]:
    """Members of staff, those who left included, with this name or sign-in name."""
    said = name.strip()
    return list(
        session.scalars(select(Staff.id).where(or_(Staff.name == said, func.lower(Staff.sign_in) == said.lower())))
    )


def names_of(session: Session, ids: set[Id]) -> Mapping[Id, str]:
    """Names by staff id."""
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _rows(session: Session, wanted: Wanted, actor: Actor) -> Iterator[Found]:
    query = _query(session, wanted, actor)
    if query is None:
        return
    found = session.execute(query.limit(SCANNED + 1), execution_options={"yield_per": 200})
    try:
        yield from found
    finally:
        found.close()  # most pages are full long before the end


def _query(session: Session, wanted: Wanted, actor: Actor) -> Select[*tuple[Any, ...]] | None:
    """The statement, or None where nobody has the name that was asked for."""
    query: Select[*tuple[Any, ...]] = (
        select(
            LedgerLeaf.seq,
            LedgerLeaf.leaf,
            LedgerLeaf.entry_id,
            LedgerEntry.day,
            LedgerEntry.kind,
            LedgerEntry.subject,
            LedgerEntry.actor_id,
            LedgerEntry.payload,
            LedgerNonce.nonce,
            Tip.id.label("tip_id"),
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerLeaf.entry_id)
        .outerjoin(LedgerNonce, LedgerNonce.entry_id == LedgerLeaf.entry_id)
        .outerjoin(Tip, Tip.number == LedgerEntry.subject)
        .where(_visible(actor))
        .order_by(LedgerLeaf.seq.desc())
    )
    if wanted.person:
        ids = persons(session, wanted.person)
        if not ids:
            return None
        query = query.where(LedgerEntry.actor_id.in_(ids))
    if wanted.reads:
        query = query.where(LedgerEntry.kind.in_(READS))
    for column, value in ((LedgerEntry.kind, wanted.kind), (LedgerEntry.subject, wanted.subject)):
        if value:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(LedgerEntry.day >= wanted.since)
    if wanted.until is not None:
        query = query.where(LedgerEntry.day <= wanted.until)
    if wanted.before is not None:
        query = query.where(LedgerLeaf.seq < wanted.before)
    return query


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Entries about no report, and those about reports of the actor's offices that none of them, nor one above an
    office of which the actor is a member, is accused in."""
    hidden = sorted(actor.permissions.keys() | actor.member_of | actor.under)
    accused = and_(Tip.against_office_id.is_not(None), Tip.against_office_id.in_(hidden))
    own = and_(Tip.office_id.in_(actor.offices_with(Permission.READ_LEDGER)), not_(accused))
    return or_(and_(Tip.id.is_(None), not_(LedgerEntry.subject.like("MJ-%"))), own)


def _line(row: Found, names: Mapping[Id, str], offices: Mapping[str, Office]) -> Line:
    event = _event(row)
    office = offices.get(event.get("office", ""))
    return Line(
        row.seq,
        row.day,
        row.kind,
        row.subject,
        json.loads(row.payload)["actor_kind"],
        names.get(row.actor_id) if row.actor_id else None,
        office.name if office else "",
        str(event.get("file") or event.get("rows") or ""),
    )


def _event(row: Found) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(row.payload)["event"]
    return said


def _offices(session: Session) -> dict[str, Office]:
    """Offices by all that events call them: code, and id with and without dashes."""
    found = session.scalars(select(Office)).all()
    return {name: office for office in found for name in (office.code, str(office.id), office.id.hex)}


def _homes(session: Session) -> dict[Id, set[Id]]:
    homes: dict[Id, set[Id]] = {}
    for row in session.execute(select(StaffRole.staff_id, StaffRole.office_id)):
        homes.setdefault(row.staff_id, set()).add(row.office_id)
    return homes


def _id(name: str) -> Id | None:
    try:
        return Id(name)
    except ValueError:
        return None
