"""What follows from figures: how long money lasts, what changed, what share of it is spent. Pure.

A ratio is only formed of figures of one place, level of pooling, scope of the fund, period and edition, and names all
of them. Rounding is half up, to one digit after the point; nothing is rounded before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.disclosures import periods
from portal.disclosures.values import Figure, Period
from portal.disclosures.vocabulary import vocabulary

_ONE_DIGIT = Decimal("0.1")


class Kind(StrEnum):
    """``MONTHS`` in months; the others in per cent."""

    MONTHS = "months"
    CHANGE = "change"
    SPENT = "spent"
    SHARE = "share"


class Why(StrEnum):
    """Why a ratio cannot be said."""

    NO_BALANCE = "no-balance"
    NO_SPENDING = "no-spending"  # none of the same scope, period and edition as the balance
    NO_PARTNER = "no-partner"
    NOT_POSITIVE = "not-positive"


@dataclass(frozen=True, slots=True)
class Ratio:
    """``value``: rounded. ``above``, ``below``: addresses of the figures that were added up and divided."""

    kind: Kind
    value: Decimal
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return (*self.above, *(code for code in self.below if code not in self.above))


def amount_of(figure: Figure) -> Decimal | None:
    """In yuan, people or visits, exactly; None when it was not disclosed."""
    number = figure.number
    return None if number is None else number.scaleb(vocabulary().units[figure.unit].exponent)


def rank(figure: Figure) -> tuple[int, int]:
    """The higher, the later the word: a restatement after all, then by edition."""
    return figure.series.restated, vocabulary().editions[figure.series.edition].rank


def newest_word(figures: Iterable[Figure]) -> list[Figure]:
    """Of those that differ in edition alone, the one whose edition is the last word."""
    best: dict[tuple[object, ...], Figure] = {}
    for one in figures:
        series = one.series
        key = (series.region, series.place, series.pooling, series.fund, series.measure, series.period)
        if key not in best or rank(one) > rank(best[key]):
            best[key] = one
    return list(best.values())


class Known:
    """Figures of one place, looked up by what they are about. Those that were not disclosed count as absent."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._all: dict[tuple[object, ...], Figure] = {}
        for one in figures:
            if one.number is not None:
                self._all[one.series.fund, one.series.measure, one.series.period, _edition(one)] = one

    def editions(self, fund: str, measure: str, period: Period) -> list[Figure]:
        """The same in each edition, the last word first."""
        wanted = (fund, measure, period)
        return sorted((one for key, one in self._all.items() if key[:3] == wanted), key=rank, reverse=True)

    def beside(
        self, figure: Figure, *, fund: str = "", measure: str = "", period: Period | None = None
    ) -> Figure | None:
        """The figure of the same edition and level that differs in what is given."""
        series = figure.series
        key = (fund or series.fund, measure or series.measure, period or series.period, _edition(figure))
        return self._all.get(key)

    def whole(self, figure: Figure, measure: str) -> list[Figure]:
        """What tells *measure* of the fund and edition of *figure*: itself, or all its parts; else nothing."""
        itself = self.beside(figure, measure=measure)
        if itself is not None:
            return [itself]
        for total, parts in vocabulary().sums:
            found = [self.beside(figure, fund=part, measure=measure) for part in parts]
            if total == figure.series.fund and all(found):
                return [one for one in found if one is not None]
        return []


def _edition(figure: Figure) -> tuple[object, ...]:
    return figure.series.edition, figure.series.restated, figure.series.pooling


def months_left(known: Known, fund: str, period: Period) -> Ratio | Why:
    """The cumulative balance ÷ a month's mean expenditure of the same fund, period and edition.

    Where the edition tells no expenditure of the fund itself, that of all its parts is added up. A period that is not
    of whole months has no mean month.
    """
    if not periods.whole_months(period):
        return Why.NO_SPENDING
    balances = known.editions(fund, "cumulative", period)
    for balance in balances:
        spent = known.whole(balance, "expenditure")
        below = _sum(spent)
        above = amount_of(balance)
        if spent and below > 0 and above is not None:
            value = above * periods.months_of(period) / below
            return Ratio(Kind.MONTHS, _rounded(value), (balance.series.code,), _codes(spent))
    return Why.NO_SPENDING if balances else Why.NO_BALANCE


def change(known: Known, figure: Figure) -> Ratio | Why:
    """By how much it is more (or, negative, less) than the same in the same months a year before."""
    now = amount_of(figure)
    before = known.beside(figure, period=periods.year_before(figure.series.period))
    if now is None or before is None:
        return Why.NO_PARTNER
    earlier = amount_of(before)
    if earlier is None or earlier <= 0:
        return Why.NOT_POSITIVE
    return Ratio(Kind.CHANGE, _percent(now - earlier, earlier), (figure.series.code,), (before.series.code,))


def spent_of_income(known: Known, fund: str, period: Period) -> Ratio | Why:
    """Expenditure ÷ income of the same fund, period and edition; over 100 where more went out than came in."""
    for spent in known.editions(fund, "expenditure", period):
        income = known.beside(spent, measure="income")
        above, below = amount_of(spent), None if income is None else amount_of(income)
        if income is not None and above is not None and below is not None and below > 0:
            return Ratio(Kind.SPENT, _percent(above, below), (spent.series.code,), (income.series.code,))
    return Why.NO_PARTNER


def share(known: Known, part: str, whole: str, measure: str, period: Period) -> Ratio | Why:
    """The part of one fund in another that holds it, of the same period and edition."""
    for one in known.editions(part, measure, period):
        total = known.beside(one, fund=whole)
        above, below = amount_of(one), None if total is None else amount_of(total)
        if total is not None and above is not None and below is not None and below > 0:
            return Ratio(Kind.SHARE, _percent(above, below), (one.series.code,), (total.series.code,))
    return Why.NO_PARTNER


def _sum(figures: Iterable[Figure]) -> Decimal:
    return sum((amount_of(one) or Decimal(0) for one in figures), Decimal(0))


def _codes(figures: Sequence[Figure]) -> tuple[str, ...]:
    return tuple(one.series.code for one in figures)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return _rounded(part * 100 / whole)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_ONE_DIGIT, rounding=ROUND_HALF_UP)
