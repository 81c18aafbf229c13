"""What has become of a closed case beside its report, for the page of the case: record, gate, exposure, circulars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.tips.reading import TipView
from portal.exposures.models import Circular, Exposure, ExposureGate, PublishedCase
from portal.exposures.records_kept import has_record
from portal.exposures.states import ExposureState
from portal.exposures.values import Treatment
from portal.exposures.wording import TREATMENTS
from portal.mailbox.reasons import FOUND_SOMETHING, Closing
from portal.tips.models import Tip
from portal.tips.states import Action, State

_STATES: Mapping[ExposureState, str] = {
    ExposureState.DRAFTING: "正在起草",
    ExposureState.IN_REVIEW: "等审批",
    ExposureState.SCHEDULED: "已经批准，等公布的日子",
    ExposureState.PUBLISHED: "已经公布",
    ExposureState.CORRECTING: "已经公布，正在更正",
    ExposureState.CORRECTION_IN_REVIEW: "已经公布，更正等审批",
    ExposureState.WITHDRAWN: "已经撤回",
    ExposureState.EXPIRED: "公开期满",
    ExposureState.DROPPED: "不再公开",
}


@dataclass(frozen=True, slots=True)
class ExposurePanel:
    """``treatment``: the newest of the gate in words, "" before the first. ``state``: of the exposure in words, ""
    where there is none; ``code``: its public number, "" before it has one. ``circulars``: their numbers."""

    recorded: bool
    treatment: str
    state: str
    code: str
    circulars: tuple[str, ...]


def exposure_panel(session: Session, view: TipView) -> ExposurePanel | None:
    """None for a report that is not closed, and for one that was closed with nothing to tell."""
    closing = next((one.code for one in reversed(view.events) if one.action == Action.CLOSE), None)
    if State(view.tip.state) is not State.CLOSED or closing is None or Closing(closing) not in FOUND_SOMETHING:
        return None
    state, code = _exposure(session, view.tip)
    return ExposurePanel(
        has_record(session, view.tip), _treatment(session, view.tip), state, code, _told(session, view)
    )


def _treatment(session: Session, tip: Tip) -> str:
    wanted = select(ExposureGate.treatment).where(ExposureGate.tip_id == tip.id)
    newest = session.scalar(wanted.order_by(ExposureGate.turn.desc()).limit(1))
    return str(TREATMENTS[Treatment(newest)]) if newest else ""


def _exposure(session: Session, tip: Tip) -> tuple[str, str]:
    wanted = (
        select(Exposure.state, PublishedCase.code)
        .outerjoin(PublishedCase, PublishedCase.id == Exposure.published_id)
        .where(Exposure.tip_id == tip.id)
    )
    found = session.execute(wanted).one_or_none()
    return (_STATES[ExposureState(found.state)], found.code or "") if found else ("", "")


def _told(session: Session, view: TipView) -> tuple[str, ...]:
    wanted = select(Circular.number).where(Circular.tip_id == view.tip.id).order_by(Circular.made_on, Circular.number)
    return tuple(session.scalars(wanted))
