"""What a decision found, as it is kept: version upon version, none overwritten, sealed like every word of the report.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. A version is a record of kind FACTS; the last
one counts. The first is stated with the decision or the closing; a later one with the closing, or as a correction that
the head approves (:mod:`admin.tips.proposals`). In clear stands only whether there was a loss: a line of the history,
from which the reward procedure knows what to open.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.tips.casework import history, write_down
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.kernel.values import Fen, Id
from portal.mailbox.reasons import Closing, Outcome
from portal.statistics.recovering import add_recovered
from portal.tips.findings import REASON_LIMIT, Findings, Statement
from portal.tips.findings_kept import (
    ASKED,
    FACTS,
    LOSS,
    NO_LOSS,
    STATED,
    asked_in,
    findings_of,
    records_of,
    versions_of,
)
from portal.tips.models import Tip, TipEvent
from portal.tips.sealing import ReportKeys
from portal.tips.states import Action
from portal.tips.values import clean_text

NEEDED: frozenset[str] = frozenset(
    {
        Outcome.PENALTY,
        Outcome.NO_PENALTY,
        Closing.PERFORMED,
        Closing.RECOVERED,
        Closing.COURT_ENFORCED,
        Closing.AGREEMENT_DONE,
    }
)
"""Outcomes and endings after which the file has to say what was found."""


def state_findings(
    session: Session,
    tip: Tip,
    findings: Findings | None,
    outcome: Outcome | Closing,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    why: str = "",
) -> None:
    """Put what was found into the file together with a decision or the closing of a report.

    Refused: "findings_missing" when the outcome asks for them and none stand; "why_missing" when they differ from those
    that stand and no reason is given; and what :func:`check_outcome` refuses. Nothing is written when nothing differs.
    """
    standing = findings_of(session, tip, keys)
    if findings is None and standing is None and outcome.value in NEEDED:
        raise Refused("findings_missing", "请填写查实的金额和情况；没有损失的，“举报事项损失”填 0。")
    if findings is None or findings == standing:
        return
    check_outcome(outcome if isinstance(outcome, Outcome) else outcome_of(session, tip), findings)
    if standing is not None and not why.strip():
        raise Refused("why_missing", "查实的金额或者情况与以前登记的不同，请写明更正的理由。")
    keep(session, tip, findings, why if standing is not None else "", actor, now, keys)


def ask_correction(
    session: Session, tip: Tip, findings: Findings, why: str, proposal: Id, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Write down what *proposal* asks for. Refused: "nothing_changed", and what :func:`check_outcome` refuses."""
    if findings == findings_of(session, tip, keys):
        raise Refused("nothing_changed", "与现在登记的完全相同，没有要更正的内容。")
    check_outcome(outcome_of(session, tip), findings)
    asked = Statement(version=0, findings=findings, why=_why(why), proposal=proposal.hex)
    write_down(session, tip, ASKED, asked.to_json(), actor, now, keys)


def correct(session: Session, tip: Tip, proposal: Id, actor: Actor, now: Utc, keys: ReportKeys) -> None:
    """The head agreed: what *proposal* asked for stands from now on. Refused ("no_correction") when that is nothing."""
    asked = asked_in(records_of(session, tip), proposal, keys)
    if asked is None:
        raise Refused("no_correction", "这项更正没有留下内容，请重新提出。")
    keep(session, tip, asked.findings, asked.why, actor, now, keys, asked.proposal)


def keep(
    session: Session,
    tip: Tip,
    findings: Findings,
    why: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    proposal: str = "",
) -> Statement:
    """Add the next version, seal it, and leave its line in the history. Its digest goes on the ledger.

    What came back to the fund is added to the total of the month, in which no case can be told."""
    before = versions_of(session, tip, keys)
    version = before[0].statement.version + 1 if before else 1
    statement = Statement(version=version, findings=findings, why=_why(why), proposal=proposal)
    write_down(session, tip, FACTS, statement.to_json(), actor, now, keys)
    add_recovered(
        session, before[0].statement.findings.recovered_fen if before else Fen(0), findings.recovered_fen, now
    )
    history(session, tip, STATED, actor, now, LOSS if findings.with_loss else NO_LOSS)
    return statement


def check_outcome(outcome: Outcome | None, findings: Findings) -> None:
    """Findings must not say another thing than the decision. Refused: "amounts_not_proven", "fine_without_penalty"."""
    if outcome is Outcome.NOT_PROVEN and findings.any_amount:
        raise Refused("amounts_not_proven", "违法事实不能成立的，各项金额都应当是 0。")
    if outcome is Outcome.NO_PENALTY and findings.fine_fen:
        raise Refused("fine_without_penalty", "依法不予处罚的，“罚款”应当是 0。")


def outcome_of(session: Session, tip: Tip) -> Outcome | None:
    """How the decision went; None when there was none (an agreement, an investigation that ended) since a reopening."""
    turns = [Action.DECIDE.value, Action.REOPEN.value]
    wanted = select(TipEvent.action, TipEvent.code).where(TipEvent.tip_id == tip.id, TipEvent.action.in_(turns))
    last = session.execute(wanted.order_by(TipEvent.position.desc()).limit(1)).first()
    return Outcome(last.code) if last is not None and last.action == Action.DECIDE.value else None


def _why(text: str) -> str:
    return clean_text(text, REASON_LIMIT, "更正的理由")
