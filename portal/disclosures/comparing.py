"""Figures side by side: the editions of one year, and places or years that a reader chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.charts import Drawing, Series, bar_chart
from portal.disclosures import telling
from portal.disclosures.overview import MAIN, Head
from portal.disclosures.ratios import Known, Ratio, amount_of, rank, spent_of_income
from portal.disclosures.showing import spent_more
from portal.disclosures.telling import measure_words, ratio_words
from portal.disclosures.values import Figure
from portal.disclosures.vocabulary import vocabulary
from portal.web.locale import gettext as _


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told by several editions, the earliest word first. ``moved``: last − first, in the last one's unit."""

    what: str
    figures: tuple[Figure, ...]
    moved: str


@dataclass(frozen=True, slots=True)
class Column:
    """What is compared: its name, its numbers, and all figures that they may be computed from."""

    name: str
    region: str
    year: int
    head: Head
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A table of the main measures, ratios by column (what, then result and codes of each), a chart, and warnings."""

    table: telling.Table
    ratios: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]
    drawing: Drawing | None
    warnings: tuple[str, ...]


def several_told(figures: Iterable[Figure]) -> list[Told]:
    """Whatever more than one edition tells, by level of pooling, fund, measure and period."""
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for one in figures:
        series = one.series
        groups.setdefault((series.pooling, series.fund, series.measure, series.period), []).append(one)
    several = len({pooling for pooling, *_about in groups}) > 1
    found = []
    for group in groups.values():
        if len(group) > 1:
            ordered = sorted(group, key=rank)
            level = str(telling.POOLINGS[ordered[0].series.pooling]) if several else ""
            period = ordered[0].series.period  # the year is the page's
            what = [level, "" if period.whole_year else telling.period_words(period), telling.about_words(ordered[-1])]
            found.append(Told(telling.joined(*what), tuple(ordered), _moved(ordered[0], ordered[-1])))
    order = list(vocabulary().funds)
    return sorted(found, key=lambda one: order.index(one.figures[0].series.fund))


def _moved(first: Figure, last: Figure) -> str:
    before, after = amount_of(first), amount_of(last)
    if before is None or after is None:
        return ""
    unit = vocabulary().units[last.unit]
    moved = after - before
    sign = "+" if moved > 0 else ""
    return sign + telling.sum_words(moved, unit)


def compare(columns: Sequence[Column]) -> Compared:
    """Two to four columns side by side."""
    rows = [
        (measure_words(name), [column.head.figures[at] for column in columns]) for at, name in enumerate(MAIN)
    ]  # fmt: skip
    table = telling.table(_("放在一起看"), (_("指标"), *(one.name for one in columns)), rows)
    spent = tuple(_said(spent_of_income(Known(one.figures), one.head.fund, one.head.period)) for one in columns)
    months = tuple(_said(one.head.months) for one in columns)
    return Compared(
        table, ((_("支出占收入"), spent), (_("结存够用几个月"), months)), _bars(columns), tuple(_warnings(columns))
    )


def _said(ratio: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(ratio, Ratio):
        return ratio_words(ratio), ratio.codes
    return "—", ()


def _bars(columns: Sequence[Column]) -> Drawing | None:
    """Income and expenditure a column; with sums of very different size the table says more, and there is no chart."""
    figures = [one for column in columns for one in (column.head.income, column.head.expenditure)]
    amounts = [amount for amount in (amount_of(one) for one in figures if one is not None) if amount is not None]
    unit = telling.usual_unit(figures)
    if unit is None or not amounts or min(amounts) <= 0 or max(amounts) > 50 * min(amounts):
        return None
    series = [
        Series(
            measure_words(name),
            tuple(_in_unit(column.head.figures[at], unit.exponent) for column in columns),
            tuple(telling.amount_words(one) if (one := column.head.figures[at]) else "" for column in columns),
        )
        for at, name in enumerate(MAIN[:2])
    ]
    title = _("收入和支出（单位：%(unit)s）", unit=telling.unit_name(unit))
    names = [column.name for column in columns]
    return Drawing(bar_chart(names, series), title, spent_more(names, [column.head.over for column in columns]))


def _in_unit(figure: Figure | None, exponent: int) -> Decimal | None:
    amount = None if figure is None else amount_of(figure)
    return None if amount is None else amount.scaleb(-exponent)


def _warnings(columns: Sequence[Column]) -> list[str]:
    """What keeps the columns from being compared strictly."""
    found = []
    if len({one.head.fund for one in columns}) > 1:
        found.append(_("口径不一样：有的包括生育保险，有的不包括或者没有说明。"))
    if (
        len({one.head.period.end.month for one in columns}) > 1
        or len({one.head.period.whole_year for one in columns}) > 1
    ):
        found.append(_("期间不一样长，收入和支出不能直接比。"))
    if len({vocabulary().funds[one.head.left_fund].sub for one in columns if one.head.left}) > 1:
        found.append(_("累计结存有的是整个基金的，有的只是统筹基金的，不能直接比。"))
    return found
