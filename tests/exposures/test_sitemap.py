"""The map for search engines: pages that only speak and cases on show, in every language; no way to a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import Settings
from portal.exposures.sitemap import MAP, XHTML
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.exposures.showcase import HOSPITAL, PHARMACY, correct, office, put_up, take_down

ADDRESS = "https://portal.example"


@pytest.fixture
def robot(public_settings: Settings, database: Database, clock: StandingClock) -> FlaskClient:
    """A search engine at a site that knows its address, with a case of each kind."""
    app = create_app(replace(public_settings, site=replace(public_settings.site, address=ADDRESS)), database)
    with transaction() as session:
        bureau = office(session)
        changed = put_up(session, bureau, HOSPITAL, code="2026-0001", day=date(2026, 9, 1))
        correct(session, changed, HOSPITAL, date(2026, 9, 5))
        take_down(session, put_up(session, bureau, PHARMACY, code="2026-0002"), date(2026, 9, 7))
        put_up(session, bureau, PHARMACY, code="2026-0003", state="waiting")
    return app.test_client(use_cookies=False)


def listed(robot: FlaskClient) -> dict[str, ET.Element]:
    answer = robot.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    root = ET.fromstring(answer.data)
    assert root.tag == f"{{{MAP}}}urlset"
    return {url.findtext(f"{{{MAP}}}loc") or "": url for url in root}


def test_a_case_on_show_is_listed_in_every_language_with_its_last_change(robot: FlaskClient) -> None:
    found = listed(robot)
    assert [one.removeprefix(ADDRESS) for one in found if "2026-" in one] == [
        "/exposures/2026-0001/",
        "/en/exposures/2026-0001/",
    ]
    url = found[f"{ADDRESS}/exposures/2026-0001/"]
    assert url.findtext(f"{{{MAP}}}lastmod") == "2026-09-05"
    others = {link.get("hreflang"): link.get("href") for link in url.findall(f"{{{XHTML}}}link")}
    assert others == {
        "zh-CN": f"{ADDRESS}/exposures/2026-0001/",
        "en": f"{ADDRESS}/en/exposures/2026-0001/",
    }


def test_every_address_of_the_map_answers(robot: FlaskClient) -> None:
    found = [one.removeprefix(ADDRESS) for one in listed(robot)]
    assert len(found) == len(set(found)) > 20
    assert {path: robot.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_no_way_to_a_report_is_listed(robot: FlaskClient) -> None:
    assert [one for one in listed(robot) if "/report" in one or "/followup" in one or "/safe" in one] == []


def test_robots_are_told_where_the_map_is(robot: FlaskClient) -> None:
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in robot.get("/robots.txt").text.splitlines()


def test_without_an_address_there_is_no_map_and_nobody_is_sent_there(reader: FlaskClient) -> None:
    assert reader.get("/sitemap.xml").status_code == 404
    assert "Sitemap" not in reader.get("/robots.txt").text
