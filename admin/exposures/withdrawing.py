"""After publication: what must be corrected, correcting, taking down; and giving up before.

``(session, way, …, actor, now)``. One publisher takes a case down at once: what should not be seen does not wait for a
second person. Everything that puts words before the public again goes past two.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures import displaying
from admin.exposures.drafting import keep, row_of
from admin.exposures.gating import gate_of
from admin.exposures.moving import move, put
from admin.exposures.publicwords import public_words
from admin.staff.roles import Permission
from portal.exposures.drafts import Draft
from portal.exposures.expiry import WITHDRAW, due
from portal.exposures.mending import MUST_CORRECT
from portal.exposures.models import Exposure, ExposureStep
from portal.exposures.records_kept import record_of
from portal.exposures.states import ON_SHOW, ExposureAction, ExposureState
from portal.exposures.values import ChangeReason, Treatment, VersionKind
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, Refused
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, open_words
from portal.workdays.setapart import calendar_of

GIVEN = tuple(one for one in ChangeReason if one is not ChangeReason.TERM_OVER)
"""Reasons that a person may give; the end of the term is the rule's own."""


def must_correct(session: Session, way: Exposure, reason: ChangeReason, actor: Actor, now: Utc) -> None:
    """It is known that what is shown is wrong: from today the days of PP-46.2 run. Said again, the first day counts.

    IllegalMove when nothing is shown; Refused ("bad_reason", "no_rule").
    """
    actor.must(Permission.READ_DRAFT, way.office_id)
    _on_show(way)
    _given(reason)
    last = due(WITHDRAW, day_of(now), calendar_of(session))
    if last is None:
        raise Refused("no_rule", "这一天还没有关于几天内更正的规定。")
    way.withdraw_by = min(way.withdraw_by or last, last)
    put(session, way, MUST_CORRECT, ExposureState(way.state), actor, now, reason.value)


def correct(
    session: Session, way: Exposure, reason: ChangeReason, words: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Begin a new draft from what is shown, which stays up until a second person approves the new version.

    Refused: "bad_reason", "words_missing", "private_words"; IllegalMove when it is not shown or is being corrected.
    """
    actor.must(Permission.EDIT_EXPOSURE, way.office_id)
    actor.must(Permission.READ_DRAFT, way.office_id)
    _given(reason)
    told = _told(session, way, words, "更正的说明", keys)
    move(session, way, ExposureAction.CORRECT, actor, now, reason.value)
    draft = replace(_approved(session, way, keys), reason=reason.value, words=told)
    keep(session, way, draft, actor, now, keys)


def drop_correction(session: Session, way: Exposure, actor: Actor, now: Utc) -> None:
    """What is shown stays as it is. A clock that runs goes on: whoever stopped correcting has to withdraw."""
    actor.must(Permission.EDIT_EXPOSURE, way.office_id)
    move(session, way, ExposureAction.DROP_CORRECTION, actor, now)


def withdraw(
    session: Session, way: Exposure, reason: ChangeReason, words: str, actor: Actor, now: Utc, keys: ReportKeys
) -> None:
    """Take it down for good: the old address says so, with the reason and these words; the hashes stay.

    Refused: "bad_reason", "words_missing", "private_words"; IllegalMove when nothing is shown.
    """
    actor.must(Permission.PUBLISH_EXPOSURE, way.office_id)
    _on_show(way)
    _given(reason)
    told = _told(session, way, words, "撤回的说明", keys)
    assert way.published_id is not None  # it is on show
    case = displaying.locked_case(session, way.published_id)
    displaying.take_down(session, case, VersionKind.WITHDRAW, reason.value, told, actor, now)
    way.withdraw_by = None
    move(session, way, ExposureAction.WITHDRAW, actor, now, reason.value)


def drop(session: Session, way: Exposure, actor: Actor, now: Utc) -> None:
    """A draft is given up; nothing was shown."""
    actor.must(Permission.PUBLISH_EXPOSURE, way.office_id)
    move(session, way, ExposureAction.DROP, actor, now)


def take_up(session: Session, way: Exposure, actor: Actor, now: Utc) -> None:
    """A draft that was given up is written again. Refused ("gate_closed") unless the gate's last word is in public."""
    actor.must(Permission.PUBLISH_EXPOSURE, way.office_id)
    gate = gate_of(session, session.get_one(Tip, way.tip_id))
    if gate is None or gate.treatment != Treatment.PUBLISH:
        raise Refused("gate_closed", "分类处置没有决定公开，请先在分类处置里重新决定。")
    move(session, way, ExposureAction.TAKE_UP, actor, now)


def _approved(session: Session, way: Exposure, keys: ReportKeys) -> Draft:
    """The version that is shown, with its questions and answers."""
    approvals = (ExposureAction.APPROVE.value, ExposureAction.SCHEDULE.value)
    wanted = select(ExposureStep.version).where(ExposureStep.exposure_id == way.id, ExposureStep.action.in_(approvals))
    row = row_of(session, way, session.scalars(wanted.order_by(ExposureStep.position.desc()).limit(1)).one())
    assert row is not None  # an approval names a version that is there, and none is ever removed
    return Draft.from_json(open_words(row.sealed, keys, row.id))


def _told(session: Session, way: Exposure, words: str, label: str, keys: ReportKeys) -> str:
    record = record_of(session, session.get_one(Tip, way.tip_id), keys)
    return public_words(words, label, record.names if record else ())


def _given(reason: ChangeReason) -> None:
    if reason not in GIVEN:
        raise Refused("bad_reason", "这个理由不能由人选。")


def _on_show(way: Exposure) -> None:
    if ExposureState(way.state) not in ON_SHOW:
        raise IllegalMove("illegal_move", "这个案例现在没有公布，请刷新页面，看看现在可以办什么。")
