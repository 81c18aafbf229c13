"""Months typed by hand, and what the macros draw around a field."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from hypothesis import given
from hypothesis import strategies as st

from portal.web.fields import MonthField
from tests.web.small_site import small_site


class OneMonth(FlaskForm):
    start = MonthField("从什么时候开始？")


APP = small_site()
APP.config["WTF_CSRF_ENABLED"] = False


def typed(year: str, month: str) -> OneMonth:
    with APP.test_request_context("/", method="POST", data={"start-year": year, "start-month": month}):
        form = OneMonth()
        form.validate()
        return form


@pytest.mark.parametrize(
    ("year", "month", "kept"),
    [("2026", "3", "2026-03"), ("2026", "03", "2026-03"), ("２０２６", "１２", "2026-12"), (" 2026 ", "1", "2026-01")],
)
def test_a_month_is_kept_in_one_form_however_it_is_typed(year: str, month: str, kept: str) -> None:
    assert typed(year, month).start.data == kept


@pytest.mark.parametrize(
    ("year", "month"), [("26", "3"), ("2026", "13"), ("2026", ""), ("", "3"), ("二〇二六", "三"), ("2026", "0")]
)
def test_an_impossible_month_is_refused_in_words_and_shown_as_typed(year: str, month: str) -> None:
    field = typed(year, month).start
    assert len(field.errors) == 1 and field.data is None
    assert (field.typed_year, field.typed_month) == (year, month)


def test_no_month_at_all_is_an_answer() -> None:
    field = typed("", "").start
    assert field.data is None and not field.errors


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_typed_gives_a_month_or_a_sentence(year: str, month: str) -> None:
    field = typed(year, month).start
    assert field.errors or field.data is None or re.fullmatch(r"\d{4}-\d{2}", field.data)


def test_a_kept_month_fills_both_boxes() -> None:
    with APP.test_request_context("/"):
        field = OneMonth(data={"start": "2026-03"}).start
    assert (field.typed_year, field.typed_month, field.data) == ("2026", "03", "2026-03")


def refused(visitor: FlaskClient, **sent: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/report/").text)
    assert found
    return visitor.post("/report/", data={"csrf_token": found[1], **sent}).text


def test_errors_stand_in_the_title_in_a_summary_and_beside_the_field_in_the_same_words(visitor: FlaskClient) -> None:
    page = refused(visitor, place="x" * 21, known_as="later")
    assert "<title>错误：" in page
    assert '<a href="#words">请写下您看到的情况</a>' in page
    assert page.count("请写下您看到的情况") == 2
    assert 'aria-describedby="place-hint place-error ' in page and 'aria-invalid="true"' in page


def test_what_was_typed_comes_back_and_cannot_break_out_of_its_field(visitor: FlaskClient) -> None:
    page = refused(visitor, place='"><b>', words="</textarea>\n\n<script>x</script>", known_as="later")
    assert "&#34;&gt;&lt;b&gt;" in page and "&lt;/textarea&gt;" in page and "<script>x" not in page
    assert re.search(r'value="later" checked', page)


def test_none_of_the_three_equal_answers_is_chosen_beforehand(visitor: FlaskClient) -> None:
    assert not re.search(r'type="radio"[^>]*checked', visitor.get("/report/").text)


def test_a_leading_line_break_of_a_text_is_not_lost(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    page = app.test_client().post("/report/", data={"words": "\n第二行"}).text
    assert re.search(r"<textarea[^>]*>\n\n第二行</textarea>", page)
