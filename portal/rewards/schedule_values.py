"""What the versions of a schedule are: their states, and the name by which a decision says what it used. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHIPPED = 0
"""The version of a schedule that comes with the program."""


class VersionState(StrEnum):
    """What became of a proposed version. Only an adopted one is computed with."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Version:
    """Exactly one text of one schedule. ``sha256``: of that text in UTF-8, hex; version 0 came with the program."""

    name: str
    version: int
    sha256: str
