"""Batches: what waits goes into one file once, whoever presses the button and however often."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from admin.payments import batches
from admin.staff.roles import Role
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound, Refused
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.payments.batch_events import BatchChanged, PaymentFileMade
from portal.payments.layout import FileKind
from portal.payments.models import Payment
from portal.payments.states import TRANSITIONS, BatchAction, BatchState, next_state
from portal.payments.states_page import page
from portal.payments.values import PaymentNumber
from tests.admin_tips.world import DISTRICT, OTHER, make_world
from tests.conftest import StandingClock
from tests.payments.treasury import LI, Treasury, payees_of

PAGE = Path(__file__).parents[2] / "docs/states/payment-batch.md"


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    """Monday, 28 September 2026."""
    return Treasury(make_world(database, checkpoint_key[0]))


def test_what_waits_goes_into_a_draft_with_its_count_and_total(treasury: Treasury) -> None:
    numbers = treasury.waiting(123_450, 20_000, 5)
    batch = treasury.batch(treasury.draft())
    assert (batch.state, batch.size, batch.total_fen, batch.file_sha256) == ("draft", 3, 143_455, "")
    assert batch.number.startswith("PB-") and treasury.states(numbers) == ["in_batch"] * 3
    assert treasury.entries(BatchChanged.kind) == 1


def test_a_batch_is_of_one_office_one_year_and_one_board(treasury: Treasury) -> None:
    ours = treasury.waiting(100)
    theirs = treasury.waiting(200, office=treasury.world.offices[OTHER].id)
    later = treasury.waiting(300, year=2027)
    batch = treasury.draft()
    assert treasury.batch(batch).total_fen == 100
    assert treasury.states(ours + theirs + later) == ["in_batch", "sealed", "sealed"]


def test_a_second_draft_finds_nothing_left(treasury: Treasury) -> None:
    treasury.waiting(100)
    treasury.draft()
    with pytest.raises(Refused, match="nothing_to_pay"):
        treasury.draft()


def test_a_batch_has_no_more_than_a_person_can_look_through(
    treasury: Treasury, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_IN_BATCH", 2)
    treasury.waiting(1, 2, 3)
    assert [treasury.batch(treasury.draft()).size for _ in range(2)] == [2, 1]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FINANCE])
def test_nobody_but_who_pays_for_the_office_makes_a_batch(treasury: Treasury, role: Role) -> None:
    treasury.waiting(100)
    for actor in (treasury.world.person(DISTRICT, role), treasury.world.person(OTHER, Role.FINANCE)):
        with pytest.raises(NotAllowed), transaction() as session:
            batches.propose(session, treasury.office, 2026, actor, now())


def test_one_is_taken_out_and_waits_again(treasury: Treasury) -> None:
    first, second = treasury.waiting(100, 200)
    batch = treasury.draft()
    with transaction() as session:
        batches.take_out(session, batch, PaymentNumber(first), treasury.finance, now())
    assert (treasury.batch(batch).size, treasury.batch(batch).total_fen) == (1, 200)
    assert treasury.states([first, second]) == ["sealed", "in_batch"]
    with pytest.raises(NotFound), transaction() as session:
        batches.take_out(session, batch, PaymentNumber(first), treasury.finance, now())
    with pytest.raises(Refused, match="last_one"), transaction() as session:
        batches.take_out(session, batch, PaymentNumber(second), treasury.finance, now())
    assert treasury.batch(treasury.draft()).total_fen == 100


def test_a_draft_is_given_up_and_all_of_it_waits_again(treasury: Treasury) -> None:
    numbers = treasury.waiting(100, 200)
    batch = treasury.draft()
    with transaction() as session:
        batches.drop(session, batch, treasury.finance, now())
    assert treasury.batch(batch).state == "dropped" and treasury.states(numbers) == ["sealed"] * 2
    assert treasury.batch(treasury.draft()).size == 2


def test_once_the_file_is_made_nothing_in_it_changes(treasury: Treasury) -> None:
    batch, (number, _) = treasury.released(100, 200)
    with pytest.raises(IllegalMove), transaction() as session:
        batches.take_out(session, batch, PaymentNumber(number), treasury.finance, now())
    with pytest.raises(IllegalMove), transaction() as session:
        batches.drop(session, batch, treasury.finance, now())
    assert (treasury.batch(batch).state, treasury.batch(batch).size) == ("released", 2)


def test_another_office_finds_no_such_batch(treasury: Treasury) -> None:
    batch, _ = treasury.released(100)
    stranger = treasury.world.person(OTHER, Role.FINANCE)
    with pytest.raises(NotFound), transaction() as session:
        batches.locked_batch(session, batch, stranger)


@pytest.mark.parametrize("kind", list(FileKind))
def test_the_file_is_made_once_more_the_same_and_only_its_hash_is_kept(treasury: Treasury, kind: FileKind) -> None:
    treasury.waiting(100, 200)
    batch = treasury.draft()
    first, second = treasury.release(batch, kind), treasury.release(batch, kind)
    assert first.content == second.content
    row = treasury.batch(batch)
    assert (row.file_kind, row.file_sha256) == (kind, hashlib.sha256(first.content).hexdigest())
    assert treasury.entries(PaymentFileMade.kind) == 2


def test_a_file_made_again_is_of_the_same_kind_and_pays_the_same_people(treasury: Treasury) -> None:
    batch, numbers = treasury.released(100)
    with pytest.raises(Refused, match="other_kind"):
        treasury.release(batch, FileKind.XLSX)
    other = {number: type(LI)("王虚构", LI.id_number, LI.bank, LI.account) for number in payees_of(numbers)}
    with pytest.raises(Refused, match="other_file"), transaction() as session:
        row = batches.locked_batch(session, batch, treasury.finance)
        batches.make_file(session, row, other, FileKind.CSV, treasury.finance, now())


def test_a_sum_that_was_changed_behind_our_back_makes_no_file(treasury: Treasury) -> None:
    (number,) = treasury.waiting(100)
    batch = treasury.draft()
    with transaction() as session:
        session.scalars(select(Payment).where(Payment.number == number)).one().amount_fen = 10_000_000
    with pytest.raises(Refused, match="altered"):
        treasury.release(batch)


def test_of_two_who_take_the_same_payments_at_once_one_gets_them(treasury: Treasury) -> None:
    numbers = treasury.waiting(100, 200, 300)
    together = threading.Barrier(4)
    by = treasury.finance

    def press(_: int) -> Id | str:
        together.wait(30)
        try:
            with transaction() as session:
                return batches.propose(session, treasury.office, 2026, by, now()).id
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(together.parties) as pool:
        answers = list(pool.map(press, range(together.parties)))
    made = [answer for answer in answers if not isinstance(answer, str)]
    assert len(made) == 1 and answers.count("nothing_to_pay") == 3
    assert treasury.states(numbers) == ["in_batch"] * 3 and treasury.batch(made[0]).size == 3
    with reading() as session:
        assert set(session.scalars(select(Payment.batch_id))) == set(made)


@pytest.mark.parametrize("state", list(BatchState))
@pytest.mark.parametrize("action", list(BatchAction))
def test_the_table_of_moves_is_all_there_is(state: BatchState, action: BatchAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(IllegalMove):
            next_state(state, action)


def test_the_page_of_states_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
