"""Any k of any n: a name opens exactly when k different seats have consented in time, in whatever order all happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.custody.rules import WAITS
from portal.kernel.clock import Utc, now
from portal.kernel.db import Database
from portal.kernel.errors import DomainError
from portal.kernel.site import Site
from portal.kernel.values import Id
from tests.admin_tips.world import make_world
from tests.conftest import StandingClock
from tests.custody.quorum import MOST, WHO, Quorum, make_quorum


@pytest.fixture
def quorum(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> Quorum:
    made = make_quorum(make_world(database, checkpoint_key[0]))
    clock.advance(seconds=10)
    return made


@dataclass(frozen=True)
class Step:
    """So many days later the keeper of a seat (from 0) answers."""

    days: int
    seat: int
    yes: bool


DAYS, YES = st.sampled_from((0,) * 8 + (1, 3)), st.sampled_from((True, True, True, False))
STEPS = st.lists(st.builds(Step, DAYS, st.integers(0, MOST - 1), YES), min_size=2, max_size=14)
SIZES = st.integers(2, MOST).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n)))


@dataclass
class Expected:
    """The promise in a few lines, apart from the code that keeps it."""

    k: int
    n: int
    consents: set[int] = field(default_factory=set)
    objections: set[int] = field(default_factory=set)

    def takes(self, step: Step, day: int) -> bool:
        """Whether the answer counts."""
        over = self.granted or self.refused or day > WAITS.days
        return not over and step.seat < self.n and step.seat not in self.consents | self.objections

    def take(self, step: Step) -> None:
        (self.consents if step.yes else self.objections).add(step.seat)

    @property
    def granted(self) -> bool:
        return len(self.consents) >= self.k

    @property
    def refused(self) -> bool:
        return not self.granted and self.n - len(self.objections) < self.k


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=SIZES, steps=STEPS, wait=st.sampled_from((0,) * 6 + (1, WAITS.days, WAITS.days + 1)))
@example(size=(7, 7), steps=[Step(1, seat, True) for seat in range(7)], wait=0)  # the last one on the last day
@example(size=(7, 7), steps=[Step(2, seat, True) for seat in range(7)], wait=0)  # the fifth too late
@example(size=(2, 2), steps=[Step(0, 0, True), Step(0, 0, True)], wait=0)  # one seat twice
@example(size=(2, 3), steps=[Step(0, 5, True), Step(0, 0, True), Step(0, 2, True)], wait=WAITS.days + 1)
@example(size=(4, 7), steps=[Step(0, seat, False) for seat in range(7)], wait=0)
def test_it_opens_exactly_when_k_different_seats_consented_in_time(
    quorum: Quorum, size: tuple[int, int], steps: list[Step], wait: int
) -> None:
    k, n = size
    with Session(quorum.world.database.engine, expire_on_commit=False) as session:
        try:
            _walk(quorum, session, Expected(k, n), steps, wait)
        finally:
            session.rollback()


def test_with_every_k_of_every_n_one_fewer_opens_nothing_and_the_kth_opens_it(quorum: Quorum) -> None:
    sizes = [(k, n) for n in range(2, MOST + 1) for k in range(2, n + 1)]
    assert len(sizes) == 21
    for k, n in sizes:
        with Session(quorum.world.database.engine, expire_on_commit=False) as session:
            quorum.sealed(session, k, n)
            request = quorum.ask(session, now()).id
            for seat in range(n - 1, n - k, -1):
                quorum.answer(session, request, seat, True, now())
            assert not _opened(quorum, session, request, now()), (k, n)
            quorum.answer(session, request, n - k, True, now())
            assert _opened(quorum, session, request, now()), (k, n)
            session.rollback()


def _walk(quorum: Quorum, session: Session, expected: Expected, steps: list[Step], wait: int) -> None:
    begun = now()
    quorum.sealed(session, expected.k, expected.n)
    request = quorum.ask(session, begun).id
    day = 0
    for step in steps:
        day += step.days
        counts = expected.takes(step, day)
        assert _taken(quorum, session, request, step, begun + timedelta(days=day)) == counts, (step, day)
        if counts:
            expected.take(step)
    day += wait
    opens = expected.granted and day <= WAITS.days
    event("opens" if opens else "stays closed")
    assert _opened(quorum, session, request, begun + timedelta(days=day)) == opens
    answers = len(expected.consents | expected.objections)
    assert quorum.told(session, "identity-answered") == answers, "each answer that counted, once"
    assert quorum.told(session, "identity-opened") == opens
    assert quorum.told(session, "identity-request-ended") == expected.refused


def _taken(quorum: Quorum, session: Session, request: Id, step: Step, moment: Utc) -> bool:
    try:
        with session.begin_nested():
            quorum.answer(session, request, step.seat, step.yes, moment)
    except DomainError:
        return False
    return True


def _opened(quorum: Quorum, session: Session, request: Id, moment: Utc) -> bool:
    try:
        with session.begin_nested():
            quorum.record_opening(session, request, moment)
    except DomainError:
        with pytest.raises(DomainError):
            quorum.look(session, request, moment)
        return False
    assert quorum.look(session, request, moment) == WHO
    return True
