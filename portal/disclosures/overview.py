"""What a page about one place puts together from its figures: heads, years, rows by fund. Pure.

All of it is of confirmed figures of one level of pooling (:func:`by_level` parts them). Where editions differ, the
last word is taken, and the edition stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.disclosures import periods
from portal.disclosures.ratios import Known, Ratio, Why, amount_of, months_left, newest_word
from portal.disclosures.values import Figure, Period, Pooling
from portal.disclosures.vocabulary import Fund, vocabulary

MAIN = ("income", "expenditure", "balance", "cumulative")
"""What a citizen is told first, in this order."""
HEADS = ("basic", "employee", "resident")
_WIDEST = (
    Pooling.COUNTRY, Pooling.PROVINCE, Pooling.CITY, Pooling.COUNTY, Pooling.UNSTATED, Pooling.PROVINCE_OWN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """The four numbers of one fund and period.

    ``left_fund``: whose balance it is: the whole fund's, or the pooled part's.
    ``months``: how long that balance lasts at the spending of the period, or why it cannot be said.
    ``over``: income − expenditure in yuan, where both stand in one edition.
    """

    fund: str
    period: Period
    income: Figure | None
    expenditure: Figure | None
    balance: Figure | None
    left: Figure | None
    left_fund: str
    months: Ratio | Why
    over: Decimal | None

    @property
    def figures(self) -> tuple[Figure | None, ...]:
        """In the order of MAIN."""
        return self.income, self.expenditure, self.balance, self.left


@dataclass(frozen=True, slots=True)
class Row:
    """A fund and what is told of it, by measure."""

    fund: str
    by_measure: dict[str, Figure]


def whole_funds(family: str, sub: str = "") -> tuple[str, ...]:
    """Ids of the ways in which a fund (or its pooled part) is told, maternity included first, excluded last."""
    order = {"with": 0, "unstated": 1, "none": 1, "without": 2}
    found = [one for one in vocabulary().funds.values() if one.fund == family and one.sub == sub]
    return tuple(one.id for one in sorted(found, key=lambda one: order[one.scope]))


def funds_of(families: Iterable[str]) -> list[str]:
    """Ids of all funds and parts of these families."""
    wanted = set(families)
    return [one.id for one in vocabulary().funds.values() if one.fund in wanted]


def with_parts(families: Iterable[str]) -> list[str]:
    """The same, and the funds that are added up where one of them is not told itself."""
    found = funds_of(families)
    parts = [part for total, parts in vocabulary().sums for part in parts if total in found]
    return list(dict.fromkeys((*found, *parts)))


def main_period(figures: Iterable[Figure]) -> Period | None:
    """The period that stands for a year: the whole of it, else the longest since January, else the latest."""
    told = {one.series.period for one in figures if one.series.measure in MAIN[:2] and one.number is not None}
    return max(told, key=lambda one: (one.whole_year, one.cumulative, one.end, one.start), default=None)


def by_level(figures: Iterable[Figure]) -> dict[Pooling, list[Figure]]:
    """Figures of one region by the level at which risks are pooled: what a province runs itself and the whole of it
    are two things. The level that stands for the region is the first: the widest that tells what came in or went out.
    """
    found: dict[Pooling, list[Figure]] = {}
    for one in figures:
        found.setdefault(one.series.pooling, []).append(one)
    order = sorted(found, key=lambda level: (main_period(found[level]) is None, _WIDEST.index(level)))
    return {level: found[level] for level in order}


def standing(figures: Iterable[Figure]) -> tuple[Pooling, list[Figure]]:
    """The level that stands for a region, and its figures."""
    return next(iter(by_level(figures).items()), (Pooling.UNSTATED, []))


def head(figures: Sequence[Figure], family: str, period: Period) -> Head | None:
    """The four numbers of a family of funds, or None when neither income nor expenditure is told."""
    known = Known(figures)
    best = {(one.series.fund, one.series.measure): one for one in newest_word(figures) if one.series.period == period}
    flows = (*MAIN[:2],)
    fund = next((fund for fund in whole_funds(family) if any((fund, flow) in best for flow in flows)), None)
    if fund is None:
        return None
    scope = vocabulary().funds[fund].scope
    pooled = [one for one in whole_funds(family, "pooled") if vocabulary().funds[one].scope == scope]
    left_fund = next((one for one in (fund, *pooled) if (one, "cumulative") in best), fund)
    income, expenditure = best.get((fund, "income")), best.get((fund, "expenditure"))
    return Head(
        fund=fund, period=period, income=income, expenditure=expenditure,
        balance=best.get((fund, "balance")), left=best.get((left_fund, "cumulative")), left_fund=left_fund,
        months=months_left(known, left_fund, period), over=over_of(income, expenditure),
    )  # fmt: skip


def heads(figures: Sequence[Figure], period: Period) -> list[Head]:
    """Of basic insurance as a whole; where nobody tells it, of employees and residents apart."""
    basic = head(figures, HEADS[0], period)
    if basic is not None:
        return [basic]
    apart = [head(figures, family, period) for family in HEADS[1:]]
    return [one for one in apart if one is not None]


def by_year(figures: Iterable[Figure], family: str) -> list[Head]:
    """The four numbers of each whole year in which any is told, the oldest first."""
    years: dict[Period, list[Figure]] = {}
    for one in figures:
        if one.series.period.whole_year:
            years.setdefault(one.series.period, []).append(one)
    found = [head(years[period], family, period) for period in sorted(years, key=lambda one: one.start)]
    return [one for one in found if one is not None]


def rows(figures: Iterable[Figure]) -> dict[Period, list[Row]]:
    """Of every period, the latest and longest first, what is told of each fund, in the order of the vocabulary."""
    found: dict[Period, dict[str, dict[str, Figure]]] = {}
    for one in newest_word(figures):
        found.setdefault(one.series.period, {}).setdefault(one.series.fund, {})[one.series.measure] = one
    latest_first = sorted(found, key=lambda one: (one.end, -one.start.toordinal()), reverse=True)
    return {
        period: [Row(fund, found[period][fund]) for fund in vocabulary().funds if fund in found[period]]
        for period in latest_first
    }


def fund_of(figure: Figure) -> Fund:
    return vocabulary().funds[figure.series.fund]


def months(period: Period) -> int:
    """How many months a period spans."""
    return periods.months_of(period)


def over_of(income: Figure | None, expenditure: Figure | None) -> Decimal | None:
    """Income − expenditure in yuan; None where they do not both stand in one edition."""
    if income is None or expenditure is None or income.series.edition != expenditure.series.edition:
        return None
    came, went = amount_of(income), amount_of(expenditure)
    if came is None or went is None or income.series.restated != expenditure.series.restated:
        return None
    return came - went
