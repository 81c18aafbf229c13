"""The budget of an office for a year: what is spoken for, from when on it warns, and where it refuses."""

from __future__ import annotations

import pytest

from admin.payments import budgeting
from admin.staff.roles import Role
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import NotAllowed, Refused
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Fen
from portal.payments.batch_events import BudgetSet
from portal.payments.batching import BudgetLevel, BudgetReason, BudgetState
from portal.payments.budget import budget_state
from tests.admin_tips.world import DISTRICT, OTHER, make_world
from tests.conftest import StandingClock
from tests.payments.treasury import Treasury, back, paid


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    """Monday, 28 September 2026."""
    return Treasury(make_world(database, checkpoint_key[0]))


def state(treasury: Treasury, year: int = 2026) -> BudgetState:
    with reading() as session:
        return budget_state(session, treasury.office, year)


def budgeted(amount: int | None, committed: int, strict: bool = False) -> BudgetState:
    return BudgetState(2026, None if amount is None else Fen(amount), Fen(0), Fen(0), Fen(committed), strict)


@pytest.mark.parametrize(
    ("amount", "committed", "more", "level"),
    [
        (None, 10**9, 0, BudgetLevel.UNSET),
        (10_000, 0, 0, BudgetLevel.WITHIN),
        (10_000, 7_999, 0, BudgetLevel.WITHIN),
        (10_000, 7_999, 1, BudgetLevel.NEAR),
        (10_000, 9_999, 0, BudgetLevel.NEAR),
        (10_000, 9_999, 1, BudgetLevel.USED_UP),
        (10_000, 20_000, 0, BudgetLevel.USED_UP),
        (0, 0, 0, BudgetLevel.USED_UP),
    ],
)
def test_it_warns_from_80_and_from_100_percent_to_the_fen(
    amount: int | None, committed: int, more: int, level: BudgetLevel
) -> None:
    assert budgeted(amount, committed).level(more) is level


def test_only_a_strict_one_refuses_and_only_above_it() -> None:
    assert [budgeted(100, 90, strict).refuses(more) for strict in (False, True) for more in (10, 11)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert not budgeted(None, 90, True).refuses(10**12)


def test_what_waits_is_under_way_or_paid_is_committed_and_what_came_back_is_not(treasury: Treasury) -> None:
    treasury.budget(10)
    _, (one, two, _open) = batch = treasury.released(100, 100, 400)
    treasury.answer(batch[0], paid(one), back(two))
    treasury.waiting(250)
    treasury.waiting(9_999, year=2027)
    treasury.waiting(9_999, office=treasury.world.offices[OTHER].id)
    found = state(treasury)
    assert (found.paid_fen, found.under_way_fen, found.waiting_fen) == (100, 400, 250)
    assert (found.amount_fen, found.committed_fen, found.percent()) == (1_000, 750, 75)
    assert found.level() is BudgetLevel.WITHIN and found.level(50) is BudgetLevel.NEAR


def test_without_a_budget_there_is_nothing_to_warn_of(treasury: Treasury) -> None:
    treasury.waiting(100)
    assert (state(treasury).amount_fen, state(treasury).level()) == (None, BudgetLevel.UNSET)
    assert treasury.draft()


def test_the_last_one_set_is_in_force_and_the_book_has_each(treasury: Treasury) -> None:
    treasury.budget(10)
    treasury.budget(20, strict=True)
    assert (state(treasury).amount_fen, state(treasury).strict) == (2_000, True)
    assert treasury.entries(BudgetSet.kind) == 2
    with pytest.raises(Refused, match="same_budget"):
        treasury.budget(20, strict=True)


def test_a_strict_budget_lets_no_batch_go_above_it(treasury: Treasury) -> None:
    treasury.budget(10, strict=True)
    treasury.waiting(1_000)
    treasury.draft()
    treasury.waiting(1)
    with pytest.raises(Refused, match="over_budget"):
        treasury.draft()
    treasury.budget(10, strict=False)
    assert treasury.draft()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.HEAD])
def test_only_the_head_of_the_office_sets_it(treasury: Treasury, role: Role) -> None:
    for actor in (treasury.world.person(DISTRICT, role), treasury.world.person(OTHER, Role.HEAD)):
        with pytest.raises(NotAllowed), transaction() as session:
            budgeting.set_budget(
                session, treasury.office, 2026, Fen(1), False, BudgetReason.APPROVED, actor, now()
            )  # fmt: skip


@pytest.mark.parametrize(
    ("yuan", "year", "code"), [(-1, 2026, "bad_amount"), (10**13, 2026, "bad_amount"), (1, 2024, "bad_year"),
                               (1, 2028, "bad_year")],
)  # fmt: skip
def test_what_was_mistyped_is_refused(treasury: Treasury, yuan: int, year: int, code: str) -> None:
    with pytest.raises(Refused, match=code):
        treasury.budget(yuan, year=year)
