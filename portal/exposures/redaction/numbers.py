"""Numbers that belong to a person: by check digit, by pattern, by the word before them. Pure.

Digits may be Chinese, mistaken for letters (O, l, S) or split by spaces, line breaks, hyphens and dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from stdnum import luhn
from stdnum.cn import ric, uscc

from portal.exposures.redaction.values import Kind


class Found(NamedTuple):
    """A piece of the folded text; ``sure``: to be masked, else a person judges."""

    start: int
    end: int
    kind: Kind
    sure: bool = True


_D = "[0-9OoIl|SsBZz〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]"
_SEP = r"[\s\-–—―.·•_/*、]{0,3}"
_C = "[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_DIGITS = str.maketrans("OoIl|SsBZz〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "00111558220012345678911234567892")
_ONE, _FIRST = "[1lI|一幺壹]", "[3-9SsB三四五六七八九叁肆伍陆柒捌玖]"
_ID18 = re.compile(
    rf"(?<![0-9A-Za-z]){_D}(?:{_SEP}{_D}){{16}}{_SEP}[0-9OoIl|SsBXx×一二三四五六七八九零〇幺](?![0-9A-Za-z])"
)
_ID15 = re.compile(rf"(?<![0-9A-Za-z]){_D}(?:{_SEP}{_D}){{14}}(?![0-9A-Za-z])")
_CARD = re.compile(rf"(?<![0-9A-Za-z.]){_D}(?:{_SEP}{_D}){{14,18}}(?![0-9A-Za-z])")
_MOBILE = re.compile(
    rf"(?:(?:\+|00)?86{_SEP}|(?<![0-9A-Za-z.])){_ONE}{_SEP}{_FIRST}(?:{_SEP}{_D}){{9}}"
    rf"(?![0-9A-Za-z])(?!\s?(?:万|亿)?元)"
)
_LAND = re.compile(r"(?<![0-9A-Za-z])[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[\s\-–—]{0,3}\d{3,4}[\s\-–—]?\d{4}(?!\d)")
_LAND_SPLIT = re.compile(
    rf"(?<![0-9A-Za-z.])[(（]?{_SEP}[0Oo〇零](?:[\s\-–—―.·•_/*、()（）]{{0,6}}{_D}){{9,11}}(?![0-9A-Za-z])"
)
_ABROAD = re.compile(r"\+\d{1,3}[\s-]?\d(?:[\s-]?\d){6,11}")
_LABEL_PHONE = re.compile(
    r"(?:电话|座机|手机|致电|联系方式|固话|传真|拨打)号?码?[是为:：\s]{0,3}(\d{3,4}[\s-]?\d{4})(?![\s\-]?[\d元])"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}\s{0,2}(?:@|\[at\]|\(at\)|（at）| at )\s{0,2}"
    r"[A-Za-z0-9\-]{1,63}(?:\s?[.。]\s?[A-Za-z0-9\-]{1,20}){1,4}"
)
_WECHAT = re.compile(
    (
        r"(?:微\s?信|we\s?chat|wei\s?xin|[vV]信|威信|薇信|(?<![A-Za-z])(?:wx|vx)(?![A-Za-z])|加\s?[v微薇](?![A-Za-z])|微信[^。；\n]{1,6}(?=账号))"
        r"(?:号码|账号|帐号|号|ID|id)?[^A-Za-z0-9。，；\n]{0,4}([A-Za-z0-9][A-Za-z0-9_\-]{4,29})"
    ),
    re.IGNORECASE,
)
_WXID = re.compile(r"wxid_[A-Za-z0-9]{4,30}")
_QQ = re.compile(
    r"(?:QQ|Q\s?Q|扣扣|企鹅)(?:号码|号|群)?[^0-9A-Za-z。；\n]{0,4}?"
    rf"([1-9lISB](?:{_SEP}[0-9OoIlSB]){{4,11}}(?![0-9A-Za-z])|{_C}(?:{_SEP}{_C}){{4,11}})",
    re.IGNORECASE,
)
_QQ_AFTER = re.compile(r"(?<!\d)([1-9]\d{4,11})\s?[(（]?\s?(?:QQ|扣扣)", re.IGNORECASE)
_PLATE = re.compile(
    rf"(?:WJ)?[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]{_SEP}[A-Za-z]"
    rf"(?:{_SEP}(?:[A-Za-z0-9]|{_C})){{4,6}}(?:{_SEP}[挂学警港澳领使]|(?![A-Za-z0-9]))|"
    r"[使领][\s·]?\d{3}[\s·]?\d{3}(?!\d)"
)
_VALUE = (
    rf"((?:[A-Za-z](?:{_SEP}[A-Za-z]){{0,5}}{_SEP})?[0-9OoIlS](?:{_SEP}[A-Za-z0-9]){{2,30}}(?![A-Za-z0-9])|"
    rf"(?:[A-Za-z]{_SEP}){{0,3}}{_C}(?:{_SEP}{_C}){{3,20}})"
)
_GAP = r"(?:号码|编号|号)?[^A-Za-z0-9。，；、〇一-鿿]{0,3}(?:[是为][:：\s]{0,2})?"
_RECORD = re.compile(
    r"(?:病\s?案|病\s?历|住\s?院|门\s?诊|就\s?诊|门急诊|挂号|急诊|处方|检查单|检验单|登记)\s?(?:流水)?(?:号码|编号|号|ID)"
    + _GAP
    + _VALUE
)
_INSURED = re.compile(
    (
        r"(?:社保卡|医保卡|社会保障卡|社会保障|医保|社保|医疗保险|参保|参保人|个人|保险|医保个人|"
        r"医疗证|医保电子凭证)(?:证件)?(?:号码|编号|号|账号)"
    )
    + _GAP
    + _VALUE
)
_INSURED_CARD = re.compile(
    r"(?:社保卡|医保卡|社会保障卡)[^A-Za-z0-9。，；、〇一-鿿]{0,3}([A-Za-z]?\d(?:[\s-]?[A-Za-z0-9]){7,24})"
)
_ACCOUNT = re.compile(r"(?:银行卡|卡号|账号|帐号|账户|储蓄卡|信用卡)" + _GAP + r"(\d(?:[\s\-.]{0,2}\d){9,29})")
_CARD_NUMBER = re.compile(r"(?:卡号|本子号|医疗证号)" + _GAP + _VALUE)
_ID_LABEL = re.compile(r"(?:身份证|证件)(?:号码|编号|号)?" + _GAP + r"([0-9A-Za-z](?:[\s\-.·]{0,3}[0-9A-Za-z]){13,19})")
_PAPER = re.compile(
    r"(?:护照|通行证|军官证|士兵证|驾驶证|居留证|台胞证|回乡证)(?:号码|编号|号)?"
    + _GAP
    + r"([A-Za-z]{0,2}\d(?:[\s\-]?\d){6,17}[Xx]?)"
)
_LONG = re.compile(r"(?<![0-9A-Za-z.〔])\d(?:[\s-]?\d){8,29}(?![0-9A-Za-z〕])")
_OFFICIAL = re.compile(
    r"(?:信用代码|许可证|登记号|批准文号|文号|执业|国药准字|准字|机构编码|机构代码|注册证|编码)[^，。；\n]{0,12}$"
)
_AMOUNT = re.compile(r"\s?(?:\.\d+)?\s?(?:万|亿|千|百)?(?:余)?(?:元|人民币)")
_LABELLED = (
    (_LABEL_PHONE, Kind.PHONE),
    (_WECHAT, Kind.WECHAT),
    (_QQ, Kind.QQ),
    (_QQ_AFTER, Kind.QQ),
    (_ID_LABEL, Kind.ID_NUMBER),
    (_PAPER, Kind.ID_NUMBER),
    (_INSURED, Kind.INSURANCE_NUMBER),
    (_INSURED_CARD, Kind.INSURANCE_NUMBER),
    (_RECORD, Kind.MEDICAL_RECORD),
    (_ACCOUNT, Kind.BANK_CARD),
    (_CARD_NUMBER, Kind.INSURANCE_NUMBER),
)
_PLAIN = ((_WXID, Kind.WECHAT), (_EMAIL, Kind.EMAIL), (_LAND, Kind.PHONE), (_ABROAD, Kind.PHONE), (_PLATE, Kind.PLATE))


def digits(text: str) -> str:
    """The digits of *text* as they were meant."""
    return re.sub(r"[^0-9X]", "", text.translate(_DIGITS).upper().replace("×", "X"))


def _is_id(number: str) -> bool:
    if len(number) == 15:
        return bool(re.fullmatch(r"[1-6]\d{5}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}", number))
    dated = re.fullmatch(r"[1-8]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]", number)
    return bool(dated) or bool(ric.is_valid(number))


def _is_card(number: str) -> bool:
    return 15 <= len(number) <= 19 and number[0] in "3456" and "X" not in number and bool(luhn.is_valid(number))


def _is_landline(number: str) -> bool:
    return bool(re.fullmatch(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}", number))


_CHECKED = (
    (_ID18, _is_id, Kind.ID_NUMBER),
    (_CARD, _is_card, Kind.BANK_CARD),  # before the shorter one, which a card in groups may hold
    (_ID15, _is_id, Kind.ID_NUMBER),
    (_LAND_SPLIT, _is_landline, Kind.PHONE),
)


def official(text: str, start: int, end: int) -> bool:
    """Whether the number is one of an institution or an amount."""
    if _AMOUNT.match(text, end) or _OFFICIAL.search(text, max(0, start - 24), start):
        return True
    return end - start == 18 and bool(uscc.is_valid(text[start:end])) and not _is_id(digits(text[start:end]))


def numbers(text: str) -> Iterator[Found]:
    """What was found in the folded *text*, pieces that overlap included; the surer kinds first."""
    for pattern, fits, kind in _CHECKED:
        for match in pattern.finditer(text):
            if fits(digits(match[0])) and not official(text, *match.span()):
                yield Found(*match.span(), kind)
    for match in _MOBILE.finditer(text):
        if not official(text, *match.span()):
            yield Found(*match.span(), Kind.PHONE)
    for pattern, kind in _LABELLED:
        for match in pattern.finditer(text):
            yield Found(*match.span(1), kind)
    for pattern, kind in _PLAIN:
        for match in pattern.finditer(text):
            yield Found(*match.span(), kind)
    for match in _LONG.finditer(text):
        if not official(text, *match.span()):
            yield Found(*match.span(), Kind.NUMBER, sure=False)
