"""What everybody may read alike is kept for minutes and asked for by its hash; nothing else is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Blueprint, Flask, session
from flask.testing import FlaskClient

from portal.web import program
from portal.web.caching import changed, made_of
from portal.web.settings import Side
from tests.conftest import StandingClock
from tests.web.small_site import small_site

CHANGED = date(2026, 9, 27)


def site_with_pages(**settings: object) -> Flask:
    """The small site with pages of exposures: one that is there, one that is gone, one that leaves a cookie."""
    app = small_site(**settings)
    pages = Blueprint("exposure_data", __name__, url_prefix="/shared")

    @pages.get("/")
    def index() -> str:
        changed(CHANGED)
        return "cases"

    @pages.get("/gone/")
    def gone() -> tuple[str, int]:
        return "withdrawn", 410

    @pages.get("/known/")
    def known() -> str:
        changed(CHANGED)
        made_of(app.config["TOLD"])
        app.config["DRAWN"] += 1
        return "a page that says what it is made of"

    app.config.update(TOLD="1", DRAWN=0)

    @pages.get("/marked/")
    def marked() -> str:
        session["word"] = "kept"
        return "a page with a cookie"

    app.register_blueprint(pages)
    return app


@pytest.fixture
def visitor(clock: StandingClock) -> FlaskClient:
    """On Monday, 28 September 2026."""
    return site_with_pages().test_client()


def test_a_page_of_exposures_may_be_kept_by_anybody_for_minutes(visitor: FlaskClient) -> None:
    answer = visitor.get("/shared/")
    assert answer.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert "Cookie" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert "X-Robots-Tag" not in answer.headers


def test_whoever_has_the_page_is_told_so_by_its_hash(visitor: FlaskClient) -> None:
    first = visitor.get("/shared/")
    again = visitor.get("/shared/", headers={"If-None-Match": first.headers["ETag"]})
    assert not first.headers["ETag"].startswith("W/")
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other = visitor.get("/shared/", headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.data) == (200, b"cases")


def test_whoever_has_the_page_since_its_last_change_is_told_so(visitor: FlaskClient) -> None:
    first = visitor.get("/shared/")
    assert first.last_modified == datetime(2026, 9, 27, 15, 59, 59, tzinfo=UTC)
    assert visitor.get("/shared/", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    before = {"If-Modified-Since": "Sun, 27 Sep 2026 15:59:58 GMT"}
    assert visitor.get("/shared/", headers=before).status_code == 200


def test_a_day_that_is_not_over_is_no_moment_of_a_last_change(clock: StandingClock) -> None:
    clock.set(datetime(2026, 9, 27, 10, 0, tzinfo=UTC))
    assert "Last-Modified" not in site_with_pages().test_client().get("/shared/").headers


def test_that_a_page_is_gone_is_kept_too(visitor: FlaskClient) -> None:
    assert visitor.get("/shared/gone/").headers["Cache-Control"].startswith("public")


def test_a_page_drawn_for_somebody_is_no_one_elses(visitor: FlaskClient) -> None:
    visitor.set_cookie("mj_display", "t150.c0.s0.da")
    assert visitor.get("/shared/").headers["Cache-Control"] == "private, no-cache"


def test_what_sets_a_cookie_or_is_not_there_is_never_kept(visitor: FlaskClient) -> None:
    assert visitor.get("/shared/marked/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/shared/nowhere/").headers["Cache-Control"] == "no-store"


def test_the_staff_site_keeps_nothing() -> None:
    staff = site_with_pages(side=Side.STAFF).test_client()
    assert staff.get("/shared/").headers["Cache-Control"] == "no-store"


def test_no_page_of_a_report_is_listed_by_a_search_engine(visitor: FlaskClient) -> None:
    for path in ("/report/", "/followup/", "/en/report/"):
        assert visitor.get(path).headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in visitor.get("/safe/").headers


def test_robots_are_kept_from_the_way_to_a_report_in_every_language() -> None:
    lines = site_with_pages().test_client().get("/robots.txt").text.splitlines()
    for closed in ("/report/", "/en/report/", "/followup/", "/en/followup/"):
        assert f"Disallow: {closed}" in lines


def test_a_page_that_says_what_it_is_made_of_is_not_drawn_for_whoever_has_it(clock: StandingClock) -> None:
    app = site_with_pages()
    visitor = app.test_client()
    first = visitor.get("/shared/known/")
    for told in (first.headers["ETag"], f'"another", W/{first.headers["ETag"]}'):
        again = visitor.get("/shared/known/", headers={"If-None-Match": told})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
            assert again.headers.get(name) == first.headers.get(name), name
        assert "X-Robots-Tag" not in again.headers
    assert app.config["DRAWN"] == 1


def test_whatever_a_page_is_drawn_from_changes_its_mark() -> None:
    app = site_with_pages()
    visitor = app.test_client()

    def mark(path: str = "/shared/known/") -> str:
        return visitor.get(path).headers["ETag"]

    found = [mark(), mark("/en/shared/known/"), mark("/shared/known/?page=2")]
    app.config["TOLD"] = "2"
    found.append(mark())
    visitor.set_cookie("mj_display", "t150.c0.s0.da")
    found.append(mark())
    found.append(site_with_pages(site_name="别的名字").test_client().get("/shared/known/").headers["ETag"])
    assert len(set(found)) == len(found)
    visitor.set_cookie("mj_display", "nothing that we wrote")
    app.config["TOLD"] = "1"
    assert mark() == found[0], "the same page again"


def test_every_process_of_one_program_gives_a_page_the_same_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {site_with_pages(secret_key=key).test_client().get("/shared/known/").headers["ETag"] for key in "ab"}
    assert len(marks) == 1
    monkeypatch.setattr(program, "_program", lambda: "another program")
    assert site_with_pages().test_client().get("/shared/known/").headers["ETag"] not in marks


def test_an_asterisk_names_no_page_before_it_is_known_to_be_there() -> None:
    app = site_with_pages()
    app.test_client().get("/shared/known/", headers={"If-None-Match": "*"})
    assert app.config["DRAWN"] == 1


def test_the_mark_of_the_program_names_what_decides_how_a_page_is_drawn() -> None:
    names = {one.relative_to(program._PORTAL).as_posix() for one in program._files()}
    assert {"web/program.py", "templates/base.html", "translations/en/LC_MESSAGES/messages.mo",
            "static/dist/manifest.json", "disclosures/data/vocabulary.toml"} <= names  # fmt: skip
    assert not any("__pycache__" in name for name in names)
