"""The way of a reward from the decision to the bank, person by person."""

from __future__ import annotations

from datetime import date

import pytest

from admin.rewards import deciding
from admin.staff.roles import Role
from portal.kernel.errors import IllegalMove, NotAllowed, Refused
from portal.rewards import claiming
from portal.tips.reporter import withdraw
from tests.admin_tips.world import DISTRICT
from tests.rewards.court import PAYEE, Court


def test_a_reward_opens_with_the_decision_and_goes_to_the_bank(court: Court) -> None:
    number = court.ready()
    assert court.reward(number).state == "review"
    assert court.reward(number).due_on == date(2026, 11, 13)
    proposed = court.propose(number)
    assert (proposed.kind, proposed.amount_fen, proposed.schedule) == ("give", 100_000, "beijing-2023")
    court.do(number, deciding.approve, by=court.head)
    reward = court.reward(number)
    assert (reward.state, reward.amount_fen, reward.claim_until) == ("notified", 100_000, date(2026, 11, 30))
    court.says(number, claiming.claim, PAYEE)
    (payment,) = court.payments()
    assert (payment.claim_id, payment.amount_fen) == (reward.claim_id, 100_000)
    court.bank("paid")
    assert court.sweep() == 1
    assert court.reward(number).state == "paid"
    assert court.steps(number) == ["open", "propose", "give", "claim", "pay"]
    told = [kind for kind in court.world.notices(number) if kind.startswith("reward")]
    assert told == ["reward_opened", "reward_given", "reward_claimed", "reward_paid"]


def test_a_strict_budget_counts_what_was_approved_and_not_yet_claimed(court: Court) -> None:
    court.budget(250_000)
    claimed, waiting, third = court.given(), court.given(), court.ready()
    court.says(claimed, claiming.claim, PAYEE)
    court.propose(third)
    with pytest.raises(Refused) as refused:
        court.do(third, deciding.approve, by=court.head)
    assert refused.value.code == "over_budget"
    assert court.reward(third).state == "proposed"
    court.says(waiting, claiming.waive)
    court.do(third, deciding.approve, by=court.head)
    assert court.reward(third).state == "notified"


def test_a_budget_that_is_not_strict_refuses_nothing(court: Court) -> None:
    court.budget(1, strict=False)
    assert court.reward(court.given()).state == "notified"


def test_nothing_opens_without_a_loss_or_without_a_wish(court: Court) -> None:
    assert court.case(court.ready(loss_fen=0)) is None
    assert court.case(court.decided(court.filed(wants_reward=False))) is None


def test_a_wish_said_later_behind_the_code_opens_it_within_a_sweep(court: Court) -> None:
    number = court.filed(wants_reward=False)
    court.says(number, claiming.wish)
    assert court.sweep() == 0
    court.decided(number)
    assert court.reward(number).state == "review"
    late = court.decided(court.filed(wants_reward=False))
    court.says(late, claiming.wish)
    assert court.sweep() == 1
    assert court.reward(late).state == "review"
    with pytest.raises(Refused, match="wished"):
        court.says(late, claiming.wish)


def test_nobody_decides_on_their_own_proposal(court: Court) -> None:
    number = court.ready()
    court.propose(number)
    with pytest.raises(NotAllowed, match="not_allowed"):
        court.do(number, deciding.approve, by=court.officer)
    with pytest.raises(NotAllowed, match="not_allowed"):
        court.propose(court.ready(), by=court.head)
    court.do(number, deciding.send_back, by=court.head)
    assert court.reward(number).state == "review"
    assert court.propose(number).turn == 2


def test_a_proposal_that_no_longer_comes_out_is_not_approved(court: Court) -> None:
    number = court.filed(named=False)
    court.decided(number)
    court.propose(number, why="", joint=2)
    with court.world.at(number, court.officer) as (_session, tip, _keys):
        tip.named = True
    with pytest.raises(Refused, match="changed_since"):
        court.do(number, deciding.approve, by=court.head)


def test_what_stands_against_a_reward_needs_a_reason_and_becomes_a_refusal(court: Court) -> None:
    number = court.ready()
    with pytest.raises(Refused, match="words_missing"):
        court.propose(number, excluded_by=("RW-4.2",))
    refused = court.propose(number, "上个月已经立案", excluded_by=("RW-4.2",))
    assert (refused.kind, refused.code, refused.amount_fen) == ("refuse", "RW-4.2", 0)
    court.do(number, deciding.approve, by=court.head)
    assert court.reward(number).state == "not_given"
    assert court.world.notices(number)[-1] == "reward_not_given"


def test_whoever_withdraws_before_the_decision_gets_nothing_and_after_it_keeps_the_reward(court: Court) -> None:
    before = court.filed()
    court.says(before, withdraw)
    assert court.case(court.decided(before)) is None
    after = court.ready()
    court.says(after, withdraw)
    assert court.propose(after).amount_fen == 100_000


def test_a_reward_that_is_given_up_is_not_decided_any_more(court: Court) -> None:
    number = court.ready()
    court.propose(number)
    court.says(number, claiming.waive)
    with pytest.raises(IllegalMove):
        court.do(number, deciding.approve, by=court.head)
    assert court.reward(number).state == "waived"


def test_staff_who_report_get_nothing_by_themselves(court: Court) -> None:
    number = court.ready(relation="staff")
    assert court.propose(number).code == "RW-5.1"


def test_a_review_is_answered_by_a_third_person_once(court: Court) -> None:
    number = court.given()
    court.says(number, claiming.ask_review, "算少了。")
    assert court.reward(number).claim_until is None
    for person in (court.head,):
        with pytest.raises(NotAllowed, match="same_person"):
            court.do(number, deciding.answer_review, True, by=person)
    court.do(number, deciding.answer_review, True, by=court.reviewer)
    assert (court.reward(number).state, court.reward(number).claim_until) == ("notified", date(2026, 11, 30))
    with pytest.raises(Refused, match="reviewed"):
        court.says(number, claiming.ask_review, "")


def test_a_review_may_begin_everything_anew(court: Court) -> None:
    number = court.ready()
    court.propose(number, "先前掌握", excluded_by=("RW-4.2",))
    court.do(number, deciding.approve, by=court.head)
    court.says(number, claiming.ask_review, "")
    court.do(number, deciding.answer_review, False, by=court.reviewer)
    court.propose(number)
    court.do(number, deciding.approve, by=court.world.new_person(DISTRICT, Role.HEAD))
    assert (court.reward(number).state, court.reward(number).amount_fen) == ("notified", 100_000)


def test_a_second_claim_is_refused(court: Court) -> None:
    number = court.given()
    court.says(number, claiming.claim, PAYEE)
    with pytest.raises(Refused, match="second_claim"):
        court.says(number, claiming.claim, PAYEE)
    with pytest.raises(IllegalMove):
        court.says(number, claiming.waive)
