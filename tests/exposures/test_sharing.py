"""What other sites and programs are told of a case page: the feed, the picture, whole addresses and no third party."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import Settings
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from tests.conftest import StandingClock
from tests.exposures.showcase import PHARMACY, office, put_up

ADDRESS = "https://portal.example"
PAGE = "/exposures/2026-0001/"
_META = re.compile(r'<meta (?:property|name)="((?:og|twitter):[a-z:_]+)" content="([^"]*)">')


@pytest.fixture(autouse=True)
def case(database: Database, clock: StandingClock) -> None:
    with transaction() as session:
        put_up(session, office(session), PHARMACY)


@pytest.fixture
def placed(public_settings: Settings, database: Database) -> FlaskClient:
    """A reader of a site that knows its own address."""
    app = create_app(replace(public_settings, site=replace(public_settings.site, address=ADDRESS)), database)
    return app.test_client(use_cookies=False)


def shared(reader: FlaskClient, path: str = PAGE) -> dict[str, str]:
    return {name: unescape(text) for name, text in _META.findall(reader.get(path).text)}


@pytest.mark.parametrize("root", ["", "/en"])
def test_a_case_says_its_title_its_address_and_where_its_picture_is(placed: FlaskClient, root: str) -> None:
    told = shared(placed, root + PAGE)
    assert told["og:title"] == PHARMACY.title
    assert told["og:description"] == PHARMACY.paragraphs[0]
    assert told["og:url"] == f"{ADDRESS}{root}{PAGE}"
    assert told["og:image"] == told["twitter:image"]
    assert told["og:image"].startswith(f"{ADDRESS}{root}/exposures/")
    assert placed.get(told["og:image"].removeprefix(ADDRESS)).content_type == "image/png"


def test_a_site_that_does_not_know_its_address_gives_none(reader: FlaskClient) -> None:
    told = shared(reader)
    assert told["og:title"] == PHARMACY.title
    assert not {"og:url", "og:image", "twitter:image"} & set(told)
    assert 'rel="canonical"' not in reader.get(PAGE).text


def test_no_address_on_the_page_leads_to_a_third_party(placed: FlaskClient) -> None:
    found = re.findall(r'(?:href|src|content)="(https?://[^"]+)"', placed.get(PAGE).text)
    assert found
    assert [one for one in found if not one.startswith(f"{ADDRESS}/")] == []


@pytest.mark.parametrize("path", ["/exposures/", PAGE, "/en/exposures/"])
def test_programs_find_the_feed_in_the_language_of_the_page(reader: FlaskClient, path: str) -> None:
    (link,) = re.findall(
        r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)">', reader.get(path).text
    )
    assert link.startswith("/en/") == path.startswith("/en/")
    assert reader.get(link).content_type.startswith("application/atom+xml")


def test_the_list_leads_to_feed_data_and_description(reader: FlaskClient) -> None:
    page = reader.get("/exposures/").text
    for path in ("feed.xml", "data/cases.csv", "data/cases.json", "openapi.json"):
        assert f'href="/exposures/{path}"' in page
        assert reader.get(f"/exposures/{path}").status_code == 200
