"""The life of a request to open a sealed identity: one table of moves. Pure.

CONSENT and OBJECT stay where they are until the answers suffice, either way: :func:`portal.custody.rules.follows` says
which of COMPLETE and REFUSE comes then. OPEN may be repeated while the identity is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class RequestState(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    OPENED = "opened"
    REFUSED = "refused"
    EXPIRED = "expired"
    DROPPED = "dropped"
    CLOSED = "closed"


class RequestAction(StrEnum):
    CONSENT = "consent"
    OBJECT = "object"
    COMPLETE = "complete"
    REFUSE = "refuse"
    OPEN = "open"
    CLOSE = "close"
    EXPIRE = "expire"
    DROP = "drop"


_S, _A = RequestState, RequestAction

TRANSITIONS: Mapping[tuple[RequestState, RequestAction], RequestState] = MappingProxyType(
    {
        (_S.ASKED, _A.CONSENT): _S.ASKED,
        (_S.ASKED, _A.OBJECT): _S.ASKED,
        (_S.ASKED, _A.COMPLETE): _S.GRANTED,
        (_S.ASKED, _A.REFUSE): _S.REFUSED,
        (_S.ASKED, _A.EXPIRE): _S.EXPIRED,
        (_S.ASKED, _A.DROP): _S.DROPPED,
        (_S.GRANTED, _A.OPEN): _S.OPENED,
        (_S.GRANTED, _A.EXPIRE): _S.EXPIRED,
        (_S.GRANTED, _A.DROP): _S.DROPPED,
        (_S.OPENED, _A.OPEN): _S.OPENED,
        (_S.OPENED, _A.CLOSE): _S.CLOSED,
    }
)

LIVE: frozenset[RequestState] = frozenset(state for state, _ in TRANSITIONS)
"""States in which the request's one-time key still exists. In all others it is destroyed."""


def next_state(state: RequestState, action: RequestAction) -> RequestState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这个申请已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def actions_from(state: RequestState) -> tuple[RequestAction, ...]:
    """What may happen in *state*."""
    return tuple(action for origin, action in TRANSITIONS if origin is state)
