"""What is counted of a month: tables with their cells in a fixed order, and what each figure means in words. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Self

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    """Whether *text* is a month of this century as "2026-09"; digits of other scripts are none."""
    return _MONTH.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in China."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self:
        """From "2026-09". ValueError when it is no month of this century."""
        found = _MONTH.fullmatch(text)
        if found is None:
            raise ValueError(f"no month: {text!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def settled(self) -> date:
        """The first day on which it may be counted: not the very next. What began in its last second is written a
        moment later, and would be missing for ever from whatever was counted between."""
        return self.last + timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a figure counts, in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that split one total, each by something else. ``tables``: name → cell → count, in the cells' order.

    ValueError when they do not add up to the same: their difference would tell of what one of them lacks.
    """

    tables: Mapping[str, Mapping[str, int]]

    def __post_init__(self) -> None:
        if len({sum(table.values()) for table in self.tables.values()}) != 1:
            raise ValueError("tables of one total do not add up to the same")

    @property
    def total(self) -> int:
        """What every table of the group adds up to."""
        return sum(next(iter(self.tables.values())).values())


class Days(NamedTuple):
    """How long something took, in calendar days and in working days after the first day."""

    calendar: int
    working: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came back to the fund, in fen: in how many cases, in sum, and the most of it in one of them."""

    cases: int
    fen: int
    largest_fen: int


@dataclass(frozen=True, slots=True)
class PaidOut:
    """Rewards that were paid in a year, as far as the page of rewards tells them at the end of a quarter: numbers, and
    fen, at the least, 0 where no place is told.

    ``told_from``: how many a place has to have paid to be told."""

    since: date
    until: date
    at_least: int
    fen_at_least: int
    told_from: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that was counted of a month. ``waited``: step → days from reception, one a step taken."""

    received: Group
    decided: Group
    opened: Group
    waited: Mapping[str, Sequence[Days]]
    missed: Group
    recovered: Recovered
    paid: PaidOut


MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "received": Meaning(
            "本月记入台账的举报件数，按记入的日子计算。合并办理的举报各算一件；已经销毁的举报仍然计算。",
            "Reports entered in the book in the month, by the day of entry. Reports handled together count one each; "
            "reports destroyed since still count.",
        ),
        "decided": Meaning(
            "本月作出处理决定的次数，按决定记入台账的日子计算。合并办理的举报只有一次决定；重新办理后再次决定的，再算一次。",
            "Decisions entered in the book in the month, by the day of entry. Reports handled together have one "
            "decision; a case that is decided again counts again.",
        ),
        "verified": Meaning(
            "本月的处理决定中，结果不是“违法事实不能成立”的占多少。分子和分母都公布了才公布。",
            "Of the decisions of the month, the share whose outcome is not “not proven”. Published only where both "
            "its parts are.",
        ),
        "opened": Meaning(
            "本月经保管委员会同意后第一次打开的身份或者联系方式，按申请计算：同一次申请看了几回，"
            "隔月又看，都只在第一次打开的那个月算一次。",
            "Identities or contacts that were first opened in the month after the custody board agreed, by request: "
            "looked at several times in one request, also in a later month, it counts once.",
        ),
        "missed": Meaning(
            "法定期限的最后一天在本月，到期没有办完的，按当时负责办理的单位计算；在月底以前经批准延长、暂停的，按延长、"
            "暂停以后的日子算；月底以后才批准的，不改变这个数。举报医保部门工作人员的不计算在内。",
            "Legal time limits whose last day lay in the month and that were not met, by the office that had to meet "
            "them; where a limit was extended or paused with approval before the month was over, its later day "
            "counts; what was approved afterwards changes nothing. Reports about officials are left out.",
        ),
        "recovered": Meaning(
            "本月在办理结果里登记的、已经追回的医保基金，以分计；以后更正的，算在更正的那个月。件数太少，或者其中一件超过一半的，"
            "不公布金额。",
            "Money of the fund that came back, as stated in the month with the outcome of reports, in fen; what is "
            "corrected later counts in the month of the correction. The sum is withheld where there are few cases or "
            "one of them makes up more than half.",
        ),
        "paid": Meaning(
            "本年到最近一个季度末，银行付成的举报奖励，至少有多少：把“已经发了多少奖励”一页写出的各个地方，每个按那一档的起点加起来，"
            "没有写出的地方不算。后来追回的不减。不按月写：某个月的准确数和那一页放在一起，就能推出没有写出的数。",
            "Rewards that the bank paid in the year up to the last end of a quarter, at the least: of each place that "
            "the page of rewards tells, where its band begins, and nothing of the others. What was taken back later is "
            "not deducted. There is no number of a month: laid beside that page, it would give away what the page does "
            "not tell.",
        ),
        "waited": Meaning(
            "从收到举报到本月办理的这一步（受理或者不予受理，核查后立案、不予立案或者协议处理，作出处理决定，结案），"
            "经过的日历日和工作日。"
            "中位数和九成分位数取实际出现的天数；其上和其下都有足够多的举报才公布。",
            "Calendar and working days from reception to a step taken in the month: accepted or not; after "
            "verification filed, not filed or handled under the service agreement; decided; closed. "
            "Median and 90th percentile are days that occurred, published only with enough reports on either side.",
        ),
    }
)


class CorrectionReason(StrEnum):
    """Why the figures of a month are said again."""

    COUNTING = "counting"  # the way of counting was wrong
    RECORD = "record"  # a report's channel or subject was recorded wrongly and has been put right
    ADDED = "added"  # a figure is counted that was not counted before
