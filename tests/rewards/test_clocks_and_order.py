"""Days, order and shares: when a claim is over, who was first, who signed together, and two presses at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from admin.retention.facts import facts_of
from admin.rewards import deciding
from portal.kernel.errors import DomainError, Refused
from portal.kernel.transaction import reading, transaction
from portal.retention.values import Wait
from portal.rewards import claiming
from portal.rewards.claims import CLAIM_RULE
from portal.rewards.moving import last_day
from portal.rewards.telling_case import open_told
from portal.workdays.models import WorkdayOverride
from tests.conftest import StandingClock
from tests.payments.vault import PEOPLE
from tests.rewards.court import PAYEE, Court


def to(clock: StandingClock, day: date) -> None:
    """Noon in Beijing on a day."""
    clock.moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told_on", "until"),
    [
        (date(2026, 12, 31), date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (date(2027, 12, 31), date(2028, 2, 29)),  # a leap year
        (date(2029, 12, 31), date(2030, 2, 28)),
    ],
)
def test_two_months_from_the_last_of_december_end_with_february(court: Court, told_on: date, until: date) -> None:
    number = court.ready()
    with reading() as session:
        assert last_day(session, court.world.tip(number), CLAIM_RULE, told_on, 2) == until


def test_what_is_not_claimed_is_given_up_the_day_after_the_last(court: Court, clock: StandingClock) -> None:
    number = court.given()
    to(clock, date(2026, 11, 30))
    assert court.sweep() == 0
    to(clock, date(2026, 12, 1))
    with pytest.raises(Refused, match="claim_over"):  # also before the worker came by
        court.says(number, claiming.claim, PAYEE)
    assert court.sweep() == 1
    assert (court.reward(number).state, court.reward(number).claim_until) == ("forfeited", None)
    assert court.world.notices(number)[-1] == "reward_forfeited"
    assert court.sweep() == 0


def test_a_holiday_that_was_set_later_gives_one_more_day(court: Court, clock: StandingClock) -> None:
    number = court.given()
    with transaction() as session:
        session.add(WorkdayOverride(day=date(2026, 11, 30), working=False, basis="测试"))
    to(clock, date(2026, 12, 1))
    assert court.sweep() == 0
    assert court.reward(number).claim_until == date(2026, 12, 1)
    court.says(number, claiming.claim, PAYEE)


def test_an_account_is_corrected_once_and_then_somebody_has_to_talk(court: Court, clock: StandingClock) -> None:
    number = court.given()
    court.says(number, claiming.claim, PAYEE)
    court.bank("returned")
    to(clock, date(2026, 11, 2))
    assert court.sweep() == 1
    assert (court.reward(number).state, court.reward(number).claim_until) == ("returned", date(2027, 1, 4))
    assert court.world.notices(number)[-1] == "reward_returned"
    court.says(number, claiming.claim, PEOPLE[1])
    assert len(court.payments()) == 2
    court.bank("returned")
    court.sweep()
    with pytest.raises(Refused, match="corrected_already"):
        court.says(number, claiming.claim, PEOPLE[2])


def test_the_first_report_in_the_ledger_gets_the_reward_and_the_second_hears_why(
    court: Court, clock: StandingClock
) -> None:
    first = court.filed()
    clock.advance(seconds=2)
    second = court.filed()
    court.placed()
    court.decided(second, merged=(first,))  # merged into the later one: the order of receipt is what counts
    assert court.propose(second).code == "RW-8.2"
    assert court.propose(first).amount_fen == 100_000
    court.do(second, deciding.approve, by=court.head)
    court.do(first, deciding.approve, by=court.head)
    assert court.world.notices(second)[-1] == "reward_not_given"
    assert court.world.notices(first)[-1] == "reward_given"


def test_a_joint_report_is_one_amount_and_the_trace_says_how_it_divides(court: Court) -> None:
    number = court.ready(loss_fen=5_000_050)
    court.propose(number, joint=3)
    court.do(number, deciding.approve, by=court.head)
    with court.mine(number) as (_session, mine):
        sealed, keys = court.reward(number).told, mine.keys
    assert sealed is not None
    told = open_told(sealed, keys)
    assert told.fen == 100_001
    assert told.steps[-1].numbers["shares_fen"] == [33_334, 33_334, 33_333]


def test_of_two_claims_at_one_moment_one_is_taken(court: Court) -> None:
    number = court.given()
    answers = at_once(*(lambda payee=payee: court.says(number, claiming.claim, payee) for payee in PEOPLE[:2]))
    assert sorted(answers) == ["done", "second_claim"]
    assert len(court.payments()) == 1


def test_of_a_claim_and_the_worker_that_gives_up_one_wins(court: Court, clock: StandingClock) -> None:
    number = court.given()
    to(clock, date(2026, 11, 30))
    until = court.reward(number).claim_until
    assert until is not None
    with transaction() as session:
        session.get_one(type(court.reward(number)), court.world.tip(number).id).claim_until = until - timedelta(days=4)
    answers = at_once(court.sweep, lambda: court.says(number, claiming.claim, PAYEE))
    assert answers[0] == "done"
    assert answers[1] in ("claim_over", "illegal_move")
    assert court.reward(number).state == "forfeited"
    assert court.payments() == []


def test_a_report_is_kept_while_its_reward_is_under_way(court: Court) -> None:
    number = court.given()

    def waits() -> frozenset[Wait]:
        with reading() as session:
            tip = court.world.tip(number)
            return facts_of(session, [tip])[tip.id].waits

    assert Wait.REWARD in waits()
    court.says(number, claiming.waive)
    assert Wait.REWARD not in waits()


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at once; "done" or the code of the refusal, in their order."""
    start, answers = threading.Barrier(len(acts)), [""] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait(30)
        try:
            act()
            answers[index] = "done"
        except DomainError as error:
            answers[index] = error.code

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
