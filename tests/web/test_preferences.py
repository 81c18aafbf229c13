"""How pages look is the reader's choice, kept in one cookie that tells nothing else."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.web.preferences import Display, parse

SIZES, THEMES = st.sampled_from(["100", "125", "150", "200"]), st.sampled_from(["", "light", "dark"])


@given(st.builds(Display, SIZES, st.booleans(), st.booleans(), THEMES))
def test_a_choice_comes_back_as_it_was_stored(display: Display) -> None:
    assert parse(display.stored()) == display


@given(st.text())
def test_a_cookie_that_we_did_not_write_counts_as_no_choice(value: str) -> None:
    assert parse(value) == Display() or parse(value).stored() == value


def test_choices_add_up_and_the_cookie_goes_with_the_window(visitor: FlaskClient) -> None:
    visitor.get("/display/set?name=text&value=150&next=/safe/")
    answer = visitor.get("/display/set?name=senior&value=1&next=/safe/")
    assert answer.status_code == 303 and answer.location == "/safe/"
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert "Expires" not in cookie and "Max-Age" not in cookie and "HttpOnly" in cookie
    page = visitor.get("/safe/").text
    assert 'data-text="150"' in page and "data-senior" in page.split(">")[1]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/a\r\nSet-Cookie:x",
        "safe",
    ],
)
def test_a_choice_leads_nowhere_but_to_this_site(visitor: FlaskClient, target: str) -> None:
    answer = visitor.get("/display/set", query_string={"name": "text", "value": "150", "next": target})
    assert answer.location == "/"


@pytest.mark.parametrize("query", ["name=text&value=300", "name=colour&value=1", "name=senior&value=yes", ""])
def test_a_choice_that_does_not_exist_is_refused_and_sets_nothing(visitor: FlaskClient, query: str) -> None:
    answer = visitor.get(f"/display/set?{query}")
    assert answer.status_code == 400 and not answer.headers.getlist("Set-Cookie")


def test_the_choice_in_english_comes_back_to_the_english_page(visitor: FlaskClient) -> None:
    assert "/en/display/set?name=text&amp;value=200&amp;next=/en/safe/" in visitor.get("/en/safe/").text
