"""The course of the months as charts: what is drawn is what is counted, and the sentence says it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from admin.dashboard.areas import REST, tiles
from admin.dashboard.drawing import drawings
from admin.dashboard.values import MonthLine, months_before
from portal.kernel.errors import NotFound
from tests.dashboard.test_dashboard import TODAY


def months(
    received: Sequence[int] = (),
    decided: Sequence[int] = (),
    days: Sequence[int | None] = (),
    missed: Sequence[int] = (),
) -> list[MonthLine]:
    """Thirteen months; what is told are the last ones."""
    found = []
    for back, name in enumerate(reversed(months_before(TODAY, 13)), 1):
        came, done, ran_out = (one[-back] if back <= len(one) else 0 for one in (received, decided, missed))
        found.append(MonthLine(name, came, done, days[-back] if back <= len(days) else None, ran_out))
    return found[::-1]


def test_each_value_stands_on_its_mark_and_a_month_without_a_decision_is_a_gap() -> None:
    came, took, missed = drawings(months(received=[5, 7], decided=[0, 2], days=[30, None, 12], missed=[1, 4, 0]))
    words = [mark.words for series in came.chart.wide.series for mark in series.marks]
    assert words[12] == "2026-09 收到 7 件" and words[-1] == "2026-09 作出决定 2 件" and len(words) == 26
    assert [mark.words for mark in took.chart.narrow.series[0].marks] == [
        "2026-07 到决定的天数 30 天",
        "2026-09 到决定的天数 12 天",
    ]
    assert came.says == "上个月收到 5 件，作出决定 0 件；这个月到今天收到 7 件，作出决定 2 件。"
    assert took.says == "2026-09 作出决定的，一半用了不超过 12 天；最长的是 2026-07，30 天。没有决定的月份空着。"
    assert missed.says == "这些月份一共超过 5 个期限，最多的是 2026-08，4 个。"


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawings(months()) == []
    assert [one.title for one in drawings(months(missed=[3]))] == ["每月超过的期限"]


def test_areas_lead_from_province_to_city_to_district_and_lose_no_report() -> None:
    numbers = {"320102": 4, "320104": 1, "320100": 2, "320505": 3, "110101": 5, "999999": 6}
    top = tiles(numbers)
    assert [(one.region, one.number, one.inside) for one in top] == [
        ("320000", 10, True), ("999999", 6, False), ("110101", 5, False),
    ]  # fmt: skip
    cities = tiles(numbers, "320000")
    assert [(one.region, one.number, one.inside) for one in cities] == [("320100", 7, True), ("320505", 3, False)]
    city = tiles(numbers, "320100")
    assert [(one.region, one.number) for one in city] == [("320102", 4), ("320100", 2), ("320104", 1)]
    assert city[1].words.endswith(REST) and [one.level for one in city] == [5, 3, 2]
    assert tiles({"320102": 4, "320104": 1}) == tiles({"320102": 4, "320104": 1}, "320100")
    assert tiles({}) == []
    with pytest.raises(NotFound):
        tiles(numbers, "000001")
