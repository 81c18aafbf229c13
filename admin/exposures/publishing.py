"""The approval: now, on a later day, or together with an issue. ``(session, way, …, actor, now, keys)``.

An approval names the version it read. What waits for a day is written in clear by then, so that the worker, which holds
no key, can show it; what waits for an issue stays sealed until a publisher publishes the issue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from admin.exposures import displaying
from admin.exposures.issues import locked_issue
from admin.exposures.moving import move
from admin.exposures.reviewing import Reading, fit, note, reading_of
from admin.staff.roles import Permission
from portal.exposures.expiry import expires_on
from portal.exposures.models import Exposure, PublishedBatch, PublishedCase
from portal.exposures.readiness import hindrances
from portal.exposures.reviews import checked
from portal.exposures.states import ExposureAction, ExposureState
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc, day_of
from portal.kernel.errors import IllegalMove, Refused
from portal.kernel.values import Id
from portal.tips.sealing import ReportKeys

LATEST = 366
"""Days ahead for which a publication can be set."""


def approve(
    session: Session, way: Exposure, seen_version: int, points: Sequence[str], actor: Actor, now: Utc, keys: ReportKeys
) -> PublishedCase:
    """Publish at once: a case that was never shown, or the next version of one that is. Refused: "check_missing",
    "no_expiry_rule", and all that :func:`admin.exposures.reviewing.fit` refuses."""
    read, checks = fit(session, way, seen_version, actor, now, keys), checked(points)
    if way.state == ExposureState.CORRECTION_IN_REVIEW:
        case = _corrected(session, way, read, actor, now)
    else:
        case = _shown(session, way, read, actor, now)
    note(session, way, ExposureAction.APPROVE, actor, now, keys, checks=checks)
    move(session, way, ExposureAction.APPROVE, actor, now, read.draft.reason)
    return case


def schedule(
    session: Session,
    way: Exposure,
    seen_version: int,
    points: Sequence[str],
    publish_on: date,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
) -> PublishedCase:
    """Publish on a later day; the worker releases it. Refused ("bad_day") and as :func:`approve`; IllegalMove for a
    correction, which does not wait."""
    read, checks = fit(session, way, seen_version, actor, now, keys), checked(points)
    today = day_of(now)
    if not today < publish_on <= today + timedelta(days=LATEST):
        raise Refused("bad_day", "公布的日子要在明天以后、一年以内。")
    note(session, way, ExposureAction.SCHEDULE, actor, now, keys, checks=checks)
    move(session, way, ExposureAction.SCHEDULE, actor, now)
    case = _shown(session, way, read, actor, now, publish_on=publish_on)
    way.publish_on = publish_on
    return case


def put_into_issue(
    session: Session,
    way: Exposure,
    seen_version: int,
    points: Sequence[str],
    issue_id: Id,
    actor: Actor,
    now: Utc,
    keys: ReportKeys,
) -> None:
    """Approved, to be published with an issue of the same office that is being put together. Refused ("no_issue")."""
    fit(session, way, seen_version, actor, now, keys)
    checks = checked(points)
    batch = locked_issue(session, issue_id, actor)
    if batch.office_id != way.office_id:
        raise Refused("no_issue", "没有找到这一期。")
    note(session, way, ExposureAction.SCHEDULE, actor, now, keys, checks=checks)
    move(session, way, ExposureAction.SCHEDULE, actor, now)
    way.batch_id = batch.id


def publish_issue(
    session: Session,
    batch: PublishedBatch,
    cases: Sequence[tuple[Exposure, ReportKeys]],
    actor: Actor,
    now: Utc,
) -> None:
    """Publish an issue with its approved cases, all of them together and in this order, or none.

    *batch* and the exposures are locked. Refused: "issue_empty", "issue_changed" when a case came or left meanwhile,
    "not_ready" when a record was corrected since the approval.
    """
    actor.must(Permission.PUBLISH_EXPOSURE, batch.office_id)
    if not cases:
        raise Refused("issue_empty", "这一期还没有批准的案例，不能公布。")
    batch.published_on = day_of(now)
    for position, (way, keys) in enumerate(cases, 1):
        if way.state != ExposureState.SCHEDULED or way.batch_id != batch.id:
            raise Refused("issue_changed", "这一期的案例有了变化。请刷新页面再公布。")
        read = reading_of(session, way, keys)
        if found := hindrances(read.draft, read.record):
            title = read.draft.content.title
            raise Refused("not_ready", f"“{title}”批准以后情况有变，请先移出这一期。{found[0].words}")
        _shown(session, way, read, actor, now, batch_id=batch.id, position=position)
        move(session, way, ExposureAction.RELEASE, actor, now)


def unschedule(session: Session, way: Exposure, actor: Actor, now: Utc) -> None:
    """What waits for a day or an issue goes back to the editor; what stood in clear for the worker is emptied.

    IllegalMove when it was shown meanwhile.
    """
    actor.must(Permission.PUBLISH_EXPOSURE, way.office_id)
    if way.state != ExposureState.SCHEDULED:
        raise IllegalMove("illegal_move", "这个案例已经有了新的情况。请刷新页面，看看现在可以办什么。")
    if way.published_id is not None:
        displaying.forget_waiting(session, displaying.locked_case(session, way.published_id))
    move(session, way, ExposureAction.UNSCHEDULE, actor, now)
    way.published_id = way.publish_on = way.batch_id = None


def _shown(
    session: Session,
    way: Exposure,
    read: Reading,
    actor: Actor,
    now: Utc,
    *,
    publish_on: date | None = None,
    batch_id: Id | None = None,
    position: int = 0,
) -> PublishedCase:
    content = read.draft.content
    last = expires_on(content, publish_on or day_of(now))
    case = displaying.show(
        session, content, way.office_id, actor, now, batch_id=batch_id, position=position, publish_on=publish_on
    )
    case.expires_on, way.published_id = last, case.id
    return case


def _corrected(session: Session, way: Exposure, read: Reading, actor: Actor, now: Utc) -> PublishedCase:
    assert way.published_id is not None  # a correction is of something that is shown
    case, draft = displaying.locked_case(session, way.published_id), read.draft
    displaying.change(session, case, draft.content, draft.reason, draft.words, actor, now)
    case.expires_on, way.withdraw_by = expires_on(draft.content, case.published_on), None
    return case
