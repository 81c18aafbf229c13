"""Headers of every answer, and what may be kept by a browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.web.settings import Side
from tests.web.small_site import small_site

PAGES = ["/", "/report/", "/nowhere", "/followup/fail/bug", "/en/safe/", "/away", "/robots.txt"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_strict_headers(visitor: FlaskClient, path: str) -> None:
    headers = visitor.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_nothing_of_a_report_may_be_stored_and_a_page_that_only_speaks_is_asked_for_again(visitor: FlaskClient) -> None:
    assert visitor.get("/report/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/followup/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/followup/fail/missing").headers["Cache-Control"] == "no-store"
    assert visitor.get("/safe/").headers["Cache-Control"] == "private, no-cache"


def test_nothing_of_the_staff_site_may_be_stored() -> None:
    assert small_site(side=Side.STAFF).test_client().get("/safe/").headers["Cache-Control"] == "no-store"


def test_strict_transport_is_asked_for_over_tls_only() -> None:
    assert "Strict-Transport-Security" not in small_site().test_client().get("/").headers
    assert "max-age" in small_site(https=True).test_client().get("/").headers["Strict-Transport-Security"]


def test_our_files_are_kept_for_ever_under_names_that_change_with_them(visitor: FlaskClient) -> None:
    page = visitor.get("/safe/").text
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = visitor.get(sheet)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert visitor.get("/static/../settings.py").status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_write_that_another_site_makes_is_refused_before_anything_else(visitor: FlaskClient, site: str) -> None:
    assert visitor.post("/report/", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert visitor.get("/report/", headers={"Sec-Fetch-Site": site}).status_code == 200
