"""The clocks of a report: started, paused, extended and ended; counted by :mod:`portal.tips.deadlines`.

A clock stores its rule, its start, the day it falls due and the calendar that was used, so that it can be explained
and counted again. ``Tip.due_on`` is the nearest due day of a running clock, and ``Tip.provisional`` says that this day
rests on an estimated calendar. Rows that are ended stay, and what moved a due day stands beside it with the day that
it was before: nothing about time is ever lost (:mod:`portal.tips.lapsed` asks how it stood on an earlier day).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.directory.models import RuleSetting
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.tips.deadlines import Deadline, Rule, deadline, rule, rules, with_setting
from portal.tips.models import Clock, ClockChange, Tip
from portal.workdays.calendar import Calendar
from portal.workdays.setapart import calendar_of

BATCH = 500


def rule_for(session: Session, region: str, rule_id: str, on: date) -> Rule:
    """A rule as it stands for a region on a day: a setting of the county, else of the city, province or everywhere.

    A number fixed by law is never looked up: no setting can change it.
    """
    chosen = rule(rule_id, on)
    if chosen.hard:
        return chosen
    reach = {"", region, *(region[:size].ljust(6, "0") for size in (2, 4) if region)}
    settings = session.scalars(
        select(RuleSetting).where(
            RuleSetting.rule == rule_id, RuleSetting.region.in_(reach), RuleSetting.in_force_from <= on
        )
    )
    nearest = max(settings, key=lambda one: (len(one.region.rstrip("0")), one.in_force_from), default=None)
    return chosen if nearest is None else with_setting(chosen, nearest.amount, nearest.unit, nearest.basis)


def start_clock(session: Session, tip: Tip, rule_id: str, start: date) -> Clock:
    """Start a clock for the office that holds *tip*. The day of the event is not counted."""
    clock = new_clock(session, tip, rule_id, start, calendar_of(session))
    session.add(clock)
    return clock


def new_clock(session: Session, tip: Tip, rule_id: str, start: date, calendar: Calendar) -> Clock:
    """The clock that :func:`start_clock` stores; *tip*, which may be new and not stored itself, gets its due day.

    Counted with a *calendar* that is no longer the present one it is counted again by :func:`recount`.
    """
    counted = _count(session, tip, rule_id, start, calendar)
    if tip.due_on is None or counted.due < tip.due_on:  # else a nearer one runs; no need to ask which
        tip.due_on, tip.provisional = counted.due, counted.provisional
    return Clock(
        tip_id=tip.id,
        office_id=tip.office_id,
        rule=rule_id,
        started_on=start,
        due_on=counted.due,
        calendar=counted.calendar,
        provisional=counted.provisional,
        about_office=tip.against_office_id is not None,
    )


def missed_before(day: date) -> ColumnElement[bool]:
    """What clocks have missed their day before *day*: ended too late, or running past it. Pauses and extensions have
    moved the day already; one that left its holder before its day (void) was missed by nobody."""
    return or_(Clock.state == "missed", and_(Clock.state == "running", Clock.due_on < day))


def clocks_of(session: Session, tip: Tip, states: Iterable[str] = ("running",)) -> Sequence[Clock]:
    """The clocks of *tip* in the given states, the nearest first."""
    return session.scalars(
        select(Clock).where(Clock.tip_id == tip.id, Clock.state.in_(tuple(states))).order_by(Clock.due_on, Clock.id)
    ).all()


def stop_clocks(session: Session, tip: Tip, today: date, rules: Iterable[str] | None = None) -> None:
    """End running and paused clocks (all, or those of *rules*): met, or missed when the due day has passed."""
    wanted = None if rules is None else frozenset(rules)
    for clock in clocks_of(session, tip, ("running", "paused")):
        if wanted is None or clock.rule in wanted:
            late = clock.state == "running" and today > clock.due_on
            clock.state, clock.ended_on = ("missed" if late else "met"), today
    refresh_due(session, tip)


def void_clocks(session: Session, tip: Tip, today: date) -> None:
    """The report leaves its holder: clocks end without being met; one that was overdue stays on record as missed."""
    for clock in clocks_of(session, tip, ("running", "paused")):
        late = clock.state == "running" and today > clock.due_on
        clock.state, clock.ended_on = ("missed" if late else "void"), today
    refresh_due(session, tip)


def pause_clocks(session: Session, tip: Tip, today: date, reason: str, approved_by: Id | None) -> list[Clock]:
    """Stop counting from today on; the day itself is not counted either. Returns the clocks that stand still: one
    that is past its day was missed, and no pause undoes that."""
    paused = [clock for clock in clocks_of(session, tip) if clock.due_on >= today]
    for clock in paused:
        clock.state = "paused"
        _record(session, clock, today, kind="pause", from_day=today, reason=reason, approved_by=approved_by)
    refresh_due(session, tip)
    return paused


def resume_clocks(session: Session, tip: Tip, today: date) -> list[Clock]:
    """Count on: the days between are added to the due day. Returns the clocks that run again."""
    calendar = calendar_of(session)
    resumed = list(clocks_of(session, tip, ("paused",)))
    for clock in resumed:
        for change in _changes(session, clock):
            if change.kind == "pause" and change.to_day is None:
                change.to_day, change.days = today, (today - change.from_day).days
        clock.state = "running"
        session.flush()
        _recount(session, tip, clock, calendar)
    refresh_due(session, tip)
    return resumed


def next_extension(session: Session, tip: Tip, today: date) -> tuple[Clock, str] | None:
    """The running clock that may still be lengthened, and by which rule (each once, by ``extends``); or None."""
    for clock in clocks_of(session, tip):
        used = [change.rule for change in _changes(session, clock) if change.kind == "extension"]
        lengthened = used[-1] if used else clock.rule
        for extension in rules(today):
            if extension.extends == lengthened:
                return clock, extension.id
    return None


def extend_clock(session: Session, tip: Tip, today: date, reason: str, approved_by: Id | None) -> tuple[Clock, str]:
    """Lengthen the clock by its next extension; returns it and the rule used. Refused ("no_extension") when used up."""
    found = next_extension(session, tip, today)
    if found is None:
        raise Refused("no_extension", "期限已经延长过，不能再延长。")
    clock, extension = found
    amount = rule_for(session, tip.region, extension, today).amount
    _record(
        session, clock, today, kind="extension", from_day=clock.due_on, days=amount, reason=reason, rule=extension,
        approved_by=approved_by,
    )  # fmt: skip
    _recount(session, tip, clock, calendar_of(session))
    refresh_due(session, tip)
    return clock, extension


def refresh_due(session: Session, tip: Tip) -> None:
    """Set the report's due day from its nearest running clock; none when no clock runs."""
    session.flush()
    running = clocks_of(session, tip)
    tip.due_on = running[0].due_on if running else None
    tip.provisional = running[0].provisional if running else False


def recount(session: Session, today: date) -> int:
    """Count again what was counted with another calendar than the present one (the notice for a new year, a day set
    apart); a day that moves by it is recorded.

    For the worker: at most :data:`BATCH` clocks a call; returns how many were counted, 0 when all are up to date.
    """
    calendar = calendar_of(session)
    stale = session.scalars(
        select(Clock)
        .where(Clock.state.in_(("running", "paused")), Clock.calendar != calendar.calendar_version)
        .order_by(Clock.due_on, Clock.id)
        .limit(BATCH)
    ).all()
    for clock in stale:
        tip, before = session.get_one(Tip, clock.tip_id), clock.due_on
        _recount(session, tip, clock, calendar)
        if clock.due_on != before:
            _record(session, clock, today, kind="calendar", from_day=today, due_before=before, reason="calendar")
        refresh_due(session, tip)
    return len(stale)


def _record(session: Session, clock: Clock, today: date, **given: Any) -> None:
    """One more line of what moved the day of *clock*."""
    before = _changes(session, clock)
    position = before[-1].position + 1 if before else 1
    whole = {"due_before": clock.due_on, **given}
    session.add(ClockChange(clock_id=clock.id, position=position, known_on=today, **whole))
    session.flush()


def _changes(session: Session, clock: Clock) -> Sequence[ClockChange]:
    return session.scalars(
        select(ClockChange).where(ClockChange.clock_id == clock.id).order_by(ClockChange.position)
    ).all()


def _recount(session: Session, tip: Tip, clock: Clock, calendar: Calendar) -> None:
    changes = _changes(session, clock)
    extra = sum(change.days for change in changes if change.kind == "extension")
    paused = [(c.from_day, c.to_day) for c in changes if c.kind == "pause" and c.to_day is not None]
    counted = _count(session, tip, clock.rule, clock.started_on, calendar, extra, paused)
    clock.due_on, clock.calendar, clock.provisional = counted.due, counted.calendar, counted.provisional


def _count(
    session: Session,
    tip: Tip,
    rule_id: str,
    start: date,
    calendar: Calendar,
    extra_days: int = 0,
    paused: Sequence[tuple[date, date]] = (),
) -> Deadline:
    chosen = rule_for(session, tip.region, rule_id, start)
    return deadline(chosen, start, calendar, extra_days=extra_days, paused=paused)
