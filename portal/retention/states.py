"""The life of a batch of reports to be destroyed: one table of moves. Pure.

STOP is the system's own: what was approved and what lies there are not the same any more, so nothing is destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class BatchState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


class BatchAction(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    START = "start"
    STOP = "stop"
    FINISH = "finish"


_S, _A = BatchState, BatchAction

TRANSITIONS: Mapping[tuple[BatchState, BatchAction], BatchState] = MappingProxyType(
    {
        (_S.OPEN, _A.APPROVE): _S.APPROVED,
        (_S.OPEN, _A.REFUSE): _S.REFUSED,
        (_S.OPEN, _A.EXPIRE): _S.EXPIRED,
        (_S.APPROVED, _A.START): _S.RUNNING,
        (_S.APPROVED, _A.STOP): _S.REFUSED,
        (_S.RUNNING, _A.FINISH): _S.DONE,
    }
)

LIVE: frozenset[BatchState] = frozenset(state for state, _ in TRANSITIONS)
"""States from which something may still happen. A report stands in one live batch at most."""


def next_state(state: BatchState, action: BatchAction) -> BatchState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这一批已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def actions_from(state: BatchState) -> tuple[BatchAction, ...]:
    """What may happen in *state*."""
    return tuple(action for origin, action in TRANSITIONS if origin is state)


class ItemState(StrEnum):
    """One report of a batch. CLEARED: its rows are gone and the ledger says so; its key and files are next."""

    WAITING = "waiting"
    CLEARED = "cleared"
    DONE = "done"
    LEFT_OUT = "left_out"
