"""Public pages of the bulletins under attack: what is withheld, codes nobody knows, ten years, old versions."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.statistics.values import Month
from tests.conftest import StandingClock
from tests.statistics.bulletin_rows import invented, publish_row

AUGUST = Month(2026, 8)
HIDDEN = 7321
"""A count that is withheld only because a small one stands beside it."""


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database; the queries under it are tested on both in test_making."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who reads the public site and keeps no cookie."""
    return public_app.test_client(use_cookies=False)


class _Rows(HTMLParser):
    """Lines of all tables of a page: the words of their cells, and the marks that are drawn in them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[list[str], list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append(([], []))
        if tag in ("td", "th") and self.rows:
            self.rows[-1][0].append("")
            self.inside = True
        if tag == "path" and self.inside:
            self.rows[-1][1].append(dict(attrs).get("d") or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][0][-1] += data


def drawn(page: str) -> dict[str, tuple[list[str], list[str]]]:
    rows = _Rows()
    rows.feed(page)
    return {words[0]: (words[1:], marks) for words, marks in rows.rows}


def read(reader: FlaskClient, path: str, status: int = 200) -> str:
    answer = reader.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_withheld_count_stands_nowhere_not_even_in_a_drawing(reader: FlaskClient) -> None:
    publish_row(invented(AUGUST, {"web": HIDDEN, "12393": 3, "post": 911}))
    for path in ("/figures/", "/figures/2026-08/", "/figures/2026-08/1/", "/figures/data/2026-08.json",
                 "/figures/data/2026-08.csv", "/figures/data/bulletins.json", "/en/figures/2026-08/"):  # fmt: skip
        words = read(reader, path)
        assert str(HIDDEN) not in words and f"{HIDDEN:,}" not in words, path
    told = drawn(read(reader, "/figures/2026-08/"))
    for name in ("网上", "12393 电话"):
        assert told[name][0][0] == "不公布"
        assert told[name][1] == [], "a bar would say how long it is"
    assert told["来信"][0][0] == "911"
    assert told["来信"][1] == ["M0 6H80V18H0Z"], "bars are measured by what is published"


def test_what_is_published_around_a_gap_is_drawn_alike_whatever_is_in_the_gap(reader: FlaskClient) -> None:
    pages = []
    for version, channels in enumerate([{"web": 102, "12393": 2, "post": 60}, {"web": 101, "12393": 3, "post": 60}], 1):
        publish_row(invented(AUGUST, channels), version=version)
        page = read(reader, f"/figures/2026-08/{version}/")
        pages.append(page[page.index('id="figure-received"') : page.index('id="figure-waited"')])
    assert pages[0] == pages[1]


def test_months_that_say_nothing_leave_a_gap_and_no_line_crosses_it(reader: FlaskClient) -> None:
    for month, web in ((4, 30), (5, 31), (6, 3), (8, 33), (9, 34)):  # June is withheld, July was not published
        publish_row(invented(Month(2026, month), {"web": web, "12393": 0}))
    page = read(reader, "/figures/")
    sheet = page[page.index("chart__sheet--wide") : page.index("chart__sheet--narrow")]
    lines = re.findall(r'class="chart__line chart__line--1" d="([^"]+)"', sheet)
    columns = re.findall(r'chart__mark--1" d="[^"]+" data-column="([0-9]+)"', sheet)
    assert [line.count("L") for line in lines] == [1, 1]
    assert columns == ["0", "1", "4", "5"]


def test_an_older_version_says_that_it_was_replaced_and_the_newest_why(reader: FlaskClient) -> None:
    publish_row(invented(AUGUST, {"web": 40, "12393": 20}), day=date(2026, 9, 10))
    publish_row(
        invented(AUGUST, {"web": 39, "12393": 21}), version=2, day=date(2026, 9, 20), reason="record",
        words="来源登记错了（虚构）。",
    )  # fmt: skip
    now, old = read(reader, "/figures/2026-08/"), read(reader, "/figures/2026-08/1/")
    assert (drawn(now)["网上"][0][0], drawn(old)["网上"][0][0]) == ("39", "40")
    assert "来源登记错了（虚构）。" in now and "有的举报当时登记错了，已经改正" in now
    assert "这一版已经被更正" in old and "这一版已经被更正" not in now
    assert 'href="/figures/data/2026-08/1.json"' in old
    assert 'href="/figures/2026-08/1/"' in now


def test_months_lead_to_the_published_ones_before_and_after(reader: FlaskClient) -> None:
    for month in (5, 7, 8):
        publish_row(invented(Month(2026, month), {"web": 30, "12393": 20}))
    page = read(reader, "/figures/2026-07/")
    assert 'href="/figures/2026-05/"' in page and 'href="/figures/2026-08/"' in page
    assert 'href="/figures/2026-06/"' not in page


def test_what_a_later_program_counts_and_codes_that_nobody_knows_are_shown_and_break_nothing(
    reader: FlaskClient,
) -> None:
    said = invented(AUGUST, {"web": 40, "pigeon": 20})
    said["unheard"] = {"total": 77, "tables": {"size": {"withheld": False, "cells": {"<b>big</b>": 77}}}}
    said["waited"]["steps"]["dreamt"] = {"count": None, "median": None, "p90": None}
    publish_row(said)
    page = read(reader, "/figures/2026-08/")
    told = drawn(page)
    assert (told["pigeon"][0][0], told["<b>big</b>"][0][0]) == ("20", "77")
    assert "<b>big" not in page
    assert set(told["dreamt"][0]) == {"不公布"}
    read(reader, "/en/figures/2026-08/")
    read(reader, "/figures/data/2026-08.csv")


def test_ten_years_of_months_are_on_one_page_and_the_chart_shows_the_last_two(reader: FlaskClient) -> None:
    for year in range(2021, 2031):
        for number in range(1, 13):
            publish_row(invented(Month(year, number), {"web": 30 + number, "12393": 10}))
    page = read(reader, "/figures/")
    assert len(set(re.findall(r'href="/figures/(20[0-9-]+)/"', page))) == 120
    sheet = page[page.index("chart__sheet--wide") : page.index("chart__sheet--narrow")]
    assert len(re.findall(r'chart__mark--1" d="[^"]+" data-column', sheet)) == 24
    assert len(page) < 120_000


def test_who_has_a_page_is_told_so_until_a_month_is_added_beside_it(reader: FlaskClient, clock: StandingClock) -> None:
    publish_row(invented(Month(2026, 7), {"web": 40, "12393": 20}), day=date(2026, 8, 10))
    clock.advance(days=2)
    first = reader.get("/figures/2026-07/")
    assert "Set-Cookie" not in first.headers and "public" in first.headers["Cache-Control"]
    mark, seen = first.headers["ETag"], first.headers["Last-Modified"]
    assert reader.get("/figures/2026-07/", headers={"If-None-Match": mark}).status_code == 304
    publish_row(invented(AUGUST, {"web": 40, "12393": 20}), day=date(2026, 9, 29))
    clock.advance(days=2)
    for known in ({"If-None-Match": mark}, {"If-Modified-Since": seen}):
        again = reader.get("/figures/2026-07/", headers=known)
        assert again.status_code == 200, f"{known}: the page leads on to August now"
