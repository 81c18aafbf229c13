"""What codes are called on staff pages, which are in Chinese: plain strings, drawn hundreds of times a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from portal.directory.regions import regions
from portal.kernel.errors import NotFound
from portal.mailbox.reasons import WORDS, reason_words
from portal.tips.catalogue import get as conduct_of
from portal.tips.states import ACTION_LABEL, STAFF_LABEL, Action, State
from portal.tips.values import AnswerWay, Channel, SubjectType

SUBJECTS: Mapping[str, str] = {
    SubjectType.INSTITUTION: "定点医药机构",
    SubjectType.AGENCY: "医保经办机构",
    SubjectType.PERSON: "个人",
    SubjectType.OTHER: "其他单位",
    SubjectType.OFFICIAL: "医保部门工作人员",
    SubjectType.UNKNOWN: "不清楚",
}
CHANNELS: Mapping[str, str] = {
    Channel.WEB: "网上",
    Channel.HOTLINE: "12393 电话",
    Channel.EMAIL: "电子邮件",
    Channel.FAX: "传真",
    Channel.POST: "来信",
    Channel.VISIT: "来访",
}
ANSWER_WAYS: Mapping[str, str] = {
    AnswerWay.CODE: "回执码",
    AnswerWay.CALLBACK: "回电",
    AnswerWay.LETTER: "回信",
    AnswerWay.NONE: "不需要答复",
}
RECORDS: Mapping[str, str] = {
    "note": "备注",
    "findings": "核查情况",
    "decision": "决定",
    "closing": "结案说明",
    "reason": "理由",
}
CLOCK_STATES: Mapping[str, str] = {
    "running": "正在计算",
    "paused": "已暂停",
    "met": "按期完成",
    "missed": "超过期限",
    "void": "随移交终止",
}
_EVENTS: Mapping[str, str] = {
    "receive": "收到举报",
    "assign": "分派",
    "note": "写备注",
    "letter": "写信给举报人",
    "told": "已回电或者回信告知",
    "escalation": "随主件报上级",
    "add_identity": "举报人补充了身份信息",
    "ask_identity": "申请打开封存的身份",
    "open_identity": "打开封存的身份",
    "withdraw": "举报人撤回",
    "case_record": "登记案件记录",
    "pressure": "举报人反映受到压力",
    "hold_set": "暂缓销毁",
    "hold_lifted": "解除暂缓销毁",
    "shred": "材料已销毁",
}
_TAGS = {
    State.RECEIVED: "open", State.SCREENING: "open", State.VERIFYING: "open", State.FILED: "open",
    State.AWAITING_REPORTER: "waiting", State.SUSPENDED: "waiting", State.AGREEMENT: "waiting", State.POLICE: "waiting",
    State.DECIDED: "done", State.CLOSED: "done",
}  # fmt: skip
KEPT = 1024
"""Answers kept by each function that a row of the queue asks: a page asks for few of them, many times."""


@lru_cache(maxsize=KEPT)
def state_words(state: str) -> str:
    return STAFF_LABEL[State(state)]


@lru_cache(maxsize=KEPT)
def state_tag(state: str) -> str:
    """The kind of tag a state is drawn as; the word says it, the colour only helps."""
    return _TAGS.get(State(state), "neutral")


def event_words(action: str) -> str:
    """A line of the history; an action of a later version stands as its code."""
    for prefix, words in (("propose_", "报请批准："), ("refuse_", "未批准：")):
        if action.startswith(prefix):
            return words + event_words(action.removeprefix(prefix))
    if action in _EVENTS:
        return str(_EVENTS[action])
    return ACTION_LABEL[Action(action)] if action in set(Action) else action


def code_words(code: str) -> str:
    """The words of a reason, an outcome or a channel; "" for a code that only machines need."""
    if code in WORDS:
        return reason_words(code)
    return str(CHANNELS[code]) if code in CHANNELS else ""


@lru_cache(maxsize=KEPT)
def region_words(code: str, *, short: bool = False) -> str:
    """The names down to a division, or its own alone."""
    if not code:
        return "地区不清楚"
    try:
        return regions().get(code).name if short else " ".join(regions().path(code))
    except NotFound:
        return code


@lru_cache(maxsize=KEPT)
def conduct_words(code: str) -> str:
    """What the catalogue calls a conduct."""
    if not code:
        return ""
    try:
        return conduct_of(code).zh
    except NotFound:
        return code


@lru_cache(maxsize=KEPT)
def what_words(subject: str, conduct: str) -> str:
    """What a report is about: the kind of party and, when it was chosen, the conduct."""
    return f"{SUBJECTS[subject]} · {conduct_words(conduct)}" if conduct else SUBJECTS[subject]


@lru_cache(maxsize=KEPT)
def age_words(received: date, today: date) -> str:
    """The day of arrival and how long ago it is."""
    return f"{received} · {(today - received).days} 天"


@lru_cache(maxsize=KEPT)
def due_day(due: date | None) -> str:
    """A due day with its weekday, short enough for a column."""
    return f"{due} 周{'一二三四五六日'[due.weekday()]}" if due else "—"


@lru_cache(maxsize=KEPT)
def due_words(due: date | None, today: date) -> str:
    """How far a due day is: said aloud when it has passed."""
    if due is None:
        return "无期限"
    days = (due - today).days
    if days < 0:
        return f"已超期 {-days} 天"
    return "今天到期" if days == 0 else f"还有 {days} 天"


@lru_cache(maxsize=KEPT)
def due_kind(due: date | None, today: date) -> str:
    """overdue, near (three days or fewer) or plain."""
    if due is None:
        return "plain"
    days = (due - today).days
    return "overdue" if days < 0 else "near" if days <= 3 else "plain"
