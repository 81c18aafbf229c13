"""Public pages of rewards, with a browser that runs no scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.directory.regions import regions
from portal.kernel.errors import Refused
from portal.kernel.site import bind_site, site
from portal.rewards import lines, ruletelling, telling
from portal.rewards.estimating import bounds, estimate
from portal.rewards.rules import assess
from portal.rewards.schedule import shipped
from portal.rewards.values import GRADES, Case, Nature, Relation, Schedule, Status, Subject
from portal.web.locale import speaking
from tests.journeys.chinese import HAN, chinese_in
from tests.journeys.conftest import app, keys  # noqa: F401 - fixtures
from tests.journeys.reporter import Reporter
from tests.rewards.test_examples import ROWS, TODAY, line_of, named


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What is worked out from the shipped rules does not depend on the database."""
    return sqlite_database


@pytest.fixture
def visitor(app: Flask) -> Reporter:  # noqa: F811 - the fixture
    return Reporter(app)


def at(visitor: Reporter, province: str, city: str = "", path: str = "/rewards/calculator/") -> Reporter:
    """The visitor has opened the calculator and chosen a place."""
    visitor.open(path).press("place", province=province)
    return visitor.press("place", city=city) if city else visitor


def count(visitor: Reporter, **answers: str) -> str:
    visitor.press("count", **answers)
    return visitor.words


def test_the_figure_comes_with_its_steps_and_a_warning_that_it_is_no_promise(visitor: Reporter) -> None:
    words = count(at(visitor, "110000"), subject="institution", amount="50 万")
    assert "10,000 元" in words and "这不是承诺" in words
    assert "案值 500,000 元：500,000 元 × 2% = 10,000 元。" in words


@pytest.mark.parametrize(
    ("place", "answers", "said"),
    [
        ("110000", {"subject": "individual", "amount": "1万"}, "1,000 元"),
        ("130000", {"subject": "institution", "amount": "３００，０００"}, "7,000 元"),
        ("350000", {"subject": "institution", "amount": "100000", "grade": "2"}, "4,000 元"),
        ("350000", {"subject": "institution", "amount": "100000", "grade": "unsure"}, "2,000 元 到 6,000 元"),
        ("610000", {"subject": "institution", "amount": "100000", "nature": "fraud"}, "5,000 元"),
        ("140000", {"subject": "institution", "amount": "100000", "relation": "insider"}, "3,600 元"),
        (
            "500000",
            {"subject": "institution", "amount": "1000", "grade": "ordinary", "relation": "outsider"},
            "2,000 元",
        ),
        ("510000", {"subject": "institution", "amount": "9亿"}, "200,000 元"),
    ],
)
def test_each_place_asks_what_it_needs_and_answers(
    visitor: Reporter, place: str, answers: dict[str, str], said: str
) -> None:
    at(visitor, place)
    asked = {"subject", "amount", *answers} | {"province", "city", "csrf_token", "asked"}
    offered = set(re.findall(r'name="(\w+)"', visitor.page.text)) - {"viewport", "referrer", "do"}
    assert offered - {"city"} == asked - {"city"}
    figure = re.search(r'figure">([^<]*)<', (count(visitor, **answers), visitor.page.text)[1])
    assert figure and figure[1] == said


def test_no_loss_is_no_reward_and_the_trace_says_why(visitor: Reporter) -> None:
    words = count(at(visitor, "110000"), subject="institution", amount="0")
    assert "没有奖励" in words and "没有造成医保基金损失" in words


def test_a_grade_whose_rate_nobody_has_seen_gives_no_figure_and_the_reason(visitor: Reporter) -> None:
    at(visitor, "430000")
    assert "这种情形的比例，我们没有见到原文" in count(visitor, subject="institution", amount="1000", grade="3")
    words = count(visitor, amount="100000", grade="unsure")
    assert "10,000 元" in words and "二级、三级的比例没有见到原文" in words


def test_a_place_without_a_known_rule_says_so_and_names_what_is_known(visitor: Reporter) -> None:
    words = at(visitor, "330000").words
    assert "没有见到写着比例的原文" in words and "浙医保联发〔2023〕10号" in words and "最低 200 元" in words
    assert "医保基金损失了多少钱" not in words


def test_a_jump_close_by_is_warned_of_and_one_far_away_is_not(visitor: Reporter) -> None:
    at(visitor, "110000")
    assert "再多一分钱就得 20,000 元" in count(visitor, subject="institution", amount="46万")
    assert "这里有一道坎" not in count(visitor, amount="30万")
    at(visitor, "130000")
    assert "这里有一道坎" not in count(visitor, subject="institution", amount="10万")


def test_another_place_keeps_the_answers_and_shows_its_questions_before_it_counts(visitor: Reporter) -> None:
    count(at(visitor, "110000"), subject="institution", amount="12万")
    visitor.press("count", province="350000")
    assert 'figure"' not in visitor.page.text and "您能提供什么样的证据" in visitor.words
    assert 'value="12万"' in visitor.page.text and "checked" in visitor.page.text
    assert visitor.page.status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "很多"}, "金额要写数字"),
        ({"amount": ""}, "请写一个数"),
        ({"amount": "1" * 60}, "最多 40 个字"),
        ({"amount": "-5"}, "金额要写数字"),
        ({"subject": "hospital"}, "请选择举报的是单位还是个人"),
        ({"grade": "9"}, "请选择一项；说不准可以选最后一项"),
        ({"province": "999999"}, "请选择省、自治区或者直辖市"),
        ({"province": ""}, "请选择省、自治区或者直辖市"),
    ],
)
def test_a_mistake_is_said_in_words_and_the_page_comes_back(
    visitor: Reporter, typed: dict[str, str], said: str
) -> None:
    at(visitor, "350000")
    count(visitor, **{"subject": "institution", "amount": "5000", "grade": "1", **typed})
    assert visitor.page.status_code == 400 and said in visitor.words
    assert 'figure"' not in visitor.page.text


def test_nothing_typed_stands_in_an_address_a_cookie_or_a_log(
    visitor: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    count(at(visitor, "110000"), subject="institution", amount="7654321")
    assert "每个案件最高 200,000 元" in visitor.words
    assert visitor.page.request.full_path.rstrip("?") == "/rewards/calculator/"
    assert "7654321" not in caplog.text and visitor.page.headers["Cache-Control"] == "no-store"
    with visitor.browser.session_transaction() as kept:
        assert set(kept) == {"csrf_token"}


def test_what_only_speaks_sets_no_cookie(visitor: Reporter) -> None:
    assert "Set-Cookie" not in visitor.open("/rewards/").page.headers


@pytest.fixture
def beijing(app: Flask) -> Iterator[None]:  # noqa: F811 - the fixture
    """The site serves one place."""
    before = site()
    bind_site(replace(before, region="110105"))
    yield
    bind_site(before)


@pytest.mark.usefixtures("beijing")
def test_the_sites_own_place_comes_first(visitor: Reporter) -> None:
    words = visitor.open("/rewards/").words
    assert "京医保发〔2023〕18号" in words and "不超过 500,000 元（含）" in words and "全部损失的 4%" in words
    assert "超过 10,000 元" in words and "全部损失的 10%，再加 500 元" in words
    assert "在两处以上公开材料里见到" in words and "不能代替文件原文" in words
    assert "10,000 元" in count(visitor.open("/rewards/calculator/"), subject="institution", amount="50万")


def test_every_rule_in_force_and_every_place_is_told_in_both_languages(app: Flask) -> None:  # noqa: F811 - the fixture
    for language in ("", "en"):
        person = Reporter(app, language)
        for province in regions().children():
            person.open("/rewards/elsewhere/").press("", province=province.code)
            assert person.page.status_code == 200 and "%(" not in person.words
            assert not language or chinese_in(person.page.text) == [], province.name


@pytest.mark.parametrize("schedule", shipped().values(), ids=lambda one: one.id)
def test_every_table_is_told_band_by_band(schedule: Schedule) -> None:
    told = ruletelling.tables(schedule)
    assert [len(one.rows) for one in told] == [len(table.bands) for table in schedule.tables]
    assert all(loss and paid for one in told for loss, paid in one.rows)
    assert set(schedule.confidence) <= set(ruletelling.PARTS)


@given(value=st.integers(1, 10**10), schedule=st.sampled_from([one for one in shipped().values() if one.tables]),
       grade=st.sampled_from(GRADES), nature=st.sampled_from(Nature), relation=st.sampled_from(Relation),
       subject=st.sampled_from(Subject))  # fmt: skip
def test_whatever_an_officer_may_choose_lies_between_the_two_ends(
    value: int, schedule: Schedule, grade: str, nature: Nature, relation: Relation, subject: Subject
) -> None:
    day = schedule.starts() or schedule.effective_to or date(2026, 1, 1)
    forced = replace(schedule, status=Status.IN_FORCE, effective_from=day, effective_to=None)
    case = Case(value, day, subject, grade, nature, relation)
    try:
        found = estimate(case, forced, [grade])
    except Refused:
        return
    low, high = bounds(case, forced)
    assert found.low.reward_fen <= found.high.reward_fen
    if low != high:
        rates = [rate for rate in (low.rate_chosen, high.rate_chosen) if rate is not None]
        middle = replace(low, rate_chosen=sum(rates, Decimal(0)) / 2 if rates else None)
        assert found.low.reward_fen <= assess(middle, forced).reward_fen <= found.high.reward_fen


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_every_worked_example_is_told_in_english_without_a_chinese_word(row: dict[str, str]) -> None:
    line = json.loads(line_of(row))
    try:
        found = assess(lines._case(line, TODAY), shipped()[line["schedule"]], override=True)
    except Refused as error:
        with speaking("en"):
            assert not HAN.search(telling.why_no_figure(error.code))
        return
    with speaking("en"):
        told = telling.steps(found)
    assert len(told) == len(found.trace) and not any(HAN.search(sentence) for sentence in told)
    assert telling.steps(found) == [step.text for step in found.trace]
