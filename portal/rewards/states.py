"""The life of a reward: one table of moves, and what each state is called. Pure.

R0 to R5 of the measure (医保办发〔2022〕22号), with what lies between them. A decision and its notice are one act where
the reporter has a mailbox (R1 and R2 together); elsewhere DECIDED waits until somebody has told the reporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class RewardState(StrEnum):
    WISHED = "wished"  # the reporter said it behind the code; nothing is decided yet
    REVIEW = "review"  # R0
    PROPOSED = "proposed"
    NOT_GIVEN = "not_given"  # RN
    DECIDED = "decided"  # R1: no mailbox, so the notice is still to be given
    NOTIFIED = "notified"  # R2: the time to claim runs
    FIGURE_REVIEW = "figure_review"  # the reporter asked to look at the figure again
    REFUSAL_REVIEW = "refusal_review"
    CLAIMED = "claimed"
    RETURNED = "returned"  # the bank sent it back; the account may be corrected
    PAID = "paid"  # R3
    FORFEITED = "forfeited"  # R4
    WAIVED = "waived"
    RECOVERING = "recovering"
    RECOVERED = "recovered"  # R5


class RewardAction(StrEnum):
    OPEN = "open"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    GIVE = "give"
    REFUSE = "refuse"
    DECIDE = "decide"
    TELL = "tell"
    CLAIM = "claim"
    WAIVE = "waive"
    FORFEIT = "forfeit"
    PAY = "pay"
    RETURN = "return"
    ASK_REVIEW = "ask_review"
    UPHOLD = "uphold"
    LOOK_AGAIN = "look_again"
    PROPOSE_RECOVERY = "propose_recovery"
    DROP_RECOVERY = "drop_recovery"
    RECOVER = "recover"


_S, _A = RewardState, RewardAction

TRANSITIONS: Mapping[tuple[RewardState, RewardAction], RewardState] = MappingProxyType(
    {
        (_S.WISHED, _A.OPEN): _S.REVIEW,
        (_S.WISHED, _A.WAIVE): _S.WAIVED,
        (_S.REVIEW, _A.PROPOSE): _S.PROPOSED,
        (_S.REVIEW, _A.WAIVE): _S.WAIVED,
        (_S.PROPOSED, _A.SEND_BACK): _S.REVIEW,
        (_S.PROPOSED, _A.GIVE): _S.NOTIFIED,
        (_S.PROPOSED, _A.DECIDE): _S.DECIDED,
        (_S.PROPOSED, _A.REFUSE): _S.NOT_GIVEN,
        (_S.PROPOSED, _A.WAIVE): _S.WAIVED,
        (_S.DECIDED, _A.TELL): _S.NOTIFIED,
        (_S.NOTIFIED, _A.CLAIM): _S.CLAIMED,
        (_S.NOTIFIED, _A.WAIVE): _S.WAIVED,
        (_S.NOTIFIED, _A.FORFEIT): _S.FORFEITED,
        (_S.NOTIFIED, _A.ASK_REVIEW): _S.FIGURE_REVIEW,
        (_S.NOT_GIVEN, _A.ASK_REVIEW): _S.REFUSAL_REVIEW,
        (_S.FIGURE_REVIEW, _A.UPHOLD): _S.NOTIFIED,
        (_S.FIGURE_REVIEW, _A.LOOK_AGAIN): _S.REVIEW,
        (_S.REFUSAL_REVIEW, _A.UPHOLD): _S.NOT_GIVEN,
        (_S.REFUSAL_REVIEW, _A.LOOK_AGAIN): _S.REVIEW,
        (_S.CLAIMED, _A.PAY): _S.PAID,
        (_S.CLAIMED, _A.RETURN): _S.RETURNED,
        (_S.RETURNED, _A.CLAIM): _S.CLAIMED,
        (_S.RETURNED, _A.WAIVE): _S.WAIVED,
        (_S.RETURNED, _A.FORFEIT): _S.FORFEITED,
        (_S.PAID, _A.PROPOSE_RECOVERY): _S.RECOVERING,
        (_S.RECOVERING, _A.DROP_RECOVERY): _S.PAID,
        (_S.RECOVERING, _A.RECOVER): _S.RECOVERED,
    }
)

ENDED: frozenset[RewardState] = frozenset({_S.NOT_GIVEN, _S.FORFEITED, _S.WAIVED, _S.PAID, _S.RECOVERED})
"""Nothing is owed to anybody here. A refusal may still be reviewed, what was paid may still be taken back."""

UNDER_WAY: frozenset[RewardState] = frozenset(RewardState) - ENDED - {_S.WISHED}
"""Somebody still has to act: a report is not destroyed meanwhile."""


def next_state(state: RewardState, action: RewardAction) -> RewardState:
    """The state after *action*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise IllegalMove("illegal_move", "这笔奖励已经有了新的情况。请刷新页面，看看现在可以办什么。")
    return after


def actions_from(state: RewardState) -> tuple[RewardAction, ...]:
    """What may happen in *state*."""
    return tuple(action for origin, action in TRANSITIONS if origin is state)


STAFF_LABEL: Mapping[RewardState, str] = MappingProxyType(
    {
        _S.WISHED: "举报人想领",
        _S.REVIEW: "等待提出意见",
        _S.PROPOSED: "等待批准",
        _S.NOT_GIVEN: "不予奖励",
        _S.DECIDED: "已决定，待告知",
        _S.NOTIFIED: "已通知，待领取",
        _S.FIGURE_REVIEW: "申请复核数额",
        _S.REFUSAL_REVIEW: "申请复核不予奖励",
        _S.CLAIMED: "已领取，待支付",
        _S.RETURNED: "银行退回",
        _S.PAID: "已发放",
        _S.FORFEITED: "逾期视为放弃",
        _S.WAIVED: "已放弃",
        _S.RECOVERING: "提出收回",
        _S.RECOVERED: "已收回",
    }
)

ACTION_LABEL: Mapping[RewardAction, str] = MappingProxyType(
    {
        _A.OPEN: "开始审查",
        _A.PROPOSE: "提出意见",
        _A.SEND_BACK: "退回",
        _A.GIVE: "批准并通知",
        _A.REFUSE: "决定不予奖励",
        _A.DECIDE: "批准",
        _A.TELL: "记录已经告知",
        _A.CLAIM: "领取",
        _A.WAIVE: "放弃",
        _A.FORFEIT: "逾期",
        _A.PAY: "支付成功",
        _A.RETURN: "银行退回",
        _A.ASK_REVIEW: "申请复核",
        _A.UPHOLD: "复核维持",
        _A.LOOK_AGAIN: "复核后重新审查",
        _A.PROPOSE_RECOVERY: "提出收回",
        _A.DROP_RECOVERY: "不收回",
        _A.RECOVER: "决定收回",
    }
)
