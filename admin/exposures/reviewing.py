"""A second person reads a draft and decides: sends it back, or finds it fit. Publishing is :mod:`.publishing`.

``(session, way, …, actor, now, keys)``: ``way`` from :func:`admin.exposures.moving.locked_way`. The publisher opens no
report: record and draft are all there is to read, and what came of the report stands in the draft as questions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.exposures.drafting import draft_of, must_name_nobody
from admin.exposures.gating import gate_of
from admin.exposures.moving import move
from admin.exposures.publicwords import public_words
from admin.staff.queries import is_own
from admin.staff.roles import Permission
from admin.tips.casework import worded
from portal.exposures.drafts import Draft
from portal.exposures.gates import check_choice
from portal.exposures.models import Exposure, ExposureDraft, ExposureReview
from portal.exposures.readiness import hindrances
from portal.exposures.record import CaseRecord
from portal.exposures.records_kept import KeptRecord, versions_of
from portal.exposures.reviews import Return
from portal.exposures.states import ExposureAction, ExposureState
from portal.exposures.values import Treatment
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.values import new_id
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, seal_words

IN_REVIEW = frozenset({ExposureState.IN_REVIEW, ExposureState.CORRECTION_IN_REVIEW})
"""States in which a version waits for the second person."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What lies before the second person."""

    draft: Draft = field(repr=False)
    recorded: KeptRecord = field(repr=False)

    @property
    def record(self) -> CaseRecord:
        return self.recorded.version.record


def reading_of(session: Session, way: Exposure, keys: ReportKeys) -> Reading:
    """The newest version and the record, opened. Refused ("no_draft", "no_record") when one is not there."""
    draft = draft_of(session, way, keys)
    if draft is None:
        raise Refused("no_draft", "这个案例还没有草稿。")
    kept = versions_of(session, session.get_one(Tip, way.tip_id), keys)
    if not kept:
        raise Refused("no_record", "这个案件还没有登记案件记录，请承办人员先登记。")
    return Reading(draft, kept[0])


def must_be_another(session: Session, way: Exposure, actor: Actor) -> None:
    """NotAllowed unless *actor* may publish for this office, and none of its versions was saved by them, under whatever
    account."""
    for permission in (Permission.PUBLISH_EXPOSURE, Permission.READ_DRAFT):
        actor.must(permission, way.office_id)
    if not is_another(session, way, actor):
        raise NotAllowed("own_draft", "这个案例的草稿里有您写的一版，请由另一位审批人办理。")


def is_another(session: Session, way: Exposure, actor: Actor) -> bool:
    """Whether no version was saved by *actor*, under whatever account."""
    makers = session.scalars(select(ExposureDraft.made_by).where(ExposureDraft.exposure_id == way.id).distinct())
    return actor.id is not None and not any(is_own(session, maker, actor) for maker in makers)


def way_of(session: Session, tip: Tip) -> Exposure:
    """The exposure of a report, to look at. NotFound when the gate never opened one."""
    way = session.scalar(select(Exposure).where(Exposure.tip_id == tip.id))
    if way is None:
        raise NotFound("no_exposure", "这个案件没有要公开的案例。")
    return way


def must_be_unchanged(way: Exposure, seen_version: int) -> None:
    """IllegalMove when nothing waits for a decision; Refused ("draft_changed") when another version does."""
    if ExposureState(way.state) not in IN_REVIEW:
        raise IllegalMove("illegal_move", "这个案例已经有了新的情况。请刷新页面，看看现在可以办什么。")
    if way.version != seen_version:
        raise Refused("draft_changed", "您看的时候，草稿有了新的一版。请看完新的一版，再决定。")


def fit(session: Session, way: Exposure, seen_version: int, actor: Actor, now: Utc, keys: ReportKeys) -> Reading:
    """What may be approved, checked once more with all that needs the record alone.

    Refused: "own_record", "gate_closed", "barred" (the record was corrected meanwhile), "not_ready", and what
    :func:`must_be_unchanged` refuses; NotAllowed as :func:`must_be_another`.
    """
    must_be_another(session, way, actor)
    must_be_unchanged(way, seen_version)
    must_name_nobody(session, way)
    read = reading_of(session, way, keys)
    if is_own(session, read.recorded.by, actor):
        raise Refused("own_record", "案件记录是您自己登记的，请由另一位审批人决定。")
    gate = gate_of(session, session.get_one(Tip, way.tip_id))
    if gate is None or gate.treatment != Treatment.PUBLISH:
        raise Refused("gate_closed", "分类处置没有决定公开，不能批准。")
    check_choice(read.record, Treatment.PUBLISH, gate.rule, day_of(now))
    if way.state == ExposureState.CORRECTION_IN_REVIEW:
        public_words(read.draft.words, "更正的说明", read.record.names)
    found = hindrances(read.draft, read.record)
    if found:
        raise Refused("not_ready", f"还有 {len(found)} 处没有处理，不能批准，请退回编辑。{found[0].words}")
    return read


def send_back(
    session: Session,
    way: Exposure,
    seen_version: int,
    reason: Return,
    words: str,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
) -> None:
    """Back to the editor with a reason and words. Refused ("words_missing") and as :func:`must_be_unchanged`."""
    must_be_another(session, way, actor)
    must_be_unchanged(way, seen_version)
    note(
        session, way, ExposureAction.SEND_BACK, actor, now, keys, reason=reason.value, words=worded(words, "退回的理由")
    )
    move(session, way, ExposureAction.SEND_BACK, actor, now, reason.value)


def note(
    session: Session,
    way: Exposure,
    decision: ExposureAction,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
    *,
    checks: str = "",
    reason: str = "",
    words: str = "",
) -> None:
    """Keep what was decided on this version, by whom and when; *words* sealed with the keys of the report."""
    row_id = new_id()
    session.add(
        ExposureReview(
            id=row_id,
            exposure_id=way.id,
            version=way.version,
            decision=decision.value,
            checks=checks,
            reason=reason,
            words=seal_words(words, keys, row_id) if words else b"",
            made_by=actor.id,
            made_on=day_of(now),
        )
    )
