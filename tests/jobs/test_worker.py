from __future__ import annotations

import ast
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from admin.worker import SETTLE, Worker, load_workers
from crypto.keys import Purpose, generate_inner
from portal.directory.keys import forget_proofs, publish_key, sealing_keys
from portal.jobs.queue import enqueue
from portal.jobs.registry import Registry
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import Utc, now
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.proofs import latest_checkpoint
from portal.ledger.sequencer import tree_size
from tests.conftest import StandingClock

ROOT = Path(__file__).resolve().parents[2]
Key = tuple[str, str]


@pytest.fixture
def worker(database: Database, checkpoint_key: Key, clock: StandingClock) -> Worker:
    return Worker(checkpoint_key[0], (6, 12, 18), Registry())


def test_a_round_places_entries_and_covers_new_keys_at_once(
    worker: Worker, checkpoint_key: Key, clock: StandingClock
) -> None:
    forget_proofs()
    office, public = new_id(), generate_inner(Purpose.OFFICE).public
    with transaction() as session:
        append(session, Notice("first"), SYSTEM, now())
    clock.advance(seconds=2)
    worker.round(now())
    with transaction() as session:
        publish_key(session, office, public, SYSTEM, now())
    assert worker.round(now()) > 0  # younger than a second: it waits for its elders
    clock.advance(seconds=SETTLE.total_seconds())
    worker.round(now())
    with reading() as session:
        assert sealing_keys(session, "office", [office], checkpoint_key[1])[office][1] == public


def test_an_idle_round_writes_nothing_and_waits(worker: Worker, database: Database) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cur, text, *rest: statements.append(text))
    worker.round(now())
    with ExitStack() as stack:
        if not database.is_postgresql:  # whoever writes keeps everybody else from writing, and nobody from reading
            stranger = stack.enter_context(closing(sqlite3.connect(str(database.engine.url.database))))
            stranger.execute("begin immediate")
        assert worker.round(now()) == 1.0
    assert statements
    assert [text for text in statements if not text.startswith("SELECT")] == []


def test_a_failing_step_does_not_hold_up_the_others(worker: Worker, clock: StandingClock) -> None:
    calls: list[Utc] = []

    def fail(_now: Utc) -> int:
        raise ZeroDivisionError

    worker.registry.sweep("fails", timedelta(seconds=0))(fail)
    worker.registry.job("note")(lambda _session, _arguments, moment: calls.append(moment))
    with transaction() as session:
        append(session, Notice("x"), SYSTEM, now())
        enqueue(session, "note", {}, now())
    clock.advance(seconds=2)
    assert worker.round(now()) == 5.0
    assert calls == [now()]
    with reading() as session:
        assert tree_size(session) == 32


def test_sweeps_come_round_at_their_own_pace(worker: Worker) -> None:
    often, seldom = list[Utc](), list[Utc]()
    worker.registry.sweep("often", timedelta(0))(lambda moment: _noted(often, moment))
    worker.registry.sweep("seldom", timedelta(hours=1))(lambda moment: _noted(seldom, moment))
    for _ in range(3):
        worker.round(now())
    assert (len(often), len(seldom)) == (3, 1)


def _noted(calls: list[Utc], moment: Utc) -> int:
    calls.append(moment)
    return 0


def test_every_kind_of_job_that_is_enqueued_has_exactly_one_worker() -> None:
    kinds: set[str] = set()
    for path in [*ROOT.glob("portal/**/*.py"), *ROOT.glob("admin/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                assert isinstance(node.args[1], ast.Constant), f"{path}: a kind is written out where it is enqueued"
                kinds.add(str(node.args[1].value))
    assert kinds == set(load_workers().workers)


PROCESS = textwrap.dedent(
    """
    import logging, sys
    from admin.worker import Worker, run_until_stopped
    from portal.jobs.registry import Registry
    from portal.kernel.db import Database
    from portal.kernel.transaction import bind
    logging.basicConfig(level=logging.INFO)
    bind(Database.open(*sys.argv[1:4]))
    run_until_stopped(Worker(sys.argv[4], (6, 12, 18), Registry()))
    """
)


def test_the_worker_process_ends_cleanly_when_told_to(database: Database, checkpoint_key: Key) -> None:
    with transaction() as session:
        append(session, Notice("x"), SYSTEM, now() - timedelta(seconds=5))
    engines = (database.engine, database.shred, database.sessions)
    urls = [engine.url.render_as_string(hide_password=False) for engine in engines]
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, *urls, checkpoint_key[0]], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline, signed = time.monotonic() + 30, None
        while signed is None and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
            with reading() as session:
                signed = latest_checkpoint(session, checkpoint_key[1])
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)
    finally:
        process.kill()
    assert (process.returncode, said) == (0, "")
    assert signed is not None
