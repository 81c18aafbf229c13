"""Where lines and bars lie: read back from the drawing, a value is where its scale says."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from portal.charts import Chart, Series, Sheet, bar_chart, line_chart, scale, sparkline, wrapped

AMOUNTS = st.decimals("-999999", "999999", places=2)


def series(*values: str | None, name: str = "收入", breaks: frozenset[int] = frozenset()) -> Series:
    known = tuple(None if value is None else Decimal(value) for value in values)
    return Series(name, known, tuple(f"{value} 亿元" for value in values), breaks)


def read_back(sheet: Sheet, y: float) -> float:
    """The value at a height, from the first and the last line of the scale."""
    low, high = sheet.rows[0], sheet.rows[-1]
    values = [float(one.words.replace(",", "")) for one in (low, high)]
    share = (float(low.at) - y) / (float(low.at) - float(high.at))
    return values[0] + share * (values[1] - values[0])


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_a_scale_is_round_holds_all_values_and_nought_and_has_few_steps(values: list[Decimal]) -> None:
    found = scale(values)
    assert all(found[0] <= value <= found[-1] for value in values)
    assert Decimal(0) in found
    assert 2 <= len(found) <= 8
    step = found[1] - found[0]
    assert {later - earlier for earlier, later in pairwise(found)} == {step}
    assert step.normalize().as_tuple().digits in ((1,), (2,), (5,))


@given(st.lists(st.integers(0, 30).map(Decimal), min_size=1, max_size=13))
def test_a_scale_of_counts_has_no_parts_of_one(values: list[Decimal]) -> None:
    assert all(tick == int(tick) for tick in scale(values)) and scale(values)[-1] >= max(values)


@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_each_point_lies_where_its_value_is(values: list[Decimal]) -> None:
    drawn = line_chart([str(at) for at in range(len(values))], [series(*map(str, values))])
    for sheet in (drawn.wide, drawn.narrow):
        span = read_back(sheet, 0) - read_back(sheet, sheet.height)
        for value, mark in zip(values, sheet.series[0].marks, strict=True):
            y = float(mark.path.split("a")[0].split(" ")[1])
            assert abs(read_back(sheet, y) - float(value)) <= abs(span) * 0.001


def test_a_bar_goes_from_nought_to_its_value_downwards_when_it_is_negative() -> None:
    drawn = bar_chart(["2024", "2025"], [series("10", "-10"), series("5", None, name="支出")])
    sheet = drawn.wide
    up, down = (re.findall(r"[\d.]+", mark.path) for mark in sheet.series[0].marks)
    assert float(up[3]) == float(down[1]) == float(sheet.zero)
    assert float(up[1]) < float(sheet.zero) < float(down[3])
    assert len(sheet.series[1].marks) == 1


def test_a_line_stops_at_a_gap_and_where_what_is_told_has_changed() -> None:
    cut = series("1", "2", "3", "4", "5", "6", breaks=frozenset({2}))
    gap = series("1", "2", "3", None, "5", "6", name="支出")
    drawn = line_chart(list("abcdef"), [cut, gap]).wide
    assert [line.count("L") + 1 for line in drawn.series[0].lines] == [2, 4]
    assert [line.count("L") + 1 for line in drawn.series[1].lines] == [3, 2]
    assert len(drawn.cuts) == 1


def test_many_labels_are_thinned_out_and_the_last_one_stays() -> None:
    drawn = line_chart([str(year) for year in range(2000, 2026)], [series(*(["1"] * 26))])
    assert [one.words for one in drawn.narrow.columns][-1] == "2025"
    assert len(drawn.narrow.columns) <= 4 and len(drawn.wide.columns) <= 13


def test_labels_of_bars_are_broken_to_their_room_and_latin_words_stay_whole() -> None:
    assert wrapped("城乡居民医保", 56) == ("城乡居民", "医保")
    assert wrapped("Long-term care insurance", 80) == ("Long-term", "care", "insurance")


@pytest.mark.parametrize("labels, given_series", [
    ([], [series()]), (["a"], []), (["a"], [series("1", "2")]), (["a"], [series(None)]), (["a"], [series("1")] * 5),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(labels: list[str], given_series: list[Series]) -> None:
    with pytest.raises(ValueError):
        line_chart(labels, given_series)


def test_a_sparkline_stays_in_its_box_and_needs_a_value() -> None:
    drawn = sparkline([Decimal(3), None, Decimal(5), Decimal(9)])
    numbers = [float(one) for one in re.findall(r"[\d.]+", "".join(drawn.lines))]
    assert all(0 <= one <= 80 for one in numbers)
    with pytest.raises(ValueError):
        sparkline([None])


def markup(site: Flask, drawn: Chart) -> ET.Element:
    with site.test_request_context():
        source = '{% from "components/chart.html" import chart %}{{ chart(drawn, "c", "题", "一句话") }}'
        drawn_as = re.sub(
            r" (data-chart|data-chart-said|hidden)(?=[ >])", "", render_template_string(source, drawn=drawn)
        )
        return ET.fromstring(drawn_as)  # attributes without a value are HTML, not XML


def test_a_chart_is_named_described_and_needs_neither_style_nor_script(public_app: Flask) -> None:
    drawn = line_chart(["2024", "2025"], [series("1", "2"), series("2", "1", name="支出")])
    figure = markup(public_app, drawn)
    for svg in figure.findall("svg"):
        names = (svg.get("aria-labelledby") or "").split()
        assert svg.get("role") == "img"
        assert [figure.findtext(f".//*[@id='{name}']") for name in names] == ["题", "一句话"]
        marks = [mark.findtext("title") for mark in svg.iter("path") if mark.get("data-column")]
        assert marks == ["2024 收入 1 亿元", "2025 收入 2 亿元", "2024 支出 2 亿元", "2025 支出 1 亿元"]
    for one in figure.iter():
        assert one.tag not in ("style", "script") and "style" not in one.attrib
    ids = [one.get("id") for one in figure.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    signs = figure.findall(".//li/svg")
    assert [(sign.tail or "").strip() for sign in signs] == ["收入", "支出"]
    assert len({sign[-1].get("d") for sign in signs}) == 2


@pytest.fixture
def database(sqlite_database: object) -> object:
    """A template does not depend on the database."""
    return sqlite_database
