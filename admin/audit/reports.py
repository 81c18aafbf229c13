"""What the book says of every report, held against what the tables say now.

The tree proves that entries were neither dropped nor altered; this proves that the reports are still what those
entries bind: each received report is there, sealed as it came, with every letter and record, in a state and with an
office that the recorded moves lead to.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.drafting import DRAFT
from admin.retention.agreed import agreed_digest
from portal.directory.models import Office
from portal.exposures.models import Exposure, ExposureDraft
from portal.kernel.values import Id
from portal.ledger.events import LetterSent, RecordWritten, ReportShredded, TipMoved, TipReceived
from portal.ledger.models import LedgerEntry
from portal.ledger.verify import Report
from portal.mailbox.letters import digest_of
from portal.mailbox.models import Letter
from portal.tips.models import Tip, TipBody, TipRecord
from portal.tips.sealing import body_hash
from portal.tips.states import State

BATCH = 200
_KINDS = (TipReceived.kind, TipMoved.kind, LetterSent.kind, RecordWritten.kind, ReportShredded.kind)
Told = Mapping[str, Sequence[Mapping[str, Any]]]
"""What the ledger says of one report: kind of entry to the contents of all of that kind."""


def check_reports(session: Session, report: Report) -> None:
    """Add a fault for everything about a report that the book contradicts. Memory does not grow with their number."""
    codes = {office.code: office.id for office in session.scalars(select(Office))}
    for tips in _batches(session):
        told = _told(session, [tip.number for tip in tips])
        sealed = _sealed(session, [tip.id for tip in tips])
        for tip in tips:
            for what in _faults(tip, told[tip.number], sealed[tip.id], codes):
                report.fault(f"report {tip.number}", what)
            if any(not _agreed(session, event, report) for event in told[tip.number][ReportShredded.kind]):
                report.fault(f"report {tip.number}", "it was destroyed, and no two people agreed to it")
        session.expunge_all()
    gone = (
        select(LedgerEntry.subject)
        .outerjoin(Tip, Tip.number == LedgerEntry.subject)
        .where(LedgerEntry.kind == TipReceived.kind, Tip.id.is_(None))
    )
    for number in session.scalars(gone):
        report.fault(f"report {number}", "it was received and is gone")


def _batches(session: Session) -> Iterator[Sequence[Tip]]:
    after: Id | None = None
    while True:
        wanted = select(Tip).order_by(Tip.id).limit(BATCH)
        tips = session.scalars(wanted if after is None else wanted.where(Tip.id > after)).all()
        if not tips:
            return
        after = tips[-1].id
        yield tips


def _told(session: Session, numbers: Sequence[str]) -> Mapping[str, Told]:
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {kind: [] for kind in _KINDS})
    entries = select(LedgerEntry.subject, LedgerEntry.kind, LedgerEntry.payload).where(
        LedgerEntry.subject.in_(numbers), LedgerEntry.kind.in_(_KINDS)
    )
    for subject, kind, payload in session.execute(entries):
        found[subject][kind].append(json.loads(payload)["event"])
    return found


def _sealed(session: Session, tips: Sequence[Id]) -> Mapping[Id, dict[str, list[str]]]:
    """What is stored for each report, as the book names it: the hash of the body, of each letter and each record."""
    found: dict[Id, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for body in session.scalars(select(TipBody).where(TipBody.tip_id.in_(tips))):
        found[body.tip_id]["body"].append(body_hash(body))
    letters = select(Letter.tip_id, Letter.direction, Letter.sealed, Letter.notice).where(Letter.tip_id.in_(tips))
    for tip, direction, sealed, notice in session.execute(letters):
        found[tip]["letters"].append(f"{direction} {digest_of(sealed, notice)}")
    records = select(TipRecord.tip_id, TipRecord.kind, TipRecord.sealed).where(TipRecord.tip_id.in_(tips))
    for tip, kind, sealed in session.execute(records):
        found[tip]["records"].append(f"{kind} {hashlib.sha256(sealed).hexdigest()}")
    drafts = select(Exposure.tip_id, ExposureDraft.sealed).join(Exposure, Exposure.id == ExposureDraft.exposure_id)
    for tip, sealed in session.execute(drafts.where(Exposure.tip_id.in_(tips), ExposureDraft.sealed != b"")):
        found[tip]["records"].append(f"{DRAFT} {hashlib.sha256(sealed).hexdigest()}")
    return found


def _faults(tip: Tip, told: Told, sealed: Mapping[str, list[str]], codes: Mapping[str, Id]) -> Iterator[str]:
    received, moves = told[TipReceived.kind], told[TipMoved.kind]
    if len(received) != 1:
        yield "the book does not say once that it was received"
        return
    if told[ReportShredded.kind] or tip.destroyed_on is not None:
        yield from _faults_of_destroyed(tip, told, sealed)
    else:
        yield from _faults_of_sealed(received[0], told, sealed)
    if tip.state not in _ends(moves):
        yield f"the recorded moves do not lead to {tip.state}"
    held = {codes.get(received[0]["office"]), *(Id(move["office"]) for move in moves if move["office"])}
    if tip.office_id not in held:
        yield "the office that holds it never got it"


def _faults_of_sealed(received: Mapping[str, Any], told: Told, sealed: Mapping[str, list[str]]) -> Iterator[str]:
    if sealed["body"] != [received["body_sha256"]]:
        yield "its sealed words are not those that came in"
    for what, kind, names in (
        ("letters", LetterSent.kind, ("direction", "sha256")),
        ("records", RecordWritten.kind, ("record", "sha256")),
    ):
        if sorted(sealed[what]) != sorted(" ".join(event[name] for name in names) for event in told[kind]):
            yield f"its {what} are not those of the book"


def _faults_of_destroyed(tip: Tip, told: Told, sealed: Mapping[str, list[str]]) -> Iterator[str]:
    """Its sealed rows are gone, its row is a tombstone, and the book says that this was a destruction."""
    if not told[ReportShredded.kind]:
        yield "it bears a tombstone, and the book says nothing of a destruction"
    if tip.destroyed_on is None:
        yield "the book says that it was destroyed, and it bears no tombstone"
    if any(sealed.values()):
        yield "it was destroyed, and sealed rows of it are still there"


def _agreed(session: Session, event: Mapping[str, Any], report: Report) -> bool:
    """Whether two people stand behind a destruction. What came back with a backup goes again without them: such a
    ledger has begun a new origin, and checkpoints of an older one."""
    if event["restored"]:
        return report.foreign > 0
    return agreed_digest(session, event["batch"]) is not None


def _ends(moves: Sequence[Mapping[str, Any]]) -> set[str]:
    """Where a path of moves from "received" ends, whatever their order: more ways lead in than out."""
    balance = Counter([State.RECEIVED.value])
    for move in moves:
        balance[move["after"]] += 1
        balance[move["before"]] -= 1
    return {state for state, more in balance.items() if more > 0}
