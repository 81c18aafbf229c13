"""The life of an exposure: one table of moves. Pure.

A published case is never edited in place: CORRECT leads back to drafting while what was published stays up, and the
new version goes the same way past a second person. WITHDRAW takes it down at once and for good; EXPIRE is the rule's
own end.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class ExposureState(StrEnum):
    DRAFTING = "drafting"
    IN_REVIEW = "in-review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    CORRECTING = "correcting"
    CORRECTION_IN_REVIEW = "correction-in-review"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DROPPED = "dropped"


class ExposureAction(StrEnum):
    SUBMIT = "submit"
    SEND_BACK = "send-back"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    RELEASE = "release"
    UNSCHEDULE = "unschedule"
    CORRECT = "correct"
    DROP_CORRECTION = "drop-correction"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    DROP = "drop"
    TAKE_UP = "take-up"


_S, _A = ExposureState, ExposureAction

TRANSITIONS: Mapping[tuple[ExposureState, ExposureAction], ExposureState] = MappingProxyType(
    {
        (_S.DRAFTING, _A.SUBMIT): _S.IN_REVIEW,
        (_S.DRAFTING, _A.DROP): _S.DROPPED,
        (_S.DROPPED, _A.TAKE_UP): _S.DRAFTING,  # the gate decided once more
        (_S.IN_REVIEW, _A.SEND_BACK): _S.DRAFTING,
        (_S.IN_REVIEW, _A.APPROVE): _S.PUBLISHED,
        (_S.IN_REVIEW, _A.SCHEDULE): _S.SCHEDULED,
        (_S.SCHEDULED, _A.RELEASE): _S.PUBLISHED,
        (_S.SCHEDULED, _A.UNSCHEDULE): _S.DRAFTING,
        (_S.PUBLISHED, _A.CORRECT): _S.CORRECTING,
        (_S.CORRECTING, _A.SUBMIT): _S.CORRECTION_IN_REVIEW,
        (_S.CORRECTING, _A.DROP_CORRECTION): _S.PUBLISHED,
        (_S.CORRECTION_IN_REVIEW, _A.SEND_BACK): _S.CORRECTING,
        (_S.CORRECTION_IN_REVIEW, _A.APPROVE): _S.PUBLISHED,
    }
    | {
        (state, action): after
        for state in (_S.PUBLISHED, _S.CORRECTING, _S.CORRECTION_IN_REVIEW)
        for action, after in ((_A.WITHDRAW, _S.WITHDRAWN), (_A.EXPIRE, _S.EXPIRED))
    }
)

ON_SHOW: frozenset[ExposureState] = frozenset({_S.PUBLISHED, _S.CORRECTING, _S.CORRECTION_IN_REVIEW})
"""States in which the public sees a version of the case."""


def next_state(state: ExposureState, action: ExposureAction) -> ExposureState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这个案例已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def actions_from(state: ExposureState) -> frozenset[ExposureAction]:
    """What the table allows from *state*."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
