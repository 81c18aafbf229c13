"""The own reward in plain words: where it stands, what may be done, and what the region asks of whoever claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import LazyString
from sqlalchemy.orm import Session

from portal.kernel.errors import Refused
from portal.mailbox.letters import LetterBody
from portal.mailbox.reasons import reason_words
from portal.rewards.choose import choose
from portal.rewards.claim_models import RewardCase
from portal.rewards.claiming import MOST_CORRECTIONS
from portal.rewards.claims import trace_from
from portal.rewards.standing import schedules_now
from portal.rewards.states import RewardState
from portal.rewards.telling import told, yuan
from portal.rewards.telling_case import Told
from portal.rewards.values import Schedule
from portal.tips.reporter import OwnView
from portal.web.locale import lazy_gettext as _l

_S = RewardState

LABELS: Mapping[str, tuple[LazyString, str]] = {
    _S.WISHED: (_l("您想领奖励"), "waiting"),
    _S.REVIEW: (_l("正在审查"), "open"),
    _S.PROPOSED: (_l("正在审查"), "open"),
    _S.NOT_GIVEN: (_l("不给奖励"), "neutral"),
    _S.DECIDED: (_l("已经决定"), "open"),
    _S.NOTIFIED: (_l("可以领取"), "waiting"),
    _S.FIGURE_REVIEW: (_l("正在复核"), "open"),
    _S.REFUSAL_REVIEW: (_l("正在复核"), "open"),
    _S.CLAIMED: (_l("已经领取，等待付款"), "open"),
    _S.RETURNED: (_l("银行退回"), "overdue"),
    _S.PAID: (_l("已经支付"), "done"),
    _S.FORFEITED: (_l("视为放弃"), "neutral"),
    _S.WAIVED: (_l("您放弃了"), "neutral"),
    _S.RECOVERING: (_l("已经支付"), "done"),
    _S.RECOVERED: (_l("奖励被收回"), "danger"),
}

SENTENCES: Mapping[str, LazyString] = {
    _S.WISHED: _l("您说过想领奖励。举报的事查实并且造成医保基金损失以后，自动开始审查，您不用再申请。"),
    _S.REVIEW: _l("您举报的事已经查实，并且造成了基金损失。办理单位正在算应该给多少。"),
    _S.PROPOSED: _l("您举报的事已经查实，并且造成了基金损失。数额已经算出来，正等另一个人批准。"),
    _S.NOT_GIVEN: _l("这份举报没有奖励。原因和怎样得出来的，写在下面。"),
    _S.DECIDED: _l("奖励已经决定，办理单位会按您要求的方式告诉您。"),
    _S.NOTIFIED: _l("奖励已经批准，请在期限以前领取。"),
    _S.FIGURE_REVIEW: _l("您申请了复核，由没有参加这个决定的人办理。领取期限停止计算。"),
    _S.REFUSAL_REVIEW: _l("您申请了复核，由没有参加这个决定的人办理。"),
    _S.CLAIMED: _l("收款信息已经封存，您不用再做什么。钱到账以后会在这里通知您。"),
    _S.RETURNED: _l("银行没有付成，款项退回来了。"),
    _S.PAID: _l("银行答复，奖励已经付到您填写的账户。没有收到的，请写信告诉我们。"),
    _S.FORFEITED: _l("领取的期限已经过了，按照规定视为主动放弃。"),
    _S.WAIVED: _l("您放弃了奖励。举报的办理不受影响。"),
    _S.RECOVERING: _l("银行答复，奖励已经付到您填写的账户。没有收到的，请写信告诉我们。"),
    _S.RECOVERED: _l("办理单位决定收回奖励。原因写在给您的通知里。"),
}

_WAIVABLE = frozenset({_S.WISHED, _S.REVIEW, _S.PROPOSED, _S.NOTIFIED, _S.RETURNED})
_FIGURE_SHOWN = frozenset({_S.NOTIFIED, _S.FIGURE_REVIEW, _S.CLAIMED, _S.RETURNED, _S.PAID, _S.RECOVERING})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the region asks: ``known`` False where no rule was found; ``real_name``: only for who left a name."""

    known: bool
    real_name: bool
    place: str


@dataclass(frozen=True, slots=True)
class RewardPage:
    """The page of the own reward. ``figure`` "" where there is none to show; ``late``: the last day is over."""

    label: str
    kind: str
    sentence: str
    figure: str
    reason: str
    steps: list[str]
    until: date | None
    can_claim: bool
    can_waive: bool
    can_review: bool
    stuck: bool


def reward_page(case: RewardCase, told_of: Told | None, today: date) -> RewardPage:
    """Everything that the page says of *case* on a day."""
    state = RewardState(case.state)
    label, kind = LABELS[state]
    late = case.claim_until is not None and case.claim_until < today
    stuck = state is _S.RETURNED and case.returned > MOST_CORRECTIONS
    in_time = case.review_until is not None and case.review_until >= today
    given = told_of is not None and state in _FIGURE_SHOWN and told_of.fen > 0
    return RewardPage(
        label=str(label),
        kind=kind,
        sentence=str(SENTENCES[state]),
        figure=yuan(told_of.fen) if given and told_of is not None else "",
        reason=reason_words(told_of.code) if told_of is not None and told_of.code else "",
        steps=told(told_of.steps) if told_of is not None else [],
        until=case.claim_until,
        can_claim=state in (_S.NOTIFIED, _S.RETURNED) and not late and not stuck,
        can_waive=state in _WAIVABLE and not late,
        can_review=state in (_S.NOTIFIED, _S.NOT_GIVEN) and in_time and not case.reviewed,
        stuck=stuck,
    )


def asked_here(session: Session, view: OwnView, today: date) -> Asked:
    """What the rule of the place of the conduct asks of whoever claims."""
    region = view.tip.region or view.office.region
    try:
        rule: Schedule = choose(region, today, schedules_now(session))
    except Refused:
        return Asked(known=False, real_name=False, place="")
    return Asked(known=True, real_name=rule.real_name_required, place=rule.region_name)


def trace_words(body: LetterBody) -> list[str]:
    """The way to a figure that came with a notice, a sentence a step; nothing for other letters."""
    params: Mapping[str, Any] = body.params
    return told(trace_from(params["trace"])) if params.get("trace") else []
