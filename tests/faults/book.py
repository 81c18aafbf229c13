"""What the book holds after a fault: counted and opened with an owner's rights, as nobody but a test may."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from crypto.receipts import parse
from portal.kernel.clock import now
from portal.kernel.site import site
from portal.kernel.transaction import reading, transaction
from portal.ledger.sequencer import sequence
from portal.ledger.verify import verify_book
from portal.mailbox.models import Letter, Mailbox
from portal.tips.models import Clock, IdentityRecord, Tip, TipBody, TipEvent, TipHolding, TipKey
from portal.tips.receipt_hash import submit_secrets
from portal.tips.reporter import open_own, view
from tests.benches.deployment import Deployment

TABLES = (Tip, TipBody, TipKey, TipHolding, TipEvent, Clock, Mailbox, Letter, IdentityRecord)


@dataclass(frozen=True, slots=True)
class Opened:
    """A report as its code opens it."""

    number: str
    words: str
    letters: int


def rows(deployment: Deployment) -> dict[str, int]:
    """How many rows each table of a report has."""
    with deployment.opened(), reading() as session:
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def reports(deployment: Deployment) -> int:
    """How many reports there are; each must be whole."""
    found = rows(deployment)
    whole = {found[name] for name in ("tip", "tip_body", "tip_key", "tip_holding", "tip_event", "clock")}
    assert len(whole) == 1, f"half a report is stored: {found}"
    return found["tip"]


def opened(deployment: Deployment, code: str) -> Opened:
    """The report behind a receipt code, opened with it alone."""
    with deployment.opened(), reading() as session:
        known = submit_secrets(parse(code))
        mine = open_own(session, known.tag, known.mailbox)
        seen = view(session, mine)
        return Opened(mine.number, seen.report.words, len(seen.letters))


def faults_of_the_ledger(deployment: Deployment) -> list[str]:
    """Everything that does not hold in the record once all that waits has its place; nothing may wait for ever."""
    with deployment.opened():
        with transaction() as session:
            while sequence(session, now()):
                pass
        with reading() as session:
            found = verify_book(session, site().checkpoint_vkey)
            return [str(fault) for fault in found.faults] + ([f"{found.waiting} wait"] if found.waiting else [])
