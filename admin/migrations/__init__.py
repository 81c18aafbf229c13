"""The history of the main database, with its triggers, roles and row security."""

from __future__ import annotations

from admin.migrations.upgrading import ROLE_PREFIX, configuration, downgrade, upgrade

__all__ = ["ROLE_PREFIX", "configuration", "downgrade", "upgrade"]
