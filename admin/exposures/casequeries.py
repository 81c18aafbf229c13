"""Lists of closed cases with the state of their record and of the gate. Clear columns only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from admin.tips.casework import own_offices
from portal.exposures.models import ExposureGate
from portal.exposures.record import CaseRecord
from portal.exposures.records_kept import CASE
from portal.exposures.values import Amounts, Manner, Source, SubjectKind
from portal.kernel.actors import Actor
from portal.kernel.values import Fen
from portal.mailbox.reasons import FOUND_SOMETHING
from portal.tips.catalogue import get
from portal.tips.findings import Findings, Nature
from portal.tips.models import Tip, TipEvent, TipRecord
from portal.tips.states import Action, State
from portal.tips.values import SubjectType

MOST = 200


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One closed case. ``treatment``: the newest of the gate, "" before the first."""

    tip: Tip
    closed_on: date
    recorded: bool
    treatment: str


def lines(session: Session, actor: Actor, permission: str) -> list[CaseLine]:
    """Cases that were closed with something found, where *actor* has *permission*; the last closed first."""
    closing = (
        select(TipEvent.tip_id, func.max(TipEvent.day).label("day"))
        .where(TipEvent.action == Action.CLOSE.value, TipEvent.code.in_([one.value for one in FOUND_SOMETHING]))
        .group_by(TipEvent.tip_id)
        .subquery()
    )
    recorded = exists().where(TipRecord.tip_id == Tip.id, TipRecord.kind == CASE)
    newest = (
        select(ExposureGate.treatment)
        .where(ExposureGate.tip_id == Tip.id)
        .order_by(ExposureGate.turn.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = (
        select(Tip, closing.c.day, recorded, newest)
        .join(closing, closing.c.tip_id == Tip.id)
        .where(
            Tip.office_id.in_(actor.offices_with(permission)),
            Tip.state == State.CLOSED.value,
            Tip.destroyed_on.is_(None),
            Tip.against_office_id.is_(None) | Tip.against_office_id.not_in(own_offices(actor)),
        )
        .order_by(closing.c.day.desc(), Tip.number)
        .limit(MOST)
    )
    return [CaseLine(tip, day, bool(has), gate or "") for tip, day, has, gate in session.execute(wanted)]


_SUBJECTS = {
    SubjectType.INSTITUTION: SubjectKind.HOSPITAL,
    SubjectType.AGENCY: SubjectKind.AGENCY,
    SubjectType.PERSON: SubjectKind.INSURED,
}


def first_record(tip: Tip, findings: Findings | None) -> CaseRecord:
    """What is known already of a case that was not recorded: the clear columns of the report, and the sums found."""
    fraud = findings is not None and findings.nature is Nature.FRAUD
    kind = findings.subject_type if findings else SubjectType.INSTITUTION
    group = get(tip.conduct).group if tip.conduct else ""
    manner = Manner.FRAUD if fraud else Manner.MANAGEMENT if group == "management" else Manner.CHARGING
    return CaseRecord(
        region=tip.region,
        source=Source.REPORT,
        subject=_SUBJECTS.get(kind, SubjectKind.OTHER),
        manner=manner,
        conducts=(tip.conduct,) if tip.conduct else (),
        amounts=Amounts(
            involved_fen=Fen(findings.loss_fen + findings.other_loss_fen),
            fine_fen=findings.fine_fen,
            damages_fen=findings.damages_fen,
            recovered_fen=findings.recovered_fen,
        )
        if findings
        else Amounts(),
    )
