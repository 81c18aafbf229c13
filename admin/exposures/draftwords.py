"""What questions about a draft and reasons to keep something are called, for editors and publishers."""

from __future__ import annotations

from collections.abc import Mapping

from portal.exposures import wording
from portal.exposures.drafts import Keep, Question, Topic
from portal.exposures.redaction.values import Kind
from portal.exposures.safety import FEW, NEAR_DAYS, Warned
from portal.exposures.states import ExposureState

KEEPS: Mapping[Keep, str] = {
    Keep.MISTAKEN: "认错了，不是个人信息",
    Keep.PUBLIC: "本来就公开（机构、职务、法律）",
    Keep.NEEDED: "说清事实需要，看不出是谁",
    Keep.USUAL: "大家都这样说",
    Keep.WEIGHED: "看过了，风险可以承担",
}
OFFERED: Mapping[Topic, tuple[Keep, ...]] = {
    Topic.MASK: (Keep.MISTAKEN, Keep.PUBLIC, Keep.NEEDED),
    Topic.CAUTION: (Keep.MISTAKEN, Keep.PUBLIC, Keep.NEEDED),
    Topic.SUM: (Keep.NEEDED,),
    Topic.SHARED: (Keep.USUAL, Keep.NEEDED, Keep.WEIGHED),
    Topic.WARNED: (Keep.WEIGHED,),
}
"""Which reasons fit which question."""
WARNINGS: Mapping[Warned, str] = {
    Warned.ONE_MONTH: "只有一个机构、一个月：那个月在场的人不多，容易猜到是谁看见的。",
    Warned.FEW_KNEW: f"案件记录写着：可能知情的人不到 {FEW} 个。",
    Warned.SAYS_REPORT: "案源写着“群众举报”，而知情的人或者时间范围很小。",
    Warned.SOON: f"收到举报还不到 {NEAR_DAYS} 天：现在公开，容易让人联想到举报。",
    Warned.SAME_MONTH: "正文写到了收到举报的那个月。",
}
STATES: Mapping[ExposureState, tuple[str, str]] = {
    ExposureState.DRAFTING: ("起草", "open"),
    ExposureState.IN_REVIEW: ("等审批", "waiting"),
    ExposureState.SCHEDULED: ("已批准，等公布", "waiting"),
    ExposureState.PUBLISHED: ("已公布", "done"),
    ExposureState.CORRECTING: ("起草更正", "open"),
    ExposureState.CORRECTION_IN_REVIEW: ("更正等审批", "waiting"),
    ExposureState.WITHDRAWN: ("已撤回", "neutral"),
    ExposureState.EXPIRED: ("公开期满", "neutral"),
    ExposureState.DROPPED: ("不再公开", "neutral"),
}
"""State in words, and the kind of its tag."""


def asked_in_words(question: Question) -> str:
    """What is asked, in one sentence."""
    if question.topic is Topic.SHARED:
        return f"有 {question.count} 处和举报的原话相同，共 {question.characters} 个字。"
    if question.topic is Topic.WARNED:
        return WARNINGS[Warned(question.kind)]
    if question.topic is Topic.SUM:
        return "案件记录里没有这个金额。"
    kind = wording.KINDS[Kind(question.kind)]
    return f"像是{kind}。" if question.topic is Topic.MASK else f"可能是{kind}，请看一看。"
