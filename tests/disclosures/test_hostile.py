"""Somebody who means harm: addresses that are none, words that are markup, formulas, and figures of other offices."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.directory.regions import regions
from portal.disclosures.values import COUNTRY
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.disclosures.figures import figure, publish

HUGE = "9" * 40
NOWHERE = (
    "/fund/figures/{}/",
    "/fund/disclosures/{}/",
    "/fund/{}/",
    "/fund/{}/2025/",
    f"/fund/{COUNTRY}/funds/{{}}/",
    "/fund/editions/{}/2025/",
    "/fund/figures/{}.json",
)
NO_CODES = ("\x00", "a\x00b", "..%2f..%2fsecret", "０" * 6, "' OR 1=1 --", "%", "_" * 12, "👻", "x" * 1500)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    """Somebody who reads the public site, where two figures of the country are published."""
    with transaction() as session:
        publish(session, [figure("basic-with", "income", "10"), figure("basic-with", "expenditure", "9")])
    return public_app.test_client(use_cookies=False)


def test_an_address_that_is_none_is_not_found_whatever_stands_in_it(reader: FlaskClient) -> None:
    answers = {(form, code): reader.get(form.format(quote(code))).status_code for form in NOWHERE for code in NO_CODES}
    assert {key: status for key, status in answers.items() if status != 404} == {}


def test_a_place_in_a_disclosure_that_is_no_code_is_not_found(reader: FlaskClient) -> None:
    for code in NO_CODES:
        assert reader.get(f"/fund/disclosures/2026-0001/?after={quote(code)}").status_code == 404, code


@pytest.mark.parametrize("typed", [*NO_CODES, EVIL])
def test_a_place_that_is_looked_for_may_be_written_in_any_way(reader: FlaskClient, typed: str) -> None:
    some = [one for province in regions().children() for one in (province, *regions().children(province.code)[:1])]
    with transaction() as session:
        publish(session, [figure("resident", "income", "1", region=one.code) for one in some], code="2026-0002")
    for path in ("/fund/regions/", "/fund/compare/", "/en/fund/compare/"):
        page = reader.get(path, query_string={"place": [typed] * 9, "year": [typed] * 9})
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, path


@pytest.mark.parametrize("year", ["3000000000", HUGE, "0", "-1"])
def test_a_year_that_no_calendar_has_is_not_found(reader: FlaskClient, year: str) -> None:
    for path in (f"/fund/{COUNTRY}/{year}/", f"/fund/editions/{COUNTRY}/{year}/"):
        assert reader.get(path).status_code == 404, path


def test_filters_that_are_none_are_refused_or_passed_over(reader: FlaskClient) -> None:
    for query in (f"page={HUGE}", "page=%00", "page=-1", "page=٣", f"place=%00&year={HUGE}", "place=%25&year=20²4"):
        for path in ("/fund/changes/", "/fund/compare/", "/fund/unconfirmed/", "/fund/schedule/"):
            assert reader.get(f"{path}?{query}").status_code in {200, 404}, (path, query)
    for name in ("region", "fund", "measure", "edition", "year", "from", "to", "after", "limit"):
        for kind, value in (("json", "%00"), ("json", HUGE), ("json", "%F0%9F%91%BB"), ("csv", "%00")):
            status = reader.get(f"/fund/data/figures.{kind}?{name}={value}").status_code
            assert status in {200, 400, 404}, (kind, name, value)


def test_words_of_a_source_are_never_markup_and_only_links_to_the_site_are_links(
    public_app: Flask, clock: StandingClock
) -> None:
    plain = figure("basic-with", "income", "10", place=EVIL[:60])
    evil = plain.__class__(
        series=plain.series, amount="10", unit="亿元", source=EVIL, source_url="javascript:alert(1)", note=EVIL
    )
    unsure = figure("basic-with", "income", "10", region="", place=EVIL[:60])
    with transaction() as session:
        publish(session, [evil, unsure])
    reader = public_app.test_client(use_cookies=False)
    for path in (f"/fund/figures/{evil.series.code}/", f"/fund/figures/{unsure.series.code}/", "/fund/unconfirmed/",
                 "/fund/regions/", "/fund/", "/fund/disclosures/2026-0001/"):  # fmt: skip
        page = reader.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, path
        assert not re.search(r"""(?:href|src)\s*=\s*["']?\s*javascript:""", page.text), path
