"""Every ratio and difference that a page prints, computed once more from the open data and nothing of the site's own.

What a ratio is, is said by the words beside it; of what it was made, by the addresses that it names; what those say,
by figures.json. Nothing is imported that reads, rounds or compares figures for the site.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.disclosures.figures import bulletins, figure, publish

Told = dict[str, dict[str, Any]]
YUAN = {"亿元": Decimal(10**8), "万元": Decimal(10**4), "元": Decimal(1)}
PARTS = {
    "basic-pooled-with": ["employee-pooled-with", "resident"],
    "basic-with": ["employee-with", "resident"],
    "basic-without": ["employee-without", "resident", "rural"],
    "employee-with": ["employee-pooled-with", "employee-account"],
    "employee-without": ["employee-pooled-without", "employee-account"],
}
"""Which funds together are which: after the heads of the national bulletins, written down here once more."""
INVENTED = [
    figure("resident", "income", "1080.5", year, months=months, region="320200", unit="万元")
    for year, months in ((2024, "1-9月"), (2025, "1-9月"))
] + [
    figure("resident", "expenditure", "0.0951", months="1-9月", region="320200"),
    figure("resident", "cumulative", "734", months="1-9月", region="320200", unit="万元"),
]  # fmt: skip
"""Two units, nine months: what the collected bulletins do not have together."""


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who reads the real bulletins, and an invented city."""
    with transaction() as session:
        publish(session, [*bulletins(), *INVENTED])
    return public_app.test_client(use_cookies=False)


def test_every_ratio_of_every_place_year_and_fund_follows_from_the_open_data(reader: FlaskClient) -> None:
    told, kinds = _told(reader), Counter[str]()
    for path in _pages(told):
        page = reader.get(path)
        assert page.status_code == 200, path
        for what, codes, said in _ratios(page.text):
            kind, value = _again(what, [told[code] for code in codes.split()])
            assert said == _printed(kind, value), (path, what, said)
            kinds[kind] += 1
    assert all(kinds[kind] >= 10 for kind in ("months", "change", "spent", "share")), kinds


def test_differences_in_sentences_and_between_editions_are_those_of_the_numbers_beside_them(
    reader: FlaskClient,
) -> None:
    counted = Counter[str]()
    for region, year in _years(_told(reader)):
        page = _words(reader.get(f"/fund/{region}/{year}/").text)
        over = r"收入 ([0-9,.]+) (\S元)，支出 ([0-9,.]+) (\S元)。(收入比支出|支出比收入)多 ([0-9,.]+) (\S元)。"
        for came, unit, went, unit_went, which, more, unit_more in re.findall(over, page):
            moved = _decimal(came) * YUAN[unit] - _decimal(went) * YUAN[unit_went]
            assert (which == "收入比支出") == (moved >= 0)
            assert abs(moved) == _decimal(more) * YUAN[unit_more], (region, year)
            counted["over"] += 1
        for row in re.findall(
            r"<tr><th scope=\"row\">.*?</tr>", reader.get(f"/fund/editions/{region}/{year}/").text, re.S
        ):
            sums = re.findall(r"([+−]?[0-9,.]+) (亿元|万元|元)", _words(row))
            if len(sums) > 2:
                first, *_between, last, moved = (_decimal(number) * YUAN[unit] for number, unit in sums)
                assert last - first == moved, row
                counted["moved"] += 1
    assert counted["over"] >= 8 and counted["moved"] >= 20, counted


def _told(reader: FlaskClient) -> Told:
    """Every figure of the open data, by its address."""
    found: Told = {}
    path: str | None = "/fund/data/figures.json"
    while path:
        page = reader.get(path).get_json()
        found |= {one["code"]: one for one in page["figures"]}
        path = page.get("next")
    return found


def _pages(told: Told) -> Iterator[str]:
    sure = [one for one in told.values() if one["confirmed"]]
    by_year = _years(told)
    for region, year in by_year:
        yield f"/fund/{region}/{year}/"
    for region, fund in sorted({(one["region"]["code"], one["fund"]["code"]) for one in sure}):
        yield f"/fund/{region}/funds/{fund}/"
    for (region, year), (other, another) in pairwise(by_year):
        yield f"/fund/compare/?place={region}&year={year}&place={other}&year={another}"


def _years(told: Told) -> list[tuple[str, int]]:
    return sorted({(one["region"]["code"], _end(one).year) for one in told.values() if one["confirmed"]})


def _ratios(page: str) -> Iterator[tuple[str, str, str]]:
    """What it is called, the figures that it names, what it says. None may stand outside of these two shapes."""
    lists = re.findall(
        r'<dt>([^<]*(?:<span[^>]*>[^<]*</span>[^<]*)*)</dt><dd><strong data-ratio="([a-z2-7 ]+)">([^<]+)<', page
    )
    items = re.findall(
        r'<li>([^<]*(?:<span[^>]*>[^<]*</span>[^<]*)*)：<strong data-ratio="([a-z2-7 ]+)">([^<]+)<', page
    )
    assert len(lists) + len(items) == page.count("data-ratio="), "a ratio in another shape"
    months = page.find("够用几个月")
    for what, codes, said in (*lists, *items):
        in_months = said.endswith("个月")
        assert not in_months or months >= 0
        yield ("months" if in_months else _words(what)), codes, html.unescape(said)


def _again(what: str, figures: list[dict[str, Any]]) -> tuple[str, Decimal]:
    """The kind that the words name, and its value of exactly these figures; they must belong together."""
    first, *rest = figures
    above, below = _yuan(first), sum((_yuan(one) for one in rest), Decimal(0))
    assert len({(one["edition"]["code"], one["restated"], one["region"]["code"]) for one in figures}) == 1, what
    if what == "months":
        assert first["measure"]["code"] == "cumulative" and {one["measure"]["code"] for one in rest} == {"expenditure"}
        funds = [one["fund"]["code"] for one in rest]
        assert funds in ([first["fund"]["code"]], PARTS.get(first["fund"]["code"])), what
        assert len({_dates(one) for one in figures}) == 1
        start, end = _dates(first)
        return "months", above * (end.month - start.month + 1) / below
    (second,) = rest
    measures = first["measure"]["code"], second["measure"]["code"]
    if "比上一年" in what:
        assert measures[0] == measures[1] and first["fund"] == second["fund"]
        assert [day.replace(year=day.year - 1) for day in _dates(first)] == list(_dates(second))
        return "change", (above - below) * 100 / below
    assert _dates(first) == _dates(second)
    if what.endswith("支出占收入"):
        assert measures == ("expenditure", "income") and first["fund"] == second["fund"]
        return "spent", above * 100 / below
    assert re.search(r"支出占 ?.+支出$", what), what
    assert measures == ("expenditure", "expenditure")
    assert first["fund"]["code"] in PARTS[second["fund"]["code"]]
    return "share", above * 100 / below


def _printed(kind: str, value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    digits = f"{abs(rounded):,}"
    if kind == "months":
        return f"{digits} 个月"
    sign = "−" if rounded < 0 else "+" if kind == "change" and rounded > 0 else ""
    return f"{sign}{digits}%"


def _yuan(one: dict[str, Any]) -> Decimal:
    assert one["disclosed"] and one["confirmed"]
    return Decimal(one["amount"]) * YUAN[one["unit"]["code"]]


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-"))


def _dates(one: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(one["period"]["start"]), _end(one)


def _end(one: dict[str, Any]) -> date:
    return date.fromisoformat(one["period"]["end"])


def _words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))
