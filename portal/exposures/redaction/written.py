"""Names by the way they are written: after a label, with gaps between their characters, with a dot, in Latin. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from portal.exposures.redaction.data import surnames, words
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.reading import Reading, is_word
from portal.exposures.redaction.values import Kind

_HAN = "[一-鿿]"
_NEXT = r"(?=[，。；：、！？,.;:!?）)（(\s”“/|]|$|[0-9A-Za-z]|与|和|及|签|身份证|电话|手机|性别|男|女|年龄|住院|日期)"
_NO_NAME = re.compile(
    r"(?:[男女]|本人|无|同上|不详|某|姓名|签[字名]|电话|身份|性别|年龄|日期|地址|地点|单位|金额|盖章|全体|情况|信息|[一-鿿]*[人员者号])"
)
_GAPS = r"[\s·.\-_*—]{1,2}"
_PART = f"(?:(?![和与及的是在把被]){_HAN})"
_DOT = re.compile(rf"{_PART}{{1,8}}(?:\s?[·•・‧∙･]\s?{_PART}{{1,9}})+")
_LEAD = re.compile(
    rf"(?:.*(?:患者|病人|参保人员?|医[生师]|院长|主任|护士长?|会计|叫做?|姓名|人叫?|员|同事|邻居|家属|老板|店[长员]|[妻儿女]子?|"
    rf"[父母]亲|本人|村民|居民|牧民|[哥姐弟妹]|[是和与及给把让被对向从由将找跟问说、]))(?={_HAN})"
)
_TRAIL = re.compile(
    r"(?:的|和|与|及|在|到|说|把|被|将|从|向|对|给|让|也|就|是|称|持|家里|医生|"
    r"女士|先生|主任|护士|本人|多次|冒名|签字).*"
)
_LATIN = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{1,14}(?:-[A-Z][a-z]{1,14})?(?:\s[A-Z]\.)?"
    r"(?:[\s·](?:[A-Z]['’])?[A-Z][a-z]{1,14}(?:-[A-Z][a-z]{1,14})?){1,3}(?![A-Za-z])"
)
_ROMAN = re.compile(r"(?<![A-Za-z@._\-])([A-Za-z]{2,10})[\s,]{1,2}([A-Za-z]{2,12})(?:\s[A-Za-z]{2,8})?(?![A-Za-z@_])")
_SYLLABLES = re.compile(
    r"(?:(?:[zcs]h?|[bpmfdtnlgkhjqxryw])?(?:[iu]?ang?|[iu]?ong|[iu]?eng?|[iu]?ing?|[iu]?[aeo][io]?|u[aino]?|iao|iu|ui|v|un|er))+"
)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    labels = "|".join(r"\s?".join(label) for label in sorted(words("labels"), key=lambda label: (-len(label), label)))
    sur = "(?:" + "|".join(_GAPS.join(one) for one in sorted(words("compound_surnames"))) + "|"
    sur += "[" + "".join(sorted(surnames())) + "])"
    return (
        re.compile(
            rf"(?:{labels})(?:\s?[:：]\s{{0,4}}|\s{{1,4}})({_HAN}(?:[\s·]{{1,2}}{_HAN}(?!{_HAN})){{1,3}}|{_HAN}{{2,4}}?){_NEXT}"
        ),
        re.compile(
            rf"(?:(?<!{_HAN})|(?<=[和与及跟叫是名找给对]))({sur}{_GAPS}{_HAN}(?:{_GAPS}{_HAN})?)(?![·•]|{_GAPS}{_HAN}{_GAPS})"
        ),
    )


def written(reading: Reading) -> Iterator[Found]:
    """Names by how they are written; without a surname, and in Latin, unsure."""
    yield from _dotted(reading.text)
    yield from _labelled(reading)
    yield from _with_gaps(reading)
    yield from _latin(reading.text)


def _labelled(reading: Reading) -> Iterator[Found]:
    text = reading.text
    for match in _patterns()[0].finditer(text):
        start, end = match.span(1)
        bare = re.sub(r"[\s·]", "", match[1])
        if "某" in bare or _NO_NAME.match(bare):
            continue
        known = (bare[0] in surnames() and len(bare) < 4) or bare[:2] in words("compound_surnames")
        yield Found(start, end, Kind.NAME, sure=known and not reading.is_kept(start, end))


def _with_gaps(reading: Reading) -> Iterator[Found]:
    for match in _patterns()[1].finditer(reading.text):
        bare = re.sub(r"[^一-鿿]", "", match[1])
        if "某" not in bare and not is_word(bare[0]) and bare[:2] not in words("keep"):
            yield Found(*match.span(1), Kind.NAME, sure=len(bare) > 2)


def _dotted(text: str) -> Iterator[Found]:
    for match in _DOT.finditer(text):
        lead = _LEAD.match(re.split("[·•・‧∙･]", match[0])[0])
        start = match.start() + (lead.end() if lead else 0)
        last = max(match[0].rfind(dot) for dot in "·•・‧∙･") + match.start() + 1
        trail = _TRAIL.search(text, last + 1, match.end())
        end = trail.start() if trail else min(match.end(), last + 6)
        if start < last - 1:
            yield Found(start, end, Kind.NAME)


def _latin(text: str) -> Iterator[Found]:
    for match in _LATIN.finditer(text):
        yield Found(*match.span(), Kind.NAME, sure=False)
    for match in _ROMAN.finditer(text):
        if match[1].lower() in words("pinyin_surnames") and _SYLLABLES.fullmatch(match[2].lower()):
            yield Found(*match.span(), Kind.NAME, sure=False)
