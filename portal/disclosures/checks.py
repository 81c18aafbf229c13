"""Figures held against each other: parts and totals, income and spending, last year, the quick report. Pure.

Tolerance is what printing allows: each figure stands for anything within half a unit of its last digit, so that a sum
of n of them may be off by the sum of those halves. Within it the verdict is ``rounding``, beyond it ``DIFFERS``. What
differs is not refused: year-end figures are restated without notice. It has to be explained.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from portal.disclosures import periods
from portal.disclosures.values import COUNTRY, Figure, Series
from portal.disclosures.vocabulary import vocabulary

SUM, DIFFERENCE = "sum of parts", "income - expenditure = current balance"
ROLL, RESTATED = "roll-forward of cumulative balance", "quick report vs bulletin (restatement)"
RESTATED_PART = "quick report vs bulletin (earlier schemes)"
SIGN, JUMP, OPENING, UNITS = "sign", "jump against last period", "opening balance", "unit against last period"
EXACT, ROUNDING, DIFFERS = "exact", "rounding", "DIFFERS"
QUICK, BULLETIN = "quick", "bulletin"
_RESTATED_MEASURES = frozenset({"income", "expenditure", "cumulative"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One comparison. ``computed``, ``published``, ``difference``: decimal strings in the unit of the figures.

    ``codes``: addresses of the figures that took part. ``explain``: whether nobody goes on without saying why.
    """

    name: str
    item: str
    computed: str
    published: str
    difference: str
    verdict: str
    codes: tuple[str, ...]

    @property
    def explain(self) -> bool:
        return self.verdict == DIFFERS

    @property
    def id(self) -> str:
        """Stable while names and figures stay: an explanation is kept under it."""
        said = f"{self.name}|{self.item}|{self.computed}|{self.published}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class _Known:
    """All figures by what they are about. A later one of the same series takes the place of an earlier one."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.groups: dict[tuple[Any, ...], dict[tuple[str, str], Figure]] = {}
        self.series: dict[tuple[Any, ...], Figure] = {}
        for one in figures:
            if one.number is not None:
                self.groups.setdefault(_group(one), {})[one.series.fund, one.series.measure] = one
                self.series[_about(one.series)] = one

    def at(self, series: Series, **changed: Any) -> Figure | None:
        return self.series.get(_about(series, **changed))


def check_all(figures: Sequence[Figure], published: Iterable[Figure] = ()) -> list[Check]:
    """Every check that one of *figures* takes part in, among themselves and with what is *published*, in a fixed order.

    A figure that was not disclosed takes part in none.
    """
    known = _Known((*published, *figures))
    fresh = {one.series.code for one in figures}
    found: list[Check] = []
    for key in sorted(known.groups, key=str):
        group = known.groups[key]
        found += _sums(group)
        found += _differences(group)
        found += _openings(group, known)
    ordered = sorted(known.series.values(), key=_order)
    for check in (_rolled, _restated, _signed, _jumped, _other_unit):
        for one in ordered:
            found += check(one, known)
    return [one for one in found if fresh.intersection(one.codes)]


def _group(figure: Figure) -> tuple[Any, ...]:
    series = figure.series
    period = (series.period.start, series.period.end, series.period.inferred)
    return _where(series), period, series.edition, series.restated, figure.unit


def _where(series: Series) -> tuple[str, str]:
    """A region by its code, a place that is not sure by its words; the level belongs to it."""
    return series.region or series.place, series.pooling.value


def _about(series: Series, **changed: Any) -> tuple[Any, ...]:
    said = {
        "where": _where(series),
        "fund": series.fund,
        "measure": series.measure,
        "start": series.period.start,
        "end": series.period.end,
        "inferred": series.period.inferred,
        "edition": series.edition,
        "restated": series.restated,
    }
    return tuple({**said, **changed}.values())


def _order(figure: Figure) -> tuple[Any, ...]:
    series = figure.series
    return series.period.end, _place(series), _edition(series), _fund(series), series.measure, figure.unit


def _sums(group: Mapping[tuple[str, str], Figure]) -> Iterator[Check]:
    for total, parts in vocabulary().sums:
        for measure in vocabulary().measures.values():
            whole = group.get((total, measure.id))
            each = [group.get((part, measure.id)) for part in parts]
            if not measure.sums or whole is None or any(part is None for part in each):
                continue
            given = [part for part in each if part is not None]
            names = "+".join(_fund(part.series) for part in given)
            item = f"{_head(whole)} {_fund(whole.series)}={names} {measure.zh}"
            yield _check(SUM, item, _total(given), whole, given)


def _differences(group: Mapping[tuple[str, str], Figure]) -> Iterator[Check]:
    for fund in vocabulary().funds:
        income, spent, balance = (group.get((fund, name)) for name in ("income", "expenditure", "balance"))
        if income and spent and balance:
            item = f"{_head(balance)} {_fund(balance.series)}"
            yield _check(DIFFERENCE, item, _number(income) - _number(spent), balance, (income, spent))


def _openings(group: Mapping[tuple[str, str], Figure], known: _Known) -> Iterator[Check]:
    """What is brought forward is what was left a year before."""
    for (_fund_id, measure), one in sorted(group.items()):
        if measure != "opening" or not one.series.period.cumulative:
            continue
        before = _last_year_end(one, known)
        if before is not None:
            yield _check(OPENING, f"{_head(one)} {_fund(one.series)}", _number(before), one, (before,))


def _rolled(one: Figure, known: _Known) -> Iterator[Check]:
    """What was left a year before and what came and went since make what is left now."""
    series = one.series
    if series.measure != "cumulative" or not series.period.whole_year:
        return
    before = _last_year_end(one, known)
    balance = _same_unit(one, known.at(series, measure="balance"))
    both = [_same_unit(one, known.at(series, measure=name)) for name in ("income", "expenditure")]
    if before is None or (balance is None and None in both):
        return
    used = [balance] if balance is not None else [part for part in both if part is not None]
    moved = _number(used[0]) - (_number(used[1]) if len(used) == 2 else 0)
    item = f"{series.period.end.year} {_place(series)} {_edition(series)} {_fund(series)}"
    yield _check(ROLL, item, _number(before) + moved, one, (before, *used))


def _restated(one: Figure, known: _Known) -> Iterator[Check]:
    """The bulletin says something else than the quick report did."""
    series = one.series
    if series.edition != BULLETIN or series.measure not in _RESTATED_MEASURES or not series.period.whole_year:
        return
    earlier = _same_unit(one, known.at(series, edition=QUICK))
    if earlier is not None:
        place = "" if series.region == COUNTRY else f"{_place(series)} "
        item = f"{series.period.end.year} {place}{_fund(series)} {_measure(series)}"
        name = RESTATED_PART if series.fund in _rules()["earlier_schemes"] else RESTATED
        yield _check(name, item, _number(earlier), one, (earlier,))


def _signed(one: Figure, _known: _Known) -> Iterator[Check]:
    """Less than nothing: it may be so, and has to be explained."""
    if _number(one) < 0:
        item = f"{_head(one)} {_fund(one.series)} {_measure(one.series)}"
        yield Check(
            name=SIGN, item=item, computed="0", published=one.amount, difference=one.amount, verdict=DIFFERS,
            codes=(one.series.code,),
        )  # fmt: skip


def _jumped(one: Figure, known: _Known) -> Iterator[Check]:
    """More than so many per cent away from the same months a year before."""
    percent = jump_percent(one.series.measure, one.series.period.end)
    before = _same_unit(one, _year_before(one, known))
    if percent is None or before is None or not _number(before):
        return
    moved = _number(one) - _number(before)
    if abs(moved) * 100 > abs(_number(before)) * percent:
        found = _check(
            JUMP, f"{_head(one)} {_fund(one.series)} {_measure(one.series)}", _number(before), one, (before,)
        )
        yield replace(found, verdict=DIFFERS)  # also where the sums are so small that printing could hide it


def _other_unit(one: Figure, known: _Known) -> Iterator[Check]:
    """Another unit than a year before: right perhaps, and often a slip of four digits."""
    before = _year_before(one, known)
    if before is not None and before.unit != one.unit:
        yield Check(
            name=UNITS, item=f"{_head(one)} {_fund(one.series)} {_measure(one.series)}",
            computed=f"{before.amount}{before.unit}", published=f"{one.amount}{one.unit}", difference="",
            verdict=DIFFERS, codes=(one.series.code, before.series.code),
        )  # fmt: skip


def _year_before(one: Figure, known: _Known) -> Figure | None:
    before = periods.year_before(one.series.period)
    return known.at(one.series, start=before.start, end=before.end)


def _last_year_end(one: Figure, known: _Known) -> Figure | None:
    """The cumulative balance of the last day before the period, by the same edition and in the same unit."""
    year = one.series.period.start.year - 1
    found = known.at(one.series, measure="cumulative", start=date(year, 1, 1), end=date(year, 12, 31))
    return _same_unit(one, found)


def _same_unit(one: Figure, other: Figure | None) -> Figure | None:
    return other if other is not None and other.unit == one.unit else None


def _check(name: str, item: str, computed: Decimal, published: Figure, others: Sequence[Figure]) -> Check:
    difference = _number(published) - computed
    tolerance = sum((_half(one) for one in (published, *others)), Decimal(0))
    verdict = EXACT if difference == 0 else ROUNDING if abs(difference) <= tolerance else DIFFERS
    codes = tuple(one.series.code for one in (published, *others))
    return Check(
        name=name, item=item, computed=_plain(computed), published=published.amount, difference=_plain(difference),
        verdict=verdict, codes=codes,
    )  # fmt: skip


def _half(figure: Figure) -> Decimal:
    """Half a unit of its last printed digit."""
    return Decimal(5).scaleb(-figure.decimals - 1)


def _total(figures: Sequence[Figure]) -> Decimal:
    return sum((_number(one) for one in figures), Decimal(0))


def _number(figure: Figure) -> Decimal:
    assert figure.number is not None  # what was not disclosed is in no group
    return figure.number


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _head(figure: Figure) -> str:
    series = figure.series
    period = periods.label(series.period)
    return f"{series.period.end.year} {_place(series)} {period} {_edition(series)} {figure.unit}"


def _place(series: Series) -> str:
    return series.place


def _edition(series: Series) -> str:
    name = vocabulary().editions[series.edition].zh
    return f"{name}({series.restated}年重列)" if series.restated else name


def _fund(series: Series) -> str:
    return vocabulary().funds[series.fund].zh


def _measure(series: Series) -> str:
    return vocabulary().measures[series.measure].zh


def jump_percent(measure: str, on: date) -> int | None:
    """The percentage beyond which a change is asked about; None where no rule of that measure was in force."""
    found = [one for one in _rules()["jump"] if measure in one["measures"] and one["in_force_from"] <= on]
    return int(max(found, key=lambda one: one["in_force_from"])["percent"]) if found else None


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return tomllib.loads((files("portal.disclosures") / "data" / "checks.toml").read_text(encoding="utf-8"))
