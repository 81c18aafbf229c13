"""Taking away what is sealed of a report: rows, keys, files. Each function may be called again after a crash.

The order is what makes a crash harmless. First, in one transaction, the ledger says so, the tombstone stands and every
sealed row goes: from here on nobody can open it on either site. Then its key is destroyed, which ends it in every
backup. Then its files, named by rows that go last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from portal.attachments.models import Attachment
from portal.attachments.register import detach_all
from portal.attachments.store import site_store
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.exposures.models import Circular, Exposure, ExposureDraft, ExposureGate, ExposureReview
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, day_of
from portal.kernel.transaction import reading
from portal.kernel.values import Id, TipNumber
from portal.ledger.book import append
from portal.ledger.events import OUTLIVES, ReportShredded
from portal.ledger.models import LedgerEntry, LedgerNonce, LedgerQueue
from portal.mailbox.models import Letter, Mailbox
from portal.rewards.claim_models import RewardCase, RewardProposal
from portal.tips.models import IdentityRecord, IdentityShare, Proposal, Tip, TipBody, TipEvent, TipKey, TipRecord

TOMBSTONE_STEP = "shred"
"""The last line of a destroyed report's history."""


def waits_for_its_place(session: Session, numbers: Collection[str]) -> bool:
    """Whether an entry about one of these reports has no leaf yet. Its nonce is still needed then: come back later."""
    waiting = (
        select(LedgerQueue.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerQueue.entry_id)
        .where(LedgerEntry.subject.in_(numbers))
    )
    return bool(session.scalar(select(exists(waiting.subquery().select()))))


def clear_away(session: Session, tip: Tip, rule: str, batch: str, now: Utc, *, before: date | None = None) -> None:
    """Record the destruction of a locked report, make its row and mailbox tombstones, delete everything sealed.

    ``before``: the day on which it had been destroyed already, when it came back with a backup.
    """
    day = before or day_of(now)
    append(session, ReportShredded(TipNumber(tip.number), rule, batch, before is not None), SYSTEM, now)
    _last_step(session, tip, rule, day_of(now))
    tip.destroyed_on, tip.destroyed_by = day, rule
    tip.duplicate_tag = tip.assignee_id = tip.due_on = None
    tip.pressured = False
    session.flush()
    for statement in (*_sealed_rows(tip.id), _mailbox(tip.id, rule, day), _nonces(tip.number)):
        session.execute(statement.execution_options(synchronize_session=False))


def _last_step(session: Session, tip: Tip, rule: str, day: date) -> None:
    last = session.scalar(select(func.max(TipEvent.position)).where(TipEvent.tip_id == tip.id)) or 0
    step = TipEvent(tip_id=tip.id, position=last + 1, day=day, action=TOMBSTONE_STEP, state=tip.state, code=rule)
    step.office_id = tip.office_id
    session.add(step)


def _sealed_rows(tip: Id) -> list[Any]:
    """In the order that foreign keys ask for. What was proposed and who decided it stays; reasons and records go.

    So does every draft of an exposure; the case that was published knows no report and stays.
    """
    records = select(IdentityRecord.id).where(IdentityRecord.tip_id == tip)
    exposures = select(Exposure.id).where(Exposure.tip_id == tip)
    return [
        delete(IdentityAnswer).where(IdentityAnswer.tip_id == tip),
        delete(IdentityRequest).where(IdentityRequest.tip_id == tip),
        delete(IdentityShare).where(IdentityShare.record_id.in_(records)),
        delete(IdentityRecord).where(IdentityRecord.tip_id == tip),
        delete(TipRecord).where(TipRecord.tip_id == tip),
        update(Proposal).where(Proposal.tip_id == tip).values(reason=b""),
        update(RewardCase).where(RewardCase.tip_id == tip).values(told=None),
        update(RewardProposal).where(RewardProposal.tip_id == tip).values(record_key=b"", record=b"", words=b""),
        update(ExposureDraft).where(ExposureDraft.exposure_id.in_(exposures)).values(sealed=b""),
        update(ExposureReview).where(ExposureReview.exposure_id.in_(exposures)).values(words=b""),
        update(ExposureGate).where(ExposureGate.tip_id == tip).values(words=b""),
        update(Circular).where(Circular.tip_id == tip).values(sealed=b""),
        delete(Letter).where(Letter.tip_id == tip),
        delete(TipBody).where(TipBody.tip_id == tip),
        delete(TipKey).where(TipKey.tip_id == tip),
    ]


def _mailbox(tip: Id, rule: str, day: date) -> Any:
    """The lookup tag stays, so that the code is answered; nothing that it could open does."""
    gone = {"public": b"", "wrapped_report_key": b"", "destroyed_on": day, "destroyed_by": rule}
    return update(Mailbox).where(Mailbox.tip_id == tip).values(gone)


def _nonces(number: str) -> Any:
    """From here on nobody can confirm a guess at an entry about it, except those that say what became of it."""
    about = select(LedgerEntry.id).where(LedgerEntry.subject == number, LedgerEntry.kind.not_in(OUTLIVES))
    return delete(LedgerNonce).where(LedgerNonce.entry_id.in_(about))


def tombstones(session: Session, tips: Collection[Id]) -> list[tuple[date, str, list[Id]]]:
    """Day and rule of those of *tips* that are destroyed, with the ids that share them."""
    found: dict[tuple[date, str], list[Id]] = defaultdict(list)
    for tip, day, rule in session.execute(select(Tip.id, Tip.destroyed_on, Tip.destroyed_by).where(Tip.id.in_(tips))):
        if day is not None:
            found[day, rule or ""].append(tip)
    return [(*shared, ids) for shared, ids in found.items()]


def delete_blobs(tips: Collection[Id]) -> None:
    """Delete the files of cleared reports; their rows still name them, so that nothing is forgotten on the way."""
    with reading() as session:
        blobs = session.scalars(select(Attachment.id).where(Attachment.record_id.in_(tips))).all()
    store = site_store()
    for blob in blobs:
        store.delete(blob)


def forget_blobs(session: Session, tips: Collection[Id]) -> None:
    """Drop the rows of files that are deleted."""
    detach_all(session, tips)
