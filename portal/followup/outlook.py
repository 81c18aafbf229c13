"""States, steps and deadlines in words for the reporter. Nothing here tells what an inquiry found or whom it met.

A step or a clock that is not named here is not shown: internal notes, proposals, and whatever would tell whether the
police have the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString

from portal.tips.states import REPORTER_SENTENCE, REPORTER_SENTENCE_EN, State
from portal.tips.values import AnswerWay
from portal.web.locale import language
from portal.web.locale import lazy_gettext as _l

_S = State

LABELS: Mapping[State, tuple[LazyString, str]] = {
    _S.RECEIVED: (_l("已收到"), "open"),
    _S.SCREENING: (_l("正在看"), "open"),
    _S.AWAITING_REPORTER: (_l("等您回复"), "waiting"),
    _S.VERIFYING: (_l("核查中"), "open"),
    _S.FILED: (_l("已立案"), "open"),
    _S.SUSPENDED: (_l("暂停调查"), "waiting"),
    _S.AGREEMENT: (_l("按协议处理"), "open"),
    _S.NOT_FILED: (_l("没有立案"), "neutral"),
    _S.REDIRECTED: (_l("请走其他途径"), "neutral"),
    _S.REFERRED: (_l("已移送其他部门"), "neutral"),
    _S.NOT_ACCEPTED: (_l("没有受理"), "neutral"),
    _S.MERGED: (_l("合并办理"), "open"),
    _S.POLICE: (_l("依法办理中"), "open"),
    _S.DECIDED: (_l("已作出决定"), "open"),
    _S.CLOSED: (_l("已办结"), "done"),
}
"""A few words and the kind of the outlined tag."""

NEXT: Mapping[State, LazyString] = {
    _S.RECEIVED: _l("接下来工作人员会打开您的举报。谁在哪一天打开过，会写在这一页。"),
    _S.SCREENING: _l("接下来会决定由谁核查；缺少线索的，可能在“消息”里向您提问。"),
    _S.AWAITING_REPORTER: _l("接下来看您的回复。您不回复，办理也不会停下来。"),
    _S.VERIFYING: _l("接下来会决定是否立案，结果会写在“消息”里。"),
    _S.FILED: _l("接下来会调查取证，然后作出处理决定，结果会写在“消息”里。"),
    _S.SUSPENDED: _l("暂停的原因消除以后会恢复调查，恢复时会通知您。"),
    _S.AGREEMENT: _l("接下来由经办机构按照协议处理，处理完毕会通知您。"),
    _S.NOT_FILED: _l("这份举报的办理已经结束。有新的线索，请在“消息”里写下来，可以重新办理。"),
    _S.REDIRECTED: _l("请按通知里写的途径办理。有新的线索，也可以在“消息”里写下来。"),
    _S.REFERRED: _l("以后由接收的部门办理，请按通知里写的部门了解情况。"),
    _S.NOT_ACCEPTED: _l("有新的线索，请在“消息”里写下来，可以重新办理。"),
    _S.MERGED: _l("接下来和另一份举报一起办理，结果会分别通知您。"),
    _S.POLICE: _l("办理有了结果，会写在“消息”里。办理期间请不要对外谈论这件事。"),
    _S.DECIDED: _l("接下来落实处理决定，办结时会通知您。"),
    _S.CLOSED: _l("这份举报的办理已经结束。有新的线索，请在“消息”里写下来，可以重新办理。"),
}

STEPS: Mapping[str, LazyString] = {
    "receive": _l("收到您的举报"),
    "open": _l("工作人员开始看您的举报"),
    "accept": _l("受理，开始核查"),
    "decline": _l("没有受理"),
    "redirect": _l("告诉您更合适的途径"),
    "ask": _l("向您提问"),
    "answer": _l("您回复了提问"),
    "transfer": _l("转给另一个办理单位"),
    "escalate": _l("改由上级单位办理"),
    "merge": _l("与另一份举报合并办理"),
    "extend": _l("核查期限延长一次"),
    "file": _l("立案"),
    "not_file": _l("决定不予立案"),
    "agree": _l("决定按照服务协议处理"),
    "refer": _l("移送有权处理的部门"),
    "send_police": _l("交由有权处理的机关办理"),
    "police_return": _l("继续由医保部门调查"),
    "suspend": _l("调查暂时中止"),
    "resume": _l("调查恢复"),
    "decide": _l("作出处理决定"),
    "close": _l("办结"),
    "reopen": _l("重新办理"),
    "letter": _l("给您写了信"),
    "told": _l("按您选的方式告知了结果"),
    "add_identity": _l("您补留了姓名，已经封存"),
    "withdraw": _l("您撤回了举报"),
    "pressure": _l("您反映受到压力，已经提醒上级单位"),
}
"""What happened, by the action in the report's history."""

DUTIES: Mapping[str, LazyString] = {
    "HR-12.1": _l("决定是否立案"),
    "HR-12.3": _l("把是否立案告诉您"),
    "HR-11.2": _l("书面通知您，并移交有权处理的部门"),
    "PP-45": _l("作出处理决定"),
}
"""What the office owes by the due day of a clock, by the clock's rule."""

ANSWER_WAYS: Mapping[str, LazyString] = {
    AnswerWay.CODE: _l("凭回执码在这里看"),
    AnswerWay.CALLBACK: _l("回电话"),
    AnswerWay.LETTER: _l("回信"),
    AnswerWay.NONE: _l("不需要答复"),
}


def sentence(state: State) -> str:
    """The state in one or two plain sentences, in the reader's language."""
    return (REPORTER_SENTENCE if language() == "zh" else REPORTER_SENTENCE_EN)[state]


def days_late(due: date, today: date) -> int:
    """How many days a due day has passed by; 0 on the day itself and before."""
    return max(0, (today - due).days)
