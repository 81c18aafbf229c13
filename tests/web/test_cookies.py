"""Cookies appear when they are needed, hold no more than that, and go with the window."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from itsdangerous import base64_decode

from portal.web.leaving import on_leave
from portal.web.settings import Side
from tests.web.small_site import small_site

SPEAKING = ["/", "/safe/", "/how-we-protect/", "/next-steps/", "/rights/", "/privacy/", "/accessibility/", "/contact/",
            "/sitemap/", "/wechat/", "/away", "/nowhere"]  # fmt: skip


def token(visitor: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/report/").text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", SPEAKING)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_pages_that_only_speak_set_no_cookie(visitor: FlaskClient, prefix: str, path: str) -> None:
    assert visitor.get(prefix + path).headers.getlist("Set-Cookie") == []


def test_the_session_cookie_holds_the_token_and_nothing_else(visitor: FlaskClient) -> None:
    [cookie] = visitor.get("/report/").headers.getlist("Set-Cookie")
    assert cookie.startswith("mj_p=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Expires" not in cookie and "Max-Age" not in cookie and "Secure" not in cookie
    held = base64_decode(cookie.split("=", 1)[1].split(".")[0])
    assert re.fullmatch(rb'\{"csrf_token":"[0-9a-f]{40}"\}', held)


def test_over_tls_cookies_never_travel_in_clear_and_the_staff_site_has_its_own() -> None:
    [cookie] = small_site(https=True, side=Side.STAFF).test_client().get("/report/").headers.getlist("Set-Cookie")
    assert cookie.startswith("mj_s=") and "Secure" in cookie and "SameSite=Strict" in cookie


def test_a_form_without_its_token_says_that_the_page_has_expired(visitor: FlaskClient) -> None:
    answer = visitor.post("/report/", data={"place": "somewhere"})
    assert answer.status_code == 400
    assert "页面已经到期" in answer.text and "somewhere" not in answer.text


def test_a_form_with_its_token_is_read_also_over_tls_without_a_referrer() -> None:
    visitor = small_site(https=True).test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/report/", base_url="https://test").text)
    assert found
    sent = {"csrf_token": found[1], "place": "某街", "words": "某事", "known_as": "later", "region": "320104"}
    sent["true"] = "y"
    assert visitor.post("/report/", base_url="https://test", data=sent).text == "received"


def test_the_token_of_another_visitor_is_worth_nothing(visitor: FlaskClient) -> None:
    other = visitor.application.test_client()
    stolen = token(other)
    token(visitor)
    assert visitor.post("/report/", data={"csrf_token": stolen}).status_code == 400


def test_leaving_ends_everything_and_shows_a_page_that_says_nothing(visitor: FlaskClient) -> None:
    visitor.set_cookie("mj_draft", "a key")
    answer = visitor.post("/leave", data={"csrf_token": token(visitor)})
    assert answer.status_code == 303 and answer.location == "/away"
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    gone = {c.split("=")[0] for c in answer.headers.getlist("Set-Cookie") if "Max-Age=0" in c}
    assert gone == {"mj_draft", "mj_p"}
    away = visitor.get("/away")
    assert re.sub(r"<[^>]*>|&#8203;|\s", "", away.text) == "" and "明镜" not in away.text


def test_leaving_runs_what_the_features_of_this_app_registered_and_nothing_of_another() -> None:
    ended: list[str] = []
    ours, theirs = Blueprint("mailbox", __name__), Blueprint("desk", __name__)
    on_leave(ours)(lambda: ended.append("mailbox"))
    on_leave(theirs)(lambda: ended.append("desk"))
    app = small_site()
    app.register_blueprint(ours)
    visitor = app.test_client()
    visitor.post("/leave", data={"csrf_token": token(visitor)})
    assert ended == ["mailbox"]


def test_a_late_press_still_leaves_but_another_site_cannot_end_a_session(visitor: FlaskClient) -> None:
    visitor.set_cookie("mj_draft", "a key")
    foreign = visitor.post("/leave")
    assert foreign.location == "/away" and "Clear-Site-Data" not in foreign.headers
    late = visitor.post("/leave", headers={"Sec-Fetch-Site": "same-origin"})
    assert late.location == "/away" and "Clear-Site-Data" in late.headers


def test_an_exit_address_of_the_operator_is_reached_by_a_header_and_by_the_script() -> None:
    visitor = small_site(exit_url="https://weather.example/").test_client()
    assert visitor.get("/away").headers["Refresh"] == "0; url=https://weather.example/"
    assert 'data-quick-exit="https://weather.example/"' in visitor.get("/report/").text
