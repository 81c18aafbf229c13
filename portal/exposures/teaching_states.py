"""The life of a teaching notice: one table of moves. Pure.

What the public sees is never edited in place: TAKE_BACK, by a person, and AGAIN, when the case was corrected, lead back
to drafting and hide the notice until a second person has approved it anew. END goes with the case, for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class TeachingState(StrEnum):
    DRAFTING = "drafting"
    IN_REVIEW = "in-review"
    SHOWN = "shown"
    ENDED = "ended"


class TeachingAction(StrEnum):
    REWRITE = "rewrite"
    SUBMIT = "submit"
    SEND_BACK = "send-back"
    APPROVE = "approve"
    TAKE_BACK = "take-back"
    AGAIN = "again"
    END = "end"


class Display(StrEnum):
    """What the public has of a notice: its words, or that they are being looked at, or that they are gone for good."""

    SHOWN = "shown"
    PAUSED = "paused"
    ENDED = "ended"


_S, _A = TeachingState, TeachingAction
TRANSITIONS: Mapping[tuple[TeachingState, TeachingAction], TeachingState] = MappingProxyType(
    {
        (_S.DRAFTING, _A.REWRITE): _S.DRAFTING,
        (_S.DRAFTING, _A.SUBMIT): _S.IN_REVIEW,
        (_S.IN_REVIEW, _A.SEND_BACK): _S.DRAFTING,
        (_S.IN_REVIEW, _A.APPROVE): _S.SHOWN,
        (_S.SHOWN, _A.TAKE_BACK): _S.DRAFTING,
    }
    | {(state, _A.AGAIN): _S.DRAFTING for state in (_S.DRAFTING, _S.IN_REVIEW, _S.SHOWN)}
    | {(state, _A.END): _S.ENDED for state in (_S.DRAFTING, _S.IN_REVIEW, _S.SHOWN)}
)


def next_teaching_state(state: TeachingState, action: TeachingAction) -> TeachingState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这份提醒已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after
