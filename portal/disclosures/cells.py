"""The cells of one row of an import, one after the other, into the parts of a figure. Pure.

Each reader takes what the row has (field → text) and puts what it means into :class:`Found`; it raises Unclear with
what to do, or Waits where another cell of the row is at fault already.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from portal.disclosures.numerals import Unclear, read_amount
from portal.disclosures.periods import between, read_period
from portal.disclosures.places import POOLING_WORDS, Place, read_place, read_pooling
from portal.disclosures.values import Confidence, Figure, Period, Pooling, Series
from portal.disclosures.vocabulary import Edition, Fund, Measure, Unit, vocabulary

_LIMITS = {"source": 200, "note": 400, "place": 60, "source_url": 400}
_DAY = re.compile(r"([0-9]{4})(?:[-/.年])([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?")
_RESTATED = re.compile(r"(.+?)\(([0-9]{4})年重列\)")
_CONFIDENCE = {"high": "high", "高": "high", "": "high", "medium": "medium", "中": "medium", "low": "low", "低": "low"}
_YES, _NO = frozenset({"是", "累计", "yes", "true", "1"}), frozenset({"否", "非累计", "no", "false", "0"})
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"pooling": POOLING_WORDS, "cumulative": ("是", "否"), "confidence": ("高", "中", "低")}
)
"""Field of the template → the words that it takes, where they do not stand in the vocabulary."""
EXAMPLE = "示例（虚构），填写以前请删掉这一行"
"""The note of the line that shows in the template how it is filled in: it is never taken for a figure."""
_FIRST_YEAR = 1998
"""Basic medical insurance began in December of this year (国发〔1998〕44号)."""
_LAST_YEAR = 2100


class Waits(Exception):
    """What this cell means depends on another one, which is at fault."""


@dataclass(slots=True)
class Found:
    """What has been read of a row so far."""

    pooling: Pooling | None = None
    place: Place | None = None
    fund: Fund | None = None
    measure: Measure | None = None
    period: Period | None = None
    edition: Edition | None = None
    restated: int = 0
    unit: Unit | None = None
    amount: str | None = None
    start: date | None = None
    texts: dict[str, str] = field(default_factory=dict)
    source_day: date | None = None
    confidence: Confidence = Confidence.HIGH

    def figure(self) -> Figure | None:
        """The whole of it; None while a part is missing."""
        if not (self.place and self.fund and self.measure and self.period and self.edition and self.unit):
            return None
        if self.amount is None or "source" not in self.texts:
            return None
        series = Series(
            region=self.place.region, place=self.place.words, pooling=self.place.pooling, fund=self.fund.id,
            measure=self.measure.id, period=self.period, edition=self.edition.id, restated=self.restated,
        )  # fmt: skip
        return Figure(
            series=series, amount=self.amount, unit=self.unit.zh, source=self.texts["source"],
            source_url=self.texts.get("source_url", ""), source_day=self.source_day, confidence=self.confidence,
            note=self.texts.get("note", ""),
        )  # fmt: skip


Reader = Callable[[Mapping[str, str], Found], None]


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, Fund], dict[str, Measure], dict[str, Edition]]:
    """Every way to write a fund, a measure, an edition."""
    known = vocabulary()
    return (
        {_plain(name): one for one in known.funds.values() for name in (one.zh, one.id, *one.also)},
        {_plain(name): one for one in known.measures.values() for name in (one.zh, one.id, *one.also)},
        {_plain(name): one for one in known.editions.values() for name in (one.zh, one.id, *one.also)},
    )


def _pooling(given: Mapping[str, str], found: Found) -> None:
    found.pooling = read_pooling(given.get("pooling", ""))


def _place(given: Mapping[str, str], found: Found) -> None:
    found.place = read_place(given["region"], found.pooling)
    if len(found.place.words) > _LIMITS["place"]:
        found.place = None
        raise Unclear(f"地区最多 {_LIMITS['place']} 个字。")


def _fund(given: Mapping[str, str], found: Found) -> None:
    found.fund = _names()[0].get(_plain(given["fund"]))
    if found.fund is None:
        raise Unclear(f"没有这个险种。可以写：{'、'.join(one.zh for one in vocabulary().funds.values())}。")


def _measure(given: Mapping[str, str], found: Found) -> None:
    found.measure = _names()[1].get(_plain(given["measure"]))
    if found.measure is None:
        raise Unclear(f"没有这个指标。可以写：{'、'.join(one.zh for one in vocabulary().measures.values())}。")


def _edition(given: Mapping[str, str], found: Found) -> None:
    plain = _plain(given["edition"])
    if restated := _RESTATED.fullmatch(plain):
        plain, found.restated = restated[1], int(restated[2])
    found.edition = _names()[2].get(plain)
    if found.edition is None:
        raise Unclear(f"没有这个版本。可以写：{'、'.join(one.zh for one in vocabulary().editions.values())}。")


def _unit(given: Mapping[str, str], found: Found) -> None:
    unit = vocabulary().units.get(_plain(given["unit"]))
    if unit is None:
        raise Unclear(f"没有这个单位。可以写：{'、'.join(vocabulary().units)}。")
    if found.measure is not None and unit.kind != found.measure.kind:
        raise Unclear(f"“{found.measure.zh}”不能用“{unit.zh}”作单位。")
    found.unit = unit


def _amount(given: Mapping[str, str], found: Found) -> None:
    if found.unit is None or found.measure is None:
        raise Waits
    found.amount = read_amount(given["amount"], found.unit, found.measure)


def _decimals(given: Mapping[str, str], found: Found) -> None:
    if found.amount:
        found.amount = _padded(found.amount, _plain(given.get("decimals", "")))


def _padded(amount: str, decimals: str) -> str:
    """With so many digits after the point as the source printed: spreadsheets drop the zeros at the end."""
    if not decimals:
        return amount
    if not re.fullmatch("[0-6]", decimals):
        raise Unclear("小数位数要写 0 到 6 的数。")
    whole, _point, fraction = amount.partition(".")
    if len(fraction) > int(decimals):
        raise Unclear(f"数值的小数多于小数位数（{decimals}），请核对。")
    return f"{whole}.{fraction:0<{decimals}}" if int(decimals) else whole


def _year_and_period(given: Mapping[str, str], found: Found) -> None:
    year = _plain(given["year"])
    if not re.fullmatch("[0-9]{4}", year) or not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise Unclear(f"年份要写四位数字，{_FIRST_YEAR} 年以后。")
    found.period = read_period(int(year), given["period"])
    if found.period is None:
        raise Unclear("期间要写例如 全年、1-9月、9月、上半年、2季度。")


def _start(given: Mapping[str, str], found: Found) -> None:
    found.start = _day(given["start"], last=False)


def _end(given: Mapping[str, str], found: Found) -> None:
    end = _day(given["end"], last=True)
    if found.start is None:
        raise Waits
    if end < found.start:
        raise Unclear("期间止早于期间起，请核对。")
    if end.year != found.start.year:
        raise Unclear("期间要在同一年里。")
    found.period = Period(start=found.start, end=end, cumulative=(found.start.month, found.start.day) == (1, 1))


def _cumulative(given: Mapping[str, str], found: Found) -> None:
    said = _plain(given.get("cumulative", "")).lower()
    if not said:
        return
    if said not in _YES | _NO:
        raise Unclear("是否累计要写“是”或者“否”。")
    if found.period is None:
        raise Waits
    if (said in _YES) != found.period.cumulative:
        raise Unclear("从年初算起的才是累计；期间起和“是否累计”对不上，请核对。")


def _day(text: str, *, last: bool) -> date:
    """A day, or the first or last day of a month. Raises Unclear."""
    said = _DAY.fullmatch(_plain(text))
    try:
        if said is None:
            raise ValueError("no day")
        year, month = int(said[1]), int(said[2])
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError("no year")
        if said[3] is None:
            whole = between(year, month, month)
            return whole.end if last else whole.start
        return date(year, month, int(said[3]))
    except (ValueError, IndexError):
        raise Unclear("日期要写成 2025-01-31，或者 2025-01（整月）。") from None


def _source(given: Mapping[str, str], found: Found) -> None:
    text = given["source"].strip()
    if not text:
        raise Unclear("没有写来源。每个数字都要说明出自哪份文件。")
    found.texts["source"] = _bounded("source", text)


def _source_url(given: Mapping[str, str], found: Found) -> None:
    text = given.get("source_url", "").strip()
    if text and not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise Unclear("来源网址要以 https:// 或者 http:// 开头，没有就空着。")
    found.texts["source_url"] = _bounded("source_url", text)


def _source_day(given: Mapping[str, str], found: Found) -> None:
    text = given.get("source_day", "").strip()
    found.source_day = _day(text, last=True) if text else None


def _confidence(given: Mapping[str, str], found: Found) -> None:
    said = _CONFIDENCE.get(_plain(given.get("confidence", "")).lower())
    if said is None:
        raise Unclear("可信度要写“高”“中”“低”之一。")
    found.confidence = Confidence(said)


def _note(given: Mapping[str, str], found: Found) -> None:
    if given.get("note", "").strip() == EXAMPLE:
        raise Unclear("这是模板的示例行，请删掉。")
    found.texts["note"] = _bounded("note", given.get("note", "").strip())


def _bounded(name: str, text: str) -> str:
    if len(text) > _LIMITS[name]:
        raise Unclear(f"最多 {_LIMITS[name]} 个字，现在有 {len(text)} 个。")
    if any(ord(one) < 32 or one in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068" for one in text):
        raise Unclear("里面有看不见的控制字符，请重新输入这一格。")
    return text


_COMMON: dict[str, Reader] = {
    "region": _place,
    "fund": _fund,
    "measure": _measure,
    "edition": _edition,
    "unit": _unit,
    "amount": _amount,
    "source": _source,
    "confidence": _confidence,
    "note": _note,
}
LONG: Mapping[str, Reader] = MappingProxyType({"period": _year_and_period, **_COMMON})
TEMPLATE: Mapping[str, Reader] = MappingProxyType(
    {
        "pooling": _pooling,
        **_COMMON,
        "decimals": _decimals,
        "start": _start,
        "end": _end,
        "cumulative": _cumulative,
        "source_url": _source_url,
        "source_day": _source_day,
    }
)
"""Field → its reader, in an order in which each finds what it needs."""
