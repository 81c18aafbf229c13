"""Clocks kept in the database: settings of a region, days set apart, a calendar that arrives later."""

from __future__ import annotations

from datetime import date

import pytest

from portal.directory.models import RuleSetting
from portal.kernel.transaction import reading, transaction
from portal.routing.choose import forget
from portal.tips.clocks import recount, rule_for
from portal.workdays.models import WorkdayOverride
from portal.workdays.setapart import calendar_of
from tests.admin_tips.world import World
from tests.conftest import StandingClock

DAY = date(2026, 9, 28)


def _set(region: str, amount: int, rule: str = "S2d", since: date = DAY) -> None:
    with transaction() as session:
        row = RuleSetting(rule=rule, region=region, amount=amount, unit="WD", basis="演示规定", in_force_from=since)
        session.add(row)


@pytest.mark.parametrize(("region", "days"), [("320104", 4), ("320105", 3), ("320500", 2), ("110101", 1), ("", 1)])
def test_the_setting_of_the_smallest_area_around_the_place_holds(world: World, region: str, days: int) -> None:
    for area, amount in (("", 1), ("320000", 2), ("320100", 3), ("320104", 4)):
        _set(area, amount)
    with reading() as session:
        assert rule_for(session, region, "S2d", DAY).amount == days


def test_a_setting_holds_from_its_day_on_and_the_newest_wins(world: World) -> None:
    _set("320104", 7, since=date(2026, 9, 1))
    _set("320104", 8, since=date(2026, 10, 1))
    with reading() as session:
        assert rule_for(session, "320104", "S2d", date(2026, 8, 31)).amount == 10
        assert rule_for(session, "320104", "S2d", DAY).amount == 7
        assert rule_for(session, "320104", "S2d", date(2026, 10, 1)).amount == 8


def test_no_setting_changes_a_number_of_law(world: World) -> None:
    _set("320104", 99, rule="HR-12.1")
    with reading() as session:
        assert rule_for(session, "320104", "HR-12.1", DAY).amount == 15


def test_a_day_set_apart_moves_what_was_counted_before(world: World) -> None:
    number = world.report()
    assert world.tip(number).due_on == date(2026, 10, 23)
    with transaction() as session:
        session.add(WorkdayOverride(day=date(2026, 10, 12), working=False, basis="演示通知"))
    with transaction() as session:
        assert recount(session, DAY) == 1
    assert world.tip(number).due_on == date(2026, 10, 26)
    with transaction() as session:
        assert recount(session, DAY) == 0


def test_a_report_that_comes_in_after_a_day_was_set_apart_is_counted_with_it(world: World) -> None:
    before = world.report()
    with transaction() as session:
        session.add(WorkdayOverride(day=date(2026, 10, 12), working=False, basis="演示通知"))
    forget()
    after = world.report()
    assert [world.tip(number).due_on for number in (before, after)] == [date(2026, 10, 23), date(2026, 10, 26)]
    with transaction() as session:
        assert recount(session, DAY) == 1  # the first; the second knows the calendar already


def test_a_date_beyond_the_published_calendar_is_provisional_until_it_arrives(
    world: World, clock: StandingClock
) -> None:
    clock.advance(days=80)  # 17 December 2026
    number = world.report()
    tip = world.tip(number)
    assert (tip.provisional, tip.due_on) == (True, date(2027, 1, 8))
    with transaction() as session:
        for day in range(1, 32):
            moment = date(2027, 1, day)
            working = moment.weekday() < 5 and day > 4
            session.add(WorkdayOverride(day=moment, working=working, basis="演示通知"))
    with transaction() as session:
        assert recount(session, DAY) == 1
    tip = world.tip(number)
    assert (tip.provisional, tip.due_on) == (False, date(2027, 1, 11))


def test_the_calendar_says_which_days_were_set_apart(world: World) -> None:
    with reading() as session:
        before = calendar_of(session).calendar_version
    with transaction() as session:
        session.add(WorkdayOverride(day=date(2026, 10, 12), working=False, basis="演示通知"))
    with reading() as session:
        assert calendar_of(session).calendar_version != before
