"""One region told at several levels of pooling: a province as a whole, and what the province runs itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.disclosures.comparing import several_told
from portal.disclosures.overview import standing
from portal.disclosures.ratios import Known, Why, newest_word, spent_of_income
from portal.disclosures.values import Figure, Pooling
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.disclosures.figures import figure, publish

PROVINCE = "510000"


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    return public_app.test_client(use_cookies=False)


def told(level: Pooling, measure: str, amount: str, edition: str = "bulletin") -> Figure:
    """An invented figure of the employees of a province."""
    one = figure("employee", measure, amount, region=PROVINCE, place="四川省", edition=edition)
    return replace(one, series=replace(one.series, pooling=level))


_AMOUNTS = {"income": ("1000.0", "60.0"), "expenditure": ("800.0", "50.0"), "cumulative": ("2000.0", "150.0")}
WHOLE = [told(Pooling.PROVINCE, measure, amount) for measure, (amount, _own) in _AMOUNTS.items()]
OWN = [told(Pooling.PROVINCE_OWN, measure, amount) for measure, (_whole, amount) in _AMOUNTS.items()]
ADDRESSES = (f"/fund/{PROVINCE}/", f"/fund/{PROVINCE}/funds/employee/")


@pytest.mark.parametrize("figures", [[*WHOLE, *OWN], [*OWN, *WHOLE], [*WHOLE, OWN[1]]])
def test_a_province_is_told_as_a_whole_and_what_it_runs_itself_stands_apart(
    reader: FlaskClient, figures: Sequence[Figure]
) -> None:
    with transaction() as session:
        publish(session, figures)
    page = re.sub("</?strong>", "", reader.get(ADDRESSES[0]).text)
    assert "收入 1,000.0 亿元，支出 800.0 亿元。收入比支出多 200.0 亿元。" in page
    assert "够用大约 30.0 个月" in page
    for address in ADDRESSES:
        page = reader.get(address).text
        whole, _head, own = page.partition("省本级")
        assert ">800.0</a>" in whole and ">50.0</a>" not in whole
        assert ">50.0</a>" in own and ">800.0</a>" not in own
        captions = re.findall(r"<caption[^>]*>(.*?)</caption>", page)
        assert len(captions) == len(set(captions)), "each table says which level it is of"


def test_income_of_one_level_and_spending_of_another_make_no_deficit(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, [OWN[0], *WHOLE[1:]])
    page = reader.get(ADDRESSES[0]).text
    assert "支出比收入多" not in page
    assert spent_of_income(Known([OWN[0], *WHOLE[1:]]), "employee", OWN[0].series.period) is Why.NO_PARTNER


def test_where_only_its_own_level_is_told_a_province_is_not_taken_for_it(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, OWN)
    assert "，四川省（省本级） " in reader.get(ADDRESSES[0]).text


def test_the_order_of_figures_does_not_choose_the_level() -> None:
    assert standing([*OWN, *WHOLE]) == (Pooling.PROVINCE, WHOLE)
    assert standing([OWN[0], WHOLE[2]])[0] is Pooling.PROVINCE_OWN, "a balance alone stands for no year"
    assert newest_word([*OWN, *WHOLE]) == [*OWN, *WHOLE]


def test_two_levels_are_no_two_editions_of_one_figure() -> None:
    assert several_told([WHOLE[0], OWN[0]]) == []
    quick = [told(level, "income", "1.0", "quick") for level in (Pooling.PROVINCE, Pooling.PROVINCE_OWN)]
    found = several_told([WHOLE[0], OWN[0], *quick])
    assert [[one.series.pooling for one in each.figures] for each in found] == [
        [Pooling.PROVINCE] * 2,
        [Pooling.PROVINCE_OWN] * 2,
    ]
