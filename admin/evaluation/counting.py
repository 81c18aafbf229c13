"""What each indicator of the evaluation counts, office by office. Clear columns only; reads only.

A report about an office is counted for no office at all: so a figure is the same for every reader, and nobody learns
from it of a report that is kept from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from portal.disclosures.promises import promised
from portal.disclosures.schedule import Kept
from portal.exposures.expiry import WITHDRAW, due
from portal.exposures.mending import MUST_CORRECT, mendings
from portal.exposures.models import Exposure, ExposureStep
from portal.kernel.values import Id
from portal.mailbox.answered import NO_ANSWER, Sent, Turn, turns
from portal.mailbox.letters import IN
from portal.mailbox.models import Letter
from portal.statistics.evaluation import Counted, Period, Version
from portal.tips.clocks import missed_before
from portal.tips.models import Clock, Tip, TipEvent, TipHolding
from portal.tips.states import Action
from portal.workdays.setapart import calendar_of

_NOT_ABOUT_AN_OFFICE = Tip.against_office_id.is_(None)
Found = Iterable[tuple[Id, Counted]]


@dataclass(frozen=True, slots=True)
class _Asked:
    session: Session
    offices: Collection[Id]
    period: Period
    version: Version
    today: date


def counts(
    session: Session, offices: Collection[Id], period: Period, version: Version, today: date
) -> Mapping[Id, Mapping[str, Counted]]:
    """What each indicator of *version* counts for each office, up to *today*; what is missing counts as no case."""
    asked = _Asked(session, offices, period, version, today)
    found: dict[Id, dict[str, Counted]] = defaultdict(dict)
    for indicator in version.indicators:
        for office, counted in COUNTS[indicator.id](asked):
            if office in offices:
                found[office][indicator.id] = counted
    return found


def _clocks(asked: _Asked) -> Found:
    """Clocks whose last day lies in the period and that were met, missed, or still run past it."""
    over = or_(Clock.state == "met", missed_before(asked.today))
    wanted = (
        select(Clock.office_id, func.sum(case((Clock.state == "met", 1), else_=0)), func.count())
        .join(Tip, Tip.id == Clock.tip_id)
        .where(
            Clock.office_id.in_(asked.offices),
            Clock.due_on.between(asked.period.first, asked.period.last),
            over,
            _NOT_ABOUT_AN_OFFICE,
        )
        .group_by(Clock.office_id)
    )
    return [(office, Counted(int(met), whole)) for office, met, whole in asked.session.execute(wanted)]


def _days_to(action: Action) -> Callable[[_Asked], Found]:
    """Calendar days from arrival to *action*, summed up, and how often it was done."""

    def counted(asked: _Asked) -> Found:
        wanted = (
            select(TipEvent.office_id, TipEvent.day, Tip.received_on, func.count())
            .join(Tip, Tip.id == TipEvent.tip_id)
            .where(
                TipEvent.office_id.in_(asked.offices),
                TipEvent.action == action.value,
                TipEvent.day.between(asked.period.first, asked.period.last),
                _NOT_ABOUT_AN_OFFICE,
            )
            .group_by(TipEvent.office_id, TipEvent.day, Tip.received_on)
        )
        days: dict[Id, int] = defaultdict(int)
        times: dict[Id, int] = defaultdict(int)
        for office, day, received, number in asked.session.execute(wanted):
            if office is not None:
                days[office] += (day - received).days * number
                times[office] += number
        return [(office, Counted(days[office], number)) for office, number in times.items()]

    return counted


@dataclass(frozen=True, slots=True)
class _Owed:
    """Something that had to be done by a day, and the day on which it was."""

    office: Id
    due: date
    done: date | None

    def is_over(self, today: date) -> bool:
        return self.done is not None or self.due < today

    @property
    def in_time(self) -> bool:
        return self.done is not None and self.done <= self.due


def _tally(owed: Iterable[_Owed], asked: _Asked) -> Found:
    """In time, of all whose last day lies in the period and of which it is known whether they were."""
    met: dict[Id, int] = defaultdict(int)
    whole: dict[Id, int] = defaultdict(int)
    for one in owed:
        if asked.period.first <= one.due <= asked.period.last and one.is_over(asked.today):
            met[one.office] += one.in_time
            whole[one.office] += 1
    return [(office, Counted(met[office], number)) for office, number in whole.items()]


def _letters(asked: _Asked) -> Found:
    """Letters of reporters whose answer was due in the period."""
    return _tally(_answers_owed(asked), asked)


def _answers_owed(asked: _Asked) -> Iterator[_Owed]:
    """A public holiday lasts eight days at most, so that no term is longer than three times its working days."""
    indicator = asked.version.indicator("letters")
    assert indicator is not None  # it is this version's
    workdays, calendar = indicator.within, calendar_of(asked.session)
    last_day = cache(lambda came: calendar.add_workdays(came, workdays)[0])  # many letters came on the same day
    earliest = asked.period.first - timedelta(days=3 * workdays)
    written = select(Letter.tip_id).where(Letter.direction == IN, Letter.day.between(earliest, asked.period.last))
    held = _holdings(asked.session, written)
    for tip, conversation in _conversations(asked.session, written):
        for turn in conversation:
            last = last_day(turn.came)
            decisive = min(turn.answered or last, last)
            holders = [office for since, office in held[tip] if since <= decisive]
            yield _Owed(holders[-1], last, turn.answered)  # a report is held from its first day on


def _conversations(session: Session, tips: Select[Id]) -> Iterator[tuple[Id, list[Turn]]]:
    wanted = (
        select(Letter.tip_id, Letter.day, Letter.direction, Letter.notice)
        .join(Tip, Tip.id == Letter.tip_id)
        .where(Letter.tip_id.in_(tips), _NOT_ABOUT_AN_OFFICE)
        .where(or_(Letter.direction == IN, Letter.notice.not_in(NO_ANSWER)))  # the others answer nothing
        .order_by(Letter.tip_id, Letter.position)
    )
    for tip, letters in groupby(session.execute(wanted), itemgetter(0)):
        yield tip, turns(Sent(day, direction == IN, notice) for _, day, direction, notice in letters)


def _holdings(session: Session, tips: Select[Id]) -> Mapping[Id, list[tuple[date, Id]]]:
    """Of each report since when which office held it, the first one first."""
    wanted = select(TipHolding.tip_id, TipHolding.from_day, TipHolding.office_id).where(TipHolding.tip_id.in_(tips))
    held: dict[Id, list[tuple[date, Id]]] = defaultdict(list)
    for tip, since, office in session.execute(
        wanted.order_by(TipHolding.from_day, TipHolding.to_day.is_(None), TipHolding.to_day)
    ):
        held[tip].append((since, office))
    return held


def _corrections(asked: _Asked) -> Found:
    """What was known to be wrong in a published case and had to be mended in the period."""
    calendar = calendar_of(asked.session)
    marked = select(ExposureStep.exposure_id).where(ExposureStep.action == MUST_CORRECT)
    wanted = (
        select(Exposure.id, Exposure.office_id, ExposureStep.action, ExposureStep.day)
        .join(ExposureStep, ExposureStep.exposure_id == Exposure.id)
        .join(Tip, Tip.id == Exposure.tip_id)
        .where(Exposure.office_id.in_(asked.offices), Exposure.id.in_(marked), _NOT_ABOUT_AN_OFFICE)
        .order_by(Exposure.id, ExposureStep.position)
    )
    owed = []
    for (_, office), steps in groupby(asked.session.execute(wanted), itemgetter(0, 1)):
        for one in mendings((action, day) for _, _, action, day in steps):
            last = due(WITHDRAW, one.since, calendar)
            owed += [_Owed(office, last, one.ended)] if last else []
    return _tally(owed, asked)


def _promises(asked: _Asked) -> Found:
    """Periods whose fund accounts were promised for a day in the period."""
    owed = [
        _Owed(one.office_id, period.due, period.came)
        for one in promised(asked.session, asked.today)
        for period in one.dues
        if period.kept is not Kept.OPEN
    ]
    return _tally(owed, asked)


COUNTS: Mapping[str, Callable[[_Asked], Found]] = {
    "clocks": _clocks,
    "decision-days": _days_to(Action.DECIDE),
    "opening-days": _days_to(Action.OPEN),
    "letters": _letters,
    "corrections": _corrections,
    "promises": _promises,
}
"""Indicator of ``data/evaluation.toml`` → what counts it."""
