"""The life of a batch of payments: one table of moves. Pure.

RELEASE happens again when the same file is asked for once more; nothing that is in it can change by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class BatchState(StrEnum):
    DRAFT = "draft"
    RELEASED = "released"
    ANSWERED = "answered"
    DROPPED = "dropped"


class BatchAction(StrEnum):
    DROP = "drop"
    RELEASE = "release"
    ANSWER = "answer"


_S, _A = BatchState, BatchAction

TRANSITIONS: Mapping[tuple[BatchState, BatchAction], BatchState] = MappingProxyType(
    {
        (_S.DRAFT, _A.DROP): _S.DROPPED,
        (_S.DRAFT, _A.RELEASE): _S.RELEASED,
        (_S.RELEASED, _A.RELEASE): _S.RELEASED,
        (_S.RELEASED, _A.ANSWER): _S.ANSWERED,
    }
)


def next_state(state: BatchState, action: BatchAction) -> BatchState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这一批已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after
