"""The offices below one's own: how many reports are open there and how many of them late, step by step downwards.

Numbers alone: nobody reads the reports of another office. A report about an office is counted for none, as in the
evaluation, so that a figure is the same for every reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from admin.staff.queries import offices_below
from admin.staff.roles import Permission
from portal.directory.models import Office
from portal.kernel.actors import Actor
from portal.kernel.errors import NotFound
from portal.kernel.values import Id
from portal.tips.models import Tip
from portal.tips.states import OPEN_STATES


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office with what is open and late there and in the ``below`` offices under it, which ``own`` leaves out."""

    office: Office
    open: int
    late: int
    below: int
    own: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The lines of one step; ``office``: under whom, None at the top; ``above``: the way back, None where it ends."""

    lines: list[OfficeLine]
    office: Office | None = None
    above: Id | None = None


def offices(session: Session, actor: Actor, under: Id | None, today: date) -> Step:
    """The topmost offices that *actor* may see, or the office *under* by itself and those right below it.

    NotFound alike for an office that is not there and one that *actor* may not see.
    """
    below, mine = offices_below(session), actor.offices_with(Permission.READ_FIGURES)
    seen = set(mine).union(*(below.get(one, set()) for one in mine))
    known = {one.id: one for one in session.scalars(select(Office).where(Office.id.in_(seen)))}
    top = [one for one in known.values() if one.superior_id not in known]
    if under is None and len(top) == 1:
        under = top[0].id
    if under is None:
        shown, above, own = top, None, None
    elif under in known:
        own = known[under]
        shown = [own, *(one for one in known.values() if one.superior_id == under)]
        above = own.superior_id if own.superior_id in known else None
    else:
        raise NotFound("no_office", "没有找到这个单位。")
    reach = {one.id: {one.id} if one is own else {one.id} | (below.get(one.id, set()) & seen) for one in shown}
    open_ones, late = _open(session, set().union(*reach.values()), today)
    lines = [
        OfficeLine(
            one,
            sum(open_ones[each] for each in reach[one.id]),
            sum(late[each] for each in reach[one.id]),
            len(reach[one.id]) - 1,
            own=one is own,
        )
        for one in shown
    ]
    return Step(sorted(lines, key=lambda one: (not one.own, -one.late, -one.open, one.office.code)), own, above)


def _open(session: Session, wanted: Collection[Id], today: date) -> tuple[Mapping[Id, int], Mapping[Id, int]]:
    """By office: open reports, and those among them whose nearest clock ran out. Counted by index; the few about an
    office are taken off again."""
    undated = Tip.due_on.is_(None) & Tip.state.in_([one.value for one in OPEN_STATES])
    dated, overdue = Tip.due_on.is_not(None), Tip.due_on < today
    accused = [Tip.against_office_id.is_not(None)]
    open_ones = _by_office(session, wanted, dated) + _by_office(session, wanted, undated)
    open_ones.subtract(_by_office(session, wanted, or_(dated, undated), *accused))
    late = _by_office(session, wanted, overdue)
    late.subtract(_by_office(session, wanted, overdue, *accused))
    return open_ones, late


def _by_office(session: Session, wanted: Collection[Id], *where: ColumnElement[bool]) -> Counter[Id]:
    found = select(Tip.office_id, func.count()).where(Tip.office_id.in_(wanted), *where).group_by(Tip.office_id)
    return Counter({row[0]: row[1] for row in session.execute(found)})
