"""The life of a monthly bulletin of figures on handling: one table of moves. Pure.

What was published stays: a correction is another bulletin of the same month, with the next version.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class BulletinState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    DROPPED = "dropped"


class BulletinAction(StrEnum):
    COUNT_AGAIN = "count-again"
    SEND_BACK = "send-back"
    APPROVE = "approve"
    PUBLISH = "publish"
    DROP = "drop"


_S, _A = BulletinState, BulletinAction
TRANSITIONS: Mapping[tuple[BulletinState, BulletinAction], BulletinState] = MappingProxyType(
    {
        (_S.DRAFT, _A.COUNT_AGAIN): _S.DRAFT,
        (_S.DRAFT, _A.SEND_BACK): _S.DRAFT,
        (_S.DRAFT, _A.APPROVE): _S.APPROVED,
        (_S.DRAFT, _A.DROP): _S.DROPPED,
        (_S.APPROVED, _A.SEND_BACK): _S.DRAFT,
        (_S.APPROVED, _A.PUBLISH): _S.PUBLISHED,
    }
)


def next_bulletin_state(state: BulletinState, action: BulletinAction) -> BulletinState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这份月报已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def bulletin_actions_from(state: BulletinState) -> frozenset[BulletinAction]:
    """What the table allows from *state*."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
