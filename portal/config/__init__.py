"""The settings of a deployment: one TOML file for the public process, one more for the staff side.

``load`` reads and checks; a production that is weak does not start, and is told every reason at once.
"""

from __future__ import annotations

import os
from pathlib import Path

from portal.config.reading import Settings, load
from portal.config.toml import BadSettings
from portal.config.weak import refuse_inner_material, refuse_weak, weaknesses

__all__ = [
    "BadSettings",
    "Settings",
    "load",
    "refuse_inner_material",
    "refuse_weak",
    "settings_path",
    "weaknesses",
]

VARIABLE = "MINGJING_SETTINGS"


def settings_path() -> Path:
    """The public settings file: ``MINGJING_SETTINGS``, else ``var/public.toml`` under the working folder."""
    return Path(os.environ.get(VARIABLE) or "var/public.toml")
