"""What codes of retention are called on staff pages, which are in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from portal.retention.states import BatchState, ItemState
from portal.retention.values import HoldReason, Outcome, Refusal, Wait

OUTCOMES: Mapping[str, str] = {
    Outcome.CLOSED: "结案",
    Outcome.AGREEMENT: "协议处理后结案",
    Outcome.NOT_FILED: "不予立案",
    Outcome.REFERRED: "移送其他部门",
    Outcome.NOT_ACCEPTED: "不予受理",
    Outcome.REDIRECTED: "指引其他途径",
    Outcome.WITHDRAWN: "举报人撤回，未作处理",
    Outcome.MERGED: "并案，随主件",
}
WAITS: Mapping[str, str] = {
    Wait.NOT_ENDED: "还没有办结，或者已经重新办理",
    Wait.TERM: "保管期限没有满",
    Wait.IDENTITY: "有打开身份的申请没有结束",
    Wait.PROPOSAL: "有报批没有答复",
    Wait.LETTER: "举报人的来信还没有看",
    Wait.REWARD: "奖励还没有办完",
    Wait.CLOCK: "还有期限没有办完",
    Wait.HOLD: "暂缓销毁",
    Wait.MOVED: "已经由别的单位办理",
    Wait.GONE: "已经销毁",
    Wait.SET_CHANGED: "并案的情况变了",
}
HOLDS: Mapping[str, str] = {
    HoldReason.LITIGATION: "行政复议或者诉讼",
    HoldReason.REVIEW: "案件复查",
    HoldReason.AUDIT: "审计、巡视或者检查",
    HoldReason.PETITION: "信访事项",
    HoldReason.CRIMINAL: "刑事案件",
}
REFUSALS: Mapping[str, str] = {
    Refusal.STILL_NEEDED: "清单里有还需要的材料",
    Refusal.WRONG_TERM: "保管期限算得不对",
    Refusal.UNCLEAR: "需要先核实",
    Refusal.ALTERED: "清单和批准的不一样，系统已停止",
}
GIVEN_REFUSALS = {code: words for code, words in REFUSALS.items() if code != Refusal.ALTERED}
"""Those that a person can choose."""

STATES: Mapping[str, str] = {
    BatchState.OPEN: "等另一个人批准",
    BatchState.APPROVED: "已批准，等待销毁",
    BatchState.RUNNING: "正在销毁",
    BatchState.DONE: "已销毁",
    BatchState.REFUSED: "没有批准",
    BatchState.EXPIRED: "过期失效",
}
TAGS: Mapping[str, str] = {
    BatchState.OPEN: "waiting",
    BatchState.APPROVED: "danger",
    BatchState.RUNNING: "danger",
    BatchState.DONE: "done",
}
ITEMS: Mapping[str, str] = {
    ItemState.WAITING: "在清单里",
    ItemState.CLEARED: "正在销毁",
    ItemState.DONE: "已销毁",
    ItemState.LEFT_OUT: "没有销毁",
}
