"""Opening a report with the office's key. The page records the reading, and commits that, before it calls this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.orm import Session

from admin.staff.generations import generation_of
from crypto import opening
from crypto.keys import InnerKey
from portal.attachments.values import FileEntry
from portal.directory.models import Office
from portal.exposures.records_kept import CASE
from portal.kernel.db import Base
from portal.kernel.errors import NotFound
from portal.kernel.rows import columns, looked_at
from portal.kernel.shred import read_shred_key
from portal.kernel.values import Id, TipNumber
from portal.mailbox.letters import OpenLetter, read_letters
from portal.mailbox.models import Mailbox
from portal.tips.findings_kept import ASKED, FACTS
from portal.tips.models import Clock, Proposal, Tip, TipBody, TipEvent, TipHolding, TipKey, TipRecord
from portal.tips.sealing import REPORT_KEY, ReportKeys, open_body, open_words
from portal.tips.values import Report

# Made once: building these anew for each opening costs more than running them.
_TIP: BindParameter[Id] = bindparam("tip")
_KEY = select(TipKey).where(TipKey.tip_id == _TIP, TipKey.office_id == bindparam("office"))
_BODY = (
    select(
        TipBody,
        Office,
        Mailbox,
        exists().where(TipRecord.tip_id == _TIP),
        exists().where(Proposal.tip_id == _TIP),
    )
    .select_from(TipBody)
    .join(Office, Office.id == bindparam("office"))
    .outerjoin(Mailbox, Mailbox.tip_id == TipBody.tip_id)
    .where(TipBody.tip_id == _TIP)
)
_ORDER: dict[type[Base], str] = {
    TipRecord: "day", Clock: "due_on", TipEvent: "position", TipHolding: "from_day", Proposal: "proposed_on",
}  # fmt: skip
_ALL = {
    table: select(*columns(table)).where(columns(table).tip_id == _TIP).order_by(columns(table)[order])
    for table, order in _ORDER.items()
}
_FACTS = frozenset({FACTS, ASKED})
_NO_WORDS = _FACTS | {CASE}
Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A note, findings in words or a decision, with its words."""

    row: TipRecord
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TipView:
    """A report and all that was done with it, opened for one reader."""

    tip: Tip
    office: Office
    mailbox: Mailbox | None
    report: Report = field(repr=False)
    files: tuple[FileEntry, ...] = field(repr=False)
    letters: tuple[OpenLetter, ...] = field(repr=False)
    records: tuple[OpenRecord, ...] = field(repr=False)
    facts: tuple[TipRecord, ...]  # what a decision found, still sealed
    clocks: tuple[Clock, ...]
    events: tuple[TipEvent, ...]
    holdings: tuple[TipHolding, ...]
    proposals: tuple[Proposal, ...]


def keys_for(session: Session, tip: Tip, office_key: InnerKey) -> ReportKeys:
    """The keys of a report from the newest key of the office that holds it, whichever generation it was sealed to.

    NotFound when the office has no sealed key.
    """
    row = session.scalar(_KEY, {"tip": tip.id, "office": tip.office_id})
    if row is None:
        raise NotFound("no_tip", "没有找到这份举报。")
    with generation_of(session, office_key, tip.office_id, row.key_id) as key:
        report_key = opening.unwrap(row.wrapped, key, REPORT_KEY, tip.id.bytes)
    return ReportKeys(tip.id, report_key, read_shred_key(tip.id))


def mailbox_of(session: Session, tip: Tip) -> Mailbox | None:
    """The mailbox of a report; None where there is no way back by code."""
    return session.scalar(select(Mailbox).where(Mailbox.tip_id == tip.id))


def open_tip(session: Session, tip: Tip, keys: ReportKeys) -> TipView:
    """Everything the case page shows. Raises crypto errors when a byte was changed underneath."""
    body, office, mailbox, recorded, proposed = session.execute(_BODY, {"tip": tip.id, "office": tip.office_id}).one()
    report, files = open_body(body, keys)
    letters = read_letters(session, mailbox.id, keys.letter) if mailbox else []
    records = _all(session, TipRecord, tip) if recorded else ()
    return TipView(
        tip,
        office,
        mailbox,
        report,
        files,
        tuple(letters),
        tuple(OpenRecord(row, open_words(row.sealed, keys, row.id)) for row in records if row.kind not in _NO_WORDS),
        tuple(row for row in records if row.kind in _FACTS),
        _all(session, Clock, tip),
        _all(session, TipEvent, tip),
        _all(session, TipHolding, tip),
        _all(session, Proposal, tip) if proposed else (),
    )


def _all(session: Session, table: type[Row], tip: Tip) -> tuple[Row, ...]:
    return looked_at(session, table, _ALL[table], {"tip": tip.id})


def number_of(tip: Tip) -> TipNumber:
    return TipNumber(tip.number)
