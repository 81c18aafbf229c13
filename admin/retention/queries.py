"""Reads for the pages of retention: what is past its term and may go, what keeps the rest, batches, holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.retention.facts import items_of, past_term
from admin.staff.models import Staff
from admin.staff.queries import offices_where
from admin.staff.roles import Permission
from admin.tips.casework import own_offices, visible
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.retention.models import RetentionHold, ShredBatch, ShredItem
from portal.retention.values import Schedule, Verdict
from portal.tips.models import Tip

MOST_LOOKED_AT = 2_000
"""Reports past their term that a preview goes through; there may be more."""
RECENT = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One report past its term. ``waits``: what keeps it; empty: it may go."""

    number: str
    office: str
    outcome: str
    ended_on: date | None
    kept_until: date | None
    waits: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """``counts``: (office, outcome, year in which it ended) → how many may go. ``more``: not all were looked at."""

    due: Sequence[Line]
    kept: Sequence[Line]
    counts: Mapping[tuple[str, str, int], int]
    more: bool

    def due_of(self, office: str) -> int:
        """How many of an office may go."""
        return sum(count for (name, _, _), count in self.counts.items() if name == office)


@dataclass(frozen=True, slots=True)
class NamedBatch:
    """A batch with the names that a page shows."""

    row: ShredBatch
    office: str
    proposer: str
    decider: str


@dataclass(frozen=True, slots=True)
class NamedItem:
    row: ShredItem
    number: str


@dataclass(frozen=True, slots=True)
class NamedHold:
    row: RetentionHold
    number: str
    setter: str


def my_offices(session: Session, actor: Actor) -> Sequence[Office]:
    """The offices whose records *actor* keeps."""
    return offices_where(session, actor, Permission.KEEP_RECORDS)


def preview(
    session: Session, offices: Sequence[Office], schedule: Schedule, today: date, own: Collection[Id] = ()
) -> Preview:
    """What is past its term on a day. ``own``: offices whose reports, those about them, are not for these eyes."""
    names = {office.id: office.name for office in offices}
    looked = _lines(past_term(session, list(names), schedule, today, own), names)
    lines = list(islice(looked, MOST_LOOKED_AT + 1))
    shown = lines[:MOST_LOOKED_AT]
    due = [line for line in shown if not line.waits]
    counts = Counter((line.office, line.outcome, line.ended_on.year) for line in due if line.ended_on)
    return Preview(due, [line for line in shown if line.waits], counts, len(lines) > MOST_LOOKED_AT)


def preview_for(session: Session, actor: Actor, schedule: Schedule, today: date) -> Preview:
    """The same for what *actor* may see."""
    return preview(session, my_offices(session, actor), schedule, today, own_offices(actor))


def _lines(verdicts: Iterable[Verdict], names: Mapping[Id, str]) -> Iterable[Line]:
    for verdict in verdicts:
        for one in verdict.members:
            facts = one.facts
            waits = sorted(wait.value for wait in verdict.waits)
            yield Line(
                facts.number, names[facts.office_id], one.outcome.value, facts.ended_on, verdict.kept_until, waits
            )


def batches(session: Session, offices: Sequence[Office]) -> list[NamedBatch]:
    """The latest batches of these offices."""
    rows = session.scalars(
        select(ShredBatch)
        .where(ShredBatch.office_id.in_([office.id for office in offices]))
        .order_by(ShredBatch.proposed_on.desc(), ShredBatch.id)
        .limit(RECENT)
    ).all()
    return _named(session, rows)


def one_batch(session: Session, actor: Actor, batch: Id) -> tuple[NamedBatch, list[NamedItem]] | None:
    """A batch with its list; None when it is not for *actor*. Reports about an office of theirs have no number."""
    row = session.get(ShredBatch, batch)
    if row is None or not actor.may(Permission.KEEP_RECORDS, row.office_id):
        return None
    items = items_of(session, batch)
    tips = {tip.id: tip for tip in session.scalars(select(Tip).where(Tip.id.in_([item.tip_id for item in items])))}
    shown = [
        NamedItem(item, tip.number if visible(tip, actor, Permission.KEEP_RECORDS) else "—")
        for item in items
        if (tip := tips[item.tip_id])
    ]
    return _named(session, [row])[0], shown


def holds(session: Session, actor: Actor, offices: Sequence[Office]) -> list[NamedHold]:
    """What is held back now of these offices' reports, the newest first."""
    rows = session.execute(
        select(RetentionHold, Tip)
        .join(Tip, Tip.id == RetentionHold.tip_id)
        .where(RetentionHold.lifted_on.is_(None), Tip.office_id.in_([office.id for office in offices]))
        .order_by(RetentionHold.set_on.desc(), RetentionHold.id)
    ).all()
    people = _people(session, {row.RetentionHold.set_by for row in rows})
    return [
        NamedHold(row.RetentionHold, row.Tip.number, people.get(row.RetentionHold.set_by, ""))
        for row in rows
        if visible(row.Tip, actor, Permission.KEEP_RECORDS)
    ]


def _named(session: Session, rows: Sequence[ShredBatch]) -> list[NamedBatch]:
    people = _people(session, {who for row in rows for who in (row.proposed_by, row.decided_by) if who})
    ids = {row.office_id for row in rows}
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name).where(Office.id.in_(ids)))}
    return [
        NamedBatch(
            row,
            offices[row.office_id],
            people.get(row.proposed_by, ""),
            people.get(row.decided_by, "") if row.decided_by else "",
        )
        for row in rows
    ]


def _people(session: Session, ids: Collection[Id]) -> Mapping[Id, str]:
    return {row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))}
