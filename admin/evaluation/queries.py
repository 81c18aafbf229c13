"""What the evaluation counts, office by office. Clear columns only; reads only.

A report about an office is counted for no office at all: so a figure is the same for every reader, and nobody learns
from it of a report that is kept from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from admin.staff.queries import offices_below
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.statistics.evaluation import Counted, Evaluation, Period, Version, evaluate, ranks
from portal.tips.clocks import missed_before
from portal.tips.models import Clock, Tip, TipEvent
from portal.tips.states import Action


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office in the table; ``rank`` among the ``beside`` offices shown, None without a total or when it is alone."""

    office: Office
    evaluation: Evaluation
    rank: int | None
    beside: int


def table(session: Session, actor: Actor, period: Period, version: Version, today: date) -> list[OfficeLine]:
    """The offices that *actor* may see: their own and all below, never one beside. The best total first, then by
    code."""
    offices = _offices(session, actor)
    counted = counts(session, [one.id for one in offices], period, today)
    found = [evaluate(version, counted[one.id]) for one in offices]
    places = ranks([one.total for one in found]) if len(found) > 1 else [None] * len(found)
    lines = [OfficeLine(*one, len(found)) for one in zip(offices, found, places, strict=True)]
    return sorted(lines, key=lambda one: (one.rank is None, one.rank or 0, one.office.code))


def line_of(session: Session, actor: Actor, office: Id, period: Period, version: Version, today: date) -> OfficeLine:
    """One of :func:`table`. NotFound alike for an office that is not there and one that *actor* may not see."""
    for one in table(session, actor, period, version, today):
        if one.office.id == office:
            return one
    raise NotFound("no_office", "没有找到这个单位。")


def _offices(session: Session, actor: Actor) -> list[Office]:
    below, mine = offices_below(session), actor.offices_with(Permission.READ_FIGURES)
    seen = set(mine).union(*(below.get(one, set()) for one in mine))
    return list(session.scalars(select(Office).where(Office.id.in_(seen)).order_by(Office.code)))


def counts(
    session: Session, offices: Collection[Id], period: Period, today: date
) -> Mapping[Id, Mapping[str, Counted]]:
    """What each indicator of ``data/evaluation.toml`` counts for each office, up to *today*."""
    found: dict[Id, dict[str, Counted]] = defaultdict(dict)
    for office, part, whole in _clocks(session, offices, period, today):
        found[office]["clocks"] = Counted(int(part), whole)
    for name, action in (("decision-days", Action.DECIDE), ("opening-days", Action.OPEN)):
        for office, counted in _days(session, offices, period, action).items():
            found[office][name] = counted
    return found


def _clocks(session: Session, offices: Collection[Id], period: Period, today: date) -> Collection[tuple[Id, int, int]]:
    """Clocks whose last day lies in the period and that were met, missed, or still run past it."""
    over = or_(Clock.state == "met", missed_before(today))
    wanted = (
        select(Clock.office_id, func.sum(case((Clock.state == "met", 1), else_=0)), func.count())
        .join(Tip, Tip.id == Clock.tip_id)
        .where(
            Clock.office_id.in_(offices),
            Clock.due_on.between(period.first, period.last),
            over,
            Tip.against_office_id.is_(None),
        )
        .group_by(Clock.office_id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(wanted)]


def _days(session: Session, offices: Collection[Id], period: Period, action: Action) -> Mapping[Id, Counted]:
    """Calendar days from arrival to *action*, summed up, and how often it was done."""
    wanted = (
        select(TipEvent.office_id, TipEvent.day, Tip.received_on, func.count())
        .join(Tip, Tip.id == TipEvent.tip_id)
        .where(
            TipEvent.office_id.in_(offices),
            TipEvent.action == action.value,
            TipEvent.day.between(period.first, period.last),
            Tip.against_office_id.is_(None),
        )
        .group_by(TipEvent.office_id, TipEvent.day, Tip.received_on)
    )
    days: dict[Id, int] = defaultdict(int)
    times: dict[Id, int] = defaultdict(int)
    for office, day, received, number in session.execute(wanted):
        if office is not None:
            days[office] += (day - received).days * number
            times[office] += number
    return {office: Counted(days[office], number) for office, number in times.items()}
