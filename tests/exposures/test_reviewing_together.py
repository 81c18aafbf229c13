"""Two publishers, two threads, one case: it is shown once and taken down once; the other one is told."""

from __future__ import annotations

from functools import partial

import pytest

from admin.exposures import publishing, reviewing, withdrawing
from admin.staff.roles import Role
from portal.exposures.reviews import Return
from portal.exposures.values import ChangeReason
from tests.admin_tips.test_together import race
from tests.admin_tips.world import DISTRICT
from tests.exposures.conftest import Docket
from tests.exposures.reviews import CHECKED, bench


@pytest.mark.parametrize("round_", range(2))
def test_two_approve_at_once(docket: Docket, round_: int) -> None:
    at, other = bench(docket), docket.world.new_person(DISTRICT, Role.PUBLISHER)
    at.in_review()
    seen, mine = at.exposure.version, docket.publisher
    answers = race(
        partial(at.decide, publishing.approve, seen, CHECKED, by=mine),
        partial(at.decide, publishing.approve, seen, CHECKED, by=other),
    )
    assert sorted(answers) == ["done", "illegal_move"]
    assert len(at.shown()) == 1
    assert at.steps().count("approve") == 1


@pytest.mark.parametrize("round_", range(2))
def test_one_approves_while_another_sends_back(docket: Docket, round_: int) -> None:
    at, other = bench(docket), docket.world.new_person(DISTRICT, Role.PUBLISHER)
    at.in_review()
    seen, mine = at.exposure.version, docket.publisher
    answers = race(
        partial(at.decide, publishing.approve, seen, CHECKED, by=mine),
        partial(at.decide, reviewing.send_back, seen, Return.WORDING, "改短（虚构）。", by=other),
    )
    assert sorted(answers) == ["done", "illegal_move"]
    approved = answers[0] == "done"
    assert at.exposure.state == ("published" if approved else "drafting")
    assert (at.exposure.published_id is not None) is approved


@pytest.mark.parametrize("round_", range(2))
def test_a_correction_that_is_approved_while_the_case_is_withdrawn_never_comes_back(
    docket: Docket, round_: int
) -> None:
    at, other = bench(docket), docket.world.new_person(DISTRICT, Role.PUBLISHER)
    at.published()
    at.do(withdrawing.correct, ChangeReason.WRONG_FACT, "金额写错了（虚构）。")
    at.in_review()
    seen, mine = at.exposure.version, docket.publisher
    race(
        partial(at.decide, publishing.approve, seen, CHECKED, by=mine),
        partial(at.decide, withdrawing.withdraw, ChangeReason.WRONG_FACT, "先撤下来（虚构）。", by=other),
    )
    assert at.exposure.state == "withdrawn"
    assert {one.content for one in at.shown()} == {""}
