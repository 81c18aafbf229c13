from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.jobs.models import Job
from portal.jobs.queue import enqueue
from portal.jobs.registry import Registry
from portal.jobs.runner import (
    FIRST_PAUSE,
    KEPT,
    LEASE,
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    claim_one,
    forget_done,
    has_due,
    pause,
    put_off,
    run_one,
)
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.models import LedgerEntry

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)


def put(kind: str = "note", key: str | None = None, after: Utc | None = None) -> None:
    with transaction() as session:
        enqueue(session, kind, {"text": "x"}, NOW, key=key, after=after)


def only_job() -> Job:
    with transaction() as session:
        return session.scalars(select(Job)).one()


def notes() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def note(session: Session, arguments: Mapping[str, str], now: Utc) -> None:
    append(session, Notice(arguments["text"]), SYSTEM, now)


@pytest.fixture
def registry(database: Database) -> Registry:
    made = Registry()
    made.job("note")(note)
    return made


def test_a_job_is_done_once_with_its_mark_in_the_same_transaction(registry: Registry) -> None:
    put()
    assert run_one(registry, NOW)
    assert not run_one(registry, NOW + timedelta(days=1))
    assert (notes(), only_job().state) == (1, "done")


def test_a_job_of_a_transaction_that_failed_does_not_exist(registry: Registry) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        enqueue(session, "note", {}, NOW)
        raise RuntimeError
    assert not run_one(registry, NOW)


def test_a_key_makes_a_repeated_enqueue_one_job_also_after_it_is_done(registry: Registry) -> None:
    put(key="k")
    put(key="k")
    assert run_one(registry, NOW)
    put(key="k")
    assert not run_one(registry, NOW)
    assert notes() == 1


def test_a_job_waits_for_its_moment(registry: Registry) -> None:
    put(after=NOW + timedelta(hours=1))
    with transaction() as session:
        assert not has_due(session, NOW)
        assert has_due(session, NOW + timedelta(hours=1))
    assert not run_one(registry, NOW)
    assert run_one(registry, NOW + timedelta(hours=1))


def test_a_failing_job_leaves_nothing_behind_and_comes_again_later_and_later(registry: Registry) -> None:
    def fail(session: Session, arguments: Mapping[str, str], now: Utc) -> None:
        note(session, arguments, now)
        raise ZeroDivisionError("a secret word")

    registry.job("fail")(fail)
    put("fail")
    now, waits = NOW, []
    while only_job().state != "failed":
        assert run_one(registry, now)
        waits.append(only_job().run_after - now)
        now = only_job().run_after
    assert notes() == 0
    assert only_job().error == "ZeroDivisionError"
    assert only_job().attempts == MOST_ATTEMPTS == len(waits)
    assert waits[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert not run_one(registry, now + timedelta(days=30))


def test_pauses_grow_up_to_a_limit() -> None:
    assert pause(1) == FIRST_PAUSE
    assert pause(500) == LONGEST_PAUSE


def test_a_job_that_no_worker_knows_stays_for_the_next_release(registry: Registry) -> None:
    put("of-tomorrow")
    assert run_one(registry, NOW)
    assert (only_job().state, only_job().error) == ("waiting", "KeyError")


def test_a_failing_job_does_not_hold_up_the_next(registry: Registry) -> None:
    put("of-tomorrow")
    put()
    assert run_one(registry, NOW)
    assert run_one(registry, NOW)
    assert notes() == 1


def test_a_lease_that_ran_out_is_claimed_again(registry: Registry) -> None:
    put()
    with transaction() as session:
        assert claim_one(session, NOW) is not None
    assert not run_one(registry, NOW + LEASE - timedelta(seconds=1))
    assert run_one(registry, NOW + LEASE)
    assert (notes(), only_job().attempts) == (1, 2)


def test_a_slow_worker_whose_job_was_taken_over_takes_its_work_back(registry: Registry) -> None:
    def overtaken(session: Session, arguments: Mapping[str, str], now: Utc) -> None:
        note(session, arguments, now)
        job = session.scalars(select(Job)).one()
        job.attempts += 1  # what the other worker's claim did meanwhile
        session.flush()

    registry.job("slow")(overtaken)
    put("slow")
    assert run_one(registry, NOW)
    assert notes() == 0
    assert only_job().state == "running"
    with transaction() as session:
        claim = claim_one(session, NOW + LEASE)
        assert claim is not None
        put_off(session, claim.__class__(claim.id, claim.kind, {}, claim.attempt - 1), "Late", NOW)
    assert only_job().error == ""


def test_many_workers_share_the_jobs_and_do_each_once(registry: Registry) -> None:
    with transaction() as session:
        for _ in range(40):
            enqueue(session, "note", {"text": "x"}, NOW)
    ran: list[int] = []

    def work() -> None:
        done = 0
        while run_one(registry, NOW):
            done += 1
        ran.append(done)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(ran), notes()) == (40, 40)


KILLED = textwrap.dedent(
    """
    import os, sys
    from datetime import UTC, datetime
    from portal.jobs.registry import Registry
    from portal.jobs.runner import run_one
    from portal.kernel.actors import SYSTEM
    from portal.kernel.db import Database
    from portal.kernel.transaction import bind
    from portal.ledger.book import append
    from portal.ledger.events import Notice
    registry = Registry()
    @registry.job("note")
    def note(session, arguments, now):
        append(session, Notice(arguments["text"]), SYSTEM, now)
        session.flush()
        os._exit(9)
    bind(Database.open(*sys.argv[1:]))
    run_one(registry, datetime(2026, 9, 28, 2, 0, tzinfo=UTC))
    """
)


def test_a_worker_killed_in_the_middle_of_a_job_leaves_it_to_be_done(registry: Registry, database: Database) -> None:
    put()
    urls = [engine.url.render_as_string(hide_password=False) for engine in (database.engine, database.shred)]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    killed = subprocess.run([sys.executable, "-c", KILLED, *urls], env=environment, check=False)
    assert killed.returncode == 9
    assert (notes(), only_job().state) == (0, "running")
    assert run_one(registry, NOW + LEASE)
    assert (notes(), only_job().state) == (1, "done")


def test_what_was_done_long_ago_is_forgotten_and_what_failed_is_kept(registry: Registry) -> None:
    put()
    run_one(registry, NOW)
    with transaction() as session:
        assert forget_done(session, NOW + KEPT) == 0
        assert forget_done(session, NOW + KEPT + timedelta(seconds=1)) == 1


def test_a_kind_has_one_worker_and_a_sweep_one_name() -> None:
    registry = Registry()
    registry.job("a")(note)
    with pytest.raises(ValueError, match="worker already"):
        registry.job("a")(note)
    registry.sweep("s", timedelta(1))(lambda _now: 0)
    with pytest.raises(ValueError, match="sweep"):
        registry.sweep("s", timedelta(1))(lambda _now: 0)
