"""What the speaking pages promise, in both languages."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.web.small_site import small_site

PATHS = ["/", "/safe/", "/how-we-protect/", "/next-steps/", "/rights/", "/privacy/", "/accessibility/", "/contact/",
         "/sitemap/", "/wechat/"]  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]+")
WECHAT = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN"


@pytest.fixture
def visitor() -> FlaskClient:
    return small_site(demo=True).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_both_doors_are_one_click_away_from_every_page(visitor: FlaskClient, path: str) -> None:
    page = visitor.get(path).text
    assert re.search(r'href="/safe/"[^>]*>我要举报', page) and re.search(r'href="/followup/"[^>]*>我有回执码', page)


@pytest.mark.parametrize("path", PATHS)
def test_the_english_page_has_no_chinese_left_but_the_way_back_to_it(visitor: FlaskClient, path: str) -> None:
    page = visitor.get("/en" + path)
    assert page.status_code == 200
    assert set(HAN.findall(page.text)) == {"中文"}


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_main_heading_and_says_that_it_is_a_demo(visitor: FlaskClient, path: str) -> None:
    page = visitor.get(path).text
    assert page.count("<h1") == 1 and "这是演示网站" in page


@pytest.mark.parametrize("path", PATHS)
def test_no_page_asks_anything_of_another_host(visitor: FlaskClient, path: str) -> None:
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', visitor.get(path).text) == []


def test_the_safety_page_comes_before_the_first_question_and_explains_leaving(visitor: FlaskClient) -> None:
    page = visitor.get("/safe/").text
    for words in ("110", "无痕", "单位", "快速离开", "三次 Shift", "不能删除浏览器的历史记录", "谁会收到"):
        assert words in page
    assert 'href="/report/"' in page and 'class="quick-exit"' not in page


def test_inside_wechat_the_way_out_stands_before_the_first_question(visitor: FlaskClient) -> None:
    page = visitor.get("/safe/", headers={"User-Agent": WECHAT}).text
    assert "在浏览器打开" in page and 'href="/report/"' not in page


def test_the_deadlines_carry_their_legal_basis(visitor: FlaskClient) -> None:
    page = visitor.get("/next-steps/").text
    for words in ("最迟 15 个工作日", "延长一次", "最迟 5 个工作日", "最迟 90 天", "第十四条"):
        assert words in page


def test_search_engines_are_kept_out_of_what_is_behind_a_code(visitor: FlaskClient) -> None:
    answer = visitor.get("/robots.txt")
    assert answer.content_type.startswith("text/plain")
    assert {"Disallow: /report/", "Disallow: /followup/"} <= set(answer.text.splitlines())


def test_the_operators_own_lines_stand_in_the_footer() -> None:
    from portal.web.settings import FooterItem

    items = (FooterItem("主办单位", "某市医疗保障局"), FooterItem("网站标识码", "0000000000"))
    page = small_site(footer=items).test_client().get("/").text
    assert "某市医疗保障局" in page and "0000000000" in page
