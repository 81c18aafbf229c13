"""The language is in the path; dates and money are in the reader's form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import babel
import pytest
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clock import BEIJING
from portal.kernel.values import Fen
from portal.mailbox.facts import day_words
from portal.web.locale import long_date, moment, money, month_words, speaking


@pytest.mark.parametrize(("path", "tag"), [("/safe/", "zh-CN"), ("/en/safe/", "en"), ("/en/", "en"), ("/en", "en")])
def test_the_page_says_its_language(visitor: FlaskClient, path: str, tag: str) -> None:
    assert f'<html lang="{tag}"' in visitor.get(path).text


def test_links_stay_in_the_readers_language_and_one_leads_to_the_other(visitor: FlaskClient) -> None:
    page = visitor.get("/en/safe/").text
    assert 'href="/en/report/"' in page and 'href="/report/"' not in page
    assert 'href="/safe/" lang="zh-CN"' in page
    assert 'href="/en/safe/" lang="en"' in visitor.get("/safe/").text


def test_a_path_that_only_begins_like_a_language_is_left_alone(visitor: FlaskClient) -> None:
    assert visitor.get("/entry/").status_code == 404
    assert '<html lang="zh-CN"' in visitor.get("/entry/").text


def test_dates_carry_the_weekday_and_moments_the_clock_of_china(app: Flask) -> None:
    with app.test_request_context("/"):
        assert long_date(date(2026, 11, 22)) == "2026年11月22日 星期日"
        assert moment(datetime(2026, 11, 22, 20, 5, tzinfo=UTC)) == "2026年11月23日 星期一 04:05"
    with app.test_request_context("/"), speaking("en"):
        assert long_date(date(2026, 11, 22)) == "Sunday 22 November 2026"


@pytest.mark.parametrize(
    ("fen", "shown"), [(1, "¥0.01"), (20000000, "¥200,000.00"), (99999999999999999, "¥999,999,999,999,999.99")]
)
def test_money_is_shown_to_the_last_fen(app: Flask, fen: int, shown: str) -> None:
    with app.test_request_context("/"):
        assert money(Fen(fen)) == shown


TONGUES = {
    "zh": ("zh_Hans_CN", "y年M月d日 EEEE", "y年M月d日（EEEE）", "y年M月", "y年M月d日 EEEE HH:mm"),
    "en": ("en_GB", "EEEE d MMMM y", "EEEE d MMMM y", "MMMM y", "EEEE d MMMM y, HH:mm"),
}


MOMENTS = st.integers(0, 32_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize("tongue", TONGUES)
@given(when=MOMENTS)
def test_days_and_months_are_said_as_the_tables_of_unicode_say_them(tongue: str, when: datetime) -> None:
    name, day, in_letters, month, minute = TONGUES[tongue]
    there = when.astimezone(BEIJING)
    with speaking(tongue):
        assert long_date(there.date()) == format_date(there, day, locale=name)
        assert day_words(there.date()) == format_date(there, in_letters, locale=name)
        assert month_words(f"{there:%Y-%m}") == format_date(there, month, locale=name)
        assert moment(when) == format_datetime(there, minute, locale=name)


@pytest.mark.parametrize("tongue", TONGUES)
@given(fen=st.integers(-(10**17), 10**17))
def test_money_is_said_as_the_tables_of_unicode_say_it(tongue: str, fen: int) -> None:
    with speaking(tongue):
        assert money(Fen(fen)) == format_currency(Decimal(fen) / 100, "CNY", locale=TONGUES[tongue][0])


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_form_reads_those_tables(monkeypatch: pytest.MonkeyPatch, tongue: str) -> None:
    def refuse(*_asked: object) -> None:
        raise AssertionError("a table of Babel was read")

    monkeypatch.setattr(babel.Locale, "_data", property(refuse))
    monkeypatch.setattr(babel.core, "get_global", refuse)
    with speaking(tongue):
        moment_ = datetime(2026, 11, 22, 20, 5, tzinfo=UTC)
        assert all([long_date(moment_.date()), day_words(moment_.date()), month_words("2026-11"), moment(moment_)])
        assert money(Fen(1))
    with pytest.raises(AssertionError, match="was read"):
        format_date(date(2026, 11, 22), locale=TONGUES[tongue][0])


def test_a_percent_sign_in_a_sentence_survives_in_both_languages(visitor: FlaskClient) -> None:
    assert "200%，" in visitor.get("/accessibility/").text
    assert "200%," in visitor.get("/en/accessibility/").text
