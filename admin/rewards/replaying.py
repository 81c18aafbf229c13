"""Computing every decided reward again, from what was stored with it and with the rule of that day.

Reads only, and needs nobody's passphrase. Where a report was destroyed its record went with it: that is counted, not
called a difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.errors import CryptoError
from portal.kernel.errors import DomainError, NotFound
from portal.ledger.models import LedgerEntry
from portal.rewards.claim_events import RewardMoved
from portal.rewards.claim_models import RewardCase, RewardProposal
from portal.rewards.claims import Kind, ProposalState, step_data
from portal.rewards.entries import digest, read
from portal.rewards.record import open_record, record_hash
from portal.rewards.rules import assess
from portal.rewards.states import RewardAction, RewardState
from portal.tips.models import Tip

AT_A_TIME = 500
_DECIDING = (RewardAction.GIVE.value, RewardAction.DECIDE.value, RewardAction.REFUSE.value)
_STANDS = frozenset({RewardState.NOTIFIED, RewardState.CLAIMED, RewardState.PAID, RewardState.RETURNED})


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that does not come out as it was stored. ``what``: a code; sums in fen."""

    number: str
    proposal: str
    what: str
    stored_fen: int
    now_fen: int | None = None

    def to_json(self) -> str:
        said = {"number": self.number, "decision": self.proposal, "difference": self.what}
        return json.dumps({**said, "stored_fen": self.stored_fen, "now_fen": self.now_fen}, ensure_ascii=False)


@dataclass
class Replay:
    """How many decisions were computed again, and how many are gone with their reports."""

    computed: int = 0
    destroyed: int = 0


def differences(session: Session, replay: Replay) -> Iterator[Difference]:
    """Every difference, in the order of the decisions' ids; *replay* counts on the way."""
    decided = (
        select(RewardProposal, Tip, RewardCase)
        .join(Tip, Tip.id == RewardProposal.tip_id)
        .join(RewardCase, RewardCase.tip_id == Tip.id)
        .where(RewardProposal.state == ProposalState.APPROVED.value, RewardProposal.kind != Kind.RECOVER.value)
        .order_by(RewardProposal.id)
        .limit(AT_A_TIME)
    )
    rows = session.execute(decided).all()
    while rows:
        for row, tip, case in rows:
            if tip.destroyed_on is not None:
                replay.destroyed += 1
                continue
            replay.computed += 1
            found = _difference(session, row, tip, case)
            if found is not None:
                yield found
        rows = session.execute(decided.where(RewardProposal.id > rows[-1][0].id)).all()


def _difference(session: Session, row: RewardProposal, tip: Tip, case: RewardCase) -> Difference | None:
    def differs(what: str, now_fen: int | None = None) -> Difference:
        return Difference(tip.number, row.id.hex, what, row.amount_fen, now_fen)

    if digest(row.schedule_text) != row.schedule_sha256:
        return differs("schedule_altered")
    if record_hash(row) not in _recorded(session, tip.number):
        return differs("record_not_in_ledger")
    try:
        record = open_record(row)
        again = assess(record.case, read(row.schedule_text))
    except (CryptoError, NotFound, ValueError, KeyError):
        return differs("record_altered")
    except DomainError as error:
        return differs(f"refused_{error.code}")
    if not again.reward_fen == record.reward_fen == row.amount_fen:
        return differs("figure", again.reward_fen)
    if [step_data(step) for step in again.trace] != [step_data(step) for step in record.steps]:
        return differs("trace", again.reward_fen)
    if case.state in _STANDS and case.amount_fen != again.reward_fen and _is_newest(session, row):
        return differs("amount_of_the_reward", again.reward_fen)
    return None


def _recorded(session: Session, number: str) -> set[str]:
    """The hashes of records that the ledger has for a report's decisions."""
    entries = select(LedgerEntry.payload).where(LedgerEntry.subject == number, LedgerEntry.kind == RewardMoved.kind)
    said = (json.loads(payload)["event"] for payload in session.scalars(entries))
    return {event["record"] for event in said if event["action"] in _DECIDING}


def _is_newest(session: Session, row: RewardProposal) -> bool:
    later = select(RewardProposal.id).where(
        RewardProposal.tip_id == row.tip_id,
        RewardProposal.state == ProposalState.APPROVED.value,
        RewardProposal.kind != Kind.RECOVER.value,
        RewardProposal.turn > row.turn,
    )
    return session.scalar(later.limit(1)) is None
