"""Lists of drafts for editors, the people of each version, and why one was sent back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from portal.exposures.models import Exposure, ExposureDraft, ExposureReview, ExposureStep
from portal.exposures.naming import CHECKED, HIT
from portal.exposures.states import ExposureAction, ExposureState
from portal.kernel.actors import Actor
from portal.tips.models import Tip
from portal.tips.sealing import ReportKeys, open_words

UNDER_WAY = (
    ExposureState.DRAFTING,
    ExposureState.CORRECTING,
    ExposureState.IN_REVIEW,
    ExposureState.CORRECTION_IN_REVIEW,
    ExposureState.SCHEDULED,
)
"""States in which something of an editor is under way, those to write in first."""
MOST = 200


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One case of the list. ``saved_on``: of the newest version, None before the first."""

    number: str
    state: ExposureState
    version: int
    opened_on: date
    saved_on: date | None


@dataclass(frozen=True, slots=True)
class Version:
    """Who saved a version, and when."""

    version: int
    name: str
    day: date


@dataclass(frozen=True, slots=True)
class NameCheck:
    """That a version was held against the sealed identity, and whether it said who reported."""

    version: int
    hit: bool
    day: date


@dataclass(frozen=True, slots=True)
class Returned:
    """Why the newest version was sent back: a code and words of a publisher."""

    reason: str
    words: str = field(repr=False)
    day: date


def lines(session: Session, actor: Actor) -> list[DraftLine]:
    """What is under way where *actor* writes; what waits for the editor first, then the oldest."""
    newest = (ExposureDraft.exposure_id == Exposure.id) & (ExposureDraft.version == Exposure.version)
    wanted = (
        select(Tip.number, Exposure.state, Exposure.version, Exposure.opened_on, ExposureDraft.made_on)
        .join(Tip, Tip.id == Exposure.tip_id)
        .outerjoin(ExposureDraft, newest)
        .where(
            Exposure.office_id.in_(actor.offices_with(Permission.EDIT_EXPOSURE)),
            Exposure.state.in_([one.value for one in UNDER_WAY]),
            Tip.destroyed_on.is_(None),
            Tip.against_office_id.is_(None) | Tip.against_office_id.not_in(own_offices(actor)),
        )
        .order_by(Exposure.opened_on, Tip.number)
        .limit(MOST)
    )
    rows = session.execute(wanted)
    found = [
        DraftLine(number, ExposureState(state), version, opened, saved)
        for number, state, version, opened, saved in rows
    ]
    return sorted(found, key=lambda one: UNDER_WAY.index(one.state))


def history(session: Session, exposure: Exposure) -> list[Version]:
    """The versions so far, the newest first."""
    wanted = (
        select(ExposureDraft.version, Staff.name, ExposureDraft.made_on)
        .join(Staff, Staff.id == ExposureDraft.made_by)
        .where(ExposureDraft.exposure_id == exposure.id)
        .order_by(ExposureDraft.version.desc())
    )
    return [Version(*row) for row in session.execute(wanted)]


def name_checks(session: Session, exposure: Exposure) -> list[NameCheck]:
    """What :func:`admin.custody.checking.check_draft` answered, the newest first."""
    wanted = (
        select(ExposureStep.version, ExposureStep.code, ExposureStep.day)
        .where(ExposureStep.exposure_id == exposure.id, ExposureStep.action == CHECKED)
        .order_by(ExposureStep.position.desc())
    )
    return [NameCheck(version, code == HIT, day) for version, code, day in session.execute(wanted)]


def returned(session: Session, exposure: Exposure, keys: ReportKeys) -> Returned | None:
    """Why a publisher sent the last reviewed version back; None when nobody did."""
    wanted = (
        select(ExposureReview)
        .where(ExposureReview.exposure_id == exposure.id)
        .order_by(ExposureReview.version.desc())
        .limit(1)
    )
    row = session.scalar(wanted)
    if row is None or row.decision != ExposureAction.SEND_BACK:
        return None
    return Returned(row.reason, open_words(row.words, keys, row.id) if row.words else "", row.made_on)
