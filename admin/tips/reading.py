"""Opening a report with the office's key. The page records the reading, and commits that, before it calls this."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto import opening
from crypto.keys import InnerKey
from portal.attachments.values import FileEntry
from portal.directory.models import Office
from portal.kernel.errors import NotFound
from portal.kernel.shred import read_shred_key
from portal.kernel.values import TipNumber
from portal.mailbox.letters import OpenLetter, read_letters
from portal.mailbox.models import Mailbox
from portal.tips.models import Clock, Proposal, Tip, TipBody, TipEvent, TipHolding, TipKey, TipRecord
from portal.tips.sealing import REPORT_KEY, ReportKeys, open_body, open_words
from portal.tips.values import Report


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A note, findings or a decision, with its words."""

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
    clocks: tuple[Clock, ...]
    events: tuple[TipEvent, ...]
    holdings: tuple[TipHolding, ...]
    proposals: tuple[Proposal, ...]


def keys_for(session: Session, tip: Tip, office_key: InnerKey) -> ReportKeys:
    """The keys of a report from the key of the office that holds it. NotFound when the office has no sealed key."""
    row = session.scalar(select(TipKey).where(TipKey.tip_id == tip.id, TipKey.office_id == tip.office_id))
    if row is None:
        raise NotFound("no_tip", "没有找到这份举报。")
    report_key = opening.unwrap(row.wrapped, office_key, REPORT_KEY, tip.id.bytes)
    return ReportKeys(tip.id, report_key, read_shred_key(tip.id))


def mailbox_of(session: Session, tip: Tip) -> Mailbox | None:
    """The mailbox of a report; None where there is no way back by code."""
    return session.scalar(select(Mailbox).where(Mailbox.tip_id == tip.id))


def open_tip(session: Session, tip: Tip, keys: ReportKeys) -> TipView:
    """Everything the case page shows. Raises crypto errors when a byte was changed underneath."""
    report, files = open_body(session.get_one(TipBody, tip.id), keys)
    mailbox = mailbox_of(session, tip)
    letters = read_letters(session, mailbox.id, keys.letter) if mailbox else []
    records = session.scalars(select(TipRecord).where(TipRecord.tip_id == tip.id).order_by(TipRecord.day))
    return TipView(
        tip,
        session.get_one(Office, tip.office_id),
        mailbox,
        report,
        files,
        tuple(letters),
        tuple(OpenRecord(row, open_words(row.sealed, keys, row.id)) for row in records),
        tuple(session.scalars(select(Clock).where(Clock.tip_id == tip.id).order_by(Clock.due_on))),
        tuple(session.scalars(select(TipEvent).where(TipEvent.tip_id == tip.id).order_by(TipEvent.position))),
        tuple(session.scalars(select(TipHolding).where(TipHolding.tip_id == tip.id).order_by(TipHolding.from_day))),
        tuple(session.scalars(select(Proposal).where(Proposal.tip_id == tip.id).order_by(Proposal.proposed_on))),
    )


def number_of(tip: Tip) -> TipNumber:
    return TipNumber(tip.number)
