"""The list of exposures for editors and publishers, and the history of one. Clear columns only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from admin.exposures.draftwords import STATES
from admin.exposures.waywords import ACTIONS, RETURNS
from admin.staff.models import Staff
from admin.staff.roles import Permission
from admin.tips.casework import own_offices
from portal.directory.models import Office
from portal.exposures import wording
from portal.exposures.expiry import PUBLISH, due
from portal.exposures.models import Exposure, ExposureStep, PublishedCase
from portal.exposures.reviews import Return
from portal.exposures.states import ON_SHOW, TRANSITIONS, ExposureState
from portal.exposures.values import ChangeReason
from portal.kernel.actors import Actor
from portal.kernel.values import Id
from portal.tips.models import Tip, TipEvent
from portal.tips.states import Action
from portal.workdays.calendar import Calendar
from portal.workdays.setapart import calendar_of

MOST = 200
_S = ExposureState
_OF_EDITOR = frozenset({_S.DRAFTING, _S.CORRECTING})
_OF_PUBLISHER = frozenset({_S.IN_REVIEW, _S.CORRECTION_IN_REVIEW})
_NOT_SHOWN_YET = frozenset({_S.DRAFTING, _S.IN_REVIEW, _S.SCHEDULED})
_ENDED = frozenset(_S) - {before for before, _ in TRANSITIONS}


@dataclass(frozen=True, slots=True)
class WayLine:
    """One exposure. ``since``: the day of its last step. ``last_day``: by when it is to be published, or corrected once
    that is known to be needed; None where no day runs. ``mine``: it waits for the person who looks."""

    way: Exposure
    number: str
    office: str
    case: PublishedCase | None
    since: date
    last_day: date | None
    mine: bool

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the kind of its tag."""
        return STATES[ExposureState(self.way.state)]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the history in words."""

    words: str
    day: date
    who: str
    version: int
    why: str


def lines(session: Session, actor: Actor, show: str) -> list[WayLine]:
    """What *actor* may open: "todo" (waits for them), "open" (has not ended) or "all"; what is due first on top."""
    wanted = _select().where(
        Exposure.office_id.in_(actor.offices_with(Permission.READ_DRAFT)),
        Tip.destroyed_on.is_(None),
        Tip.against_office_id.is_(None) | Tip.against_office_id.not_in(own_offices(actor)),
    )
    if show != "all":
        wanted = wanted.where(Exposure.state.not_in([one.value for one in (*_ENDED, _S.DROPPED)]))
    calendar = calendar_of(session)
    found = [_line(row, actor, calendar) for row in session.execute(wanted.limit(MOST))]
    chosen = [one for one in found if one.mine or show != "todo"]
    return sorted(chosen, key=lambda one: (not one.mine, one.last_day or date.max, one.number))


def line_of(session: Session, tip: Tip, actor: Actor) -> WayLine | None:
    """The one of a report; None when the gate never opened one."""
    row = session.execute(_select().where(Exposure.tip_id == tip.id)).one_or_none()
    return _line(row, actor, calendar_of(session)) if row else None


def history(session: Session, way_id: Id) -> list[StepLine]:
    """Every step, the first one first."""
    wanted = select(ExposureStep, Staff.name).outerjoin(Staff, Staff.id == ExposureStep.actor_id)
    rows = session.execute(wanted.where(ExposureStep.exposure_id == way_id).order_by(ExposureStep.position))
    return [
        StepLine(ACTIONS.get(row.action, row.action), row.day, name or "系统", row.version, _why(row.code))
        for row, name in rows
    ]


def _why(code: str) -> str:
    if code in set(Return):
        return RETURNS[Return(code)]
    return str(wording.CHANGE_REASONS[ChangeReason(code)]) if code in set(ChangeReason) else code


def _select() -> Select[Exposure, str, str, PublishedCase, date, date]:
    since = select(func.max(ExposureStep.day)).where(ExposureStep.exposure_id == Exposure.id).scalar_subquery()
    decided = (
        select(func.max(TipEvent.day))
        .where(TipEvent.tip_id == Exposure.tip_id, TipEvent.action == Action.DECIDE.value)
        .scalar_subquery()
    )
    return (
        select(Exposure, Tip.number, Office.name, PublishedCase, since, decided)
        .join(Tip, Tip.id == Exposure.tip_id)
        .join(Office, Office.id == Exposure.office_id)
        .outerjoin(PublishedCase, PublishedCase.id == Exposure.published_id)
        .order_by(Exposure.opened_on.desc(), Tip.number)
    )


def _line(row: Row[Exposure, str, str, PublishedCase, date, date], actor: Actor, calendar: Calendar) -> WayLine:
    way, number, office, case, since, decided = row
    state = ExposureState(way.state)
    last = way.withdraw_by
    if last is None and state in _NOT_SHOWN_YET and decided is not None:
        last = due(PUBLISH, decided, calendar)
    writes, publishes = (
        actor.may(one, way.office_id) for one in (Permission.EDIT_EXPOSURE, Permission.PUBLISH_EXPOSURE)
    )
    wrong = state in ON_SHOW and way.withdraw_by is not None
    mine = (writes and (state in _OF_EDITOR or wrong)) or (publishes and (state in _OF_PUBLISHER or wrong))
    return WayLine(way, number, office, case, since or way.opened_on, last, mine)
