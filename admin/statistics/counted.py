"""The figures of a month as they may be published, counted from the book now. Reads only."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.kernel.errors import Refused
from portal.statistics import counting
from portal.statistics.content import content
from portal.statistics.suppression import Rule, rule_on
from portal.statistics.values import Month


def rule_of(month: Month) -> Rule:
    """What is withheld of *month*, then as today: the rule of its last day. Refused ("no_rule")."""
    try:
        return rule_on(month.last)
    except LookupError:
        raise Refused("no_rule", "这个月还没有施行的不公布规则，不能统计。") from None


def month_content(session: Session, month: Month, today: date, size: int | None = None) -> dict[str, Any]:
    """Counted below *size* leaves of the ledger, or all that the newest published checkpoint covers.

    Refused: "not_over" (two counts of a month that goes on would tell by their difference what came in between),
    "no_rule", "waiting" while no published checkpoint covers all entries of the month, "unknown_codes" when the book
    holds what nobody counts: rather no figures than wrong ones.
    """
    rule = rule_of(month)
    if today < month.settled:
        raise Refused("not_over", "这个月还没有过完，或者刚刚过完，不能统计。请从下个月 2 日起统计。")
    size = counting.published_size(session) if size is None else size
    if counting.waiting(session, month, size):
        raise Refused("waiting", "这个月还有记录不在已经公布的校验值里。请等下一次公布校验值以后再统计。")
    try:
        return content(month, size, counting.count(session, month, size), rule)
    except ValueError as error:
        words = f"账本里有统计还不认识的代码，不能统计。请联系系统管理员升级程序。（{error}）"
        raise Refused("unknown_codes", words) from None
