"""Legal clocks: tables of dates worked out by hand, pauses, extensions, settings, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.errors import NotFound, Refused
from portal.tips.deadlines import Unit, add_months, deadline, rule, rules, with_setting
from portal.workdays.calendar import Calendar

PLAIN = Calendar()
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("name", "start", "due", "counted", "provisional"),
    [
        ("HR-12.1", date(2026, 9, 28), date(2026, 10, 23), 15, False),  # National Day, make-up Saturday 10 October
        ("HR-12.1", date(2026, 9, 5), date(2026, 9, 24), 15, False),  # make-up Sunday 20 September
        ("HR-12.1", date(2026, 12, 20), date(2027, 1, 11), 15, True),  # crosses into 2027
        ("HR-12.1", date(2026, 12, 10), date(2026, 12, 31), 15, False),  # the last day that is known
        ("HR-12.1", date(2024, 2, 8), date(2024, 3, 6), 15, False),  # 9 and 18 February worked, 29 too
        ("HR-12.3", date(2026, 9, 28), date(2026, 10, 10), 5, False),
        ("PP-45", date(2026, 9, 28), date(2026, 12, 28), 90, False),  # day 90 is a Sunday
        ("PP-45", date(2026, 7, 3), date(2026, 10, 8), 90, False),  # day 90 is 1 October
        ("PP-45", date(2026, 8, 10), date(2026, 11, 9), 90, False),  # day 90 is a Sunday
        ("PP-45", date(2026, 10, 20), date(2027, 1, 18), 90, True),
        ("GW-10", date(2026, 11, 2), date(2026, 11, 17), 15, False),
        ("RW-9.1", date(2025, 12, 31), date(2026, 2, 28), 59, False),  # clamped; a make-up Saturday, so it stays
        ("RW-9.1", date(2023, 12, 31), date(2024, 2, 29), 60, False),  # leap year
        ("RW-9.1", date(2026, 8, 1), date(2026, 10, 8), 61, False),  # the last day is a holiday
        ("RW-9.1", date(2026, 12, 31), date(2027, 3, 1), 59, True),  # 28 February 2027 is a Sunday
    ],
)
def test_a_date_worked_out_by_hand(name: str, start: date, due: date, counted: int, provisional: bool) -> None:
    answer = deadline(rule(name, start), start, PLAIN)
    assert (answer.due, answer.counted_days, answer.provisional) == (due, counted, provisional)
    assert (answer.rule, answer.start, answer.calendar) == (name, start, PLAIN.calendar_version)


def test_the_extension_adds_to_the_same_count() -> None:
    start = date(2026, 9, 28)
    first = rule("HR-12.1", start)
    more = rule("HR-12.2", start)
    assert (more.extends, more.amount) == ("HR-12.1", 15)
    longer = deadline(first, start, PLAIN, extra_days=more.amount)
    again, _ = PLAIN.add_workdays(deadline(first, start, PLAIN).due, 15)
    assert (longer.due, longer.counted_days) == (again, 30)


def test_a_pause_does_not_count_and_the_day_it_ends_does() -> None:
    start, paused = date(2026, 11, 2), [(date(2026, 11, 4), date(2026, 11, 9))]
    plain, later = (deadline(rule("PP-45", start), start, PLAIN, paused=spans) for spans in ([], paused))
    assert (plain.due, later.due) == (date(2027, 2, 1), date(2027, 2, 9))  # 5 days later, past the Spring Festival
    assert later.counted_days == plain.counted_days == 90


def test_overlapping_pauses_are_taken_off_once_and_one_after_the_end_changes_nothing() -> None:
    start = date(2026, 10, 12)
    made = rule("HR-12.3", start)
    once = deadline(made, start, PLAIN, paused=[(date(2026, 10, 13), date(2026, 10, 16))])
    twice = deadline(
        made, start, PLAIN, paused=[(date(2026, 10, 13), date(2026, 10, 15)), (date(2026, 10, 14), date(2026, 10, 16))]
    )
    late = deadline(made, start, PLAIN, paused=[(date(2026, 12, 1), date(2026, 12, 31))])
    assert once.due == twice.due == date(2026, 10, 22)
    assert late.due == date(2026, 10, 19)


def test_an_override_moves_a_deadline() -> None:
    start = date(2026, 11, 2)
    moved = deadline(rule("HR-12.3", start), start, Calendar({date(2026, 11, 9): False}))
    assert moved.due == date(2026, 11, 10)
    assert "+" in moved.calendar


def test_a_rule_is_refused_before_its_law_was_in_force_and_an_unknown_one_always() -> None:
    with pytest.raises(Refused) as early:
        rule("HR-12.1", date(2022, 2, 28))
    assert early.value.code == "rule_not_in_force"
    assert rule("HR-12.1", date(2022, 3, 1)).amount == 15
    with pytest.raises(NotFound):
        rule("HR-99", TODAY)


def test_numbers_fixed_by_law_cannot_be_set_and_others_can_with_a_basis() -> None:
    with pytest.raises(Refused) as caught:
        with_setting(rule("HR-12.1", TODAY), 20, "WD", "某省规定")
    assert caught.value.code == "hard_rule"
    local = with_setting(rule("HR-11.2", TODAY), 3, "WD", "某省规定")
    assert (local.amount, local.unit, local.basis) == (3, Unit.WORKDAYS, "某省规定")
    for amount, unit, basis in ((0, "WD", "x"), (3, "week", "x"), (3, "D", " "), (9_999, "D", "x")):
        with pytest.raises(Refused):
            with_setting(rule("HR-11.2", TODAY), amount, unit, basis)


def test_only_confirmed_lines_are_hard_and_every_line_says_its_basis() -> None:
    every = rules(TODAY)
    assert len({made.id for made in every}) == len(every) >= 20
    for made in every:
        assert made.amount > 0
        assert made.basis
        assert made.starts_from
        assert made.notice in {"law", "policy", "none"}
        assert made.confidence in {"C", "T", "S", "P", "M", "policy"}
        assert not made.hard or made.confidence in {"C", "T"}
        assert not made.extends or made.extends in {other.id for other in every}


def test_a_start_outside_the_calendar_is_refused_not_a_crash() -> None:
    for start in (date.min, date(2003, 12, 31), date(2060, 12, 20), date.max):
        with pytest.raises(Refused):
            deadline(rule("PP-45", TODAY), start, PLAIN)
    with pytest.raises(Refused):
        deadline(rule("RW-9.1", TODAY), date(2060, 11, 30), PLAIN)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_one(day: date, months: int, after: date) -> None:
    assert add_months(day, months) == after


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([made.id for made in rules(TODAY)]),
    st.dates(date(2026, 1, 1), date(2040, 1, 1)),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4),
)
def test_a_due_day_is_a_working_day_and_neither_pause_nor_extension_shortens(
    name: str, start: date, extra: int, pauses: list[tuple[int, int]]
) -> None:
    made = rule(name, start)
    spans = [(start + timedelta(days=a), start + timedelta(days=a + b)) for a, b in pauses]
    plain = deadline(made, start, PLAIN)
    longer = deadline(made, start, PLAIN, extra_days=extra, paused=spans)
    assert plain.start < plain.due <= longer.due
    assert PLAIN.is_workday(longer.due)[0]
    if made.unit is Unit.WORKDAYS:
        free = [day for day in _days(start, longer.due) if not any(a <= day < b for a, b in spans)]
        assert sum(PLAIN.is_workday(day)[0] for day in free) == longer.counted_days == made.amount + extra


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=i) for i in range(1, (end - start).days + 1)]
