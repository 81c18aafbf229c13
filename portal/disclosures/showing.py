"""The sentences, the chart and the tables of the page of one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from portal.charts import Drawing, Series, bar_chart, line_chart
from portal.disclosures import telling
from portal.disclosures.overview import MAIN, Head, Row, over_of
from portal.disclosures.ratios import Known, Ratio, Why, amount_of, change, newest_word, share, spent_of_income
from portal.disclosures.saying import Sentence, last_left, sentences
from portal.disclosures.telling import Table, measure_words, ratio_words
from portal.disclosures.values import Figure, Period
from portal.disclosures.vocabulary import Unit, vocabulary
from portal.web.locale import gettext as _


@dataclass(frozen=True, slots=True)
class Overview:
    """All that stands above the detail of a page; a part that cannot be made is empty or None."""

    sentences: tuple[Sentence, ...]
    drawing: Drawing | None
    years: Table | None
    breaks: tuple[str, ...]
    months: tuple[tuple[str, str, tuple[str, ...]], ...]
    ratios: tuple[tuple[str, str, tuple[str, ...]], ...]
    detail: Table | None


def overview(
    place: str, heads: Sequence[Head], course: Sequence[Head], rows: Sequence[Row], before: Sequence[Figure]
) -> Overview:
    """The page of *place* (in words). ``before``: figures of other years, for comparing."""
    figures = [*before, *(one for row in rows for one in row.by_measure.values())]
    return Overview(
        sentences=(*(one for head in heads for one in sentences(place, head)), *last_left(heads, course)),
        drawing=_course(place, course) or _side_by_side(place, rows),
        years=_years(course) if len(course) > 1 else None,
        breaks=tuple(_breaks(course)),
        months=tuple(_months(course)),
        ratios=tuple(_ratios(figures, heads)),
        detail=by_fund(rows) if rows else None,
    )


def by_fund(rows: Sequence[Row], when: str = "") -> Table:
    """The main measures of each fund; other measures stand in a table of their own. ``when``: the period in words, and
    the level where it is not the one that stands for the place."""
    heads = (_("险种"), *(measure_words(one) for one in MAIN))
    money = [row for row in rows if any(one in row.by_measure for one in MAIN)]
    given = [(telling.fund_words(row.fund), [row.by_measure.get(one) for one in MAIN]) for row in money]
    period = next((one.series.period for row in money for one in row.by_measure.values()), None)
    when = when or (telling.period_words(period) if period else "")
    caption = _("%(period)s，各项基金", period=when) if when else _("各项基金")
    return telling.table(caption, heads, given, [row.fund for row in money])


@dataclass(frozen=True, slots=True)
class OfFund:
    """The page of one fund: a chart where there is a course of years, a table of years, one of parts of years."""

    drawing: Drawing | None
    years: Table | None
    parts: Table | None
    ratios: tuple[tuple[str, str, tuple[str, ...]], ...]


def of_fund(place: str, fund: str, figures: Sequence[Figure]) -> OfFund:
    """All that is told of one fund of *place* (in words): whole years, parts of years, and changes between years."""
    best = newest_word(figures)
    years = sorted({one.series.period for one in best if one.series.period.whole_year}, key=lambda one: one.start)
    parts = {one.series.period for one in best if not one.series.period.whole_year}
    by_key = {(one.series.period, one.series.measure): one for one in best}
    flows = [name for name in vocabulary().measures if any((one, name) in by_key for one in years)]
    known = Known(figures)
    ratios = [
        (telling.figure_words(one), change(known, one))
        for name in MAIN[:2] for period in reversed(years) if (one := by_key.get((period, name))) is not None
    ]  # fmt: skip
    return OfFund(
        drawing=_fund_course(place, fund, years, by_key),
        years=_by_measure(_("各年"), list(reversed(years)), flows, by_key),
        parts=by_period([one for one in best if one.series.period in parts]),
        ratios=tuple(
            (_("%(what)s，比上一年", what=what), ratio_words(ratio), ratio.codes)
            for what, ratio in ratios if isinstance(ratio, Ratio)
        ),
    )  # fmt: skip


def by_period(figures: Sequence[Figure], place: str = "") -> Table | None:
    """Income, expenditure and balances by fund and period, the latest first; None when none is told."""
    by_row: dict[tuple[Period, str], dict[str, Figure]] = {}
    for one in newest_word(figures):
        by_row.setdefault((one.series.period, one.series.fund), {})[one.series.measure] = one
    wanted = {key: row for key, row in by_row.items() if any(name in row for name in MAIN)}
    ordered = sorted(wanted, key=lambda key: (-key[0].end.toordinal(), key[0].start, key[1]))
    heads = (_("期间和险种"), *(measure_words(name) for name in MAIN))
    rows = [
        (telling.joined(telling.period_words(period), telling.fund_words(fund)), [row.get(name) for name in MAIN])
        for (period, fund), row in ((key, wanted[key]) for key in ordered)
    ]
    caption = _("%(place)s，各期的数", place=place) if place else _("各期的数")
    return telling.table(caption, heads, rows) if rows else None


def _by_measure(
    caption: str, years: Sequence[Period], names: Sequence[str], by_key: Mapping[tuple[Period, str], Figure]
) -> Table | None:
    if not years:
        return None
    heads = (_("年份"), *(measure_words(name) for name in names))
    rows = [(str(one.end.year), [by_key.get((one, name)) for name in names]) for one in years]
    return telling.table(caption, heads, rows)


def _fund_course(
    place: str, fund: str, years: Sequence[Period], by_key: Mapping[tuple[Period, str], Figure]
) -> Drawing | None:
    """The course of what is told most of: income and expenditure, else the first measure of money."""
    told = [name for name in MAIN[:2] if sum((one, name) in by_key for one in years) > 1]
    rest = [name for name in vocabulary().measures if sum((one, name) in by_key for one in years) > 1]
    names = told or rest[:1]
    unit = telling.usual_unit([by_key.get((one, names[0])) for one in years], _kind(names[0])) if names else None
    if unit is None:
        return None
    told_in = {(one.end.year, name): by_key[one, name] for one in years for name in names if (one, name) in by_key}
    span = range(min(told_in)[0], max(told_in)[0] + 1)  # a year that nobody told keeps its place
    series = [_series(measure_words(name), [told_in.get((year, name)) for year in span], unit) for name in names]
    if _silent(series):
        return None
    title = _("%(place)s %(fund)s 各年的数（单位：%(unit)s）", place=place, fund=telling.fund_words(fund),
              unit=telling.unit_name(unit))  # fmt: skip
    first, last = (next(one for one in some if (one, names[0]) in by_key) for some in (years, list(reversed(years))))
    says = _("%(what)s：%(first)s年 %(before)s，%(last)s年 %(after)s。", what=measure_words(names[0]),
             first=first.end.year, before=telling.amount_words(by_key[first, names[0]]), last=last.end.year,
             after=telling.amount_words(by_key[last, names[0]]))  # fmt: skip
    return Drawing(line_chart([str(year) for year in span], series), title, says)


def _kind(measure: str) -> str:
    return vocabulary().measures[measure].kind


def other_measures(rows: Sequence[Row]) -> list[tuple[str, Figure]]:
    """What is told beside the main measures: name, figure."""
    return [
        (telling.about_words(figure), figure)
        for row in rows for name, figure in row.by_measure.items() if name not in MAIN
    ]  # fmt: skip


def _course(place: str, course: Sequence[Head]) -> Drawing | None:
    """Income and expenditure over the years, in one unit; the line is cut where the scope changes."""
    figures = [one for head in course for one in (head.income, head.expenditure)]
    unit = telling.usual_unit(figures)
    if len(course) < 2 or unit is None:
        return None
    by_year = {head.period.end.year: head for head in course}
    years = range(min(by_year), max(by_year) + 1)  # a year that nobody told keeps its place
    changed = {after.period.end.year for before, after in pairwise(course) if after.fund != before.fund}
    cuts = frozenset(at for at, year in enumerate(years) if year in changed)
    series = [
        _series(
            measure_words(name), [by_year[year].figures[at] if year in by_year else None for year in years], unit, cuts
        )
        for at, name in enumerate(MAIN[:2])
    ]
    if _silent(series):
        return None
    title = _("%(place)s基本医保各年的收入和支出（单位：%(unit)s）", place=place, unit=telling.unit_name(unit))
    return Drawing(line_chart([str(year) for year in years], series), title, _course_says(course, unit))


def _course_says(course: Sequence[Head], unit: Unit) -> str:
    known = [head for head in course if head.over is not None]
    more = sum(1 for head in known if head.over is not None and head.over >= 0)
    first, last = course[0].period.end.year, course[-1].period.end.year
    return _("从%(first)s年到%(last)s年，收入和支出都知道的有 %(known)s 年，其中 %(more)s 年收入多于支出。",
             first=first, last=last, known=len(known), more=more)  # fmt: skip


def _side_by_side(place: str, rows: Sequence[Row]) -> Drawing | None:
    """Income and expenditure of each fund, where there is no course of years."""
    whole = [row for row in rows if not vocabulary().funds[row.fund].sub]
    told = [row for row in whole if "income" in row.by_measure and "expenditure" in row.by_measure][:4]
    unit = telling.usual_unit([one for row in told for one in row.by_measure.values()])
    if not told or unit is None:
        return None
    labels = [telling.family_words(row.fund) for row in told]
    series = [
        _series(measure_words(name), [row.by_measure.get(name) for row in told], unit)
        for name in ("income", "expenditure")
    ]
    if _silent(series):
        return None
    title = _("%(place)s各项基金的收入和支出（单位：%(unit)s）", place=place, unit=telling.unit_name(unit))
    overs = [over_of(row.by_measure["income"], row.by_measure["expenditure"]) for row in told]
    return Drawing(bar_chart(labels, series), title, spent_more(labels, overs))


def _silent(series: Sequence[Series]) -> bool:
    """Whether none of it was disclosed: then there is nothing to draw."""
    return all(value is None for one in series for value in one.values)


def spent_more(names: Sequence[str], overs: Sequence[Decimal | None]) -> str:
    """Of which more went out than came in (*overs*: income − expenditure), as far as one edition tells both."""
    over = [name for name, one in zip(names, overs, strict=True) if one is not None and one < 0]
    if over:
        return _("支出多于收入的：%(funds)s。", funds=_("、").join(over))
    if None in overs:
        return _("有的收入和支出没有在同一个版本里公布，不说哪个多。")
    return _("每一项的收入都不少于支出。")


def _series(name: str, figures: Sequence[Figure | None], unit: Unit, cuts: frozenset[int] = frozenset()) -> Series:
    values: list[Decimal | None] = []
    for one in figures:
        amount = None if one is None else amount_of(one)
        values.append(None if amount is None else amount.scaleb(-unit.exponent))
    shown = tuple(telling.amount_words(one) if one is not None else "" for one in figures)
    return Series(name, tuple(values), shown, cuts)


def _years(course: Sequence[Head]) -> Table:
    heads = (_("年份"), *(measure_words(one) for one in MAIN))
    rows = ((str(head.period.end.year), head.figures) for head in reversed(course))
    return telling.table(_("各年的收支和结存"), heads, rows)


def _breaks(course: Sequence[Head]) -> Iterator[str]:
    """Where two years cannot be compared, in sentences."""
    for before, after in pairwise(course):
        year = after.period.end.year
        if before.fund != after.fund:
            yield _("从%(year)s年起，公布的是“%(after)s”，以前是“%(before)s”：前后不能直接比，图上的线在这里断开。",
                    year=year, before=telling.fund_words(before.fund),
                    after=telling.fund_words(after.fund))  # fmt: skip
        if before.left and after.left and before.left_fund != after.left_fund and _sub(before) != _sub(after):
            yield _("从%(year)s年起，结存只公布“%(after)s”的，以前公布的是“%(before)s”的：前后不能直接比。",
                    year=year, before=telling.fund_words(before.left_fund),
                    after=telling.fund_words(after.left_fund))  # fmt: skip


def _sub(head: Head) -> str:
    return vocabulary().funds[head.left_fund].sub


def _months(course: Sequence[Head]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Of each year how long the balance lasts, or why it cannot be said."""
    for head in reversed(course):
        codes = head.months.codes if isinstance(head.months, Ratio) else ()
        whose = telling.fund_words(head.left_fund) if codes else ""
        yield (
            telling.joined(_("%(year)s年", year=head.period.end.year), whose),
            ratio_words(head.months),
            codes,
        )


def _ratios(figures: Sequence[Figure], heads: Sequence[Head]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What follows from the numbers of the heads: changes, share spent, employees and residents."""
    known = Known(figures)
    found: list[tuple[str, Ratio | Why]] = []
    for head in heads:
        name = telling.fund_words(head.fund)
        for figure in (head.income, head.expenditure):
            if figure is not None:
                what = measure_words(figure.series.measure)
                found.append((_("%(fund)s %(what)s 比上一年", fund=name, what=what), change(known, figure)))
        found.append((_("%(fund)s 支出占收入", fund=name), spent_of_income(known, head.fund, head.period)))
        for part in _parts(head.fund):
            words = _("%(part)s 支出占 %(fund)s 支出", part=telling.fund_words(part), fund=name)
            found.append((words, share(known, part, head.fund, "expenditure", head.period)))
    for words, ratio in found:
        yield words, ratio_words(ratio), ratio.codes if isinstance(ratio, Ratio) else ()


def _parts(fund: str) -> tuple[str, ...]:
    return next((parts for total, parts in vocabulary().sums if total == fund), ())
