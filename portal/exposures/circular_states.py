"""The life of a circular: one table of moves for both kinds. Pure.

What a circular says is fixed from the moment of proposing: another text is another circular. One on a case is proposed
and sent in one act, because two people stand behind it by then: whoever wrote the record and whoever decides at the
gate. One on the evaluation waits for a second person. What was sent cannot be called back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class CircularKind(StrEnum):
    CASE = "case"
    EVALUATION = "evaluation"


class CircularState(StrEnum):
    PROPOSED = "proposed"
    SENT = "sent"
    RETURNED = "returned"
    DROPPED = "dropped"


class CircularAction(StrEnum):
    SEND = "send"
    SEND_BACK = "send-back"
    DROP = "drop"


PROPOSED = "propose"
"""The first entry of a circular in the book; it is no move of the table."""
_S, _A = CircularState, CircularAction
TRANSITIONS: Mapping[tuple[CircularState, CircularAction], CircularState] = MappingProxyType(
    {
        (_S.PROPOSED, _A.SEND): _S.SENT,
        (_S.PROPOSED, _A.SEND_BACK): _S.RETURNED,
        (_S.PROPOSED, _A.DROP): _S.DROPPED,
    }
)


def next_circular_state(state: CircularState, action: CircularAction) -> CircularState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这份通报已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def circular_actions_from(state: CircularState) -> frozenset[CircularAction]:
    """What the table allows from *state*."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
