"""Clocks of a person's queues: how many run, are late, or were missed, and the list behind each number.

A clock that was missed counts for the office that held the report then, also when the report has gone on since: then
the list has its number and does not lead to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from admin.dashboard.loose import counted_by
from admin.dashboard.values import ClockLine, Clocks
from admin.tips.branches import KEPT, Scope, missed_in, outside_accused, scope_of
from admin.tips.filters import YEAR, Place
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.tips.deadlines import rules
from portal.tips.models import Clock, Tip

PAGE = 100
SOON = 6
"""Within how many days from today a clock runs out soon: a week with today in it."""
Columns = list[ColumnElement[bool]]


def clocks(session: Session, seen: Scope, months: Sequence[str], today: date) -> Clocks:
    """The clocks by rule, in the order of the rules, and those missed by month; *months*: the last ones up to today's.

    Counted by day and rule, as the index has them.
    """
    by_rule: dict[str, Counter[str]] = defaultdict(Counter)
    by_month: Counter[str] = Counter()
    missed: Counter[tuple[str, str]] = Counter()  # by month; those of missed_before: late and running, or ended so
    week, year = today + timedelta(days=SOON), frozenset(months[-12:])
    for due, rule, number in session.execute(_running(seen)):
        told = by_rule[rule]
        told["running"] += number
        told["soon"] += number * (today <= due <= week)
        if due < today:
            told["late"] += number
            missed[due.isoformat()[:7], rule] += number
    for due, rule, number in session.execute(_missed(seen, date.fromisoformat(f"{months[0]}-01"))):
        missed[due.isoformat()[:7], rule] += number
    for (month, rule), number in missed.items():
        by_month[month] += number
        by_rule[rule]["month"] += number * (month == months[-1])
        by_rule[rule]["year"] += number * (month in year)
    known = _known(today)
    order = [*(one for one in known if one in by_rule), *sorted(by_rule.keys() - known.keys())]
    lines = [ClockLine(one, known.get(one, one), **by_rule[one]) for one in order if by_rule[one].total()]
    return Clocks(lines, {month: by_month[month] for month in months})


@lru_cache(maxsize=KEPT)
def _running(seen: Scope) -> Select[date, str, int]:
    """Clocks that run by day and rule: many of few days. An office may have a line of its own."""
    running = Clock.state == "running"
    if seen.own:
        return _grouped(seen, [running])
    return counted_by(seen.offices, Clock.office_id, [running], [Clock.due_on, Clock.rule])


@lru_cache(maxsize=KEPT)
def _missed(seen: Scope, since: date) -> Select[date, str, int]:
    """The same of those that ended as missed: few of many days."""
    return _grouped(seen, [Clock.state == "missed", Clock.due_on >= since])


def _grouped(seen: Scope, where: Columns) -> Select[date, str, int]:
    wanted = (
        select(Clock.due_on, Clock.rule, func.count())
        .where(Clock.office_id.in_(seen.offices), *where)
        .group_by(Clock.due_on, Clock.rule)
    )
    return wanted.join(Tip, Tip.id == Clock.tip_id).where(*outside_accused(seen)) if seen.own else wanted


def rule_words(rule: str, today: date) -> str:
    """The name of a rule of deadlines; its id when none of that id is in force."""
    return _known(today).get(rule, rule)


def _known(today: date) -> Mapping[str, str]:
    return {rule.id: rule.name for rule in rules(today)}


def which_clocks(which: str, period: str, today: date) -> Columns:
    """The condition of one number; *period* (a month or YEAR) tells which missed ones. NotFound for a list that there
    is not."""
    if which == "missed":
        return missed_in(period or YEAR, today)
    conditions: Mapping[str, Columns] = {
        "running": [],
        "late": [Clock.due_on < today],
        "soon": [and_(Clock.due_on >= today, Clock.due_on <= today + timedelta(days=SOON))],
    }
    if which not in conditions:
        raise NotFound("no_list", "没有这个列表。")
    return [Clock.state == "running", *conditions[which]]


def clock_rows(
    session: Session, actor: Actor, rule: str, wanted: Columns, after: Place | None, size: int = PAGE
) -> tuple[Sequence[tuple[Clock, Tip]], Place | None]:
    """The clocks behind one number with their reports, the nearest due day first; and after which the next page goes
    on, None at the end. *rule* "" is every rule; *wanted* is of :func:`which_clocks`."""
    seen = scope_of(actor)
    statement = (
        select(Clock, Tip)
        .join(Tip, Tip.id == Clock.tip_id)
        .where(Clock.office_id.in_(seen.offices), *wanted, *outside_accused(seen))
        .order_by(Clock.due_on, Clock.id)
        .limit(size + 1)
    )
    if rule:
        statement = statement.where(Clock.rule == rule)
    if after is not None and after.day is not None:
        statement = statement.where(or_(Clock.due_on > after.day, and_(Clock.due_on == after.day, Clock.id > after.id)))
    rows = [(clock, tip) for clock, tip in session.execute(statement)]
    shown = rows[:size]
    return shown, Place(shown[-1][0].due_on, shown[-1][0].id) if len(rows) > size else None
