"""An amount as somebody wrote it into a cell → the decimal string that it is, exactly; or why it is not clear. Pure.

Nothing is rounded and nothing is converted. What can be read in two ways is refused with what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from portal.disclosures.values import AMOUNT, NOT_DISCLOSED
from portal.disclosures.vocabulary import Measure, Unit

SILENT = frozenset({"未公布", "未披露", "未公开", "not disclosed", "notdisclosed"})
"""How a cell says that a figure had to be told and was not."""
_DIGITS = "零一二三四五六七八九"
_SAME = str.maketrans("〇○两壹贰叁肆伍陆柒捌玖拾佰仟萬億點", "零零二一二三四五六七八九十百千万亿点")
_LONGEST, _MOST = 40, 10**12
"""Characters of a numeral, and what it stays below: 一万亿 and more are written in digits."""
_PLACES = {"千": 1000, "百": 100, "十": 10}
_NUMERAL = re.compile(r"负?[零一二三四五六七八九十百千万亿]+(点[零一二三四五六七八九]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_UNIT_TAIL = re.compile(r"(亿|万)?(元|人次|人)?$")


class Unclear(Exception):
    """The cell cannot be read. ``message`` says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_amount(text: str, unit: Unit, measure: Measure) -> str:
    """The decimal string, with as many digits after the point as were written; NOT_DISCLOSED where the cell says so.

    Raises Unclear.
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()  # a minus of mathematics
    if plain.lower() in SILENT:
        return NOT_DISCLOSED
    if not plain or re.fullmatch(r"[-–—/.…*]+|无|空|n/?a", plain, re.IGNORECASE):
        raise Unclear("没有数值。公布了就填数；应当公布而没有公布的，请写“未公布”。")
    bare = _without_unit(plain, unit)
    number = _numeral(bare, unit) if _NUMERAL.fullmatch(bare.translate(_SAME)) else _figures(bare)
    if number.startswith("-") and not measure.signed:
        raise Unclear(f"“{measure.zh}”不会是负数，请核对符号。")
    return number


def _without_unit(plain: str, unit: Unit) -> str:
    """The cell without the unit that it repeats. A bare 亿 or 万 behind digits counts as one, inside a numeral not."""
    found = _UNIT_TAIL.search(plain)
    assert found is not None  # it matches nothing at all, too
    bare, said = plain[: found.start()].rstrip(), found[0]
    if not said or not bare:
        return plain
    if not re.search(r"[0-9]", bare):  # 一亿二千万: part of the numeral; 一亿二千万元: its unit is 元
        if plain.endswith(unit.zh):
            return plain.removesuffix(unit.zh)
        bare, said = (plain[: -len(found[2])], found[2]) if found[2] else (plain, "")
    if said and said != unit.zh and said + unit.zh[-1] != unit.zh:
        raise Unclear(f"数值里写了“{said}”，单位一列是“{unit.zh}”。不会自动换算，请改成一致。")
    return bare


def _figures(bare: str) -> str:
    number = bare
    if "," in number:
        if not _GROUPED.fullmatch(number):
            raise Unclear("千分位的逗号位置不对，请去掉逗号，或者每三位一个。")
        number = number.replace(",", "")
    if re.fullmatch(r"-?[0-9.]+[eE][+-]?[0-9]+", number):
        raise Unclear("请不要用科学记数法，把数字写全。")
    if re.fullmatch(r"-?[0-9]+\.[0-9]{7,}", number):
        raise Unclear("小数超过六位，可能是表格软件的计算误差。请按公布的写，并把单元格设成文本。")
    if not AMOUNT.fullmatch(number) or (number.strip("-0.") == "" and number.startswith("-")):
        raise Unclear("看不懂这个数。请写成例如 1234.50，不要有空格和其他文字。")
    return number


def _numeral(bare: str, unit: Unit) -> str:
    """A Chinese numeral, where there is one way to read it."""
    text = bare.translate(_SAME)
    sign, text = ("-", text[1:]) if text.startswith("负") else ("", text)
    whole, _point, fraction = text.partition("点")
    if unit.exponent and re.search("[万亿]", whole):
        raise Unclear(f"单位是“{unit.zh}”，数值里又有“万”或者“亿”，不知道是哪一个。请用数字写。")
    value = numeral_value(whole)
    digits = "".join(str(_DIGITS.index(one)) for one in fraction)
    number = f"{sign}{value}" + (f".{digits}" if digits else "")
    if not AMOUNT.fullmatch(number) or (sign and not Decimal(number)):
        raise Unclear("看不懂这个数，请用数字写。")
    return number


def numeral_value(text: str) -> int:
    """The whole number that *text* writes (三千零四 → 3004). Raises Unclear unless it is written as one writes it."""
    value = _sum(text) if len(text) <= _LONGEST else None
    if value is None or value >= _MOST or text not in _ways(value):
        raise Unclear(f"“{text}”可以有别的读法，请用数字写。")
    return value


def _ways(value: int) -> set[str]:
    """十五 is the usual way to write 一十五, at the beginning alone."""
    full = written(value)
    return {full, full.removeprefix("一")} if full.startswith("一十") else {full}


def _sum(text: str) -> int | None:
    for mark, size in (("亿", 10**8), ("万", 10**4)):
        before, found, after = text.partition(mark)
        if found:
            high, low = _sum(before), _sum(after.removeprefix("零")) if after else 0
            return None if high is None or low is None or low >= size else high * size + low
    total, digit = 0, 0
    for one in text:
        if one in _PLACES:
            total, digit = total + (digit or 1) * _PLACES[one], 0
        else:
            digit = _DIGITS.index(one)
    return total + digit if text else None


def written(value: int) -> str:
    """How *value* (0 ≤ value < 10^12) is written in Chinese characters, without short cuts: 10 is 一十."""
    if value == 0:
        return "零"
    text, empty = "", False
    for size, mark in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, value = divmod(value, size)
        if part:
            gap = "零" if text and (empty or part < 1000) else ""  # an empty place before it is spoken: 一亿零一千
            text += gap + _thousands(part) + mark
        empty = not part
    return text


def _thousands(part: int) -> str:
    text, gap = "", False
    for mark, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, part = divmod(part, size)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + mark
            gap = False
        else:
            gap = True
    return text
