"""Working days: the published calendar, overrides before it, an estimate after it, all against a slow count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.workdays.calendar import FIRST_DAY, LAST_DAY, Calendar

PLAIN = Calendar()
DAYS = st.dates(date(2019, 1, 1), date(2045, 12, 31))
OVERRIDES = st.dictionaries(DAYS, st.booleans(), max_size=30)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 9, 20), True),  # a Sunday made up for National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday made up
        (date(2026, 10, 11), False),
        (date(2026, 2, 14), True),
        (date(2026, 11, 22), False),
        (date(2024, 2, 29), True),
    ],
)
def test_the_published_calendar_is_followed_with_its_make_up_days(day: date, working: bool) -> None:
    assert PLAIN.is_workday(day) == (working, False)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2027, 2, 5), False),  # New Year's Eve of the lunar year
        (date(2027, 2, 6), False),
        (date(2027, 2, 8), False),  # third day
        (date(2027, 2, 9), True),  # a real notice will make it free; nobody knows yet
        (date(2027, 4, 5), False),
        (date(2027, 6, 9), False),
        (date(2027, 9, 15), False),
        (date(2027, 10, 1), False),
        (date(2027, 10, 4), True),
        (date(2028, 2, 29), True),
    ],
)
def test_a_year_whose_notice_is_not_out_is_an_estimate_and_says_so(day: date, working: bool) -> None:
    assert PLAIN.is_workday(day) == (working, True)


def test_an_override_wins_over_everything_and_is_no_estimate() -> None:
    calendar = Calendar({date(2026, 11, 23): False, date(2027, 1, 2): True})
    assert calendar.is_workday(date(2026, 11, 23)) == (False, False)
    assert calendar.is_workday(date(2027, 1, 2)) == (True, False)
    assert calendar.is_workday(date(2027, 1, 4)) == (True, True)


def test_the_version_names_the_library_and_changes_with_an_override() -> None:
    assert PLAIN.calendar_version.startswith("chinesecalendar ")
    first, second = Calendar({date(2027, 1, 2): True}), Calendar({date(2027, 1, 2): False})
    assert len({PLAIN.calendar_version, first.calendar_version, second.calendar_version}) == 3
    assert first.calendar_version == Calendar({date(2027, 1, 2): True}).calendar_version
    assert len(first.calendar_version) <= 60


def test_the_day_of_the_event_is_not_counted() -> None:
    assert PLAIN.add_workdays(date(2026, 11, 23), 1) == (date(2026, 11, 24), False)
    assert PLAIN.add_workdays(date(2026, 11, 22), 1) == (date(2026, 11, 23), False)
    assert PLAIN.add_workdays(date(2026, 11, 22), 0) == (date(2026, 11, 22), False)


@pytest.mark.parametrize("n", [-1, 3_661])
def test_an_impossible_number_of_days_is_a_mistake_of_the_caller(n: int) -> None:
    with pytest.raises(ValueError, match="n"):
        PLAIN.add_workdays(date(2026, 1, 5), n)


@pytest.mark.parametrize("day", [FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1), date.min, date.max])
def test_a_day_outside_the_tables_is_refused_in_words(day: date) -> None:
    with pytest.raises(Refused) as caught:
        PLAIN.is_workday(day)
    assert caught.value.code == "date_out_of_range"


def _slow_count(calendar: Calendar, start: date, n: int) -> date:
    working = [day for day in (start + timedelta(days=i) for i in range(1, 400)) if calendar.is_workday(day)[0]]
    return working[n - 1]


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(1, 120), OVERRIDES)
def test_adding_working_days_agrees_with_a_slow_count(start: date, n: int, overrides: dict[date, bool]) -> None:
    calendar = Calendar(overrides)
    due, provisional = calendar.add_workdays(start, n)
    assert due == _slow_count(calendar, start, n)
    assert calendar.is_workday(due)[0]
    assert calendar.count_workdays(start, due) == n
    passed = (start + timedelta(days=i) for i in range(1, (due - start).days + 1))
    assert provisional == any(calendar.is_workday(day)[1] for day in passed)


@given(DAYS, OVERRIDES)
def test_the_next_working_day_skips_only_days_off(day: date, overrides: dict[date, bool]) -> None:
    calendar = Calendar(overrides)
    found, _ = calendar.next_workday(day)
    assert calendar.is_workday(found)[0]
    assert not any(calendar.is_workday(day + timedelta(days=i))[0] for i in range((found - day).days))
