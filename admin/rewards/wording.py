"""What the pages of rewards call things: plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from portal.rewards.claims import Kind, ProposalState
from portal.rewards.states import ACTION_LABEL, STAFF_LABEL, RewardAction, RewardState
from portal.rewards.values import Case, Relation, Reporter, Subject
from portal.rewards.wording import percent, yuan

_S = RewardState
TAGS: Mapping[str, str] = {
    **dict.fromkeys((_S.REVIEW, _S.PROPOSED, _S.RECOVERING, _S.DECIDED), "open"),
    **dict.fromkeys((_S.NOTIFIED, _S.CLAIMED, _S.WISHED), "waiting"),
    **dict.fromkeys((_S.FIGURE_REVIEW, _S.REFUSAL_REVIEW, _S.RETURNED), "overdue"),
    _S.PAID: "done",
}
KINDS: Mapping[str, str] = {Kind.GIVE: "给予奖励", Kind.REFUSE: "不予奖励", Kind.RECOVER: "收回奖励"}
ANSWERS: Mapping[str, str] = {
    ProposalState.OPEN: "等待决定",
    ProposalState.APPROVED: "已批准",
    ProposalState.SENT_BACK: "已退回",
}
STATES: Mapping[str, str] = {state.value: words for state, words in STAFF_LABEL.items()}
ACTIONS: Mapping[str, str] = {action.value: words for action, words in ACTION_LABEL.items()}
_ACTORS = {
    **dict.fromkeys((RewardAction.CLAIM, RewardAction.WAIVE, RewardAction.ASK_REVIEW), "举报人"),
    **dict.fromkeys((RewardAction.FORFEIT, RewardAction.PAY, RewardAction.RETURN), "系统"),
}
_REPORTERS = {Reporter.NATURAL_PERSON: "实名", Reporter.ANONYMOUS: "没有留姓名", Reporter.ORGANIZATION: "单位"}
_RELATIONS = {
    Relation.INSIDER: "内部人员",
    Relation.FORMER_INSIDER: "原内部人员",
    Relation.COMPETITOR: "竞争机构",
}


def who(action: str, name: str) -> str:
    """Who made a step; it opens by itself, whoever decided on the report."""
    if action == RewardAction.OPEN:
        return "随处理决定自动开始"
    return name or _ACTORS.get(RewardAction(action), "")


def answer_words(state: str, reward: str) -> str:
    """What became of a proposal; one that nobody answered before the reporter gave the reward up is void."""
    void = state == ProposalState.OPEN and reward == RewardState.WAIVED
    return "已作废" if void else ANSWERS[state]


def version_words(version: int) -> str:
    """Which text of a rule: what came with the program, or the version adopted here."""
    return f"第 {version} 版" if version else "随系统发布的文本"


def facts(case: Case) -> list[tuple[str, str]]:
    """What a figure was computed from, as rows."""
    rows = [
        ("案值", yuan(case.case_value_fen)),
        ("被查实的是", "个人" if case.subject is Subject.INDIVIDUAL else "机构、单位"),
        ("性质", "欺诈骗保" if case.nature == "fraud" else "一般违法"),
        ("证据等级", case.grade or "没有定等级"),
        ("举报人", _REPORTERS[case.reporter]),
        ("与被举报方的关系", _RELATIONS.get(case.relation, "") if case.relation else ""),
        ("第几个举报", f"第 {case.position} 个" if case.position > 1 else "最先举报"),
        ("联名人数", f"{case.joint} 人" if case.joint > 1 else ""),
        ("选定的比例", percent(case.rate_chosen) if case.rate_chosen is not None else ""),
        ("提高的比例", percent(case.add_rate) if case.add_rate is not None else ""),
        ("选定的数额", yuan(case.amount_chosen_fen) if case.amount_chosen_fen is not None else ""),
    ]
    return [(label, words) for label, words in rows if words]
