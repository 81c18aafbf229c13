"""One cell with an amount: read exactly or refused with what to write, never read in a way that was not meant."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.disclosures.numerals import Unclear, numeral_value, read_amount, written
from portal.disclosures.values import AMOUNT, NOT_DISCLOSED
from portal.disclosures.vocabulary import vocabulary

UNITS, MEASURES = vocabulary().units, vocabulary().measures
FULL = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def read(text: str, unit: str = "亿元", measure: str = "balance") -> str:
    return read_amount(text, UNITS[unit], MEASURES[measure])


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("428.10", "亿元", "428.10"),
        ("0", "亿元", "0"),
        ("-0.75", "亿元", "-0.75"),
        ("−0.75", "亿元", "-0.75"),
        ("４２８．１０", "亿元", "428.10"),
        ("１，２３４", "亿元", "1234"),
        ("1,234,567.80", "万元", "1234567.80"),
        (" 12 ", "亿元", "12"),
        ("3.2亿元", "亿元", "3.2"),
        ("3.2亿", "亿元", "3.2"),
        ("3.2 亿", "亿元", "3.2"),
        ("120万人次", "万人次", "120"),
        ("三千零四", "万元", "3004"),
        ("三千零四万元", "万元", "3004"),
        ("一亿二千万", "元", "120000000"),
        ("一亿二千万元", "元", "120000000"),
        ("壹亿贰仟万元", "元", "120000000"),
        ("十五", "亿元", "15"),
        ("负三点二五", "亿元", "-3.25"),
        ("零", "亿元", "0"),
        ("〇", "亿元", "0"),
        ("未公布", "亿元", NOT_DISCLOSED),
        ("Not disclosed", "亿元", NOT_DISCLOSED),
    ],
)
def test_what_is_written_in_one_clear_way_is_read_exactly(text: str, unit: str, amount: str) -> None:
    kind = UNITS[unit].kind
    measure = {"money": "balance", "visits": "visits", "people": "enrolled"}[kind]
    assert read(text, unit, measure) == amount


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("1,23", "亿元", "千分位"),
        ("12,34,567", "亿元", "千分位"),
        ("1,234,56", "亿元", "千分位"),
        (",123", "亿元", "千分位"),
        ("1234,567", "亿元", "千分位"),
        ("3.2亿", "万元", "不会自动换算"),
        ("3.2亿元", "元", "不会自动换算"),
        ("320万", "亿元", "不会自动换算"),
        ("3.2元", "亿元", "不会自动换算"),
        ("三万元", "亿元", "不知道是哪一个|不会自动换算"),
        ("一亿二千万", "亿元", "不知道是哪一个"),
        ("一亿二千万元", "亿元", "不知道是哪一个|不会自动换算"),
        ("二千三", "元", "别的读法"),
        ("三千四", "元", "别的读法"),
        ("一百五", "元", "别的读法"),
        ("三五", "元", "别的读法"),
        ("二〇二五", "元", "别的读法"),
        ("零零四", "元", "别的读法"),
        ("一亿一千", "元", "别的读法"),
        ("一万亿", "元", "别的读法"),
        ("一万亿亿", "元", "别的读法"),
        ("亿" * 5000, "元", "别的读法"),
        ("万", "元", "看不懂|别的读法"),
        ("1e5", "亿元", "科学记数法"),
        ("1.5E+10", "亿元", "科学记数法"),
        ("0.30000000000000004", "亿元", "六位"),
        ("", "亿元", "未公布"),
        ("-", "亿元", "未公布"),
        ("—", "亿元", "未公布"),
        ("——", "亿元", "未公布"),
        ("/", "亿元", "未公布"),
        ("无", "亿元", "未公布"),
        ("N/A", "亿元", "未公布"),
        ("...", "亿元", "未公布"),
        ("约12", "亿元", "看不懂"),
        ("12左右", "亿元", "看不懂"),
        ("12%", "亿元", "看不懂"),
        ("12 345", "亿元", "看不懂"),
        ("007", "亿元", "看不懂"),
        ("+5", "亿元", "看不懂"),
        ("(5)", "亿元", "看不懂"),
        ("--5", "亿元", "看不懂"),
        ("1.2.3", "亿元", "看不懂"),
        (".5", "亿元", "看不懂"),
        ("5.", "亿元", "看不懂"),
        ("-0.00", "亿元", "看不懂"),
        ("NaN", "亿元", "看不懂"),
        ("Infinity", "亿元", "看不懂"),
        ("True", "亿元", "看不懂"),
        ("=1+1", "亿元", "看不懂"),
        ("#DIV/0!", "亿元", "看不懂"),
        ("1" * 19, "亿元", "看不懂"),
        ("9" * 5000, "亿元", "看不懂"),
        ("٤٢", "亿元", "看不懂"),
        ("四2", "亿元", "看不懂"),
        ("1二3", "亿元", "看不懂"),
        ("亿元", "亿元", "看不懂"),
        ("1\u202e2", "亿元", "看不懂"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(text: str, unit: str, says: str) -> None:
    with pytest.raises(Unclear, match=says):
        read(text, unit)


def test_only_a_measure_that_can_be_negative_is_negative() -> None:
    assert read("-5", measure="balance") == "-5"
    for text in ("-5", "负五"):
        with pytest.raises(Unclear, match="不会是负数"):
            read(text, measure="income")


@pytest.mark.parametrize(
    ("text", "value"),
    [("一十五", 15), ("一百零五", 105), ("一百一十", 110), ("两千", 2000), ("一千零二十", 1020), ("十万零三", 100003),
     ("一亿零三", 100_000_003), ("一亿零一千", 100_001_000), ("三千零五万零六", 30_050_006), ("一千亿", 10**11)],
)  # fmt: skip
def test_numerals_as_they_are_usually_written(text: str, value: int) -> None:
    assert int(read(text, "元")) == value


@given(st.integers(0, 10**12 - 1))
def test_every_whole_number_below_a_million_million_comes_back_from_how_it_is_written(value: int) -> None:
    assert numeral_value(written(value)) == value


@given(st.text("零一二三四五六七八九十百千万亿", min_size=1, max_size=12))
def test_a_numeral_has_one_reading_or_none(text: str) -> None:
    try:
        value = numeral_value(text)
    except Unclear:
        return
    assert text in (written(value), written(value).removeprefix("一"))


@given(st.decimals(-(10**15), 10**15, places=6), st.integers(0, 6), st.booleans(), st.booleans())
def test_any_decimal_comes_back_digit_for_digit(value: Decimal, places: int, grouped: bool, full: bool) -> None:
    exact = value.quantize(Decimal(1).scaleb(-places)) + 0  # no minus before nothing
    typed = format(exact, ",f" if grouped else "f")
    assert read(typed.translate(FULL) if full else typed) == format(exact, "f")


@given(st.text(max_size=30) | st.text("0123456789.,-−eE亿万元人次一二十百千零点负 　", max_size=15))
def test_no_text_is_read_as_anything_but_an_amount(text: str) -> None:
    try:
        amount = read(text)
    except Unclear as error:
        assert error.message
        return
    assert amount == NOT_DISCLOSED or AMOUNT.fullmatch(amount)
    if any(one.isdigit() for one in unicodedata.normalize("NFKC", text)):
        kept = [one for one in unicodedata.normalize("NFKC", text) if one in "0123456789."]
        assert "".join(kept) == amount.lstrip("-"), "no digit is added, lost or moved"
