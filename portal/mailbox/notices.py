"""Official notices to a reporter: what each kind says, with its dates and its legal basis.

A letter stores the kind and its parameters, sealed; the words are made when it is read, in the reader's language.
Parameters are strings: ``due`` and ``until`` are ISO dates, ``rule`` a rule id of law.md, ``office`` and ``to`` names
of offices or authorities, ``reason`` a code of :mod:`portal.mailbox.reasons`, ``fen`` a sum. Another report is never
named: a reporter learns nothing of it. No notice tells anything of the reported party's side (HR-15.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from portal.mailbox import reward_notices as reward
from portal.mailbox.facts import Facts, Words, latest
from portal.web.locale import gettext


class NoticeKind(StrEnum):
    """Kinds of notices. A kind is never given another meaning: old letters keep it."""

    RECEIVED = "received"
    IDENTITY_SEALED = "identity_sealed"
    IDENTITY_OPENED = "identity_opened"
    WITHDRAWN = "withdrawn"
    PRESSURE_REPORTED = "pressure_reported"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    REDIRECTED = "redirected"
    QUESTION = "question"
    TRANSFERRED = "transferred"
    MOVED_UP = "moved_up"
    REFERRED = "referred"
    MERGED = "merged"
    EXTENDED = "extended"
    FILED = "filed"
    NOT_FILED = "not_filed"
    AGREEMENT = "agreement"
    POLICE = "police"
    POLICE_RETURNED = "police_returned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DECIDED = "decided"
    CLOSED = "closed"
    REOPENED = "reopened"
    REWARD_OPENED = "reward_opened"
    REWARD_GIVEN = "reward_given"
    REWARD_NOT_GIVEN = "reward_not_given"
    REWARD_CLAIMED = "reward_claimed"
    REWARD_RETURNED = "reward_returned"
    REWARD_PAID = "reward_paid"
    REWARD_FORFEITED = "reward_forfeited"
    REWARD_WAIVED = "reward_waived"
    REWARD_REVIEW_ASKED = "reward_review_asked"
    REWARD_UPHELD = "reward_upheld"
    REWARD_LOOKED_AT_AGAIN = "reward_looked_at_again"
    REWARD_RECOVERED = "reward_recovered"


def words(kind: str, params: Mapping[str, str]) -> Words:
    """Title and paragraphs of a notice. A kind this version does not know gets a plain sentence, never an error."""
    try:
        maker = _MAKERS[NoticeKind(kind)]
    except ValueError:
        return gettext("通知"), (gettext("办理单位更新了这份举报。请看办理过程。"),)
    title, paragraphs = maker(Facts(params))
    return title, tuple(paragraph for paragraph in paragraphs if paragraph)


def _received(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前，办理单位会核查并决定是否立案。", due=facts.day("due")))
    return gettext("举报已经收到"), (
        gettext("您的举报已经收到并封存，只有办理单位能打开。"),
        due,
        gettext("请保管好回执码。以后的通知都放在这里，任何工作人员都不会向您索要回执码。"),
        facts.basis(),
    )


def _identity_sealed(_facts: Facts) -> Words:
    return gettext("您的身份信息已经封存"), (
        gettext(
            "您填写的姓名和联系方式已经单独封存。要打开它，必须由身份保管组的几个人同时同意，每一次打开都会告诉您。"
        ),
        gettext("从现在起，法律规定要告知实名举报人的事项，会发到这里。"),
    )


def _identity_opened(facts: Facts) -> Words:
    return gettext("您的身份信息被打开了一次"), (
        gettext("%(office)s打开了您封存的信息，原因：%(reason)s。", office=facts.text("office"), reason=facts.reason()),
        gettext("身份保管组的几位保管人事先同意了。谁申请、谁同意、为什么，都写在“办理进展”一页。"),
    )


def _withdrawn(_facts: Facts) -> Words:
    return gettext("撤回已经登记"), (
        gettext("您撤回了这份举报，我们已经登记。"),
        gettext("如果线索涉及违法使用医保基金，办理单位仍然可以自己继续核查。"),
        gettext("在作出处理决定以前撤回的，不再发给举报奖励。"),
    )


def _pressure(_facts: Facts) -> Words:
    return gettext("我们知道有人向您施压"), (
        gettext("您反映的情况已经提醒办理单位的上级单位。"),
        gettext("打击报复举报人是违法的。如果您有人身危险，请立即拨打 110。"),
    )


def _accepted(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前决定是否立案。", due=facts.day("due")))
    return gettext("举报已经受理，正在核查"), (
        gettext("%(office)s受理了您的举报，已经开始核查。", office=facts.text("office")),
        due,
        facts.basis(),
    )


def _not_accepted(facts: Facts) -> Words:
    return gettext("这份举报没有受理"), (
        gettext("办理单位看过您的举报，没有受理。原因：%(reason)s。", reason=facts.reason()),
        gettext("如果您有新的线索，请在这里写下来，办理单位可以重新办理。"),
        gettext("您也可以向上一级医疗保障部门反映。"),
    )


def _redirected(facts: Facts) -> Words:
    return gettext("这件事有更合适的办法"), (
        gettext("您反映的事情不属于医保基金举报的范围，请通过下面的途径办理。"),
        gettext("%(way)s。", way=facts.reason()),
    )


def _question(facts: Facts) -> Words:
    due = latest(facts, gettext("请尽量在%(due)s前回复；过了这一天也可以回复。", due=facts.day("due")))
    return gettext("办理单位想向您了解一些情况"), (
        due,
        gettext("您可以不说自己是谁。请只写与这件事有关的内容。"),
    )


def _transferred(facts: Facts) -> Words:
    due = latest(facts, gettext("%(to)s最迟在%(due)s前决定是否立案。", to=facts.text("to"), due=facts.day("due")))
    return gettext("举报已经转给另一个办理单位"), (
        gettext(
            "%(office)s把您的举报转给了%(to)s，从现在起由后者办理。", office=facts.text("office"), to=facts.text("to")
        ),
        due,
        gettext("收到举报的日子不变，每个单位用了多少天都记录在案。原来的单位不能再打开您的举报。"),
        facts.basis(),
    )


def _moved_up(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前决定是否立案。", due=facts.day("due")))
    return gettext("举报已经由上级单位办理"), (
        gettext("为了回避，您的举报已经改由%(to)s办理。原来的单位不能再打开，也看不到它。", to=facts.text("to")),
        due,
        facts.basis(),
    )


def _referred(facts: Facts) -> Words:
    return gettext("举报移送告知书"), (
        gettext("您反映的事情由%(to)s管辖。我们已经把它移送给该部门，并在这里书面通知您。", to=facts.text("to")),
        gettext("以后的办理情况，请向该部门了解。移送的材料里没有您的身份信息。"),
        facts.basis(),
    )


def _merged(_facts: Facts) -> Words:
    return gettext("与另一份举报合并办理"), (
        gettext("另有一份举报说的是同一件事，现在合并办理。"),
        gettext("您这份举报收到的日子单独保留，按收到的先后计算。办理结果会发到这里。"),
    )


def _extended(facts: Facts) -> Words:
    return gettext("核查期限延长一次"), (
        gettext("因为%(reason)s，经主要负责人批准，核查期限延长一次。", reason=facts.reason()),
        latest(facts, gettext("现在最迟在%(due)s前决定是否立案。这个期限不会再延长。", due=facts.day("due"))),
        facts.basis(),
    )


def _filed(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前作出处理决定（法律允许扣除和延长的时间另计）。", due=facts.day("due")))
    return gettext("立案告知书"), (
        gettext("经核查，%(office)s决定立案调查。", office=facts.text("office")),
        due,
        gettext("调查期间的进展依法保密，有结果会发到这里。"),
        facts.basis(),
    )


def _not_filed(facts: Facts) -> Words:
    return gettext("不予立案告知书"), (
        gettext("经核查，%(office)s决定不予立案。", office=facts.text("office")),
        gettext("如果您有新的线索，请在这里写下来，可以重新办理。"),
        gettext("您认为这一决定侵犯了自己合法权益的，可以依法自知道之日起六十日内申请行政复议。"),
        facts.basis(),
    )


def _agreement(facts: Facts) -> Words:
    return gettext("按照服务协议处理"), (
        gettext("经核查，这件事属于违反医保服务协议，由%(to)s按照协议处理。", to=facts.text("to")),
        gettext("处理完毕会发到这里。"),
    )


def _police(facts: Facts) -> Words:
    return gettext("案件由有权处理的机关办理"), (
        gettext("经核查，这件事已经依法交给有权处理的机关办理。"),
        gettext("办理期间过程需要保密。为了您的安全，也为了不影响办理，请不要对外谈论这件事。"),
        facts.basis(),
    )


def _police_returned(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前作出处理决定。", due=facts.day("due")))
    return gettext("继续由医保部门调查"), (
        gettext("接到移送的机关没有立案，现在由医保部门继续调查。"),
        due,
        facts.basis(),
    )


def _suspended(facts: Facts) -> Words:
    return gettext("调查暂时中止"), (
        gettext("因为%(reason)s，调查暂时中止，期限从今天起停止计算。", reason=facts.reason()),
        gettext("恢复调查时会再通知您。"),
    )


def _resumed(facts: Facts) -> Words:
    due = latest(facts, gettext("扣除中止的时间，最迟在%(due)s前作出处理决定。", due=facts.day("due")))
    return gettext("调查已经恢复"), (gettext("调查已经恢复。"), due, facts.basis())


def _decided(facts: Facts) -> Words:
    return gettext("处理结果告知书"), (
        gettext("%(office)s已经作出处理决定：%(reason)s。", office=facts.text("office"), reason=facts.reason()),
        gettext("感谢您帮助看护大家的医保基金。"),
    )


def _closed(facts: Facts) -> Words:
    return gettext("举报已经办结"), (
        gettext("这份举报已经办结：%(reason)s。", reason=facts.reason()),
        gettext("如果您有新的线索，请在这里写下来，可以重新办理。"),
    )


def _reopened(facts: Facts) -> Words:
    due = latest(facts, gettext("最迟在%(due)s前决定是否立案。", due=facts.day("due")))
    return gettext("举报重新办理"), (
        gettext("因为%(reason)s，这份举报重新办理。", reason=facts.reason()),
        due,
        facts.basis(),
    )


_MAKERS: Mapping[NoticeKind, Callable[[Facts], Words]] = {
    NoticeKind.RECEIVED: _received,
    NoticeKind.IDENTITY_SEALED: _identity_sealed,
    NoticeKind.IDENTITY_OPENED: _identity_opened,
    NoticeKind.WITHDRAWN: _withdrawn,
    NoticeKind.PRESSURE_REPORTED: _pressure,
    NoticeKind.ACCEPTED: _accepted,
    NoticeKind.NOT_ACCEPTED: _not_accepted,
    NoticeKind.REDIRECTED: _redirected,
    NoticeKind.QUESTION: _question,
    NoticeKind.TRANSFERRED: _transferred,
    NoticeKind.MOVED_UP: _moved_up,
    NoticeKind.REFERRED: _referred,
    NoticeKind.MERGED: _merged,
    NoticeKind.EXTENDED: _extended,
    NoticeKind.FILED: _filed,
    NoticeKind.NOT_FILED: _not_filed,
    NoticeKind.AGREEMENT: _agreement,
    NoticeKind.POLICE: _police,
    NoticeKind.POLICE_RETURNED: _police_returned,
    NoticeKind.SUSPENDED: _suspended,
    NoticeKind.RESUMED: _resumed,
    NoticeKind.DECIDED: _decided,
    NoticeKind.CLOSED: _closed,
    NoticeKind.REOPENED: _reopened,
    NoticeKind.REWARD_OPENED: reward.opened,
    NoticeKind.REWARD_GIVEN: reward.given,
    NoticeKind.REWARD_NOT_GIVEN: reward.not_given,
    NoticeKind.REWARD_CLAIMED: reward.claimed,
    NoticeKind.REWARD_RETURNED: reward.returned,
    NoticeKind.REWARD_PAID: reward.paid,
    NoticeKind.REWARD_FORFEITED: reward.forfeited,
    NoticeKind.REWARD_WAIVED: reward.waived,
    NoticeKind.REWARD_REVIEW_ASKED: reward.review_asked,
    NoticeKind.REWARD_UPHELD: reward.upheld,
    NoticeKind.REWARD_LOOKED_AT_AGAIN: reward.looked_at_again,
    NoticeKind.REWARD_RECOVERED: reward.recovered,
}
