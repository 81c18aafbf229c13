"""The life of a tip: one table of moves, and what each state is called. Pure.

The table follows Order 5 (举报处理暂行办法) and Order 4 (行政处罚程序暂行规定). Three moves deserve a word:

- TRANSFER and ESCALATE lead to RECEIVED at the *new* office. ESCALATE is possible from every state: a report about an
  office must be able to leave that office even after it was declined or closed there.
- EXTEND, RECORD_FINDINGS and a question during verification stay where they are; they are in the table so that a page
  which asks :func:`actions_from` offers them only where they are lawful.
- POLICE_RETURN leads to FILED: what the police will not prosecute the bureau decides itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import IllegalMove


class State(StrEnum):
    RECEIVED = "received"
    SCREENING = "screening"
    AWAITING_REPORTER = "awaiting_reporter"
    VERIFYING = "verifying"
    FILED = "filed"
    SUSPENDED = "suspended"
    AGREEMENT = "agreement"
    NOT_FILED = "not_filed"
    REDIRECTED = "redirected"
    REFERRED = "referred"
    NOT_ACCEPTED = "not_accepted"
    MERGED = "merged"
    POLICE = "police"
    DECIDED = "decided"
    CLOSED = "closed"


class Action(StrEnum):
    OPEN = "open"
    ACCEPT = "accept"
    DECLINE = "decline"
    REDIRECT = "redirect"
    ASK = "ask"
    ANSWER = "answer"
    TRANSFER = "transfer"
    MERGE = "merge"
    EXTEND = "extend"
    RECORD_FINDINGS = "record_findings"
    FILE = "file"
    NOT_FILE = "not_file"
    AGREE = "agree"
    REFER = "refer"
    SEND_POLICE = "send_police"
    POLICE_RETURN = "police_return"
    SUSPEND = "suspend"
    RESUME = "resume"
    DECIDE = "decide"
    CLOSE = "close"
    CORRECT = "correct"
    REOPEN = "reopen"
    ESCALATE = "escalate"


_S, _A = State, Action

_SCREENED = {
    _A.ACCEPT: _S.VERIFYING,
    _A.DECLINE: _S.NOT_ACCEPTED,
    _A.REDIRECT: _S.REDIRECTED,
    _A.REFER: _S.REFERRED,
    _A.TRANSFER: _S.RECEIVED,
    _A.MERGE: _S.MERGED,
    _A.ASK: _S.AWAITING_REPORTER,
}
"""What screening (甄别) may end in, whether or not an answer of the reporter is still awaited."""

_TABLE: dict[State, dict[Action, State]] = {
    _S.RECEIVED: {_A.OPEN: _S.SCREENING, _A.TRANSFER: _S.RECEIVED},
    _S.SCREENING: {**_SCREENED, _A.EXTEND: _S.SCREENING},
    _S.AWAITING_REPORTER: {
        **_SCREENED,
        _A.ANSWER: _S.SCREENING,
        _A.NOT_FILE: _S.NOT_FILED,  # the 15 working days run on while an answer is awaited
        _A.EXTEND: _S.AWAITING_REPORTER,
    },
    _S.VERIFYING: {
        _A.ASK: _S.VERIFYING,
        _A.EXTEND: _S.VERIFYING,
        _A.RECORD_FINDINGS: _S.VERIFYING,
        _A.FILE: _S.FILED,
        _A.NOT_FILE: _S.NOT_FILED,
        _A.AGREE: _S.AGREEMENT,
        _A.REFER: _S.REFERRED,
        _A.SEND_POLICE: _S.POLICE,
        _A.TRANSFER: _S.RECEIVED,
        _A.MERGE: _S.MERGED,
    },
    _S.FILED: {
        _A.ASK: _S.FILED,
        _A.EXTEND: _S.FILED,
        _A.RECORD_FINDINGS: _S.FILED,
        _A.SUSPEND: _S.SUSPENDED,
        _A.DECIDE: _S.DECIDED,
        _A.REFER: _S.REFERRED,
        _A.SEND_POLICE: _S.POLICE,
        _A.TRANSFER: _S.RECEIVED,
    },
    _S.SUSPENDED: {_A.RESUME: _S.FILED, _A.CLOSE: _S.CLOSED},  # closing from here is 终止 (Order 4 art. 42)
    _S.AGREEMENT: {_A.RECORD_FINDINGS: _S.AGREEMENT, _A.CLOSE: _S.CLOSED},
    _S.POLICE: {
        _A.RECORD_FINDINGS: _S.POLICE,
        _A.POLICE_RETURN: _S.FILED,
        _A.DECIDE: _S.DECIDED,
        _A.CLOSE: _S.CLOSED,
    },
    _S.DECIDED: {_A.RECORD_FINDINGS: _S.DECIDED, _A.CORRECT: _S.DECIDED, _A.CLOSE: _S.CLOSED},
    _S.NOT_FILED: {_A.REOPEN: _S.SCREENING},
    _S.REDIRECTED: {_A.REOPEN: _S.SCREENING},
    _S.REFERRED: {_A.REOPEN: _S.SCREENING},
    _S.NOT_ACCEPTED: {_A.REOPEN: _S.SCREENING},
    _S.MERGED: {_A.REOPEN: _S.SCREENING},
    _S.CLOSED: {_A.CORRECT: _S.CLOSED, _A.REOPEN: _S.SCREENING},
}

TRANSITIONS: Mapping[tuple[State, Action], State] = MappingProxyType(
    {(state, action): after for state, moves in _TABLE.items() for action, after in moves.items()}
    | {(state, _A.ESCALATE): _S.RECEIVED for state in State}
)

FINAL: frozenset[State] = frozenset({_S.NOT_FILED, _S.REDIRECTED, _S.REFERRED, _S.NOT_ACCEPTED, _S.MERGED, _S.CLOSED})
"""Nothing more is owed here: only REOPEN and ESCALATE lead away. CORRECT stays: sums found may be mended later."""

OPEN_STATES: frozenset[State] = frozenset(State) - FINAL


def next_state(state: State, action: Action) -> State:
    """Where *action* leads from *state*. Raises IllegalMove ("illegal_move") when the table has no such move."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        message = f"目前的状态是“{STAFF_LABEL[state]}”，不能“{ACTION_LABEL[action]}”。请刷新页面，看看是否已有人办理。"
        raise IllegalMove("illegal_move", message)
    return after


def actions_from(state: State) -> tuple[Action, ...]:
    """The actions the table allows from *state*, in the order of :class:`Action`."""
    return tuple(action for action in Action if (state, action) in TRANSITIONS)


STAFF_LABEL: Mapping[State, str] = MappingProxyType(
    {
        _S.RECEIVED: "已接收",
        _S.SCREENING: "甄别中",
        _S.AWAITING_REPORTER: "待补充材料",
        _S.VERIFYING: "核查中",
        _S.FILED: "已立案",
        _S.SUSPENDED: "中止调查",
        _S.AGREEMENT: "协议处理",
        _S.NOT_FILED: "不予立案",
        _S.REDIRECTED: "已指引其他途径",
        _S.REFERRED: "已移送其他部门",
        _S.NOT_ACCEPTED: "不予受理",
        _S.MERGED: "已并案",
        _S.POLICE: "已移送公安",
        _S.DECIDED: "已决定",
        _S.CLOSED: "已结案",
    }
)

ACTION_LABEL: Mapping[Action, str] = MappingProxyType(
    {
        _A.OPEN: "打开",
        _A.ACCEPT: "受理并核查",
        _A.DECLINE: "不予受理",
        _A.REDIRECT: "指引其他途径",
        _A.ASK: "请举报人补充",
        _A.ANSWER: "举报人已回复",
        _A.TRANSFER: "移交其他医保部门",
        _A.MERGE: "并案",
        _A.EXTEND: "延长期限",
        _A.RECORD_FINDINGS: "记录核查情况",
        _A.FILE: "立案",
        _A.NOT_FILE: "不予立案",
        _A.AGREE: "协议处理",
        _A.REFER: "移送其他部门",
        _A.SEND_POLICE: "移送公安机关",
        _A.POLICE_RETURN: "公安机关退回",
        _A.SUSPEND: "中止调查",
        _A.RESUME: "恢复调查",
        _A.DECIDE: "作出决定",
        _A.CLOSE: "结案",
        _A.CORRECT: "更正查实金额",
        _A.REOPEN: "重新办理",
        _A.ESCALATE: "涉及本单位，报上级",
    }
)

# Plain words for someone who is afraid and has never met an office. Nothing here tells what an inquiry found, nor
# whether the police have it: whoever looks over the reporter's shoulder learns no more than that it is being handled.
REPORTER_SENTENCE: Mapping[State, str] = MappingProxyType(
    {
        _S.RECEIVED: "我们已经收到您的举报，内容已加密保存。接下来会有工作人员查看。",
        _S.SCREENING: "工作人员正在看您的举报，判断由谁来查、怎么查。您现在不用做任何事。",
        _S.AWAITING_REPORTER: "我们有问题想请您补充。您可以在下面回信；说不清楚的，不回答也可以。",
        _S.VERIFYING: "我们正在核实您反映的情况，之后会决定是否立案。",
        _S.FILED: "已经立案，正在调查。为了保护您和调查，过程不对外说。",
        _S.SUSPENDED: "调查因为法律规定的原因暂停，原因消除后会继续。",
        _S.AGREEMENT: "问题属实，由医保经办机构按照服务协议处理。",
        _S.NOT_FILED: "经过核实，决定不立案。原因写在给您的通知里；有新的线索，可以在这里告诉我们。",
        _S.REDIRECTED: "这件事不归医保部门处理。该找谁、怎么找，写在给您的通知里。",
        _S.REFERRED: "这件事由其他部门负责，我们已经把材料转过去了。是哪个部门，写在给您的通知里。",
        _S.NOT_ACCEPTED: "这次没有受理。原因写在给您的通知里；有新的线索，可以在这里告诉我们。",
        _S.MERGED: "您反映的事已经有一件正在办理，两件合在一起办。您最早举报的时间不变。",
        _S.POLICE: "案件正在由有权处理的机关依法办理。办理期间，过程需要保密。",
        _S.DECIDED: "已经作出处理决定，正在落实。",
        _S.CLOSED: "已经办结。结果写在给您的通知里；有新的线索，可以在这里告诉我们。",
    }
)

REPORTER_SENTENCE_EN: Mapping[State, str] = MappingProxyType(
    {
        _S.RECEIVED: "We have your report and it is stored encrypted. Staff will read it next.",
        _S.SCREENING: "Staff are reading your report to see who should look into it. You need not do anything now.",
        _S.AWAITING_REPORTER: "We have a question for you. You can answer below; you may also leave it unanswered.",
        _S.VERIFYING: "We are checking what you told us. After that we decide whether to open a case.",
        _S.FILED: "A case is open and being investigated. To protect you and the inquiry, we do not say how.",
        _S.SUSPENDED: "The inquiry is paused for a reason given in law and will go on when that reason ends.",
        _S.AGREEMENT: "The problem is real. The insurance agency deals with it under its service agreement.",
        _S.NOT_FILED: "After checking, no case was opened. The notice to you says why; tell us here if you learn more.",
        _S.REDIRECTED: "This is not for the medical-insurance bureau. The notice to you says whom to ask, and how.",
        _S.REFERRED: "Another authority is in charge; we have sent it your report. The notice to you says which one.",
        _S.NOT_ACCEPTED: "The report was not taken up. The notice to you says why; tell us here if you learn more.",
        _S.MERGED: "The same matter is already being handled; the two go on as one. Your day of reporting stays.",
        _S.POLICE: "The competent authority is handling the case. While it does, the steps must stay confidential.",
        _S.DECIDED: "A decision has been made and is being carried out.",
        _S.CLOSED: "The matter is closed. The notice to you gives the outcome; tell us here if you learn more.",
    }
)
