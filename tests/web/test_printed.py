"""What a page says of itself on paper: site, address, day. Nothing from within a report says where it was printed."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Blueprint, Flask, render_template_string

from portal.web.caching import changed
from tests.web.small_site import small_site

PAGE = '{% extends "base.html" %}{% set stable = given %}{% block content %}<h1>1</h1>{% endblock %}'
WITHIN = '{% extends "base.html" %}{% set quick_exit = true %}{% block content %}<h1>1</h1>{% endblock %}'
BARE = '{% extends "base.html" %}{% set print_bare = true %}{% block content %}<h1>1</h1>{% endblock %}'
ORIGIN = "https://report.example.org"


def site(**settings: object) -> Flask:
    """The small site with a page that everybody may keep and one that nobody may."""
    app = small_site(site_name="明镜", site_name_en="Mingjing", **settings)
    shared = Blueprint("fund_data", __name__, url_prefix="/shown")
    within = Blueprint("inside", __name__, url_prefix="/inside")

    @shared.get("/")
    @shared.get("/<path:given>")
    def page(given: str = "") -> str:
        changed(date(2026, 9, 27))
        return render_template_string(PAGE, given=f"/{given}" if given else "")

    @within.get("/<name>/")
    def inside(name: str) -> str:
        return render_template_string({"within": WITHIN, "bare": BARE}.get(name, PAGE))

    app.register_blueprint(shared)
    app.register_blueprint(within)
    return app


def printed(path: str, **settings: object) -> str:
    """The line on paper, without its tags; nothing when there is none."""
    page = site(**settings).test_client().get(path).text
    found = re.search(r'<p class="print-only print-source">(.*?)</p>', page)
    return re.sub("<[^>]+>", "", found[1]) if found else ""


def test_a_printed_page_says_site_address_and_the_day_of_its_last_change() -> None:
    assert printed("/shown/", address=ORIGIN) == f"明镜 · {ORIGIN}/shown/ · 最近更新：2026年9月27日 星期日"
    english = f"Mingjing · {ORIGIN}/en/shown/ · Last updated: Sunday 27 September 2026"
    assert printed("/en/shown/", address=ORIGIN) == english
    assert printed("/shown/", address=ORIGIN, demo=True).startswith("明镜 · 演示网站 · ")


def test_a_page_that_shows_the_newest_names_where_it_will_be_found_unchanged() -> None:
    assert f" {ORIGIN}/fund/000000/2025/ " in printed("/shown/fund/000000/2025/", address=ORIGIN)


def test_without_an_origin_the_path_alone_is_said_and_never_what_the_visitor_calls_the_site() -> None:
    asked = site().test_client().get("/shown/", headers={"Host": "evil.example"}).text
    assert "evil" not in asked
    assert printed("/shown/").startswith("明镜 · /shown/ · ")


def test_what_was_asked_is_said_on_pages_for_everybody_alone_and_does_no_harm() -> None:
    assert f"{ORIGIN}/shown/?page=2&amp;x=%3Cb%3E " in printed("/shown/?page=2&x=%3Cb%3E", address=ORIGIN)
    assert "<script>" not in site(address=ORIGIN).test_client().get('/shown/?"><script>').text
    assert printed("/inside/other/?word=secret", address=ORIGIN) == f"明镜 · {ORIGIN}/inside/other/"


@pytest.mark.parametrize("name", ["within", "bare"])
def test_nothing_within_a_report_says_where_it_was_printed(name: str) -> None:
    assert printed(f"/inside/{name}/", address=ORIGIN) == ""
