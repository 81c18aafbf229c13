"""Regions as sources write them → code and words. Pure.

What somebody concluded (推定) or a source does not say is no region: its figures keep the words and get no code.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from portal.directory.regions import regions
from portal.disclosures.numerals import Unclear
from portal.disclosures.values import COUNTRY, Pooling

COUNTRY_NAME = "全国"
_UNSURE = re.compile(r"推定|未标明|未说明|不详|内某|某[省市区县]")
_POOLING = {
    "全国": Pooling.COUNTRY,
    "全国汇总": Pooling.COUNTRY,
    "省级": Pooling.PROVINCE,
    "省级统筹": Pooling.PROVINCE,
    "省本级": Pooling.PROVINCE_OWN,
    "市级": Pooling.CITY,
    "市级统筹": Pooling.CITY,
    "县级": Pooling.COUNTY,
    "县级统筹": Pooling.COUNTY,
    "未说明": Pooling.UNSTATED,
}
POOLING_WORDS = tuple(word for word in _POOLING if not word.endswith(("统筹", "汇总")))
"""One word for each level."""


@dataclass(frozen=True, slots=True)
class Place:
    """``region``: six digits, or "" where it is not sure; ``words``: as the source has them."""

    region: str
    words: str
    pooling: Pooling


def read_place(text: str, pooling: Pooling | None = None) -> Place:
    """The place that *text* names, at the level of *pooling* (None leaves it to the text). Raises Unclear."""
    words = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not words:
        raise Unclear("没有写地区。全国的写“全国”；来源没有说明的写“未标明”。")
    level = pooling or (Pooling.PROVINCE_OWN if "省本级" in words else Pooling.UNSTATED)
    if _UNSURE.search(words):
        return Place("", words, level)
    if words in (COUNTRY_NAME, COUNTRY):
        return Place(COUNTRY, COUNTRY_NAME, Pooling.COUNTRY if level is Pooling.UNSTATED else level)
    if words in regions():
        return Place(words, "".join(regions().path(words)), level)
    bare = words.removesuffix("本级")
    found = regions().named(words) or regions().named(bare) or regions().named(bare[:-1])  # 四川省省本级
    if len(found) == 1:
        return Place(found[0].code, words, level)
    if found:
        ways = "、".join("".join(regions().path(one.code)) for one in found[:5])
        raise Unclear(f"“{words}”不止一个，请写全：{ways}。")
    near = "、".join("".join(regions().path(one.code)) for one in regions().search(words, 3))
    raise Unclear(f"没有“{words}”这个地区。" + (f"是不是：{near}？" if near else "请写全名，或者六位行政区划代码。"))


def read_pooling(text: str) -> Pooling | None:
    """The level that *text* names; None where it is empty. Raises Unclear."""
    said = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if said and said not in _POOLING:
        raise Unclear(f"统筹层次要写下面之一：{'、'.join(POOLING_WORDS)}。")
    return _POOLING.get(said)
