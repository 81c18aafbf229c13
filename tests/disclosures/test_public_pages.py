"""What anybody reads of the fund accounts: a place, a year, one figure with its source and history."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.disclosures.models import PublishedPromise
from portal.disclosures.values import COUNTRY, Kind
from portal.kernel.db import Database
from portal.kernel.site import bind_site, site
from portal.kernel.transaction import transaction
from portal.kernel.values import new_id
from tests.conftest import StandingClock
from tests.disclosures.figures import bulletins, figure, publish


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database; the queries under it are tested on both."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who reads the public site and keeps no cookie, a month after the bulletins were published."""
    return public_app.test_client(use_cookies=False)


@pytest.fixture
def country(reader: FlaskClient) -> FlaskClient:
    """The same, with the real bulletins published."""
    with transaction() as session:
        publish(session, bulletins())
    return reader


def code_of(**wanted: Any) -> str:
    """The address of the one bulletin figure that fits."""
    year = wanted.pop("year")
    found = [
        one.series.code for one in bulletins() if one.series.period.end.year == year
        and all(getattr(one.series, name) == value for name, value in wanted.items())
    ]  # fmt: skip
    assert len(found) == 1
    return found[0]


def test_before_anything_is_published_the_page_says_so(reader: FlaskClient) -> None:
    assert "还没有公布过" in reader.get("/fund/").text


def test_the_first_page_says_what_came_in_what_went_out_and_what_is_left(country: FlaskClient) -> None:
    page = country.get(f"/fund/{COUNTRY}/2024/")
    assert page.status_code == 200
    said = re.sub("</?strong>", "", page.text)
    for words in ("收入 34,913.37 亿元，支出 29,764.03 亿元", "收入比支出多 5,149.34 亿元", "累计结存 38,628.52 亿元",
                  "够用大约 19.4 个月", "从2023年起，结存只公布“基本医保统筹基金合计(含生育)”的"):  # fmt: skip
        assert words in said, words


def test_where_the_place_of_the_site_tells_nothing_the_first_page_says_whose_figures_these_are(
    country: FlaskClient,
) -> None:
    assert "还没有公布自己的数" not in country.get("/fund/").text, "the site serves the whole country"
    bind_site(replace(site(), region="320000"))
    assert "江苏省还没有公布自己的数，这里是全国的。" in country.get("/fund/").text
    bind_site(replace(site(), region="360500"))
    assert "江西省新余市：进来多少" in country.get("/fund/").text
    assert "还没有公布自己的数" not in country.get("/fund/").text


def test_where_nobody_told_a_balance_the_page_says_that_the_months_cannot_be_computed(country: FlaskClient) -> None:
    page = country.get("/fund/").text
    assert "2025年全年，全国 基本医保合计(含生育) 收入 <strong>35,921.32 亿元</strong>" in page
    assert "算不出：没有公布同一口径的累计结存" in page


def test_where_nothing_is_told_of_what_is_left_an_earlier_year_is_named_as_such(country: FlaskClient) -> None:
    page = country.get(f"/fund/{COUNTRY}/2025/").text
    says = "2025年全年的累计结存没有公布，最近公布的是2024年全年的。到2024年12月末，"
    found = re.search(
        rf"{says}.*?累计结存 38,628.52 亿元。照这一期的支出，够用大约 19.4 个月。", re.sub("<[^>]+>", "", page)
    )
    assert found is not None
    assert "的累计结存没有公布" not in country.get(f"/fund/{COUNTRY}/2024/").text


def test_a_year_of_which_nothing_is_told_keeps_its_place_on_the_chart_and_no_line_goes_over_it(
    reader: FlaskClient,
) -> None:
    told = [figure("basic-with", name, "10", year) for name in ("income", "expenditure") for year in (2019, 2020, 2023)]
    with transaction() as session:
        publish(session, told)
    for path in (f"/fund/{COUNTRY}/", f"/fund/{COUNTRY}/funds/basic-with/"):
        page = reader.get(path).text
        wide = page[page.index("chart__sheet--wide") : page.index("chart__sheet--narrow")]
        places = [float(at) for at in re.findall(r'<tspan x="([0-9.]+)"', wide)]
        assert re.findall(r"<tspan[^>]*>(\d{4})<", wide) == ["2019", "2020", "2021", "2022", "2023"], path
        assert max(b - a for a, b in pairwise(places)) - min(b - a for a, b in pairwise(places)) < 0.3
        assert len(re.findall(r'class="chart__line ', wide)) == 2, "one piece of line each: from 2019 to 2020"


def test_what_was_printed_in_another_unit_is_turned_exactly_and_marked(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, [figure("resident", "income", "12.5"), figure("resident", "expenditure", "9.25"),
                          figure("aid", "expenditure", "3391.0", unit="万元")])  # fmt: skip
    assert re.search(r">0\.33910</a> <span class=\"mark\">由万元换算</span>", reader.get("/fund/").text)


def test_a_figure_says_its_source_precision_edition_and_how_sure_it_is(country: FlaskClient) -> None:
    code = code_of(region=COUNTRY, year=2021, fund="resident", measure="balance", edition="bulletin")
    page = country.get(f"/fund/figures/{code}/").text
    for words in ("428.10 亿元", "小数点后 2 位", "2021年全国医疗保障事业发展统计公报", "公报（最终数）", "ab" * 32):
        assert words in page, words


def test_a_correction_leaves_the_earlier_number_on_the_page_with_the_reason(reader: FlaskClient) -> None:
    before, after = figure("resident", "income", "12.5"), figure("resident", "income", "12.6")
    with transaction() as session:
        publish(session, [before])
        publish(session, [after], version=2, code="2026-0002", day=date(2026, 9, 20), kind=Kind.CORRECTION,
                reason="mistyped", words="抄错了一位。")  # fmt: skip
    page = reader.get(f"/fund/figures/{after.series.code}/").text
    assert page.index("12.6 亿元") < page.index("12.5 亿元")
    assert "本站录入有误。抄错了一位。" in page


def test_what_the_source_does_not_say_is_no_figure_of_a_region(country: FlaskClient) -> None:
    unsure = next(one for one in bulletins() if "天津" in one.series.place)
    assert country.get("/fund/120000/").status_code == 404
    page = country.get(f"/fund/figures/{unsure.series.code}/").text
    assert "不算作任何地区的数" in page and unsure.series.place in page


def test_what_cannot_be_computed_stands_below_what_can_with_the_reason(country: FlaskClient) -> None:
    page = country.get("/fund/360500/").text
    listed, rest = page.partition("变化和比例</h2>")[2].split("</dl>", 1)
    assert "90.4%" in listed and "算不出" not in listed
    assert "城乡居民医保 支出 比上一年<br>算不出：没有同一口径、同一版本的数可以比。</p>" in rest


def test_pages_are_kept_by_everybody_and_leave_no_cookie(country: FlaskClient) -> None:
    answer = country.get("/fund/")
    assert answer.cache_control.public and "Set-Cookie" not in answer.headers
    assert answer.last_modified is not None
    assert country.get("/fund/", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_what_is_not_there_is_not_found(country: FlaskClient) -> None:
    for path in ("/fund/999999/", "/fund/abc/", f"/fund/{COUNTRY}/1990/", "/fund/figures/aaaaaaaaaaaa/"):
        assert country.get(path).status_code == 404, path


def test_each_ratio_on_a_page_follows_from_the_figures_that_it_names(country: FlaskClient) -> None:
    """Computed once more from the pages of those figures, by nothing that the site computes with."""
    checked, told = 0, dict[str, Decimal]()
    for year in range(2018, 2026):
        page = country.get(f"/fund/{COUNTRY}/{year}/").text
        for codes, said in re.findall(r'data-ratio="([a-z2-7 ]+)">([^<]+)<', page):
            for code in codes.split():
                told[code] = told.get(code) or _number(country, code)
            numbers = [told[code] for code in codes.split()]
            shown = Decimal(said.replace(",", "").replace("−", "-").rstrip("% 个月").lstrip("+"))
            first, rest = numbers[0], sum(numbers[1:])
            ways = {first * 12 / rest, first * 100 / rest, (first - rest) * 100 / rest}
            assert any(abs(way - shown) <= Decimal("0.05") for way in ways), (year, codes, said)
            checked += 1
    assert checked > 40


def _number(reader: FlaskClient, code: str) -> Decimal:
    found = re.search(r'class="big-number">([0-9,.]+) 亿元<', reader.get(f"/fund/figures/{code}/").text)
    assert found is not None, code
    return Decimal(found[1].replace(",", ""))


def test_every_kind_of_page_can_be_reached_from_the_first_in_both_languages(country: FlaskClient) -> None:
    site = country.application.url_map
    kinds = {rule.endpoint for rule in site.iter_rules() if rule.endpoint.startswith("fund.")}
    kinds -= {"fund.province"}  # where places are many: tests/disclosures/test_many_places.py
    for root in ("", "/en"):
        waiting, seen = ["/fund/"], set[str]()
        while waiting:
            path = waiting.pop()
            kind, _values = site.bind("localhost").match(path)
            if kind not in seen:
                seen.add(str(kind))
                answer = country.get(root + path)
                assert answer.status_code == 200, path
                links = re.findall(r'href="([^"?#]+)', answer.text) if answer.mimetype == "text/html" else []
                waiting += [link.removeprefix(root) for link in links if link.startswith(f"{root}/fund/")]
        assert seen & kinds == kinds


def test_figures_of_unsure_places_stand_under_the_words_of_their_source(country: FlaskClient) -> None:
    page = country.get("/fund/unconfirmed/").text
    for words in ("未标明(按参保规模推定天津市)", "江苏省苏州市内某统筹区(推定)", "来源没有说明，是推定的"):
        assert words in page, words
    assert "天津" not in country.get("/fund/regions/").text


def test_the_quick_report_and_the_bulletin_stand_side_by_side_with_what_moved(country: FlaskClient) -> None:
    page = country.get(f"/fund/editions/{COUNTRY}/2023/").text
    assert re.search(r"33,355\.16 亿元</a>.*33,501\.36 亿元</a></td><td class=\"numeric nowrap\">\+146\.20 亿元", page)
    assert country.get("/fund/editions/360500/2023/").status_code == 404


def test_two_years_and_two_places_are_compared_and_what_cannot_be_is_said(country: FlaskClient) -> None:
    page = country.get(f"/fund/compare/?place={COUNTRY}&year=2018&place={COUNTRY}&year=2024&place=&year=2025").text
    for words in ("口径不一样", "累计结存有的是整个基金的", "21,384", "34,913.37", "83.3%", "15.8 个月"):
        assert words in page, words
    assert "请至少选两个" in country.get(f"/fund/compare/?place={COUNTRY}&year=2018").text


def test_a_fund_is_told_year_by_year_and_its_changes_only_within_one_edition(country: FlaskClient) -> None:
    page = country.get(f"/fund/{COUNTRY}/funds/resident/").text
    assert "+0.5%" in page  # 2025 against 2024, both of the bulletin: 11,237.72 and 11,180.91
    assert country.get(f"/fund/{COUNTRY}/funds/civil/").status_code == 404


def test_the_log_of_changes_tells_the_earlier_number_and_the_reason(reader: FlaskClient) -> None:
    before, after = figure("resident", "income", "12.5"), figure("resident", "income", "12.6")
    with transaction() as session:
        publish(session, [before])
        publish(session, [after], version=2, code="2026-0002", kind=Kind.CORRECTION, reason="restated")
    page = reader.get("/fund/changes/").text
    for words in ("原来是 12.5 亿元，改成 12.6 亿元", "来源自己改了数", "2026-0002"):
        assert words in page, words
    assert "演示区医疗保障局" in reader.get("/fund/disclosures/2026-0002/").text


def test_the_home_page_tells_the_newest_figures(country: FlaskClient) -> None:
    assert "收入 <strong>35,921.32 亿元</strong>" in country.get("/").text


def test_what_had_to_be_told_and_was_not_is_said(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, [figure("resident", "income", "12.5"), figure("resident", "expenditure", "9.25"),
                          figure("resident", "cumulative", "")])  # fmt: skip
    page = reader.get("/fund/").text
    assert re.search(r"<td class=\"numeric\"><a [^>]+>没有公布</a>", page)
    assert "算不出：没有公布同一口径的累计结存" in page


def test_whether_a_promise_was_kept_is_computed_from_the_day_of_publication(reader: FlaskClient) -> None:
    with transaction() as session:
        told = publish(session, [figure("resident", "income", "1", 2025, edition="quick")], day=date(2026, 4, 10))
        session.add(PublishedPromise(
            id=new_id(), office_id=told.office_id, region=COUNTRY, edition="quick", every="year", days=90,
            in_force_from=date(2024, 1, 1), set_on=date(2024, 1, 1),
        ))  # fmt: skip
    page = reader.get("/fund/schedule/").text
    words = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"2025年全年 +公布晚了 +10 天 +2026年3月31日 星期二 +2026年4月10日 星期五", words)
    assert re.search(r"2024年全年 +过期没有公布", words)
    assert "every year, within 90 days" in reader.get("/en/fund/schedule/").text


def test_a_page_asks_the_database_a_fixed_number_of_times(country: FlaskClient, database: Database) -> None:
    """However many figures it shows."""
    asked: list[str] = []
    note = lambda _c, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for path, most in (
            (f"/fund/{COUNTRY}/2023/", 3), ("/fund/360500/", 3), ("/fund/regions/", 3), ("/fund/unconfirmed/", 3),
            (f"/fund/{COUNTRY}/funds/resident/", 2), ("/fund/changes/", 4),
        ):  # fmt: skip
            asked.clear()
            assert country.get(path).status_code == 200
            reads = [one for one in asked if "published_" in one]
            assert 1 <= len(reads) <= most, (path, reads)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
