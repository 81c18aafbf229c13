"""How long a case is seen, and by when it is to be published or corrected: rules with a day from which they hold."""

from __future__ import annotations

from datetime import date

import pytest

from portal.exposures.content import CaseContent
from portal.exposures.expiry import PUBLISH, WITHDRAW, days_rule, due, expires_on, term_of
from portal.exposures.generating import propose
from portal.exposures.values import Decided, Manner, Referral, Result
from portal.kernel.errors import Refused
from portal.workdays.calendar import Calendar
from tests.exposures.records import record


def case(**given: object) -> CaseContent:
    return propose(record(**given), "演示甲区医疗保障局", invented=True)


def test_an_ordinary_case_is_seen_for_a_year_and_a_grave_one_for_three() -> None:
    day = date(2026, 9, 28)
    assert expires_on(case(), day) == date(2027, 9, 28)
    for grave in (
        {"manner": Manner.FRAUD},
        {"referrals": (Referral.POLICE,)},
        {"results": (Decided(Result.END_AGREEMENT),)},
    ):
        assert expires_on(case(**grave), day) == date(2029, 9, 28)
    assert expires_on(case(referrals=(Referral.HEALTH,)), day) == date(2027, 9, 28)


def test_the_rule_is_the_one_of_the_day_of_publication() -> None:
    assert term_of(case(), date(2026, 3, 31)).id == "term-penalty"
    assert term_of(case(), date(2026, 4, 1)).id == "term-general"


def test_before_the_first_rule_no_figure_is_made_up() -> None:
    with pytest.raises(Refused, match="no_expiry_rule"):
        expires_on(case(), date(2023, 4, 30))
    assert due(WITHDRAW, date(2021, 7, 14), Calendar()) is None
    assert days_rule(PUBLISH, date(2018, 12, 4)) is None


def test_the_last_of_february_stands_for_a_day_that_is_not_there() -> None:
    assert expires_on(case(), date(2028, 2, 29)) == date(2029, 2, 28)
    assert expires_on(case(), date(2026, 12, 31)) == date(2027, 12, 31)


def test_days_are_working_days_and_the_first_is_not_counted() -> None:
    before_the_holiday = date(2026, 9, 29)
    assert due(WITHDRAW, before_the_holiday, Calendar()) == date(2026, 10, 9)
    assert due(PUBLISH, date(2026, 9, 7), Calendar()) == date(2026, 9, 16)
    assert days_rule(WITHDRAW, before_the_holiday) is not None
