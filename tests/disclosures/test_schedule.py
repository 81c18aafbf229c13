"""Which periods were due when, and whether they came in time."""

from __future__ import annotations

from datetime import date

from portal.disclosures.schedule import Due, Every, Kept, Promise, dues

SINCE = date(2026, 1, 1)
IN_20 = Promise(20, SINCE)


def kept(found: list[Due]) -> list[tuple[date, Kept, int]]:
    return [(one.end, one.kept, one.late) for one in found]


def test_a_month_is_kept_on_its_last_day_and_late_the_day_after() -> None:
    came = {date(2026, 1, 31): date(2026, 2, 20), date(2026, 2, 28): date(2026, 3, 21)}
    assert kept(dues(Every.MONTH, [IN_20], came, date(2026, 3, 30))) == [
        (date(2026, 2, 28), Kept.LATE, 1),
        (date(2026, 1, 31), Kept.KEPT, 0),
    ]


def test_what_has_not_come_is_open_until_its_day_and_overdue_after_it() -> None:
    found = [dues(Every.MONTH, [IN_20], {}, today) for today in (date(2026, 2, 20), date(2026, 2, 22))]
    assert [kept(one)[-1] for one in found] == [
        (date(2026, 1, 31), Kept.OPEN, 0),
        (date(2026, 1, 31), Kept.OVERDUE, 2),
    ]


def test_quarters_and_years_end_where_the_calendar_says() -> None:
    leap = Promise(30, date(2024, 2, 29))
    quarters = dues(Every.QUARTER, [leap], {}, date(2025, 1, 1))
    assert (quarters[-1].start, quarters[-1].end) == (date(2024, 1, 1), date(2024, 3, 31))
    assert quarters[0].end == date(2024, 12, 31)
    (year,) = dues(Every.YEAR, [leap], {}, date(2025, 1, 1))
    assert (year.start, year.end, year.due) == (date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 30))


def test_a_period_that_ended_before_the_promise_was_not_promised() -> None:
    assert dues(Every.MONTH, [Promise(20, date(2026, 2, 1))], {}, date(2026, 2, 27)) == []
    assert dues(Every.MONTH, [], {}, date(2026, 2, 27)) == []


def test_a_later_promise_counts_for_the_periods_that_end_from_its_day_on() -> None:
    found = dues(Every.MONTH, [Promise(10, date(2026, 2, 28)), IN_20], {}, date(2026, 3, 1))
    assert [one.due for one in found] == [date(2026, 3, 10), date(2026, 2, 20)]
