"""The severity gate (区分性质、分类处置): a publisher decides on the record of a closed case, turn upon turn.

``(session, tip, …, actor, now, keys)``: see :mod:`admin.tips.casework`. Why a publisher and not an editor:
docs/decisions/0020-the-gate-is-opened-by-whoever-publishes.md.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.moving import move, put
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import number_of, worded
from portal.exposures.events import GateDecided
from portal.exposures.gates import check_choice
from portal.exposures.models import Exposure, ExposureGate
from portal.exposures.records_kept import versions_of
from portal.exposures.states import ExposureAction, ExposureState
from portal.exposures.values import Treatment
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import Refused
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, seal_words
from portal.tips.states import State

OPEN = "open"
"""The first step of an exposure's history."""


def decide(
    session: Session, tip: Tip, treatment: Treatment, rule: str, words: str, actor: Actor, now: Utc, keys: ReportKeys
) -> ExposureGate:
    """Decide by a rule and with a reason. With PUBLISH the exposure stands open for drafting in the same transaction.

    A later turn decides anew, and drops a draft that it does not want any more. Refused: "not_closed", "no_record",
    "own_record" (whoever wrote the record down), "too_late" (in review, or shown already), and what
    :func:`portal.exposures.gates.check_choice` refuses.
    """
    actor.must(Permission.PUBLISH_EXPOSURE, tip.office_id)
    if State(tip.state) is not State.CLOSED or actor.id is None:
        raise Refused("not_closed", "结案以后才能决定是否公开。")
    kept = versions_of(session, tip, keys)
    if not kept:
        raise Refused("no_record", "这个案件还没有登记案件记录，请承办人员先登记。")
    if is_own(session, kept[0].by, actor):
        raise Refused("own_record", "案件记录是您自己登记的，请由另一位审批人决定。")
    check_choice(kept[0].version.record, treatment, rule, day_of(now))
    exposure = session.scalar(select(Exposure).where(Exposure.tip_id == tip.id).with_for_update())
    if exposure is not None and exposure.state not in (ExposureState.DRAFTING, ExposureState.DROPPED):
        raise Refused("too_late", "案例已经送审或者公布，不能再改这项决定；要撤下的，请办理撤回。")
    row = _written(session, tip, treatment, rule, words, actor, now, keys)
    if treatment is Treatment.PUBLISH:
        _open(session, tip, exposure, actor, now)
    elif exposure is not None and exposure.state == ExposureState.DRAFTING:
        move(session, exposure, ExposureAction.DROP, actor, now)
    return row


def gate_of(session: Session, tip: Tip) -> ExposureGate | None:
    """The newest decision; None before the first."""
    wanted = select(ExposureGate).where(ExposureGate.tip_id == tip.id).order_by(ExposureGate.turn.desc()).limit(1)
    return session.scalar(wanted)


def _written(
    session: Session, tip: Tip, treatment: Treatment, rule: str, words: str, actor: Actor, now: Utc, keys: ReportKeys
) -> ExposureGate:
    before, row_id = gate_of(session, tip), new_id()
    row = ExposureGate(
        id=row_id,
        tip_id=tip.id,
        turn=before.turn + 1 if before else 1,
        treatment=treatment.value,
        rule=rule,
        words=seal_words(worded(words, "理由"), keys, row_id),
        decided_by=actor.id,
        decided_on=day_of(now),
    )
    session.add(row)
    append(session, GateDecided(number_of(tip), tip.office_id.hex, treatment.value, rule), actor, now)
    session.flush()
    return row


def _open(session: Session, tip: Tip, exposure: Exposure | None, actor: Actor, now: Utc) -> None:
    if exposure is None:
        exposure = Exposure(
            tip_id=tip.id,
            office_id=tip.office_id,
            state=ExposureState.DRAFTING.value,
            version=0,
            opened_by=actor.id,
            opened_on=day_of(now),
        )
        session.add(exposure)
        session.flush()
        put(session, exposure, OPEN, ExposureState.DRAFTING, actor, now)
    elif exposure.state == ExposureState.DROPPED:
        move(session, exposure, ExposureAction.TAKE_UP, actor, now)
