"""Reading what a decision found, with the keys of the report. Writing it is staff's: :mod:`admin.tips.findings`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.values import Id
from portal.tips.findings import Findings, Statement
from portal.tips.models import Tip, TipRecord
from portal.tips.sealing import ReportKeys, open_words

FACTS, ASKED = "facts", "facts_asked"
"""Kinds of records: a version that stands, and one that waits for the head."""

STATED, LOSS, NO_LOSS = "findings", "loss", "no_loss"
"""The line of the history that a version leaves, and its code: whether the reported matter cost the fund anything."""


@dataclass(frozen=True, slots=True)
class Version:
    """A statement with its day and who put it into the file."""

    statement: Statement = field(repr=False)
    day: date
    by: Id


def findings_of(session: Session, tip: Tip, keys: ReportKeys) -> Findings | None:
    """What stands: the last version. None when nothing was stated. Crypto errors when a byte was changed underneath."""
    standing = versions_of(session, tip, keys)
    return standing[0].statement.findings if standing else None


def versions_of(session: Session, tip: Tip, keys: ReportKeys) -> list[Version]:
    """Every version that stood, the last one first."""
    return versions_in(records_of(session, tip), keys)


def has_findings(session: Session, tip: Tip) -> bool:
    """Whether anything was stated, without opening it."""
    wanted = select(TipRecord.id).where(TipRecord.tip_id == tip.id, TipRecord.kind == FACTS).limit(1)
    return session.scalar(wanted) is not None


def records_of(session: Session, tip: Tip) -> list[TipRecord]:
    """The sealed rows of all versions, asked for or standing."""
    wanted = select(TipRecord).where(TipRecord.tip_id == tip.id, TipRecord.kind.in_((FACTS, ASKED)))
    return list(session.scalars(wanted))


def versions_in(records: Iterable[TipRecord], keys: ReportKeys) -> list[Version]:
    """The standing versions among rows that were read already, the last one first."""
    opened = [Version(_opened(row, keys), row.day, row.actor_id) for row in records if row.kind == FACTS]
    return sorted(opened, key=lambda one: -one.statement.version)


def asked_in(records: Iterable[TipRecord], proposal: Id, keys: ReportKeys) -> Statement | None:
    """What *proposal* asks to be put in place of the standing version, from rows that were read already."""
    opened = (_opened(row, keys) for row in records if row.kind == ASKED)
    return next((one for one in opened if one.proposal == proposal.hex), None)


def _opened(row: TipRecord, keys: ReportKeys) -> Statement:
    return Statement.from_json(open_words(row.sealed, keys, row.id))
