"""The worker's part in what is told of rewards that were paid."""

from __future__ import annotations

from datetime import timedelta

from portal.jobs.registry import REGISTRY
from portal.kernel.clock import Utc, day_of
from portal.kernel.site import site
from portal.kernel.transaction import transaction
from portal.rewards.totals import refresh


@REGISTRY.sweep("reward totals", timedelta(hours=6))
def reward_totals(now: Utc) -> int:
    """Make the totals anew where a quarter, an office or the threshold has changed."""
    with transaction() as session:
        return refresh(session, site().region, site().smallest_cell, day_of(now))
