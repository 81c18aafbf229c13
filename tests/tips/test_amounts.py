"""Sums of money as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refused
from portal.tips.amounts import amount_words, parse_amount


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("", None),
        ("  ", None),
        ("3000", 300_000),
        ("３，０００元", 300_000),
        ("3,000.50", 300_050),
        ("1.5万", 1_500_000),
        ("约２万元左右", 2_000_000),
        ("3百万", 300_000_000),
        ("0.1亿", 1_000_000_000),
        ("¥ 20", 2_000),
        ("0", 0),
    ],
)
def test_what_people_write_is_understood(typed: str, fen: int | None) -> None:
    assert parse_amount(typed) == fen


@pytest.mark.parametrize("typed", ["很多", "-5", "1e9", "万", "3000-5000", "１２３abc", "9" * 17, "9999亿亿", "1.2.3"])
def test_what_is_no_sum_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(typed)
    assert refused.value.code == "bad_amount"


@given(st.integers(0, 10**15))
def test_a_sum_shown_reads_back_as_itself(fen: int) -> None:
    assert parse_amount(amount_words(fen)) == fen


@given(st.text(max_size=60))
def test_any_text_is_a_sum_or_refused(typed: str) -> None:
    try:
        fen = parse_amount(typed)
    except Refused:
        return
    assert fen is None or fen >= 0
