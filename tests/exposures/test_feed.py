"""The feed: every change of a case arrives at whoever reads it, and any reader can read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from portal.exposures.feed import MOST
from portal.exposures.models import PublishedCase
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.kernel.values import Id
from tests.conftest import StandingClock
from tests.exposures.atom_rules import ATOM, faults
from tests.exposures.showcase import HOSPITAL, PHARMACY, correct, office, put_up, take_down

FEED = "/exposures/feed.xml"


@pytest.fixture
def bureau(database: Database, clock: StandingClock) -> Id:
    with transaction() as session:
        return office(session)


def entries(reader: FlaskClient, root: str = "") -> list[ET.Element]:
    """What the feed tells, after a look at whether it is valid."""
    answer = reader.get(root + FEED)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert faults(answer.data) == []
    return ET.fromstring(answer.data).findall(f"{ATOM}entry")


def said(entry: ET.Element, name: str) -> str:
    return entry.findtext(ATOM + name) or ""


def test_a_feed_without_cases_is_valid(reader: FlaskClient, bureau: Id) -> None:
    assert entries(reader) == entries(reader, "/en") == []


def test_an_entry_has_the_title_the_office_the_text_and_the_address(reader: FlaskClient, bureau: Id) -> None:
    with transaction() as session:
        case = put_up(session, bureau, PHARMACY)
    (entry,) = entries(reader)
    assert (said(entry, "id"), said(entry, "title")) == (case.id.urn, PHARMACY.title)
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "演示区医疗保障局"
    assert all(f"<p>{paragraph}</p>" in said(entry, "content") for paragraph in PHARMACY.paragraphs)
    assert "虚构" in said(entry, "content")
    address = entry[[child.tag for child in entry].index(f"{ATOM}link")].get("href", "")
    assert reader.get(address).status_code == 200


def test_a_correction_is_the_same_entry_with_the_notice_before_the_new_text(reader: FlaskClient, bureau: Id) -> None:
    with transaction() as session:
        put_up(session, bureau, PHARMACY, code="2026-0001", day=date(2026, 9, 3))
        put_up(session, bureau, HOSPITAL, code="2026-0002", day=date(2026, 9, 4))
    before = entries(reader)[1]
    with transaction() as session:
        case = session.query(PublishedCase).filter_by(code="2026-0001").one()
        correct(session, case, replace(PHARMACY, paragraphs=("改过的正文。",)), date(2026, 9, 5), "数额写错了。")
    after = entries(reader)[0]
    assert said(after, "id") == said(before, "id")
    assert said(after, "published") == said(before, "published")
    assert said(after, "updated") > said(before, "updated")
    assert re.match("<p>更正.*数额写错了。</p>.*<p>改过的正文。</p>", said(after, "content"))


def test_a_withdrawal_is_the_same_entry_with_the_notice_and_nothing_else(reader: FlaskClient, bureau: Id) -> None:
    with transaction() as session:
        case = put_up(session, bureau, PHARMACY, day=date(2026, 9, 3))
    before = entries(reader)[0]
    with transaction() as session:
        take_down(session, session.get_one(PublishedCase, case.id), date(2026, 9, 3), "决定已被撤销。")
    (after,) = entries(reader)
    assert said(after, "id") == said(before, "id")
    assert said(after, "updated") > said(before, "updated")  # although on the same day
    assert "2026-0001" in said(after, "title")
    assert re.fullmatch("<p>撤回.*决定已被撤销。</p>", said(after, "content"))
    assert "安康" not in ET.tostring(after, encoding="unicode")


def test_the_notice_is_in_the_readers_language(reader: FlaskClient, bureau: Id) -> None:
    with transaction() as session:
        take_down(session, put_up(session, bureau, PHARMACY), date(2026, 9, 3), "决定已被撤销。")
    (entry,) = entries(reader, "/en")
    assert said(entry, "content").startswith("<p>Withdraw")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Demo District Healthcare Security Bureau"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_are_words_whatever_is_in_them(reader: FlaskClient, bureau: Id) -> None:
    hostile = "<script>&amp;]]>\x0b\ufffe<p>"
    with transaction() as session:
        put_up(session, bureau, replace(PHARMACY, title=hostile, paragraphs=(hostile,)))
    (entry,) = entries(reader)
    assert said(entry, "title") == "<script>&amp;]]>\ufffd\ufffd<p>"
    assert "<p>&lt;script&gt;&amp;amp;]]&gt;\ufffd\ufffd&lt;p&gt;</p>" in said(entry, "content")


def test_what_changed_last_comes_first_and_no_more_than_a_reader_takes(reader: FlaskClient, bureau: Id) -> None:
    with transaction() as session:
        for number in range(1, MOST + 2):
            put_up(session, bureau, replace(HOSPITAL, title=f"第{number}个"), code=f"2026-{number:04}")
    told = [said(entry, "title") for entry in entries(reader)]
    assert told == [f"第{number}个" for number in range(MOST + 1, 1, -1)]


def test_a_feed_may_be_kept_and_asked_for_by_its_hash(reader: FlaskClient, bureau: Id) -> None:
    first = reader.get(FEED)
    assert first.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert reader.get(FEED, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    with transaction() as session:
        put_up(session, bureau, PHARMACY)
    assert reader.get(FEED, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


BREAKS: tuple[Callable[[bytes], bytes], ...] = (
    lambda feed: feed.replace(b"<updated>", b"<updated>on ", 1),
    lambda feed: re.sub(rb"<id>[^<]+</id>", b"<id>7</id>", feed, count=1),
    lambda feed: re.sub(rb"<author>.*?</author>", b"", feed),
    lambda feed: feed.replace(b"<title>", b"<title>x</title><title>", 1),
    lambda feed: feed.replace(b"<entry>", b"<entry><reporter/>", 1),
    lambda feed: feed.replace(b'rel="self"', b'rel="via"'),
    lambda feed: feed.replace(b"&lt;/p&gt;", b"", 1),
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("damage", BREAKS)
def test_the_check_of_the_format_finds_a_fault(
    reader: FlaskClient, bureau: Id, damage: Callable[[bytes], bytes]
) -> None:
    with transaction() as session:
        put_up(session, bureau, PHARMACY)
    assert faults(damage(reader.get(FEED).data))
