"""What the worker tidies up: drafts that nobody came back to, blobs and shred keys that nothing names, ended sessions.

Each sweep works in small transactions of its own and may be called at any time; killed half-way it leaves nothing that
the next call does not find.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from admin.custody.ending import sweep_requests
from admin.exposures.sweeping import sweep_exposures
from admin.payments.ending import sweep_releases
from admin.payments.shredding import shred_due, without_payment
from admin.retention.shredding import shred_approved
from admin.rewards.sweeping import sweep_rewards
from admin.staff.generations import retire_covered, several_in_use
from admin.tips.draftsweep import sweep_record_drafts, without_draft
from portal.attachments.register import sweep_orphans
from portal.attachments.store import site_store
from portal.jobs.registry import REGISTRY
from portal.jobs.runner import forget_done
from portal.kernel.clock import Utc, day_of
from portal.kernel.shred import drop_shred_keys, shred_keys_made
from portal.kernel.transaction import reading, session_transaction, transaction
from portal.kernel.values import Id
from portal.signin.challenges import sweep_challenges
from portal.signin.sessions import sweep_sessions
from portal.signin.throttle import sweep_attempts
from portal.tips.clocks import recount
from portal.tips.drafts import sweep_drafts, without_home

ORPHAN_KEY_AGE, ORPHAN_KEY_WINDOW = timedelta(days=9), timedelta(days=21)
"""A draft lives seven days, so a key older than nine that nothing names was left by a crash. Keys beyond the window
were looked at on twenty days before."""

_BATCH = 500
_ROUNDS = 200  # of a batch each; what is left then waits for the next call


@REGISTRY.sweep("drafts", timedelta(hours=1))
def expired_drafts(now: Utc) -> int:
    """Destroy drafts past their day, with their files; their shred keys last, which is what destroys the backups."""
    return _sweep_of_drafts(sweep_drafts, now)


@REGISTRY.sweep("record drafts", timedelta(hours=1))
def expired_record_drafts(now: Utc) -> int:
    """The same for what staff began to write down and did not record."""
    return _sweep_of_drafts(sweep_record_drafts, now)


def _sweep_of_drafts(sweep: Callable[[Session, Utc, int], tuple[list[Id], list[Id]]], now: Utc) -> int:
    done = 0
    while True:
        with transaction() as session:
            blobs, keys = sweep(session, now, _BATCH)
        store = site_store()
        for blob in blobs:
            store.delete(blob)
        drop_shred_keys(keys)
        done += len(keys)
        if not keys:
            return done


@REGISTRY.sweep("orphan shred keys", timedelta(hours=24))
def orphan_shred_keys(now: Utc) -> int:
    """Destroy shred keys of drafts that ended without the sweeps above: sent, recorded, discarded, or cut off; and of
    payees whose payment was never stored."""
    newest = day_of(now) - ORPHAN_KEY_AGE
    done = 0
    for group in shred_keys_made(newest - ORPHAN_KEY_WINDOW, newest, _BATCH):
        with reading() as session:
            orphans = without_payment(session, without_draft(session, without_home(session, group)))
        drop_shred_keys(orphans)
        done += len(orphans)
    return done


@REGISTRY.sweep("orphan blobs", timedelta(hours=6))
def orphan_blobs(now: Utc) -> int:
    """Delete blobs of requests that died midway."""
    with reading() as session:
        return sweep_orphans(session, site_store(), now)


@REGISTRY.sweep("sessions", timedelta(minutes=5))
def ended_sessions(now: Utc) -> int:
    """Delete sessions that have ended and attempts that no longer count."""
    with session_transaction() as session:
        sweep_attempts(session, now)
        sweep_challenges(session, now)
        return sweep_sessions(session, now)


@REGISTRY.sweep("deadlines", timedelta(minutes=10))
def changed_calendar(now: Utc) -> int:
    """Count deadlines again that were counted with another calendar than today's."""
    done = 0
    for _ in range(_ROUNDS):
        with transaction() as session:
            counted = recount(session, day_of(now))
        done += counted
        if not counted:
            break
    return done


@REGISTRY.sweep("identity requests", timedelta(minutes=1))
def ended_requests(now: Utc) -> int:
    """Destroy the one-time keys of requests that have expired or were shown long enough."""
    with transaction() as session:
        return sweep_requests(session, now)


@REGISTRY.sweep("payment releases", timedelta(minutes=1))
def ended_releases(now: Utc) -> int:
    """Destroy the one-time keys of releases that nobody made into a file in time."""
    with transaction() as session:
        return sweep_releases(session, now)


@REGISTRY.sweep("rewards", timedelta(seconds=20))
def rewards_that_are_due(now: Utc) -> int:
    """Open late wishes, let go what was not claimed in time, and follow what the bank answered."""
    with transaction() as session:
        return sweep_rewards(session, now)


@REGISTRY.sweep("exposures", timedelta(minutes=1))
def exposures_that_are_due(now: Utc) -> int:
    """Show the cases whose day has come and take down those whose term is over."""
    with transaction() as session:
        return sweep_exposures(session, now)


@REGISTRY.sweep("payees past their term", timedelta(hours=24))
def payees_past_their_term(now: Utc) -> int:
    """Destroy whom payments went to, once the law lets nothing more hang on it."""
    return shred_due(now)


@REGISTRY.sweep("approved destructions", timedelta(seconds=20))
def approved_destructions(now: Utc) -> int:
    """Destroy the reports that two people agreed to destroy."""
    return shred_approved(now)


@REGISTRY.sweep("older office keys", timedelta(seconds=20))
def older_office_keys(now: Utc) -> int:
    """Retire the key that an office had before, once the ledger vouches for the new one."""
    with reading() as session:
        if not session.scalar(several_in_use()):
            return 0
    with transaction() as session:
        return retire_covered(session, now)


@REGISTRY.sweep("done jobs", timedelta(hours=24))
def old_jobs(now: Utc) -> int:
    """Forget jobs that were done long ago."""
    with transaction() as session:
        return forget_done(session, now)
