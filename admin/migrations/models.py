"""Every module with tables, so that Alembic and the tests see the whole schema."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "portal.workdays.models",
    "portal.directory.models",
    "portal.routing.models",
    "portal.ledger.models",
    "portal.jobs.models",
    "portal.attachments.models",
    "portal.mailbox.models",
    "portal.tips.models",
    "portal.payments.models",
    "portal.payments.batch_models",
    "portal.rewards.models",
    "portal.rewards.claim_models",
    "portal.rewards.total_models",
    "portal.exposures.models",
    "portal.disclosures.models",
    "portal.statistics.models",
    "portal.custody.models",
    "portal.retention.models",
    "portal.signin.models",
    "admin.staff.models",
    "admin.tips.models",
)


def load() -> None:
    """Import them all; a module that cannot be imported is an error, not a smaller schema."""
    for name in MODULES:
        import_module(name)
