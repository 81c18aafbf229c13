"""The life of a disclosure: one table of moves. Pure.

What was published stays: a correction is another disclosure, whose figures follow the earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class DisclosureState(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"
    DROPPED = "dropped"


class DisclosureAction(StrEnum):
    REPLACE = "replace"  # another file in its place
    EXPLAIN = "explain"
    CHECK = "check"
    SEND_BACK = "send-back"
    APPROVE = "approve"
    PUBLISH = "publish"
    DROP = "drop"


_S, _A = DisclosureState, DisclosureAction
TRANSITIONS: Mapping[tuple[DisclosureState, DisclosureAction], DisclosureState] = MappingProxyType(
    {
        (_S.DRAFT, _A.REPLACE): _S.DRAFT,
        (_S.DRAFT, _A.EXPLAIN): _S.DRAFT,
        (_S.DRAFT, _A.CHECK): _S.CHECKED,
        (_S.DRAFT, _A.DROP): _S.DROPPED,
        (_S.CHECKED, _A.SEND_BACK): _S.DRAFT,
        (_S.CHECKED, _A.APPROVE): _S.APPROVED,
        (_S.APPROVED, _A.SEND_BACK): _S.DRAFT,
        (_S.APPROVED, _A.PUBLISH): _S.PUBLISHED,
    }
)


def next_disclosure_state(state: DisclosureState, action: DisclosureAction) -> DisclosureState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这份公告已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def disclosure_actions_from(state: DisclosureState) -> frozenset[DisclosureAction]:
    """What the table allows from *state*."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
