"""What the follow-up pages ask beside the report itself: who held it, and who has read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.kernel.values import Id
from portal.ledger.events import TipRead
from portal.ledger.models import LedgerEntry
from portal.tips.models import Tip, TipHolding

# Made once: building a statement anew for each page costs more than running it.
_HOLDINGS = (
    select(TipHolding, Office)
    .join(Office, Office.id == TipHolding.office_id)
    .where(TipHolding.tip_id == bindparam("tip"))
    .order_by(TipHolding.from_day, TipHolding.to_day.is_(None), TipHolding.to_day)
)
_READINGS = select(LedgerEntry.day, LedgerEntry.payload).where(
    LedgerEntry.subject == bindparam("number"), LedgerEntry.kind == TipRead.kind
)


@dataclass(frozen=True, slots=True)
class Holder:
    """An office that has or had the report: from which day, to which (None: now), and how many days that is."""

    office: Office
    since: date
    until: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Reading:
    """On this day somebody of this office opened the report (None: an office that is no longer listed)."""

    day: date
    office: Office | None


def holders(session: Session, tip: Tip, today: date) -> list[Holder]:
    """Everyone who had the report, the first holder first."""
    rows = session.execute(_HOLDINGS, {"tip": tip.id}).all()
    return [
        Holder(office, row.from_day, row.to_day, ((row.to_day or today) - row.from_day).days) for row, office in rows
    ]


def readings(session: Session, tip: Tip) -> list[Reading]:
    """Who has read the report, from the ledger: one line a day and office, the latest first. Never the reporter."""
    rows = session.execute(_READINGS, {"number": tip.number})
    seen = {(row.day, str(json.loads(row.payload)["event"]["office"])) for row in rows}
    offices = _offices_named(session, [name for _day, name in seen])
    return [Reading(day, offices.get(name)) for day, name in sorted(seen, reverse=True)]


def _offices_named(session: Session, names: Sequence[str]) -> Mapping[str, Office]:
    """Offices by what an event calls them: an id, or a code."""
    if not names:
        return {}
    ids = {name: made for name in names if (made := _id_of(name)) is not None}
    found = session.scalars(select(Office).where(Office.id.in_(ids.values()) | Office.code.in_(names))).all()
    by_id = {office.id: office for office in found}
    named = {office.code: office for office in found}
    return {**named, **{name: by_id[made] for name, made in ids.items() if made in by_id}}


def _id_of(name: str) -> Id | None:
    try:
        return Id(name)
    except ValueError:
        return None
