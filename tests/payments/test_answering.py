"""The bank's answer: everything or nothing, and nothing twice, whatever is imported again."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from admin.payments import answering
from admin.payments.answering import AnswerFile, FaultyAnswer, Taken
from admin.staff.roles import Role
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.errors import NotFound, Refused
from portal.kernel.site import Site
from portal.kernel.transaction import bound, reading, transaction
from portal.kernel.values import Id, new_id
from portal.payments.batch_events import AnswerTaken
from portal.payments.batch_models import PaymentOutcome
from portal.payments.models import Payment
from tests.admin_tips.world import OTHER, make_world
from tests.conftest import StandingClock
from tests.payments.treasury import HEAD, Treasury, back, paid


@pytest.fixture
def treasury(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Treasury:
    """Monday, 28 September 2026."""
    return Treasury(make_world(database, checkpoint_key[0]))


def faults(treasury: Treasury, batch: Id, *rows: str) -> list[tuple[int, str]]:
    """Row and column of everything that is wrong with an answer."""
    with pytest.raises(FaultyAnswer) as refused:
        treasury.answer(batch, *rows)
    return [(error.row, error.column) for error in refused.value.errors]


def outcomes(treasury: Treasury) -> dict[str, tuple[str, str, str]]:
    with reading() as session:
        query = select(Payment.number, PaymentOutcome).join(PaymentOutcome, PaymentOutcome.payment_id == Payment.id)
        return {number: (row.result, row.reason, row.reference) for number, row in session.execute(query)}


def test_an_answer_pays_and_returns_and_ends_the_batch(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    assert treasury.answer(batch, paid(one), back(two)) == Taken(1, 1, 0)
    assert treasury.states([one, two]) == ["paid", "returned"]
    assert outcomes(treasury) == {one: ("paid", "", "B1"), two: ("returned", "name", "B2")}
    assert (treasury.batch(batch).state, treasury.batch(batch).ended_on) == ("answered", today())
    with reading() as session:
        assert set(session.scalars(select(Payment.settled_on))) == {today()}


def test_what_is_not_answered_stays_open_for_a_later_file(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    assert treasury.answer(batch, paid(one)) == Taken(1, 0, 0)
    assert (treasury.batch(batch).state, treasury.states([one, two])) == ("released", ["paid", "in_batch"])
    assert treasury.answer(batch, paid(one), paid(two)) == Taken(1, 0, 1)
    assert treasury.batch(batch).state == "answered"


def test_the_same_file_again_renamed_or_in_another_order_changes_nothing(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    treasury.answer(batch, paid(one), back(two))
    before = outcomes(treasury)
    assert treasury.answer(batch, paid(one), back(two)) == Taken(0, 0, 2)
    assert treasury.answer(batch, back(two), paid(one), name="银行 (2).CSV") == Taken(0, 0, 2)
    assert outcomes(treasury) == before and treasury.states([one, two]) == ["paid", "returned"]
    assert treasury.entries(AnswerTaken.kind) == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("PN-2222-2222,成功,,2026-09-28,B1,1.00", "支付编号"),
        ("{two},成功,,2026-09-28,B1,1.01", "金额"),
        ("{two},成功,,2026-09-27,B1,1.00", "日期"),
        ("{two},成功,,2026-09-29,B1,1.00", "日期"),
        ("{two},退回,,2026-09-28,B1,1.00", "退回原因"),
        ("{one},退回,其他,2026-09-28,B1,1.00", "支付编号"),
        ("坏,,,,,", "支付编号"),
    ],
    ids=["not of the batch", "another sum", "too early", "in the future", "no reason", "twice in it", "nothing right"],
)
def test_with_one_faulty_row_nothing_is_taken(treasury: Treasury, row: str, column: str) -> None:
    batch, (one, two) = treasury.released(100, 100)
    assert faults(treasury, batch, paid(one), row.format(one=one, two=two))[0] == (3, column)
    assert treasury.states([one, two]) == ["in_batch"] * 2 and outcomes(treasury) == {}
    assert treasury.answer(batch, paid(one), paid(two)) == Taken(2, 0, 0)


def test_every_fault_is_listed_by_its_row(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    rows = (paid(one, "9.99"), "坏,成功,,2026-09-28,B1,1", paid(two, day="2026-10-01"))
    assert faults(treasury, batch, *rows) == [(2, "金额"), (3, "支付编号"), (4, "日期")]


def test_what_was_paid_cannot_be_said_to_have_come_back_nor_the_reverse(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    treasury.answer(batch, paid(one), back(two))
    assert faults(treasury, batch, back(one)) == [(2, "结果")]
    assert faults(treasury, batch, paid(two)) == [(2, "结果")]
    assert faults(treasury, batch, back(two, "其他")) == [(2, "结果")]
    assert treasury.states([one, two]) == ["paid", "returned"]


def test_the_answer_to_one_batch_is_none_to_another(treasury: Treasury) -> None:
    first, (one,) = treasury.released(100)
    second, (two,) = treasury.released(100)
    assert faults(treasury, second, paid(one)) == [(2, "支付编号")]
    assert faults(treasury, first, paid(one), paid(two)) == [(3, "支付编号")]
    assert treasury.states([one, two]) == ["in_batch"] * 2


def test_a_return_is_put_right_under_a_new_number_and_paid_once(treasury: Treasury) -> None:
    claim = new_id()
    (old,) = treasury.waiting(100, claim=claim)
    first = treasury.draft()
    treasury.release(first)
    treasury.answer(first, back(old))
    (new,) = treasury.waiting(100, claim=claim)
    second = treasury.draft()
    treasury.release(second)
    treasury.answer(second, paid(new))
    assert treasury.answer(first, back(old)) == Taken(0, 0, 1)  # the old file comes once more
    assert faults(treasury, first, paid(old)) == [(2, "结果")]
    assert treasury.states([old, new]) == ["returned", "paid"]
    with pytest.raises(IntegrityError):
        treasury.waiting(100, claim=claim)


def test_the_database_has_one_outcome_for_a_payment(treasury: Treasury) -> None:
    batch, (one,) = treasury.released(100)
    treasury.answer(batch, back(one))
    with reading() as session:
        (row,) = session.scalars(select(PaymentOutcome))
    again = {column.name: getattr(row, column.name) for column in PaymentOutcome.__table__.columns}
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(PaymentOutcome(**{**again, "result": "paid", "reason": ""}))


def test_no_answer_before_there_is_a_file(treasury: Treasury) -> None:
    (one,) = treasury.waiting(100)
    with pytest.raises(Refused, match="not_released"):
        treasury.answer(treasury.draft(), paid(one))


def test_only_who_pays_for_the_office_takes_its_answers(treasury: Treasury) -> None:
    batch, (one,) = treasury.released(100)
    file = AnswerFile.read((HEAD + paid(one)).encode(), "a.csv")
    for actor in (treasury.head, treasury.world.person(OTHER, Role.FINANCE)):
        with pytest.raises(NotFound), transaction() as session:
            answering.take_answer(session, batch, file, actor, now())


def test_of_two_imports_in_the_same_moment_one_counts(treasury: Treasury) -> None:
    batch, (one, two) = treasury.released(100, 100)
    together, by = threading.Barrier(4), treasury.finance
    files = [AnswerFile.read((HEAD + "\n".join(rows)).encode(), "a.csv") for rows in
             ([paid(one), back(two)], [back(two), paid(one)]) * 2]  # fmt: skip

    def press(file: AnswerFile) -> Taken:
        together.wait(30)
        with transaction() as session:
            return answering.take_answer(session, batch, file, by, now())

    with ThreadPoolExecutor(together.parties) as pool:
        taken = sorted(pool.map(press, files), key=lambda one: one.known)
    assert taken == [Taken(1, 1, 0), *[Taken(0, 0, 2)] * 3]
    assert treasury.states([one, two]) == ["paid", "returned"] and treasury.entries(AnswerTaken.kind) == 1


def _die_at(step: str, batch: Id, file: AnswerFile, treasury: Treasury, monkeypatch: pytest.MonkeyPatch) -> NoReturn:
    try:
        for engine in (bound().engine, bound().shred):
            engine.dispose(close=False)  # the parent's connections are the parent's
        real = getattr(answering, step)

        def fatal(*given: Any, **named: Any) -> Any:
            real(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(answering, step, fatal)
        with transaction() as session:
            answering.take_answer(session, batch, file, treasury.finance, now())
    finally:
        os._exit(1)


@pytest.mark.parametrize("step", ["_settle", "append"])
def test_killed_in_the_middle_nothing_is_taken_and_the_same_file_is_good_again(
    treasury: Treasury, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, (one, two) = treasury.released(100, 100)
    file = AnswerFile.read((HEAD + paid(one) + "\n" + back(two)).encode(), "a.csv")
    child = os.fork()
    if child == 0:
        _die_at(step, batch, file, treasury, monkeypatch)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "the step was never reached"
    assert treasury.states([one, two]) == ["in_batch"] * 2 and outcomes(treasury) == {}
    assert treasury.answer(batch, paid(one), back(two)) == Taken(1, 1, 0)
    assert treasury.entries(AnswerTaken.kind) == 1
