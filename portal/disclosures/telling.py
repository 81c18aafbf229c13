"""Figures in the reader's words: names, periods, sums with their unit, what is unsure about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from flask_babel import LazyString

from portal.directory.regions import regions
from portal.directory.wording import region_words
from portal.disclosures import periods
from portal.disclosures.ratios import Kind, Ratio, Why, amount_of
from portal.disclosures.schedule import Every, Kept
from portal.disclosures.values import COUNTRY, Confidence, CorrectionReason, Figure, Period, Pooling
from portal.disclosures.vocabulary import Unit, vocabulary
from portal.web.locale import gettext as _
from portal.web.locale import language, mixed, month_words
from portal.web.locale import lazy_gettext as _l

CONFIDENCES: Mapping[Confidence, LazyString] = {
    Confidence.HIGH: _l("原文可以查到"),
    Confidence.MEDIUM: _l("转载或者转录，没有见到原文"),
    Confidence.LOW: _l("推断得出，请谨慎使用"),
}
MARKS: Mapping[Confidence, LazyString] = {Confidence.MEDIUM: _l("转录"), Confidence.LOW: _l("推断")}
POOLINGS: Mapping[Pooling, LazyString] = {
    Pooling.COUNTRY: _l("全国汇总"),
    Pooling.PROVINCE: _l("省级统筹"),
    Pooling.PROVINCE_OWN: _l("省本级"),
    Pooling.CITY: _l("市级统筹"),
    Pooling.COUNTY: _l("县级统筹"),
    Pooling.UNSTATED: _l("来源没有说明"),
}
SCOPES: Mapping[str, LazyString] = {
    "with": _l("包括生育保险"),
    "without": _l("不包括生育保险"),
    "unstated": _l("来源没有说明是否包括生育保险"),
}
REASONS: Mapping[CorrectionReason, LazyString] = {
    CorrectionReason.MISTYPED: _l("来源没有错，本站录入有误"),
    CorrectionReason.RESTATED: _l("来源自己改了数"),
    CorrectionReason.SCOPE: _l("口径说错了"),
    CorrectionReason.SOURCE: _l("找到了更可靠的来源"),
}
WHYS: Mapping[Why, LazyString] = {
    Why.NO_BALANCE: _l("没有公布同一口径的累计结存"),
    Why.NO_SPENDING: _l("没有公布和结存同一口径、同一版本的支出"),
    Why.NO_PARTNER: _l("没有同一口径、同一版本的数可以比"),
    Why.NOT_POSITIVE: _l("比较的数不是正数"),
}
EVERY: Mapping[Every, LazyString] = {
    Every.MONTH: _l("每月一次"),
    Every.QUARTER: _l("每季度一次"),
    Every.YEAR: _l("每年一次"),
}
KEPT: Mapping[Kept, LazyString] = {
    Kept.OPEN: _l("还没有到期"),
    Kept.KEPT: _l("按时公布"),
    Kept.LATE: _l("公布晚了"),
    Kept.OVERDUE: _l("过期没有公布"),
}
DIRECT = "—"


def fund_words(fund: str) -> str:
    """A fund with its scope, as sources name it."""
    one = vocabulary().funds[fund]
    return one.zh if language() == "zh" else one.en


def family_words(fund: str) -> str:
    """The fund in a few characters, without its scope: for labels of charts."""
    words = fund_words(fund)
    return words.partition("(")[0].strip()


def figure_words(figure: Figure) -> str:
    """What a figure is about, its place aside."""
    series = figure.series
    return joined(period_words(series.period), fund_words(series.fund), measure_words(series.measure))


def about_words(figure: Figure) -> str:
    """The fund and what of it is measured."""
    return joined(fund_words(figure.series.fund), measure_words(figure.series.measure))


def joined(*words: str) -> str:
    """Names one after the other; English ones have spaces of their own, so that a dot parts them."""
    return (" " if language() == "zh" else "\N{NO-BREAK SPACE}· ").join(filter(None, words))


def measure_words(measure: str) -> str:
    """What is measured."""
    one = vocabulary().measures[measure]
    return one.zh if language() == "zh" else one.en


class Named(dict[str, str]):
    """What figures are about, by their addresses; worked out for those that a page asks for."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        super().__init__()
        self._figures = {one.series.code: one for one in figures}

    def __missing__(self, code: str) -> str:
        words = self[code] = figure_words(self._figures[code])
        return words


def edition_name(edition: str) -> str:
    """A kind of publication."""
    one = vocabulary().editions[edition]
    return one.zh if language() == "zh" else one.en


def edition_words(figure: Figure) -> str:
    """The kind of publication, and the year in which it was told anew."""
    one = vocabulary().editions[figure.series.edition]
    name = one.zh if language() == "zh" else one.en
    return (
        _("%(edition)s（%(year)s年重新公布）", edition=name, year=figure.series.restated)
        if figure.series.restated
        else name
    )


def unit_name(unit: Unit) -> str:
    """The unit alone, as captions name it."""
    return unit.zh if language() == "zh" else unit.en


def unit_words(unit: Unit) -> str:
    """The unit, in English with a sign of multiplication where it is more than one."""
    if language() == "zh":
        return unit.zh
    return f"× {unit.en}" if unit.exponent else unit.en


def reason_words(reason: str) -> str:
    """Why a figure was corrected; nothing for an unknown reason."""
    return str(REASONS[CorrectionReason(reason)]) if reason in set(CorrectionReason) else ""


def place_words(region: str, place: str = "") -> str:
    """The country, a region from the province down, or the words of the source."""
    if region == COUNTRY:
        return _("全国")
    return region_words(region) if region else place


def place_beside(region: str, place: str = "") -> str:
    """The same, on an English page with the Chinese name beside it: what other sources of figures call the place."""
    words, chinese = place_words(region, place), chinese_name(region)
    return f"{words} ({chinese})" if chinese else words


def chinese_name(region: str) -> str:
    """On an English page the Chinese name of a region; nothing elsewhere."""
    return "".join(regions().path(region)) if language() != "zh" and region in regions() else ""


def doubt_words(place: str, *, several: bool, near: bool) -> str:
    """Why it is not clear which place was asked for, to be followed by those that may be meant."""
    if several:
        return _("“%(place)s”可能是这些地区里的一个：", place=place)
    if near:
        return _("没有公布过“%(place)s”的数，有它上一级的：", place=place)
    return _("没有找到“%(place)s”，或者没有公布过它的数。", place=place)


def level_words(region: str, level: Pooling) -> str:
    """A region, and that it is only what the province runs itself where it is: the whole province is another thing."""
    place = place_words(region)
    own = level is Pooling.PROVINCE_OWN
    return _("%(place)s（%(level)s）", place=place, level=POOLINGS[level]) if own else place


def period_words(period: Period) -> str:
    """A year, months of a year, or days."""
    return _period_words(period, language())


@lru_cache(maxsize=1024)
def _period_words(period: Period, _tongue: str) -> str:
    first, last = (month_words(day.isoformat()[:7]) for day in (period.start, period.end))
    year = period.end.year
    if period.whole_year:
        words = _("%(year)s年全年", year=year)
    elif (period.start.day, period.start.year) != (1, year) or period.end != periods.between(
        year, 1, period.end.month
    ).end:
        words = _("%(first)s至%(last)s", first=period.start.isoformat(), last=period.end.isoformat())
    else:
        words = first if period.start.month == period.end.month else _("%(first)s至%(last)s", first=first, last=last)
    return _("%(period)s（来源没有说明，是推定的）", period=words) if period.inferred else words


def span_words(start: date, end: date) -> str:
    """The same of a first and a last day."""
    return period_words(Period(start=start, end=end))


def number(amount: str) -> str:
    """A printed decimal with its thousands apart, each printed digit kept."""
    whole, point, fraction = amount.removeprefix("-").partition(".")
    return f"{'−' if amount.startswith('-') else ''}{int(whole):,}{point}{fraction}"


def amount_words(figure: Figure) -> str:
    """The sum as printed with its unit; or that it was not disclosed."""
    if figure.number is None:
        return _("没有公布")
    return f"{number(figure.amount)} {unit_words(vocabulary().units[figure.unit])}"


def sum_words(amount: Decimal, unit: Unit) -> str:
    """A computed sum in *unit*, exactly."""
    return f"{number(f'{amount.scaleb(-unit.exponent):f}')} {unit_words(unit)}"


def ratio_words(ratio: Ratio | Why) -> str:
    """A ratio with its unit; or why there is none."""
    if isinstance(ratio, Why):
        return _("算不出：%(why)s", why=WHYS[ratio])
    text = number(str(ratio.value))
    if ratio.kind is Kind.MONTHS:
        return _("%(number)s 个月", number=text)
    return f"+{text}%" if ratio.kind is Kind.CHANGE and ratio.value > 0 else f"{text}%"


class Cell(NamedTuple):
    """A figure in a table: its digits, its address, what has to be known of it; or that there is none.

    A tuple, so that a template that draws hundreds takes each apart at once.
    """

    text: str
    code: str = ""
    marks: tuple[str, ...] = ()


_NONE = Cell(DIRECT)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a caption that says their unit. ``keys``: of each row, what its page is addressed by."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    keys: tuple[str, ...] = ()


def usual_unit(figures: Iterable[Figure | None], kind: str = "money") -> Unit | None:
    """The unit in which most of these figures of a kind were printed; the larger of two."""
    units = vocabulary().units
    counted = Counter(one.unit for one in figures if one is not None and units[one.unit].kind == kind)
    found = max(counted, key=lambda name: (counted[name], units[name].exponent), default=None)
    return units[found] if found else None


def cell(figure: Figure | None, unit: Unit | None) -> Cell:
    """A figure in the unit of its table; where it was printed in another of its kind, turned exactly and marked so."""
    if figure is None:
        return _NONE
    code, marks = figure.series.code, []
    if figure.number is None:
        return Cell(_("没有公布"), code)
    if figure.confidence in MARKS:
        marks.append(str(MARKS[figure.confidence]))
    if not vocabulary().editions[figure.series.edition].final:
        marks.append(_("初步"))
    own = vocabulary().units[figure.unit]
    if unit is None or own == unit:
        return Cell(number(figure.amount), code, tuple(marks))
    if own.kind != unit.kind:
        return Cell(amount_words(figure), code, tuple(marks))
    marks.append(_("由%(unit)s换算", unit=unit_name(own)))
    turned = (amount_of(figure) or Decimal(0)).scaleb(-unit.exponent)
    return Cell(number(f"{turned:f}"), code, tuple(marks))


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Figure | None]]],
    keys: Sequence[str] = (),
) -> Table:
    """Figures in one unit, which the caption names."""
    given = [(name, list(figures)) for name, figures in rows]
    unit = usual_unit(one for _name, figures in given for one in figures)
    filled = tuple((name, tuple(cell(one, unit) for one in figures)) for name, figures in given)
    said = _("%(what)s（单位：%(unit)s）", what=caption, unit=unit_name(unit)) if unit else caption
    return Table(said, tuple(heads), filled, tuple(keys))


def facts(figure: Figure) -> list[dict[str, object]]:
    """Rows of the page of one figure."""
    series, fund = figure.series, vocabulary().funds[figure.series.fund]
    edition = vocabulary().editions[series.edition]
    rows: list[tuple[str, object]] = [
        (_("地区"), mixed(place_beside(series.region, series.place))),
        (_("统筹层次"), str(POOLINGS[series.pooling])),
        (_("险种"), fund_words(series.fund)),
        (_("口径"), str(SCOPES[fund.scope]) if fund.scope in SCOPES else ""),
        (_("指标"), measure_words(series.measure)),
        (_("期间"), period_words(series.period)),
        (_("版本"), edition_words(figure) + (_("（最终数）") if edition.final else _("（初步数，以后可能会变）"))),
        (_("数值的精度"), _("小数点后 %(count)s 位", count=figure.decimals) if figure.number is not None else ""),
        (_("来源"), mixed(figure.source)),
        (_("可信度"), str(CONFIDENCES[figure.confidence])),
        (_("备注"), mixed(figure.note)),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]
