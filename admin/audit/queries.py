"""Reads of the ledger for those who may: never what concerns a report that an accused office must not know of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.staff.roles import Permission
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.ledger.models import LedgerEntry, LedgerLeaf
from portal.tips.models import Tip

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for; empty means all. ``before``: leaves below this position."""

    kind: str = ""
    subject: str = ""
    day: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it. ``actor`` is a name, or None for a reporter or the system (``actor_kind``)."""

    seq: int
    day: date
    kind: str
    subject: str
    actor_kind: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Lines from the newest to the oldest; ``next`` continues below them, None at the end."""

    lines: Sequence[Line]
    next: int | None


def entries(session: Session, wanted: Wanted, actor: Actor) -> Page:
    """One page of entries that stand in the tree, as far as *actor* may see them."""
    query = _matching(wanted, actor).order_by(LedgerLeaf.seq.desc()).limit(A_PAGE + 1)
    rows = session.execute(query).all()
    shown = rows[:A_PAGE]
    names = _names(session, {row.actor_id for row in shown if row.actor_id is not None})
    lines = [
        Line(
            row.seq,
            row.day,
            row.kind,
            row.subject,
            json.loads(row.payload)["actor_kind"],
            names.get(row.actor_id) if row.actor_id else None,
        )
        for row in shown
    ]
    return Page(lines, lines[-1].seq if len(rows) > A_PAGE else None)


def _matching(wanted: Wanted, actor: Actor) -> Select[int, date, str, str, Id | None, bytes]:
    query = (
        select(
            LedgerLeaf.seq,
            LedgerEntry.day,
            LedgerEntry.kind,
            LedgerEntry.subject,
            LedgerEntry.actor_id,
            LedgerEntry.payload,
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerLeaf.entry_id)
        .outerjoin(Tip, Tip.number == LedgerEntry.subject)
        .where(_visible(actor))
    )
    if wanted.kind:
        query = query.where(LedgerEntry.kind == wanted.kind)
    if wanted.subject:
        query = query.where(LedgerEntry.subject == wanted.subject)
    if wanted.day is not None:
        query = query.where(LedgerEntry.day == wanted.day)
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


def _names(session: Session, ids: set[Id]) -> Mapping[Id, str]:
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in rows}
