"""Who does what: each kind of job has exactly one worker, each sweep one name.

A module with workers registers them when it is imported; ``admin.worker`` imports all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.kernel.clock import Utc

Worker = Callable[[Session, Mapping[str, str], Utc], None]
"""Does one job in the transaction that also marks it done. May be called again after a crash: what it does outside
the database it must be able to do twice."""

Sweep = Callable[[Utc], int]
"""Tidies something up in transactions of its own; returns how many things it dealt with. May be called at any time."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A sweep and how often it is called."""

    name: str
    every: timedelta
    call: Sweep


class Registry:
    """Workers by kind and sweeps by name."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}
        self.sweeps: dict[str, Periodic] = {}

    def job(self, kind: str) -> Callable[[Worker], Worker]:
        """Register the decorated function as the worker of *kind*. Raises ValueError when it has one already."""

        def register(worker: Worker) -> Worker:
            if kind in self.workers:
                raise ValueError(f"the kind {kind} has a worker already")
            self.workers[kind] = worker
            return worker

        return register

    def sweep(self, name: str, every: timedelta) -> Callable[[Sweep], Sweep]:
        """Register the decorated function as the sweep *name*. Raises ValueError when the name is taken."""

        def register(call: Sweep) -> Sweep:
            if name in self.sweeps:
                raise ValueError(f"there is a sweep {name} already")
            self.sweeps[name] = Periodic(name, every, call)
            return call

        return register


REGISTRY = Registry()
"""The one that the worker process runs."""
