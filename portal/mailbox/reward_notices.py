"""Notices of a reward in words. ``trace``, where there is one, is told by whoever shows the letter.

What the worker posts (opened, returned, paid, forfeited) has no parameters: nothing of it is more than the page of the
reward shows.
"""

from __future__ import annotations

from portal.mailbox.facts import Facts, Words, basis_words, latest
from portal.web.locale import gettext


def _sum(facts: Facts) -> str:
    """``fen`` as yuan; "" when it is not a number."""
    text = facts.text("fen")
    if not text.isdecimal():
        return ""
    yuan, fen = divmod(int(text), 100)
    return gettext("%(sum)s 元", sum=f"{yuan:,}.{fen:02d}" if fen else f"{yuan:,}")


def opened(_facts: Facts) -> Words:
    return gettext("奖励开始审查"), (
        gettext("您举报的事已经查实，并且造成了医保基金损失。办理单位开始审查给您的奖励。"),
        gettext("有了决定会发到这里。不想领的，可以在“奖励”一页放弃。"),
    )


def given(facts: Facts) -> Words:
    return gettext("领取举报奖励通知书"), (
        gettext("%(office)s决定奖励您 %(sum)s。", office=facts.text("office"), sum=_sum(facts)),
        latest(facts, gettext("请最迟在%(due)s前到“奖励”一页领取；过了这一天，视为主动放弃。", due=facts.day("due"))),
        gettext("领取时才填收款人姓名、身份证号码和银行账户，填好就加密封存，办案人员看不到。"),
        facts.basis(),
    )


def not_given(facts: Facts) -> Words:
    return gettext("不予奖励告知书"), (
        gettext("%(office)s决定不给奖励。原因：%(reason)s。", office=facts.text("office"), reason=facts.reason()),
        latest(facts, gettext("不同意的，可以最迟在%(due)s前在“奖励”一页申请复核一次。", due=facts.day("due"))),
    )


def claimed(_facts: Facts) -> Words:
    return gettext("收款信息已经封存"), (
        gettext("您填写的收款信息已经封存，至少要两个付款保管人同意才能打开，只用来付款。"),
        gettext("付款一般通过银行转账，到账以后会通知您。"),
    )


def returned(_facts: Facts) -> Words:
    return gettext("银行退回了奖励"), (
        gettext("银行没有付成，款项退回来了。常见的原因是账号、姓名或者开户银行写错了。"),
        gettext("请到“奖励”一页重新填写收款信息，期限也写在那里。"),
    )


def paid(_facts: Facts) -> Words:
    return gettext("奖励已经支付"), (
        gettext("银行答复，奖励已经付到您填写的账户。"),
        gettext("请核对银行账户。没有收到的，请在这里写信。"),
    )


def forfeited(_facts: Facts) -> Words:
    return gettext("奖励视为放弃"), (
        gettext("领取的期限已经过了，您没有领取，按照规定视为主动放弃。"),
        basis_words("RW-9.1"),
    )


def waived(_facts: Facts) -> Words:
    return gettext("您放弃了奖励"), (gettext("您放弃了这份举报的奖励，我们已经登记。举报的办理不受影响。"),)


def review_asked(_facts: Facts) -> Words:
    return gettext("复核申请已经收到"), (
        gettext("您对奖励的决定申请了复核，由没有参加这个决定的人办理。复核期间领取期限停止计算。"),
    )


def upheld(facts: Facts) -> Words:
    return gettext("复核结果：维持原决定"), (
        gettext("复核以后，维持原来的决定。"),
        latest(facts, gettext("奖励请最迟在%(due)s前领取。", due=facts.day("due"))),
    )


def looked_at_again(_facts: Facts) -> Words:
    return gettext("复核结果：重新审查"), (gettext("复核以后，原来的决定不再算数，奖励重新审查。有了决定会发到这里。"),)


def recovered(facts: Facts) -> Words:
    return gettext("收回奖励决定书"), (
        gettext(
            "%(office)s决定收回已经发放的奖励 %(sum)s。原因：%(reason)s。",
            office=facts.text("office"),
            sum=_sum(facts),
            reason=facts.reason(),
        ),
        gettext("怎样退回，办理单位会在这里告诉您。您也可以在这里说明情况。"),
        gettext("您认为这一决定侵犯了自己合法权益的，可以依法自知道之日起六十日内申请行政复议。"),
    )
