"""The world of casework, on each database."""

from __future__ import annotations

from tests.admin_tips.conftest import world

__all__ = ["world"]
