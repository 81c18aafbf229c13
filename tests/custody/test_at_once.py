"""Keepers, asker and worker press in the same moment: one outcome, and one entry of the ledger for each thing done."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from admin.custody.ending import sweep_requests
from portal.custody.models import IdentityAnswer, IdentityRequest
from portal.custody.rules import WAITS
from portal.kernel.clock import Utc, now
from portal.kernel.db import Database
from portal.kernel.errors import DomainError
from portal.kernel.site import Site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id
from portal.mailbox.models import Letter
from tests.admin_tips.world import World, make_world
from tests.conftest import StandingClock
from tests.custody.quorum import MOST, WHO, Quorum, make_quorum

ROUNDS = pytest.mark.parametrize("round_", range(3))


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def quorum(world: World, clock: StandingClock) -> Quorum:
    """A name of which four of seven seats are the key."""
    made = make_quorum(world)
    clock.advance(seconds=10)
    with transaction() as session:
        made.sealed(session, 4, MOST)
    return made


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at once; "done" or the code of the refusal, in their order."""
    start = threading.Barrier(len(acts))
    answers = [""] * len(acts)

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


def asked(quorum: Quorum) -> Id:
    with transaction() as session:
        return quorum.ask(session, now()).id


def answer(quorum: Quorum, request: Id, seat: int, yes: bool, moment: Utc | None = None) -> None:
    with transaction() as session:
        quorum.answer(session, request, seat, yes, moment or now())


def record_opening(quorum: Quorum, request: Id, moment: Utc | None = None) -> None:
    with transaction() as session:
        quorum.record_opening(session, request, moment or now())


def state(request: Id) -> str:
    with reading() as session:
        return session.get_one(IdentityRequest, request).state


def told(quorum: Quorum) -> Counter[str]:
    kinds = ("identity-asked", "identity-answered", "identity-opened", "identity-request-ended")
    with reading() as session:
        return Counter({kind: quorum.told(session, kind) for kind in kinds})


@ROUNDS
def test_seven_keepers_consent_and_exactly_four_shares_are_passed_on(quorum: Quorum, round_: int) -> None:
    request = asked(quorum)
    answers = at_once(*(partial(answer, quorum, request, seat, True) for seat in range(MOST)))
    assert Counter(answers) == {"done": 4, "illegal_move": 3}
    assert state(request) == "granted" and told(quorum)["identity-answered"] == 4
    with reading() as session:
        passed = session.scalars(select(IdentityAnswer.seat_id).where(IdentityAnswer.passed.is_not(None))).all()
    assert len(set(passed)) == 4
    record_opening(quorum, request)
    with reading() as session:
        assert quorum.look(session, request, now()) == WHO


@ROUNDS
def test_the_last_consent_and_the_last_objection_end_it_one_way_only(quorum: Quorum, round_: int) -> None:
    request = asked(quorum)
    for seat, yes in enumerate((True, True, True, False, False, False)):
        answer(quorum, request, seat, yes)
    both = at_once(*(partial(answer, quorum, request, 6, yes) for yes in (True, False)))
    won = both.index("done")
    assert sorted(both) in (["done", "illegal_move"], ["answered_already", "done"])
    assert state(request) == ("granted", "refused")[won]
    assert told(quorum)["identity-answered"] == 7
    assert told(quorum)["identity-request-ended"] == won


@ROUNDS
def test_one_keeper_in_two_windows_consents_once(quorum: Quorum, round_: int) -> None:
    request = asked(quorum)
    assert sorted(at_once(*[partial(answer, quorum, request, 2, True)] * 2)) == ["answered_already", "done"]
    assert told(quorum)["identity-answered"] == 1


@ROUNDS
def test_two_openings_start_the_clock_once_and_tell_the_reporter_once(quorum: Quorum, round_: int) -> None:
    request = asked(quorum)
    for seat in range(4):
        answer(quorum, request, seat, True)
    moments = [now(), now() + timedelta(minutes=1)]
    assert at_once(*(partial(record_opening, quorum, request, moment) for moment in moments)) == ["done", "done"]
    assert told(quorum)["identity-opened"] == 2, "each look is on the ledger"
    with reading() as session:
        row = session.get_one(IdentityRequest, request)
        assert row.shown_until in [moment + timedelta(minutes=30) for moment in moments]
        assert len(session.scalars(select(Letter.id).where(Letter.tip_id == row.tip_id)).all()) == 2, "and the receipt"


@ROUNDS
def test_the_worker_ends_what_a_keeper_is_answering_or_the_other_way_round(quorum: Quorum, round_: int) -> None:
    """The page was opened on the last day and is sent on the next."""
    request = asked(quorum)
    last, after = now() + WAITS, now() + WAITS + timedelta(days=1)

    def sweep() -> None:
        with transaction() as session:
            sweep_requests(session, after)

    answers = at_once(sweep, sweep, *(partial(answer, quorum, request, seat, True, last) for seat in range(4)))
    assert answers[:2] == ["done", "done"]
    sweep()  # on PostgreSQL a worker passes over what somebody holds, and comes again
    assert state(request) == "expired" and told(quorum)["identity-request-ended"] == 1
    assert told(quorum)["identity-answered"] == answers.count("done") - 2
    with reading() as session:
        assert set(session.scalars(select(IdentityAnswer.passed))) <= {None}
        assert session.get_one(IdentityRequest, request).once_sealed is None


@ROUNDS
def test_of_two_requests_for_one_name_one_is_made(quorum: Quorum, world: World, round_: int) -> None:
    def ask() -> None:
        with world.at(quorum.number, quorum.asker) as (session, _, _keys):
            quorum.ask(session, now())

    assert sorted(at_once(ask, ask)) == ["asked_already", "done"]
    assert told(quorum)["identity-asked"] == 1
