"""When answers suffice, how long a request waits, how long an identity is shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from portal.custody.states import RequestAction

WAITS = timedelta(days=7)
"""Calendar days in which the holders answer and the asker opens (a setting of ours, no law)."""

SHOWN_FOR = timedelta(minutes=30)
"""How long an opened identity may be looked at."""


def waits_until(asked_on: date) -> date:
    """The last day of a request that is made on a day."""
    return asked_on + WAITS


def follows(k: int, seats: int, answers: Sequence[bool]) -> RequestAction | None:
    """What the answers so far (True: consent) come to: COMPLETE with k consents, REFUSE once k cannot be reached.

    ``seats``: how many seats hold a share. None while it is open.
    """
    consents = sum(answers)
    if consents >= k:
        return RequestAction.COMPLETE
    if seats - (len(answers) - consents) < k:
        return RequestAction.REFUSE
    return None
