"""What codes of custody are called on staff pages, which are in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from portal.custody.states import RequestState
from portal.custody.values import Answer, Objection, Use
from portal.mailbox.reasons import reason_words

__all__ = ["ANSWERS", "OBJECTIONS", "STATES", "TAGS", "USES", "reason_words"]

USES: Mapping[Use, str] = {
    Use.IDENTITY: "举报人是谁（姓名、证件、联系方式）",
    Use.CONTACT: "只看联系方式（不显示姓名和证件）",
    Use.CHECK: "核对曝光案例的草稿（什么都不显示，只回答有没有）",
}
STATES: Mapping[RequestState, str] = {
    RequestState.ASKED: "等待保管人答复",
    RequestState.GRANTED: "已经同意，可以打开",
    RequestState.OPENED: "正在查看的时间内",
    RequestState.REFUSED: "保管人没有同意",
    RequestState.EXPIRED: "过期失效",
    RequestState.DROPPED: "申请人撤回",
    RequestState.CLOSED: "打开过，已经关闭",
}
TAGS: Mapping[RequestState, str] = {
    RequestState.ASKED: "waiting",
    RequestState.GRANTED: "open",
    RequestState.OPENED: "danger",
}
ANSWERS: Mapping[Answer, str] = {Answer.CONSENT: "同意", Answer.OBJECT: "不同意"}
OBJECTIONS: Mapping[str, str] = {
    Objection.NOT_NEEDED: "不打开也能办理",
    Objection.UNCLEAR: "没有说清楚为什么需要",
    Objection.DANGER: "会让举报人有危险",
    Objection.CONFLICT: "本人与此事有利害关系，应当回避",
}
