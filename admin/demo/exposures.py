"""What the demonstration's staff have done with its closed cases: recorded, gated, written, approved, told inside.

Every step is the real verb. The cases are invented, and what is published of them says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from admin.demo.casework import Cast, Scene
from admin.exposures import circulating, drafting, publishing, teaching, withdrawing
from admin.exposures.delivering import sign
from admin.exposures.gating import decide
from admin.exposures.issues import approved_for, issues_of, open_issue
from admin.exposures.moving import locked_way
from admin.exposures.recording import record_case
from admin.staff.roles import Permission
from admin.tips.casework import locked, office_name
from admin.tips.reading import keys_for
from crypto.keys import Purpose
from portal.exposures.circulars import propose_text
from portal.exposures.drafts import Answer, Draft, Keep
from portal.exposures.models import Exposure, PublishedBatch, PublishedCase
from portal.exposures.readiness import may_keep
from portal.exposures.record import CaseRecord, Method
from portal.exposures.reviews import NEEDED, Point
from portal.exposures.teaching import audiences_for
from portal.exposures.values import (
    Amounts,
    ChangeReason,
    Decided,
    Manner,
    Month,
    Ownership,
    Result,
    Size,
    Source,
    SubjectKind,
    Treatment,
)
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.transaction import transaction
from portal.kernel.values import Fen, Id, TipNumber
from portal.tips.models import Tip

Verb = Callable[[Scene, Mapping[str, Any]], None]
CHECKED = [one.value for one in (*NEEDED, Point.APPEAL_PASSED)]


def play(number: TipNumber, step: str, story: Mapping[str, Any], cast: Cast, now: Utc) -> None:
    """Do one step on the case of *story*, in a transaction of its own."""
    verb, permission = STEPS[step]
    with transaction() as session:
        office = session.scalars(select(Tip.office_id).where(Tip.number == number)).one()
        staff, actor = cast.who_may(session, office, permission)
        tip = locked(session, number, actor, permission=permission)
        with cast.key_of(session, staff, Purpose.OFFICE, office) as key:
            verb(Scene(session, tip, actor, keys_for(session, tip, key), now, cast), story)


def record_of(story: Mapping[str, Any], now: Utc) -> CaseRecord:
    """The record of a story's closed case. Months count back from the day: nothing of the demonstration grows old."""
    case, involved = story["case"], Fen(int(story["case"]["involved_fen"]))
    found, tenths = _month(now, 1), int(case.get("fine_tenths", 0))
    fine = Fen(involved * tenths // 10)
    sums = Amounts(
        involved_fen=involved, fine_base_fen=involved if tenths else Fen(0), fine_tenths=tenths, fine_fen=fine,
        recovered_fen=involved,
    )  # fmt: skip
    results = [Result.RETURN] * bool(involved) + [Result.FINE] * bool(fine) + [Result.RECTIFY] * (not fine)
    return CaseRecord(
        region=story["region"], source=Source.REPORT, found_in=found, methods=(Method.ON_SITE, Method.DATA),
        subject=SubjectKind(case["subject"]), ownership=Ownership(case["ownership"]), size=Size(case["size"]),
        manner=Manner(case["manner"]), institution=story["target"], conducts=(story["conduct"],),
        began=_month(now, 12), ended=_month(now, 5), amounts=sums, bases=(case["basis"],),
        results=tuple(Decided(one) for one in results),
    )  # fmt: skip


def _month(now: Utc, back: int) -> Month:
    months = day_of(now).year * 12 + day_of(now).month - 1 - back
    return Month(f"{months // 12}-{months % 12 + 1:02}")


def _record(scene: Scene, story: Mapping[str, Any]) -> None:
    record_case(scene.session, scene.tip, record_of(story, scene.now), scene.actor, scene.now, scene.keys)


def _gate(treatment: Treatment, rule: str, words: str) -> Verb:
    def decide_it(scene: Scene, _story: Mapping[str, Any]) -> None:
        decide(scene.session, scene.tip, treatment, rule, words, scene.actor, scene.now, scene.keys)

    return decide_it


def _way(scene: Scene) -> Exposure:
    return locked_way(scene.session, scene.tip)


def _save(scene: Scene, draft: Draft) -> None:
    way = _way(scene)
    drafting.save(scene.session, way, draft, way.version, scene.actor, scene.now, scene.keys)


def _draft(scene: Scene, _story: Mapping[str, Any]) -> None:
    """What the record says, each question answered."""
    material = drafting.material_of(scene.session, _way(scene), scene.keys)
    draft = drafting.judged(Draft(content=material.generated), material, day_of(scene.now))
    kept = [one for one in draft.questions if may_keep(one, material.record)]
    _save(scene, replace(draft, answers=tuple(Answer(one, Keep.WEIGHED, "看过了（演示）。") for one in kept)))


def _doubtful(scene: Scene, _story: Mapping[str, Any]) -> None:
    """A draft that nobody could publish as it stands."""
    material = drafting.material_of(scene.session, _way(scene), scene.keys)
    content = material.generated
    more = "护士长李虚构说，联系电话是 13800000000（虚构）。"
    _save(scene, Draft(content=replace(content, paragraphs=(*content.paragraphs, more))))


def _submit(scene: Scene, _story: Mapping[str, Any]) -> None:
    way = _way(scene)
    drafting.submit(scene.session, way, way.version, scene.actor, scene.now, scene.keys)


def _approve(scene: Scene, _story: Mapping[str, Any]) -> None:
    way = _way(scene)
    publishing.approve(scene.session, way, way.version, CHECKED, scene.actor, scene.now, scene.keys)


def _into_issue(scene: Scene, _story: Mapping[str, Any]) -> None:
    """Approved for the issue that is being put together; the first case of it opens it."""
    session, way = scene.session, _way(scene)
    batch = next(iter(issues_of(session, scene.actor, open_only=True)), None)
    if batch is None:
        title, words = "违法使用医保基金典型案例（虚构）", "以下案例都是虚构的，只用于演示。"
        batch = open_issue(session, way.office_id, title, words, scene.actor, scene.now)
    publishing.put_into_issue(session, way, way.version, CHECKED, batch.id, scene.actor, scene.now, scene.keys)


def _publish_issue(scene: Scene, _story: Mapping[str, Any]) -> None:
    session = scene.session
    batch = session.scalars(select(PublishedBatch).where(PublishedBatch.id == _way(scene).batch_id)).one()
    staff, _ = scene.cast.who_may(session, batch.office_id, Permission.PUBLISH_EXPOSURE)
    with scene.cast.key_of(session, staff, Purpose.OFFICE, batch.office_id) as key:
        ways = approved_for(session, batch)
        cases = [(way, keys_for(session, session.get_one(Tip, way.tip_id), key)) for way in ways]
        publishing.publish_issue(session, batch, cases, scene.actor, scene.now)


def _correct(scene: Scene, _story: Mapping[str, Any]) -> None:
    words = "机构的规模写错了，已经改正（虚构）。"
    way = _way(scene)
    withdrawing.correct(scene.session, way, ChangeReason.SLIP, words, scene.actor, scene.now, scene.keys)


def _withdraw(scene: Scene, _story: Mapping[str, Any]) -> None:
    words, why = "处理决定被撤销，案例不再公开（虚构）。", ChangeReason.DECISION_REVOKED
    withdrawing.withdraw(scene.session, _way(scene), why, words, scene.actor, scene.now, scene.keys)


def _circulate(scene: Scene, _story: Mapping[str, Any]) -> None:
    """Told to the offices that the record proposes; somebody of the first of them signs."""
    session, tip = scene.session, scene.tip
    kept = circulating.standing(session, tip, scene.actor, scene.now, scene.keys)
    offered = [one.office.id for one in circulating.recipients(session, tip, kept, scene.now)]
    text = propose_text(kept.version.record, office_name(session, tip))
    made = circulating.send(session, tip, text.title, text.body, offered, (), scene.actor, scene.now, scene.keys)
    office, reader = _reader(scene, offered)
    sign(session, made, [office], reader, scene.now)


def _reader(scene: Scene, offices: Sequence[Id]) -> tuple[Id, Actor]:
    for office in offices:
        try:
            return office, scene.cast.who_may(scene.session, office, Permission.READ_CIRCULAR)[1]
        except LookupError:
            continue
    raise LookupError("nobody reads circulars where this one was sent")


def _teach(scene: Scene, _story: Mapping[str, Any]) -> None:
    """Two notices: to those like the one of the case, and to the next kind of reader. Approved by the publisher."""
    session = scene.session
    case = session.scalars(select(PublishedCase).where(PublishedCase.id == _way(scene).published_id)).one()
    _, publisher = scene.cast.who_may(session, case.office_id, Permission.PUBLISH_EXPOSURE)
    for audience in audiences_for(teaching.content_of(session, case), day_of(scene.now))[:2]:
        row = teaching.begin(session, case, audience, scene.actor, scene.now)
        teaching.submit(session, row, scene.actor, scene.now)
        teaching.approve(session, row, row.version, publisher, scene.now)


PUBLISH, CIRCULATE = Treatment.PUBLISH, Treatment.CIRCULATE
STEPS: Mapping[str, tuple[Verb, Permission]] = {
    "record": (_record, Permission.HANDLE),
    "to_the_public": (
        _gate(PUBLISH, "gate-grave", "公开有警示作用（虚构）。"),
        Permission.PUBLISH_EXPOSURE,
    ),
    "inside_only": (_gate(CIRCULATE, "gate-light", "情节轻微，已经改正（虚构）。"), Permission.PUBLISH_EXPOSURE),
    "draft": (_draft, Permission.EDIT_EXPOSURE),
    "doubtful_draft": (_doubtful, Permission.EDIT_EXPOSURE),
    "submit": (_submit, Permission.EDIT_EXPOSURE),
    "approve_text": (_approve, Permission.PUBLISH_EXPOSURE),
    "into_issue": (_into_issue, Permission.PUBLISH_EXPOSURE),
    "publish_issue": (_publish_issue, Permission.PUBLISH_EXPOSURE),
    "correct": (_correct, Permission.EDIT_EXPOSURE),
    "withdraw": (_withdraw, Permission.PUBLISH_EXPOSURE),
    "circulate": (_circulate, Permission.PUBLISH_EXPOSURE),
    "teach": (_teach, Permission.EDIT_EXPOSURE),
}
"""Step of a story with a case → its verb and the permission of its doer, under which the report is found."""
