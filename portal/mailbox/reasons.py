"""Reasons and outcomes as codes, with the words that staff choose from and that a reporter reads in a notice.

A code is stored and recorded; its words may be mended without touching what was stored. Chinese is the msgid.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import LazyString, gettext, lazy_gettext


class DeclineReason(StrEnum):
    """Why a report is not accepted (HR-20.2: typical local lists; a screening outcome, not a statutory decision)."""

    OUT_OF_SCOPE = "out_of_scope"
    NO_FACTS = "no_facts"
    UNDER_WAY = "under_way"
    CLOSED_NO_NEW = "closed_no_new"
    UPHELD = "upheld"
    OTHER_PROCEDURE = "other_procedure"


class Way(StrEnum):
    """Another way that fits better (HR-20.1)."""

    ADVICE = "advice"
    INFORMATION = "information"
    RECONSIDERATION = "reconsideration"
    PETITION = "petition"
    DISCIPLINE = "discipline"


class PauseReason(StrEnum):
    """Why an investigation is suspended (PP-42)."""

    COURT = "court"
    OTHER_CASE = "other_case"
    UNREACHABLE = "unreachable"
    FORCE_MAJEURE = "force_majeure"
    LAW_QUESTION = "law_question"


class ExtensionReason(StrEnum):
    """Special circumstances for the one extension (HR-12.2)."""

    COMPLEX = "complex"
    MANY_PLACES = "many_places"
    EXPERT = "expert"
    OTHER_BODY = "other_body"


class Outcome(StrEnum):
    """What an investigation came to (PP-43)."""

    PENALTY = "penalty"
    NO_PENALTY = "no_penalty"
    NOT_PROVEN = "not_proven"
    OTHER_AUTHORITY = "other_authority"
    JUSTICE = "justice"


class Closing(StrEnum):
    """How a report ends (PP-56)."""

    PERFORMED = "performed"
    RECOVERED = "recovered"
    COURT_ENFORCED = "court_enforced"
    NO_ACTION = "no_action"
    AGREEMENT_DONE = "agreement_done"


FOUND_SOMETHING: frozenset[Closing] = frozenset(
    {Closing.PERFORMED, Closing.RECOVERED, Closing.COURT_ENFORCED, Closing.AGREEMENT_DONE}
)
"""Ways to close a case that found something: only these have a record."""


class Reopening(StrEnum):
    """Why a report that had ended is taken up again."""

    NEW_CLUE = "new_clue"
    SUPERIOR = "superior"
    MISTAKE = "mistake"


class IdentityReason(StrEnum):
    """Why the office asks to open who the reporter is."""

    FACTS = "facts"
    SAFETY = "safety"
    CLAIM = "claim"
    COURT_ORDER = "court_order"


class ContactReason(StrEnum):
    """Why the office asks how to reach the reporter, and for nothing else."""

    CALL_BACK = "call_back"
    WRITTEN_ANSWER = "written_answer"
    DUE_NOTICE = "due_notice"


class CheckReason(StrEnum):
    """Why the office asks whether a text that is to be published says who the reporter is."""

    DRAFT = "draft_check"


class RewardRefusal(StrEnum):
    """Why a reward is not given, by the rule that stands against it (22号 arts 2, 4, 5 and 8)."""

    NOT_A_PERSON = "RW-2.1"
    NO_CLUE = "RW-4.1"
    KNOWN = "RW-4.2"
    NO_LOSS = "RW-4.3"
    NOT_IDENTIFIED = "RW-4.4"
    OTHER_CONDITION = "RW-4.5"
    STAFF = "RW-5.1"
    CONFESSING = "RW-5.2"
    WITHDRAWN = "RW-5.3"
    NOT_REACHED = "RW-5.4"
    IN_COURT = "RW-5.5"
    OTHER_EXCLUSION = "RW-5.6"
    REWARDED = "RW-8.1"
    NOT_FIRST = "RW-8.2"


class RecoveryReason(StrEnum):
    """Why a reward that was paid is taken back (RW-11.1)."""

    FORGED = "forged"
    HIDDEN = "hidden"
    EXCLUDED = "excluded"
    MISTAKEN = "mistaken"


WORDS: Mapping[str, LazyString] = {
    DeclineReason.OUT_OF_SCOPE: lazy_gettext("反映的不是医保基金使用方面的问题"),
    DeclineReason.NO_FACTS: lazy_gettext("没有写明具体的对象或者事实，目前无法核查"),
    DeclineReason.UNDER_WAY: lazy_gettext("同一件事已经受理，正在办理"),
    DeclineReason.CLOSED_NO_NEW: lazy_gettext("同一件事已经办结，没有新的线索"),
    DeclineReason.UPHELD: lazy_gettext("上级单位已经复查并维持原来的处理"),
    DeclineReason.OTHER_PROCEDURE: lazy_gettext("应当通过诉讼、仲裁或者行政复议解决"),
    Way.ADVICE: lazy_gettext("业务咨询：请拨打 12393 医保服务热线"),
    Way.INFORMATION: lazy_gettext("政府信息公开申请：请向制作该信息的机关提出"),
    Way.RECONSIDERATION: lazy_gettext("行政复议：请在知道该行为之日起六十日内向复议机关提出"),
    Way.PETITION: lazy_gettext("信访：请向信访部门提出，信访部门会在十五日内书面告知是否受理"),
    Way.DISCIPLINE: lazy_gettext("纪检监察检举控告：请向纪检监察机关提出，也可以拨打 12388"),
    PauseReason.COURT: lazy_gettext("须以法院的判决或者另一机关的决定为依据"),
    PauseReason.OTHER_CASE: lazy_gettext("须等待另一案件的结果"),
    PauseReason.UNREACHABLE: lazy_gettext("当事人下落不明或者暂时不能接受调查"),
    PauseReason.FORCE_MAJEURE: lazy_gettext("不可抗力"),
    PauseReason.LAW_QUESTION: lazy_gettext("法律适用问题须请有权机关解释"),
    ExtensionReason.COMPLEX: lazy_gettext("案情复杂，需要核对的单据和人员较多"),
    ExtensionReason.MANY_PLACES: lazy_gettext("涉及多个地区，需要外地协查"),
    ExtensionReason.EXPERT: lazy_gettext("需要病历评审、检验或者专家意见"),
    ExtensionReason.OTHER_BODY: lazy_gettext("需要其他部门提供材料"),
    IdentityReason.FACTS: lazy_gettext("不向举报人本人了解，就查不清举报的事"),
    IdentityReason.SAFETY: lazy_gettext("举报人反映受到压力，需要联系并保护"),
    IdentityReason.CLAIM: lazy_gettext("核对领取奖励的人"),
    IdentityReason.COURT_ORDER: lazy_gettext("司法机关依法调取"),
    ContactReason.CALL_BACK: lazy_gettext("按举报人的要求回电"),
    ContactReason.WRITTEN_ANSWER: lazy_gettext("按举报人的要求寄送书面答复"),
    ContactReason.DUE_NOTICE: lazy_gettext("依法告知办理结果"),
    CheckReason.DRAFT: lazy_gettext("公布案例以前，核对稿子里有没有举报人的信息"),
    Outcome.PENALTY: lazy_gettext("违法事实成立，给予行政处罚"),
    Outcome.NO_PENALTY: lazy_gettext("违法行为轻微，依法不予处罚"),
    Outcome.NOT_PROVEN: lazy_gettext("违法事实不能成立"),
    Outcome.OTHER_AUTHORITY: lazy_gettext("依法移送其他部门处理"),
    Outcome.JUSTICE: lazy_gettext("涉嫌犯罪，依法移送司法机关"),
    Closing.PERFORMED: lazy_gettext("处理决定已经执行完毕"),
    Closing.RECOVERED: lazy_gettext("违规使用的医保基金已经追回"),
    Closing.COURT_ENFORCED: lazy_gettext("已由法院强制执行或者裁定终结"),
    Closing.NO_ACTION: lazy_gettext("不需要执行"),
    Closing.AGREEMENT_DONE: lazy_gettext("已经按照服务协议处理完毕"),
    Reopening.NEW_CLUE: lazy_gettext("有了新的线索"),
    Reopening.SUPERIOR: lazy_gettext("上级要求重新办理"),
    Reopening.MISTAKE: lazy_gettext("原来的处理有误"),
    RewardRefusal.NOT_A_PERSON: lazy_gettext("这里的奖励只给个人，不给单位"),
    RewardRefusal.NO_CLUE: lazy_gettext("没有明确的被举报对象、具体线索和证据"),
    RewardRefusal.KNOWN: lazy_gettext("主要事实和证据，医保部门事先已经掌握"),
    RewardRefusal.NO_LOSS: lazy_gettext("举报的事没有造成医保基金损失"),
    RewardRefusal.NOT_IDENTIFIED: lazy_gettext("这里的规定要求留下能够核实的真实姓名"),
    RewardRefusal.OTHER_CONDITION: lazy_gettext("不符合其他法定的奖励条件"),
    RewardRefusal.STAFF: lazy_gettext("举报人是医保部门的工作人员，或者受托监督基金的人员"),
    RewardRefusal.CONFESSING: lazy_gettext("举报的是自己或者同案人的行为，或者在被查处期间举报"),
    RewardRefusal.WITHDRAWN: lazy_gettext("处理决定作出以前已经撤回举报"),
    RewardRefusal.NOT_REACHED: lazy_gettext("身份无法确认，或者联系不上"),
    RewardRefusal.IN_COURT: lazy_gettext("举报以前，这件事已经进入诉讼、仲裁等程序"),
    RewardRefusal.OTHER_EXCLUSION: lazy_gettext("有其他依法不予奖励的情形"),
    RewardRefusal.REWARDED: lazy_gettext("同一举报人就同一行为已经得过奖励"),
    RewardRefusal.NOT_FIRST: lazy_gettext("别人先举报了内容基本相同的事，奖励给最先举报的人"),
    RecoveryReason.FORGED: lazy_gettext("举报材料是伪造的"),
    RecoveryReason.HIDDEN: lazy_gettext("隐瞒了重要的事实"),
    RecoveryReason.EXCLUDED: lazy_gettext("发放以后查明，有不应当奖励的情形"),
    RecoveryReason.MISTAKEN: lazy_gettext("数额算错或者付错了"),
}


def reason_words(code: str) -> str:
    """The words of *code*, in the reader's language; a code of a later version stands as 其他原因."""
    return str(WORDS[code]) if code in WORDS else gettext("其他原因")


def choices(of: type[StrEnum]) -> list[tuple[str, str]]:
    """What a form offers: code and words."""
    return [(member.value, str(WORDS[member])) for member in of]
