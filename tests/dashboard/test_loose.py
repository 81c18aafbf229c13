"""Counting along an index gives what grouping gives, of several offices, whatever there is of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from admin.dashboard.loose import counted_by
from portal.kernel.transaction import reading
from portal.kernel.values import Id, new_id
from portal.tips.models import Clock, Tip
from tests.admin_tips.world import DISTRICT, OTHER, World
from tests.dashboard.test_dashboard import fill

CASES: dict[str, tuple[InstrumentedAttribute[Id], list[ColumnElement[bool]], list[InstrumentedAttribute[Any]]]] = {
    "clocks by day and rule": (Clock.office_id, [Clock.state == "running"], [Clock.due_on, Clock.rule]),
    "clocks by state, day and rule": (Clock.office_id, [], [Clock.state, Clock.due_on, Clock.rule]),
    "reports by region": (Tip.office_id, [Tip.due_on.is_not(None), Tip.region != ""], [Tip.region]),
    "nothing": (Tip.office_id, [Tip.state == "received", Tip.due_on.is_(None)], [Tip.received_on]),
}


def added(rows: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    """The numbers by what they are of: two offices may each have a line of the same."""
    found: Counter[tuple[Any, ...]] = Counter()
    for *keys, number in rows:
        assert number > 0
        found[tuple(keys)] += number
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_combination_is_counted_once_and_no_other(world: World, case: str) -> None:
    office, where, keys = CASES[case]
    world.report()
    fill(world, DISTRICT, 90)
    fill(world, OTHER, 40)
    here, there = world.offices[DISTRICT].id, world.offices[OTHER].id
    with reading() as session:
        for offices in ((here,), (here, there), (new_id(),), ()):
            grouped = select(*keys, func.count()).where(office.in_(offices), *where).group_by(office, *keys)
            found = added(session.execute(counted_by(offices, office, where, keys)))
            assert found == added(session.execute(grouped))
            assert bool(found) == (here in offices and case != "nothing")
