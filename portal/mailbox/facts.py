"""What the makers of notices share: parameters in the form that a sentence needs, days, legal bases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.mailbox.reasons import reason_words
from portal.web.locale import language, lazy_gettext, long_date

Words = tuple[str, tuple[str, ...]]
"""A title and its paragraphs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The parameters of one notice, each read in the form the sentence needs."""

    params: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.params.get(name, "")

    def day(self, name: str) -> str:
        """A date with its weekday, or an empty string when it was not given or is not a date."""
        try:
            return day_words(date.fromisoformat(self.text(name)))
        except ValueError:
            return ""

    def reason(self) -> str:
        return reason_words(self.text("reason"))

    def basis(self) -> str:
        return basis_words(self.text("rule"))


def day_words(day: date) -> str:
    """A day as a notice names it: 2026年10月26日（星期一）, or Monday 26 October 2026."""
    return "{}（{}）".format(*long_date(day).split()) if language() == "zh" else long_date(day)


_BASES = {
    "HR-12.1": lazy_gettext(
        "依据：《医疗保障基金使用监督管理举报处理暂行办法》、《医疗保障行政处罚程序暂行规定》第十四条"
        "（收到之日起 15 个工作日内核查并决定是否立案）"
    ),
    "HR-12.2": lazy_gettext(
        "依据：《医疗保障行政处罚程序暂行规定》第十四条（经主要负责人批准可以延长一次，15 个工作日）"
    ),
    "HR-12.3": lazy_gettext(
        "依据：《医疗保障基金使用监督管理举报处理暂行办法》（实名举报，决定之日起 5 个工作日内告知）"
    ),
    "HR-11.2": lazy_gettext("依据：《中华人民共和国社会保险法》第八十二条（书面通知并移交有权处理的部门）"),
    "PP-45": lazy_gettext(
        "依据：《医疗保障行政处罚程序暂行规定》第四十五条、《中华人民共和国行政处罚法》第六十条（立案之日起 90 日）"
    ),
    "CR-5": lazy_gettext("依据：《行政执法机关移送涉嫌犯罪案件的规定》第五条"),
    "RW-9.1": lazy_gettext(
        "依据：《违法违规使用医疗保障基金举报奖励办法》第九条（收到通知之日起两个月内领取，逾期视为主动放弃）"
    ),
    "RW-L5": lazy_gettext("国家没有规定申请复核的天数，这是本平台的规则。"),
}


def basis_words(rule: str) -> str:
    """The legal basis of a deadline in one sentence; "" for a rule that no notice names."""
    return str(_BASES.get(rule, ""))


def latest(facts: Facts, sentence: str) -> str:
    """*sentence* when its date is known."""
    return sentence if facts.day("due") else ""
