"""Since when something shown was known to be wrong, and when that was over."""

from __future__ import annotations

from datetime import date

from portal.exposures.mending import Mending, mendings


def day(number: int) -> date:
    return date(2026, 9, number)


def test_the_clock_runs_from_the_first_time_that_it_was_said_to_the_approval_of_the_correction() -> None:
    steps = [("approve", day(1)), ("must-correct", day(3)), ("must-correct", day(4)), ("correct", day(4)),
             ("submit", day(5)), ("send-back", day(5)), ("submit", day(6)), ("approve", day(7))]  # fmt: skip
    assert mendings(steps) == [Mending(day(3), day(7))]


def test_taking_down_ends_it_and_so_does_the_end_of_the_term() -> None:
    assert mendings([("must-correct", day(3)), ("withdraw", day(4))]) == [Mending(day(3), day(4))]
    assert mendings([("must-correct", day(3)), ("expire", day(9))]) == [Mending(day(3), day(9))]


def test_a_correction_that_was_given_up_ends_nothing() -> None:
    assert mendings([("must-correct", day(3)), ("correct", day(3)), ("drop-correction", day(4))]) == [
        Mending(day(3), None)
    ]


def test_correcting_what_nobody_called_wrong_is_no_clock_and_a_second_mistake_is_another() -> None:
    assert mendings([("correct", day(3)), ("approve", day(4))]) == []
    twice = [("must-correct", day(3)), ("approve", day(4)), ("must-correct", day(8))]
    assert mendings(twice) == [Mending(day(3), day(4)), Mending(day(8), None)]
