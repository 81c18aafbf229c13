"""What was known to be wrong in a published case, and when it was corrected or taken down (PP-46.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.exposures.states import ExposureAction

MUST_CORRECT = "must-correct"
"""The line of the history that starts the clock of three working days; it changes no state."""
_ENDS = frozenset({ExposureAction.APPROVE.value, ExposureAction.WITHDRAW.value, ExposureAction.EXPIRE.value})


@dataclass(frozen=True, slots=True)
class Mending:
    """Since when it is known that something shown is wrong, and when that was over; None while it is not."""

    since: date
    ended: date | None


def mendings(steps: Iterable[tuple[str, date]]) -> list[Mending]:
    """All of one exposure, from its history: action and day of each step, in their order. Said again, the first day
    counts. A correction that nobody had said was due starts no clock."""
    found: list[Mending] = []
    since: date | None = None
    for action, day in steps:
        if action == MUST_CORRECT:
            since = since or day
        elif action in _ENDS and since is not None:
            found.append(Mending(since, day))
            since = None
    return found if since is None else [*found, Mending(since, None)]
