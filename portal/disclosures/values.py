"""What one published figure is: of what, when, told by which edition, how much, in which unit, and who says so. Pure.

An amount is the decimal string that was printed, never a float: ``428.10`` and ``428.1`` are two precisions of one sum.
Nothing is turned from 万 into 亿 but where a page says that it does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

COUNTRY = "000000"
"""The region of figures of the whole country; all others are codes of GB/T 2260, "" being a place that is not sure."""
NOT_DISCLOSED = ""
"""The amount of a figure that had to be told and was not."""
AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?")


class Pooling(StrEnum):
    """At which level risks are pooled (统筹层次) for what the figure covers."""

    COUNTRY = "country"
    PROVINCE = "province"
    PROVINCE_OWN = "province-own"  # 省本级
    CITY = "city"
    COUNTY = "county"
    UNSTATED = "unstated"


class Confidence(StrEnum):
    """How sure it is that the source says this: read there, relayed, or inferred."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """Of a disclosure: figures that are new, or that take the place of figures that were published."""

    PUBLICATION = "publication"
    CORRECTION = "correction"


class CorrectionReason(StrEnum):
    """Why a published figure is followed by another."""

    MISTYPED = "mistyped"  # the source is right, we were not
    RESTATED = "restated"  # the source itself says otherwise now
    SCOPE = "scope"  # it was about something else than we said
    SOURCE = "source"  # a better source was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the first to the last day. ``cumulative``: since the beginning of the year.

    ``inferred``: the source does not say the period; somebody concluded it.
    """

    start: date
    end: date
    cumulative: bool = True
    inferred: bool = False

    @property
    def whole_year(self) -> bool:
        return (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What a figure is about; two figures of one series can only be versions of each other.

    ``place``: the region in the words of the source. ``region``: its code; "" where the source does not say which, and
    then the figure is never shown as that of a region. ``fund``, ``measure``, ``edition``: ids of the vocabulary.
    ``restated``: the year of the edition that tells an earlier period anew, or 0.
    """

    region: str
    place: str
    pooling: Pooling
    fund: str
    measure: str
    period: Period
    edition: str
    restated: int = 0

    @property
    def confirmed(self) -> bool:
        """Whether the source says which region and which period it tells of."""
        return bool(self.region) and not self.period.inferred

    @property
    def code(self) -> str:
        """The stable address of the figure: 12 letters and digits from SHA-256 of what it is about."""
        return _code(self)


@lru_cache(maxsize=8192)  # a page asks for the address of each of its figures several times
def _code(series: Series) -> str:
    said = {name: getattr(series, name) for name in ("region", "pooling", "fund", "measure", "edition", "restated")}
    said["period"] = [series.period.start.isoformat(), series.period.end.isoformat(), series.period.cumulative]
    if not series.region:  # the same region under another name is the same series
        said["place"] = series.place
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return base64.b32encode(hashlib.sha256(text.encode()).digest())[:12].decode().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its source. ``amount``: the printed decimal string, or NOT_DISCLOSED. ``unit``: as printed."""

    series: Series
    amount: str
    unit: str
    source: str
    source_url: str = ""
    source_day: date | None = None
    confidence: Confidence = Confidence.HIGH
    note: str = ""

    @property
    def number(self) -> Decimal | None:
        """The amount in its unit, exactly; None when it was not disclosed."""
        return Decimal(self.amount) if self.amount else None

    @property
    def decimals(self) -> int:
        """How many digits were printed after the point."""
        return len(self.amount.partition(".")[2])
