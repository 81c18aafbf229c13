"""Public pages of the figures on handling: what is withheld is nowhere, corrections are said, both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.statistics.suppression import rule_on
from portal.statistics.values import Month
from tests.journeys.conftest import Keys, app, keys  # noqa: F401 - fixtures
from tests.statistics.bulletin_rows import invented, publish_row

AUGUST, SEPTEMBER = Month(2026, 8), Month(2026, 9)
MOST = rule_on(SEPTEMBER.last).threshold - 1


@pytest.fixture
def reader(app: Flask) -> FlaskClient:  # noqa: F811 - the fixture
    publish_row(invented(AUGUST, {"web": 31, "12393": 12}, days=tuple(range(1, 44))), day=date(2026, 9, 10))
    return app.test_client()


def text_of(reader: FlaskClient, path: str, status: int = 200) -> str:
    answer = reader.get(path)
    assert answer.status_code == status, path
    return answer.text


def words(page: str) -> str:
    return re.sub(r"<[^>]*>|\s+", " ", page)


def numbers(page: str) -> list[str]:
    """What stands in cells, sentences and drawings."""
    return re.findall(r'(?<=<td class="numeric">)[^<]*|(?<=<dd>)[^<]*|(?<= d=")[^"]*', page)


def test_before_the_first_bulletin_the_page_says_so(app: Flask) -> None:  # noqa: F811
    assert "还没有公布过月报" in text_of(app.test_client(), "/figures/")


def test_a_month_says_what_came_in_what_became_of_it_and_how_long_it_took(reader: FlaskClient) -> None:
    page = text_of(reader, "/figures/2026-08/")
    assert "合计 43。" in page and "43 件决定里，43 件查实，占 100.0%。" in page
    assert re.search(r"网上</th><td class=\"numeric\">31</td>", page)
    assert re.search(r"作出处理决定</th><td class=\"numeric\">43</td><td class=\"numeric\">22</td>", page)
    assert 'href="/figures/data/2026-08.json"' in page


def test_the_first_page_has_the_newest_month_and_every_other(reader: FlaskClient) -> None:
    publish_row(invented(SEPTEMBER, {"web": 3, "12393": 0}))
    page = text_of(reader, "/figures/")
    assert "最新的一个月：2026年9月" in page and 'href="/figures/2026-08/"' in page
    assert f"在 1 到 {MOST} 之间，太少，不公布。" in page
    assert "不公布" in page and "M" in page


@pytest.mark.parametrize("path", ["/figures/", "/figures/2026-09/", "/figures/data/2026-09.json"])
def test_a_count_that_is_withheld_is_nowhere_on_a_page_nor_in_its_drawing(reader: FlaskClient, path: str) -> None:
    """Whatever the small counts were, the page of the month has the same bytes."""
    publish_row(invented(SEPTEMBER, {"web": 3, "12393": 37}))
    seen = text_of(reader, path)
    publish_row(invented(SEPTEMBER, {"web": 2, "12393": 38}), version=2)
    again = text_of(reader, path)
    if path.endswith(".json"):
        assert seen == again
    assert numbers(seen) == numbers(again) and not {"3", "37"} & set(numbers(seen))


def test_a_correction_is_said_with_its_reason_and_the_old_version_stays(reader: FlaskClient) -> None:
    said = invented(AUGUST, {"web": 20, "12393": 23})
    publish_row(said, version=2, reason="record", words="有的来源登记错了（虚构）。")
    page = text_of(reader, "/figures/2026-08/")
    assert "第 2 版" in page and "有的来源登记错了（虚构）。" in page and 'href="/figures/2026-08/1/"' in page
    old = text_of(reader, "/figures/2026-08/1/")
    assert "这一版已经被更正" in old and re.search(r"网上</th><td class=\"numeric\">31</td>", old)
    text_of(reader, "/figures/2026-08/3/", 404)


@pytest.mark.parametrize("month", ["2026-13", "2026-07", "２０２６-０８", "2026-8", "x", "2026-08-01", "%00"])
def test_what_is_no_published_month_is_not_found(reader: FlaskClient, month: str) -> None:
    text_of(reader, f"/figures/{month}/", 404)


def test_both_languages_are_whole(reader: FlaskClient) -> None:
    for path in ("/en/figures/", "/en/figures/2026-08/"):
        page = text_of(reader, path)
        main = page[page.index("<main") : page.index("</main>")]
        left = re.sub(r'<[^<>]*lang="zh[^"]*"[^<>]*>[^<]*', "", main)
        assert not re.search(r"[\u4e00-\u9fff]", words(left)), re.findall(r"[\u4e00-\u9fff]+", words(left))


def test_whoever_has_the_page_is_told_so_until_a_correction_comes(reader: FlaskClient) -> None:
    first = reader.get("/figures/2026-08/")
    assert first.headers["Cache-Control"].startswith("public") and "Set-Cookie" not in first.headers
    tag = {"If-None-Match": first.headers["ETag"]}
    assert reader.get("/figures/2026-08/", headers=tag).status_code == 304
    publish_row(invented(AUGUST, {"web": 20, "12393": 23}), version=2, reason="record", words="（虚构）")
    assert reader.get("/figures/2026-08/", headers=tag).status_code == 200


def test_months_that_are_missing_are_gaps_on_the_chart(reader: FlaskClient) -> None:
    publish_row(invented(Month(2026, 5), {"web": 10, "12393": 9}))
    publish_row(invented(Month(2026, 6), {"web": 10, "12393": 9}))
    page = text_of(reader, "/figures/")
    lines = re.findall(r'chart__line--1" d="M[^"]*L[^"]*"', page)
    assert len(lines) == 2, "one line a drawing, wide and narrow: from May to June; August stands alone"
