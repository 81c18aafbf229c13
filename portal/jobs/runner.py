"""Running jobs: claimed with a lease, done in one transaction with their mark, tried again with growing pauses.

A worker that is killed between claim and mark leaves a lease that runs out; the job is then claimed again. A worker
that was only slow finds that another has claimed its job meanwhile, and takes its own work back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, CursorResult, delete, exists, select, update
from sqlalchemy.orm import Session

from portal.jobs.models import Job
from portal.jobs.registry import Registry
from portal.kernel.clock import Utc
from portal.kernel.transaction import transaction
from portal.kernel.values import Id

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=6)
KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in this worker's hands. ``attempt`` tells this claim from a later one."""

    id: Id
    kind: str
    arguments: Mapping[str, str]
    attempt: int


class Overtaken(Exception):
    """The lease ran out and another worker has claimed the job: this transaction must not count."""


def run_one(registry: Registry, now: Utc) -> bool:
    """Claim and run one due job; False when none is due. A failing job is put off and never raises here."""
    with transaction() as session:
        claim = claim_one(session, now)
    if claim is None:
        return False
    try:
        with transaction() as session:
            registry.workers[claim.kind](session, claim.arguments, now)
            _mark(session, claim, now, state="done", error="")
    except Overtaken:
        log.warning("job %s of kind %s was overtaken", claim.id, claim.kind)
    except Exception as error:  # whatever it was, the next job must run; the text may hold values, the name does not
        log.error("job %s of kind %s failed with %s", claim.id, claim.kind, type(error).__name__)
        with transaction() as session:
            put_off(session, claim, type(error).__name__, now)
    return True


def has_due(session: Session, now: Utc) -> bool:
    """Whether a job waits to be claimed: a read, so that an idle worker takes no lock."""
    return bool(session.scalar(select(exists().where(*_due(now)))))


def _due(now: Utc) -> tuple[ColumnElement[bool], ...]:
    return Job.state.in_(("waiting", "running")), Job.run_after <= now


def claim_one(session: Session, now: Utc) -> Claim | None:
    """The job that has been due longest, leased to the caller. Several workers never get the same one."""
    due = (
        select(Job)
        .where(*_due(now))
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite has no such clause: there BEGIN IMMEDIATE lets in one at a time
    )
    job = session.scalars(due).one_or_none()
    if job is None:
        return None
    job.state, job.attempts, job.run_after = "running", job.attempts + 1, now + LEASE
    return Claim(job.id, job.kind, json.loads(job.arguments), job.attempts)


def put_off(session: Session, claim: Claim, error: str, now: Utc) -> None:
    """Try again after a pause that doubles each time; give up after :data:`MOST_ATTEMPTS`."""
    given_up = claim.attempt >= MOST_ATTEMPTS
    try:
        _mark(session, claim, now + pause(claim.attempt), state="failed" if given_up else "waiting", error=error)
    except Overtaken:
        log.warning("job %s of kind %s was overtaken", claim.id, claim.kind)


def pause(attempt: int) -> timedelta:
    """How long to wait after the *attempt*-th failure (the first is 1)."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempt - 1, 20)
    return min(doubled, LONGEST_PAUSE)


def forget_done(session: Session, now: Utc) -> int:
    """Remove jobs that were done a month ago; failed ones stay until somebody looked."""
    result = session.execute(delete(Job).where(Job.state == "done", Job.run_after < now - KEPT))
    assert isinstance(result, CursorResult)
    return result.rowcount


def _mark(session: Session, claim: Claim, run_after: Utc, *, state: str, error: str) -> None:
    """Set the job's state if it is still ours; ``run_after`` of a finished job is when it was finished."""
    mine = update(Job).where(Job.id == claim.id, Job.attempts == claim.attempt, Job.state == "running")
    values = {"state": state, "error": error, "run_after": run_after}
    result = session.execute(mine.values(values).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Overtaken
