"""Fund accounts of many places: found by province, by name and by code, and compared, at the cost of a few."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.directory.regions import regions
from portal.disclosures import asked, queries
from portal.disclosures.lasting import MOST, Lasting
from portal.disclosures.seen import Newest
from portal.disclosures.values import COUNTRY, Figure
from portal.disclosures.views import FEW
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.web.locale import speaking
from tests.conftest import StandingClock
from tests.disclosures.figures import figure, publish

PROVINCES = ("220000", "320000", "330000", "440000")
CITIES = [city.code for province in PROVINCES for city in regions().children(province)]
FIRST = (COUNTRY, "320100")
PLACES = [COUNTRY, "220000", "320000", *CITIES]
"""Some sixty, Nanjing among them and none of its districts; Jilin is a province and a city."""


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database; the queries under it are tested on both."""
    return sqlite_database


def some_of_many(places: Sequence[str] = PLACES) -> list[Figure]:
    """What came in and went out of each."""
    return [figure("resident", measure, "12", region=one) for one in places for measure in ("income", "expenditure")]


def tell(places: Sequence[str], code: str) -> None:
    with transaction() as session:
        publish(session, some_of_many(places), code=code)


@pytest.fixture
def few(public_app: Flask, clock: StandingClock) -> FlaskClient:
    tell(FIRST, "2026-0001")
    return public_app.test_client(use_cookies=False)


@pytest.fixture
def many(few: FlaskClient) -> FlaskClient:
    """Somebody who reads the site of many places."""
    tell([one for one in PLACES if one not in FIRST], "2026-0002")
    return few


@contextmanager
def rows_read(database: Database) -> Iterator[list[int]]:
    """How many rows each statement on what is published gave."""
    found: list[int] = []

    def note(connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "published_" in statement:
            again = connection.connection.cursor()
            found.append(len(again.execute(statement, parameters).fetchall()))
            again.close()

    event.listen(database.engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "after_cursor_execute", note)


def said(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def links(page: str, begin: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'href="([^"]+)"', page) if one.startswith(begin)]


def test_many_places_are_listed_by_province_and_each_province_lists_its_own(many: FlaskClient) -> None:
    assert len(PLACES) > FEW
    for root in ("", "/en"):
        page = many.get(f"{root}/fund/regions/").text
        assert links(page, f"{root}/fund/regions/")[:4] == [f"{root}/fund/regions/{one}/" for one in PROVINCES]
        assert f'href="{root}/fund/{COUNTRY}/"' in page
        assert f'href="{root}/fund/320100/"' not in page
        inside = many.get(f"{root}/fund/regions/320000/").text
        assert {f"{root}/fund/{one}/" for one in CITIES if one.startswith("32")} < set(links(inside, f"{root}/fund/32"))
        assert f"{root}/fund/320000/" in links(inside, root), "the province itself"
        assert "330100" not in inside
    assert "14 个地区" in said(many.get("/fund/regions/").text)
    assert "Nanjing, Jiangsu (江苏省南京市)" in said(many.get("/en/fund/regions/320000/").text)


def test_what_is_no_province_or_has_no_figures_is_not_found(many: FlaskClient) -> None:
    for one in ("130000", COUNTRY, "320100", "32000", "abc", "３２００００"):
        assert many.get(f"/fund/regions/{one}/").status_code == 404, one


def test_a_few_places_stand_in_one_list_and_in_a_select(few: FlaskClient) -> None:
    page = few.get("/fund/regions/").text
    assert 'href="/fund/320100/"' in page
    assert 'role="search"' not in page
    form = few.get("/fund/compare/").text
    assert '<option value="320100">江苏省南京市' in form
    assert "datalist" not in form


@pytest.mark.parametrize(
    ("root", "typed", "found"),
    [
        ("", "南京", ["320100"]), ("", "江苏 南京", ["320100"]), ("", "320100", ["320100"]),
        ("", "３２０１００", ["320100"]), ("/en", "NANJING ,jiangsu", ["320100"]),
        ("", "吉林", ["220000", "220200"]), ("", "全国", [COUNTRY]), ("", "Nanjing", ["320100"]),
        ("/en", "nan", ["320100", "320600"]), ("/en", "南京市", ["320100"]),
    ],
)  # fmt: skip
def test_a_place_is_found_by_name_or_code(many: FlaskClient, root: str, typed: str, found: list[str]) -> None:
    page = many.get(f"{root}/fund/regions/", query_string={"place": typed}).text
    assert links(page, f"{root}/fund/") and [
        one for one in links(page, f"{root}/fund/") if re.fullmatch(rf"{root}/fund/[0-9]{{6}}/", one)
    ] == [f"{root}/fund/{one}/" for one in found]  # fmt: skip


def test_where_nothing_is_published_the_place_around_it_is_named(many: FlaskClient) -> None:
    page = many.get("/fund/regions/", query_string={"place": "南京玄武"}).text
    assert "没有公布过“南京玄武”的数" in said(page)
    assert links(page, "/fund/32") == ["/fund/320100/", "/fund/320000/"]
    assert "没有找到“没有的地方”" in said(many.get("/fund/regions/", query_string={"place": "没有的地方"}).text)
    assert "&lt;b&gt;" in many.get("/fund/regions/?place=<b>").text


@pytest.mark.parametrize("first", ["320100", "南京市", "南京", "江苏省南京市"])
def test_places_are_compared_by_code_or_by_name(many: FlaskClient, first: str) -> None:
    page = many.get("/fund/compare/", query_string={"place": [first, "杭州"], "year": ["2025", "2025"]}).text
    assert "江苏省南京市 2025年全年" in said(page)
    assert "浙江省杭州市 2025年全年" in said(page)
    assert page.count('value="江苏省南京市"') == 2, "in the form and among what is offered"
    assert page.count("<datalist") == 1


def test_what_is_not_clear_is_said_and_each_suggestion_leads_to_the_comparison(many: FlaskClient) -> None:
    asked_for = {"place": ["吉林", "南京", "没有的地方", "苏州"], "year": ["2025", "2025", "2025", "二〇"]}
    page = many.get("/fund/compare/", query_string=asked_for).text
    for words in ("“吉林”可能是这些地区里的一个", "没有找到“没有的地方”", "“二〇”不是年份", "请至少选两个有数的"):
        assert words in said(page), words
    for place, address in zip(("吉林省 ", "吉林省吉林市 "), links(page, "/fund/compare/?"), strict=True):
        again = said(many.get(address).text)
        assert f"{place}2025年全年" in again
        assert "可能是" not in again
        assert "没有找到“没有的地方”" in again, "the other rows are as they were"


def test_a_letter_is_not_taken_for_a_place(many: FlaskClient) -> None:
    page = said(many.get("/en/fund/compare/", query_string={"place": ["Nanj", "x"], "year": ["2025"] * 2}).text)
    assert "No figures" not in page
    assert "“x” may be one of these places: Xuzhou, Jiangsu" in page
    assert "“Nanj”" not in page


def test_no_more_than_four_are_compared_and_that_is_said(many: FlaskClient) -> None:
    places = [one for one in CITIES if one.startswith("33")][:5]
    page = said(many.get("/fund/compare/", query_string={"place": places, "year": ["2025"] * 5}).text)
    assert "最多放四个" in page
    four = said(many.get("/fund/compare/", query_string={"place": places[:4], "year": ["2025"] * 4}).text)
    assert "最多放四个" not in four
    assert "请至少选两个" not in said(many.get("/fund/compare/", query_string={"place": places[:2]}).text), (
        "the newest year"
    )


def test_what_is_published_is_offered_at_once_in_either_language(many: FlaskClient) -> None:
    before = many.get("/fund/compare/").text, many.get("/en/fund/compare/").text
    assert "合肥市" not in before[0]
    assert "Hefei" not in before[1]
    tell(["340100"], "2026-0003")
    assert '<option value="安徽省合肥市">' in many.get("/fund/compare/").text
    assert '<option value="Hefei, Anhui" lang="zh-CN">安徽省合肥市' in many.get("/en/fund/compare/").text


def test_many_places_are_read_by_no_more_rows_than_few(few: FlaskClient, database: Database) -> None:
    pages = ("/fund/", "/fund/320100/", "/fund/compare/?place=320100&year=2025&place=南京&year=2024", "/fund/changes/")
    counted = []
    for more in (False, True):
        if more:
            tell([one for one in PLACES if one not in FIRST], "2026-0002")
        for path in pages:  # the first of a publication reads what is offered, for all after it
            few.get(path)
        with rows_read(database) as found:
            for path in pages:
                assert few.get(path).status_code == 200
        counted.append(found)
    one, other = counted
    assert len(one) == len(other)
    assert sum(other) <= sum(one) + 1, "the newest disclosures, of which there is one more"
    with rows_read(database) as found:
        few.get("/fund/regions/")
    assert found[-1] == len(PROVINCES) + 1
    assert sum(found) < FEW + 10


def test_whatever_is_typed_is_answered(many: FlaskClient) -> None:
    with reading() as session:
        (told,) = queries.disclosures(session, 1)
        newest = Newest(told.id, told.published_on)
        for tongue in ("zh", "en"):
            with speaking(tongue):
                offer = asked.offered(session, newest)
                assert asked.called(offer, "") == asked.called(offer, " ,、 ") == []
                for code, words in offer.names.items():
                    assert asked.called(offer, words) == [code], words
                for typed in ("\x00", "省", "市" * 500, "%", "_", "３２", "Ü", "3"):
                    assert set(asked.called(offer, typed)) <= set(offer.names)


def test_what_lasts_until_the_next_publication_is_bounded() -> None:
    kept = Lasting[int]()
    for number in range(3 * MOST):
        assert kept.get(number, partial(int, number + 1)) == number + 1
    assert kept.get(3 * MOST - 1, lambda: 0) == 3 * MOST, "kept"
    assert kept.get(0, lambda: -1) == -1, "made anew"
    assert len(kept._kept) == MOST
