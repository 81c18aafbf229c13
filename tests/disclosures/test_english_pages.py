"""English pages of the fund accounts: units and places as English readers know them, Chinese marked as Chinese."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.disclosures.models import PublishedPromise
from portal.disclosures.values import COUNTRY, Kind
from portal.kernel.transaction import transaction
from portal.kernel.values import new_id
from tests.conftest import StandingClock
from tests.disclosures.figures import bulletins, figure, publish
from tests.journeys.chinese import chinese_in

OF_EACH_KIND = 6


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who reads English, with the real bulletins, a correction in 万元 and a promise published."""
    with transaction() as session:
        publish(session, bulletins())
        for version, amount in enumerate(("33910", "33911"), 1):
            told = replace(figure("aid", "expenditure", amount, 2024, unit="万元"), note="单位：万元（虚构）")
            told_in = publish(session, [told], version=version, code=f"2026-100{version}",
                              kind=Kind.CORRECTION if version > 1 else Kind.PUBLICATION)  # fmt: skip
        session.add(PublishedPromise(
            id=new_id(), office_id=told_in.office_id, region="320100", edition="monthly", every="month", days=30,
            in_force_from=date(2026, 1, 1), set_on=date(2026, 1, 1),
        ))  # fmt: skip
    return public_app.test_client(use_cookies=False)


def walked(reader: FlaskClient) -> dict[str, str]:
    """Every English page to which the first leads, by its path; of each kind the first few."""
    compared = f"/en/fund/compare/?place={COUNTRY}&year=2024&place=360500&year=2023"
    waiting, kinds, found = ["/en/fund/", "/en/fund/unconfirmed/", compared], Counter[str](), dict[str, str]()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"(?<=/)([a-z2-7]{12}|[0-9-]+)(?=/)", "*", path)
        if path not in found and kinds[kind] < OF_EACH_KIND:
            kinds[kind] += 1
            answer = reader.get(path)
            assert answer.status_code == 200, path
            found[path] = answer.text
            waiting += re.findall(r'href="(/en/fund/[^"#?.]*/)"', answer.text)
    return found


def test_nothing_is_chinese_but_what_says_that_it_is(reader: FlaskClient) -> None:
    sources = {one.series.place for one in bulletins() if not one.series.confirmed}
    sources |= set(re.findall(r'"title": ?"([^"]+)"', reader.get("/en/fund/data/disclosures.json").text))
    pages = walked(reader)
    faults = [f"{path}: {text}" for path, page in pages.items() for text in chinese_in(page, sources)]
    assert len(pages) > 40
    assert sorted(set(faults)) == []


def test_a_sum_keeps_the_number_and_the_unit_as_they_were_printed(reader: FlaskClient) -> None:
    page = re.sub("</?strong>", "", reader.get(f"/en/fund/{COUNTRY}/2024/").text)
    assert "income 34,913.37 × 100 million yuan, expenditure 29,764.03 × 100 million yuan" in page
    code = figure("aid", "expenditure", "33911", 2024, unit="万元").series.code
    shown = reader.get(f"/en/fund/figures/{code}/").text
    assert 'class="big-number">33,911 × 10,000 yuan<' in shown
    assert "It was 33,910 × 10,000 yuan and is now 33,911 × 10,000 yuan." in reader.get("/en/fund/changes/").text


def test_a_place_has_its_english_name_with_the_chinese_one_beside_it(reader: FlaskClient) -> None:
    for path in ("/en/fund/360500/", "/en/fund/regions/"):
        page = reader.get(path).text
        assert "Xinyu, Jiangxi" in page, path
        assert '<span lang="zh-CN">江西省新余市</span>' in page, path
    assert "Xinyu" not in reader.get("/fund/360500/").text
    named = reader.get("/en/fund/data/regions.json").get_json()
    assert {"code": "360500", "name": "Xinyu, Jiangxi"} in [one["region"] for one in named["places"]]
