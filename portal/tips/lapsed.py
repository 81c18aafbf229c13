"""Which clocks had missed their day as the record stood at the end of an earlier day, whatever came to them since.

:func:`portal.tips.clocks.missed_before` says how it stands now. A figure that was published needs more: counted again
a year later it is the same. So an end, a pause, an extension or another calendar that was recorded after that day is
taken away again (docs/decisions/0027).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.directory.models import Office
from portal.kernel.values import Id
from portal.tips.models import Clock, ClockChange, Tip


def lapsed_on(clock: Clock, changes: Sequence[ClockChange], day: date) -> date | None:
    """The day that *clock* had missed at the end of *day*, None when it had missed none. *changes*: all, in order.

    An end, a pause and an extension are recorded on the day on which they are made, so that what was recorded later
    had not happened.
    """
    if clock.ended_on is not None and clock.ended_on <= day:
        return clock.due_on if clock.state == "missed" else None
    if any(_stood_still(change, day) for change in changes):
        return None
    due = next((change.due_before for change in changes if change.known_on > day), clock.due_on)
    return due if due <= day else None


def _stood_still(change: ClockChange, day: date) -> bool:
    begun = change.kind == "pause" and change.from_day <= day
    return begun and (change.to_day is None or change.to_day > day)


def lapsed_between(session: Session, first: date, last: date, *of: ColumnElement[bool]) -> list[str]:
    """Codes of the offices whose clocks missed a day from *first* to *last*, as it stood at the end of *last*: one a
    clock. *of*: further conditions on :class:`Clock` and :class:`Tip`."""
    moved = select(ClockChange.clock_id).where(ClockChange.due_before.between(first, last))
    in_question = (or_(Clock.due_on.between(first, last), Clock.id.in_(moved)), *of)
    rows = session.execute(
        select(Clock, Office.code)
        .join(Office, Office.id == Clock.office_id)
        .join(Tip, Tip.id == Clock.tip_id)
        .where(*in_question, or_(Clock.state == "missed", Clock.ended_on.is_(None), Clock.ended_on > last))
    ).all()
    changes = _changes(session, *in_question)
    days = ((lapsed_on(clock, changes.get(clock.id, ()), last), code) for clock, code in rows)
    return [code for day, code in days if day is not None and day >= first]


def _changes(session: Session, *in_question: ColumnElement[bool]) -> dict[Id, list[ClockChange]]:
    wanted = (
        select(ClockChange)
        .join(Clock, Clock.id == ClockChange.clock_id)
        .join(Tip, Tip.id == Clock.tip_id)
        .where(*in_question)
        .order_by(ClockChange.position)
    )
    found: dict[Id, list[ClockChange]] = defaultdict(list)
    for change in session.scalars(wanted):
        found[change.clock_id].append(change)
    return found
