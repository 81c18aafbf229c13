"""Figures that had to be told and were not: no page breaks on them, and no sentence knows better."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.disclosures.values import COUNTRY, NOT_DISCLOSED
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.disclosures.figures import figure, publish


@pytest.fixture
def database(sqlite_database: object) -> object:
    """What a page says does not depend on the database."""
    return sqlite_database


@pytest.fixture
def reader(public_app: Flask, clock: StandingClock) -> FlaskClient:
    return public_app.test_client(use_cookies=False)


def test_a_fund_of_which_nothing_was_disclosed_has_a_page_without_a_chart(reader: FlaskClient) -> None:
    silent = [
        figure("employee", name, NOT_DISCLOSED, year) for name in ("income", "expenditure") for year in (2024, 2025)
    ]
    with transaction() as session:
        publish(session, silent)
    page = reader.get(f"/fund/{COUNTRY}/funds/employee/")
    assert (page.status_code, page.text.count("没有公布</a>"), "<figure" in page.text) == (200, 4, False)


def test_a_silent_fund_beside_one_that_speaks_breaks_no_page(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, [figure("aid", "income", "5.0"), figure("employee", "income", NOT_DISCLOSED),
                          figure("employee", "expenditure", NOT_DISCLOSED)])  # fmt: skip
    assert reader.get("/fund/").status_code == 200


def test_income_is_not_said_to_suffice_where_no_edition_tells_both(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(session, [figure("employee", "income", "9.0", edition="quick"),
                          figure("employee", "expenditure", "8.0"), figure("resident", "income", "7.0"),
                          figure("resident", "expenditure", "6.0")])  # fmt: skip
    page = reader.get("/fund/").text
    assert "都不少于支出" not in page
    assert "没有在同一个版本里公布，不说哪个多" in page


def test_income_of_one_edition_and_spending_of_another_make_no_deficit_of_a_chart(reader: FlaskClient) -> None:
    with transaction() as session:
        publish(
            session, [figure("employee", "income", "7.0", edition="quick"), figure("employee", "expenditure", "8.0")]
        )
    assert "支出多于收入的" not in reader.get("/fund/").text
