"""What codes are called on staff pages. Chinese is the source language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext, lazy_gettext

from portal.directory.regions import regions
from portal.kernel.errors import NotFound
from portal.mailbox.reasons import WORDS, reason_words
from portal.tips.catalogue import get as conduct_of
from portal.tips.states import ACTION_LABEL, STAFF_LABEL, Action, State
from portal.tips.values import AnswerWay, Channel, SubjectType

SUBJECTS: Mapping[str, str] = {
    SubjectType.INSTITUTION: lazy_gettext("定点医药机构"),
    SubjectType.AGENCY: lazy_gettext("医保经办机构"),
    SubjectType.PERSON: lazy_gettext("个人"),
    SubjectType.OTHER: lazy_gettext("其他单位"),
    SubjectType.OFFICIAL: lazy_gettext("医保部门工作人员"),
    SubjectType.UNKNOWN: lazy_gettext("不清楚"),
}
CHANNELS: Mapping[str, str] = {
    Channel.WEB: lazy_gettext("网上"),
    Channel.HOTLINE: lazy_gettext("12393 电话"),
    Channel.EMAIL: lazy_gettext("电子邮件"),
    Channel.FAX: lazy_gettext("传真"),
    Channel.POST: lazy_gettext("来信"),
    Channel.VISIT: lazy_gettext("来访"),
}
ANSWER_WAYS: Mapping[str, str] = {
    AnswerWay.CODE: lazy_gettext("回执码"),
    AnswerWay.CALLBACK: lazy_gettext("回电"),
    AnswerWay.LETTER: lazy_gettext("回信"),
    AnswerWay.NONE: lazy_gettext("不需要答复"),
}
RECORDS: Mapping[str, str] = {
    "note": lazy_gettext("备注"),
    "findings": lazy_gettext("核查情况"),
    "decision": lazy_gettext("决定"),
    "closing": lazy_gettext("结案说明"),
    "reason": lazy_gettext("理由"),
}
CLOCK_STATES: Mapping[str, str] = {
    "running": lazy_gettext("正在计算"),
    "paused": lazy_gettext("已暂停"),
    "met": lazy_gettext("按期完成"),
    "missed": lazy_gettext("超过期限"),
    "void": lazy_gettext("随移交终止"),
}
PROPOSALS: Mapping[str, str] = {
    "open": lazy_gettext("等待负责人决定"),
    "approved": lazy_gettext("已批准"),
    "refused": lazy_gettext("未批准"),
    "dropped": lazy_gettext("已失效"),
}
_EVENTS: Mapping[str, str] = {
    "receive": lazy_gettext("收到举报"),
    "assign": lazy_gettext("分派"),
    "note": lazy_gettext("写备注"),
    "letter": lazy_gettext("写信给举报人"),
    "told": lazy_gettext("已回电或者回信告知"),
    "escalation": lazy_gettext("随主件报上级"),
    "add_identity": lazy_gettext("举报人补充了身份信息"),
    "withdraw": lazy_gettext("举报人撤回"),
    "pressure": lazy_gettext("举报人反映受到压力"),
}
_TAGS = {
    State.RECEIVED: "open", State.SCREENING: "open", State.VERIFYING: "open", State.FILED: "open",
    State.AWAITING_REPORTER: "waiting", State.SUSPENDED: "waiting", State.AGREEMENT: "waiting", State.POLICE: "waiting",
    State.DECIDED: "done", State.CLOSED: "done",
}  # fmt: skip


def state_words(state: str) -> str:
    return STAFF_LABEL[State(state)]


def state_tag(state: str) -> str:
    """The kind of tag a state is drawn as; the word says it, the colour only helps."""
    return _TAGS.get(State(state), "neutral")


def event_words(action: str) -> str:
    """A line of the history; an action of a later version stands as its code."""
    for prefix, words in (("propose_", gettext("报请批准：")), ("refuse_", gettext("未批准："))):
        if action.startswith(prefix):
            return str(words) + event_words(action.removeprefix(prefix))
    if action in _EVENTS:
        return str(_EVENTS[action])
    return ACTION_LABEL[Action(action)] if action in set(Action) else action


def code_words(code: str) -> str:
    """The words of a reason, an outcome or a channel; "" for a code that only machines need."""
    if code in WORDS:
        return reason_words(code)
    return str(CHANNELS[code]) if code in CHANNELS else ""


def region_words(code: str, *, short: bool = False) -> str:
    """The names down to a division, or its own alone."""
    if not code:
        return str(gettext("地区不清楚"))
    try:
        path = regions().path(code)
    except NotFound:
        return code
    return path[-1] if short else " ".join(path)


def conduct_words(code: str) -> str:
    """What the catalogue calls a conduct."""
    if not code:
        return ""
    try:
        return conduct_of(code).zh
    except NotFound:
        return code


def due_words(due: date | None, today: date) -> str:
    """How far a due day is: said aloud when it has passed."""
    if due is None:
        return str(gettext("无期限"))
    days = (due - today).days
    if days < 0:
        return str(gettext("已超期 %(days)s 天", days=-days))
    return str(gettext("今天到期") if days == 0 else gettext("还有 %(days)s 天", days=days))


def due_kind(due: date | None, today: date) -> str:
    """overdue, near (three days or fewer) or plain."""
    if due is None:
        return "plain"
    days = (due - today).days
    return "overdue" if days < 0 else "near" if days <= 3 else "plain"
