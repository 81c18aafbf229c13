"""The one worker: gives entries their place on the ledger, signs checkpoints, runs jobs, tidies up.

It holds the checkpoint key and no key that opens anything: what needs one runs in a signed-in session. Several may run
at once (a new one starts before the old one ends): everything here is safe to do twice.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module

from sqlalchemy import exists, select

from admin.audit.checkpoints import checkpoint_if_due, owed_checkpoint
from crypto.signing import verifier_of
from portal.jobs.registry import REGISTRY, Registry
from portal.jobs.runner import has_due, run_one
from portal.kernel import clock
from portal.kernel.clock import Utc
from portal.kernel.transaction import bound, reading, transaction
from portal.ledger.models import LedgerQueue
from portal.ledger.sequencer import sequence

MODULES = ("admin.upkeep", "admin.rewards.totalling")
"""Modules that register workers of jobs and sweeps."""

PAUSE_S = 1.0
TROUBLE_S = 5.0
CHECKPOINT_EVERY_S = 15.0
SETTLE = timedelta(seconds=1)
"""Entries younger than this wait, so that transactions which commit late still stand in order of arrival."""

BATCH = 500
JOBS_A_ROUND = 50

log = logging.getLogger(__name__)


def load_workers() -> Registry:
    """The registry with every worker and sweep of this deployment in it."""
    for module in MODULES:
        import_module(module)
    return REGISTRY


@dataclass
class Worker:
    """One round after the other until told to stop. ``hours``: when checkpoints are published (Beijing)."""

    signer: str = field(repr=False)
    hours: tuple[int, ...]
    registry: Registry
    _next: dict[str, float] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Work until *stop* is set; a step that is running is finished first."""
        while not stop.is_set():
            stop.wait(self.round(clock.now(), stop.is_set))

    def round(self, now: Utc, stopped: Callable[[], bool] = lambda: False) -> float:
        """Do what is due; returns how many seconds to wait. A step that fails is logged and tried again later."""
        more = trouble = False
        for step in (self.sequence, self.checkpoint, self.jobs, self.sweep, self.fold):
            if stopped():
                return 0.0
            try:
                more = step(now) or more
            except Exception as error:  # the other steps must go on; the text may hold values, the name does not
                trouble = True
                log.error("%s failed with %s", step.__name__, type(error).__name__)
        return TROUBLE_S if trouble else 0.0 if more else PAUSE_S

    def sequence(self, now: Utc) -> bool:
        """Place what waits; whether there may be more."""
        settled = now - SETTLE
        with reading() as session:
            if not session.scalar(select(exists().where(LedgerQueue.arrived_at <= settled))):
                return False
        with transaction() as session:
            placed = sequence(session, settled, BATCH)
        self._next["checkpoint"] = 0.0  # a key among them is to be trusted at once
        return placed == BATCH

    def checkpoint(self, now: Utc) -> bool:
        """Sign the checkpoint that is owed, if any."""
        if not self._is_time("checkpoint", CHECKPOINT_EVERY_S):
            return False
        with reading() as session:
            owed = owed_checkpoint(session, verifier_of(self.signer), now, self.hours)
        if owed is not None:
            with transaction() as session:
                checkpoint_if_due(session, self.signer, now, self.hours)
        return False

    def jobs(self, now: Utc) -> bool:
        """Run due jobs; whether there may be more."""
        with reading() as session:
            if not has_due(session, now):
                return False
        return all(run_one(self.registry, now) for _ in range(JOBS_A_ROUND))

    def sweep(self, now: Utc) -> bool:
        """Call every sweep whose time has come."""
        for periodic in self.registry.sweeps.values():
            if self._is_time(f"sweep {periodic.name}", periodic.every.total_seconds()):
                dealt_with = periodic.call(now)
                if dealt_with:
                    log.info("sweep %s: %d", periodic.name, dealt_with)
        return False

    def fold(self, _now: Utc) -> bool:
        """Bring what was committed into the files of the stores, so that no reporter's commit has to."""
        bound().fold_logs()
        return False

    def _is_time(self, what: str, every_s: float) -> bool:
        at = time.monotonic()
        if at < self._next.get(what, 0.0):
            return False
        self._next[what] = at + every_s
        return True


def run_until_stopped(worker: Worker) -> None:
    """Run in this process until SIGTERM or SIGINT; returns when the step in hand is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    worker.run(stop)
