"""Reading the record of a closed case, with the keys of the report. Writing it is :mod:`admin.exposures.recording`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exposures.record import CaseRecord, RecordVersion
from portal.kernel.values import Id
from portal.tips.models import Tip, TipRecord
from portal.tips.sealing import ReportKeys, open_words

CASE = "case"
"""The kind of a sealed record that holds a version of the case record."""


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A version with its day and who put it into the file."""

    version: RecordVersion = field(repr=False)
    day: date
    by: Id


def record_of(session: Session, tip: Tip, keys: ReportKeys) -> CaseRecord | None:
    """What stands: the last version; None when the case was not recorded. Crypto errors when a byte was changed."""
    kept = versions_of(session, tip, keys)
    return kept[0].version.record if kept else None


def versions_of(session: Session, tip: Tip, keys: ReportKeys) -> list[KeptRecord]:
    """Every version, the last one first."""
    rows = session.scalars(select(TipRecord).where(TipRecord.tip_id == tip.id, TipRecord.kind == CASE))
    opened = [
        KeptRecord(RecordVersion.from_json(open_words(row.sealed, keys, row.id)), row.day, row.actor_id) for row in rows
    ]
    return sorted(opened, key=lambda one: -one.version.version)


def has_record(session: Session, tip: Tip) -> bool:
    """Whether the case was recorded, without opening anything."""
    wanted = select(TipRecord.id).where(TipRecord.tip_id == tip.id, TipRecord.kind == CASE).limit(1)
    return session.scalar(wanted) is not None
