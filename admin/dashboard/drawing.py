"""The course of the last months as charts, each with the sentence that says it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from admin.dashboard.values import MonthLine
from portal.charts import Drawing, Series, line_chart


def drawings(months: Sequence[MonthLine]) -> list[Drawing]:
    """What came in and was decided, how long it took, which clocks ran out; without those that have nothing to show."""
    found = []
    if any(one.received or one.decided for one in months):
        came = _series("收到", [one.received for one in months], "件")
        decided = _series("作出决定", [one.decided for one in months], "件")
        found.append(_drawn(months, [came, decided], "每月收到和作出决定的举报", _came(months)))
    if any(one.days is not None for one in months):
        days = _series("到决定的天数", [one.days for one in months], "天")
        found.append(_drawn(months, [days], "到决定的天数（中位数）", _took(months)))
    if any(one.missed for one in months):
        missed = _series("超过的期限", [one.missed for one in months], "个")
        found.append(_drawn(months, [missed], "每月超过的期限", _ran_out(months)))
    return found


def _series(name: str, values: Sequence[int | None], unit: str) -> Series:
    shown = tuple("没有" if value is None else f"{value:,} {unit}" for value in values)
    return Series(name, tuple(None if value is None else Decimal(value) for value in values), shown)


def _drawn(months: Sequence[MonthLine], series: Sequence[Series], title: str, says: str) -> Drawing:
    return Drawing(line_chart([one.month for one in months], series), title, says)


def _came(months: Sequence[MonthLine]) -> str:
    last, now = months[-2], months[-1]
    return (
        f"上个月收到 {last.received:,} 件，作出决定 {last.decided:,} 件；"
        f"这个月到今天收到 {now.received:,} 件，作出决定 {now.decided:,} 件。"
    )


def _took(months: Sequence[MonthLine]) -> str:
    known = [(one.days, one.month) for one in months if one.days is not None]
    newest, month = known[-1]
    most, slowest = max(known)
    return f"{month} 作出决定的，一半用了不超过 {newest} 天；最长的是 {slowest}，{most} 天。没有决定的月份空着。"


def _ran_out(months: Sequence[MonthLine]) -> str:
    worst = max(months, key=lambda one: one.missed)
    total = sum(one.missed for one in months)
    return f"这些月份一共超过 {total:,} 个期限，最多的是 {worst.month}，{worst.missed:,} 个。"
