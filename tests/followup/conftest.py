"""A reporter with a receipt code, a report in an office's book, and a browser in front of the public site."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto import receipts
from crypto.receipts import ReceiptCode, secrets_from, slow_hash
from portal.attachments.register import attach
from portal.attachments.rules import kind_of_name
from portal.attachments.store import site_store
from portal.attachments.upload import Room, Sink, Taken
from portal.attachments.values import FileEntry
from portal.kernel.actors import REPORTER
from portal.kernel.clock import now, today
from portal.kernel.db import Database
from portal.kernel.shred import create_shred_key
from portal.kernel.site import Site
from portal.kernel.site import site as this_site
from portal.kernel.transaction import transaction
from portal.kernel.values import TipNumber, new_id
from portal.tips.intake import Submission, receive_tip
from portal.tips.sealing import file_key
from portal.tips.values import AnswerWay, Channel, Identity, KnownAs, Report, SubjectType
from tests.admin_tips.world import World, make_world
from tests.conftest import StandingClock

WORDS = "夜里没有病人，住院费照样结算，我看到过三次。"
one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what is decided before the database is asked, or drawn after: once is enough."""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    """Offices, keys and people on Monday, 28 September 2026."""
    return make_world(database, checkpoint_key[0])


@dataclass
class Handed:
    """A report as its reporter knows it."""

    number: TipNumber
    code: ReceiptCode


def make_file(tip_id: Any, shred_key: bytes, name: str, content: bytes) -> Taken:
    """A file sealed and durable, as an upload makes it."""
    assert kind_of_name(name)
    room = Room(lambda key, file: file_key(key, shred_key, file))
    sink = Sink(name, room, this_site().limits, site_store(), 0)
    sink.write(content)
    sink.seek(0)
    return sink.keep()


def hand_in_report(site: Site, **given: Any) -> Handed:
    """Hand in a report with a real receipt code. ``files``: name to content; ``named``; ``first_use_only``."""
    code = receipts.generate()
    secrets = secrets_from(slow_hash(code, site.receipts, site.receipt_cost), site.receipts)
    person = Identity(name="测试人甲", phone="13900000000") if given.pop("named", False) else None
    first_use_only, contents = given.pop("first_use_only", False), given.pop("files", {})
    tip_id = new_id()
    shred_key = create_shred_key(tip_id, today())
    taken = [make_file(tip_id, shred_key, name, content) for name, content in contents.items()]
    entries: tuple[FileEntry, ...] = tuple(one.entry for one in taken)
    told = {
        "words": WORDS,
        "target": "演示第一医院",
        "subject_type": SubjectType.INSTITUTION,
        "region": "320104",
        **given,
    }
    submission = Submission(
        tip_id=tip_id,
        report=Report(**told),
        known_as=KnownAs.NAMED if person else KnownAs.NO_NAME,
        channel=Channel.WEB,
        answer_way=AnswerWay.CODE,
        identity=person,
        files=entries,
        secrets=secrets,
        first_use_only=first_use_only,
    )
    with transaction() as session:
        for one in taken:
            attach(session, tip_id, one, now())
        session.flush()
        received = receive_tip(session, submission, REPORTER, now())
    return Handed(received.number, code)


@pytest.fixture
def hand_in(world: World, site: Site) -> Callable[..., Handed]:
    """``hand_in(named=True, files={"a.txt": b"…"})`` gives number and code."""
    return lambda **given: hand_in_report(site, **given)


@pytest.fixture
def mine(hand_in: Callable[..., Handed]) -> Handed:
    """A report without a name, with one file."""
    return hand_in(files={"票据 一.txt": "第一行\n第二行".encode()})


class Visitor:
    """A browser without scripts: it keeps cookies, follows what it is told, and sends the token of the last page."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page: TestResponse | None = None

    def get(self, path: str, **more: Any) -> TestResponse:
        self.page = self.client.get(path, follow_redirects=True, **more)
        return self.page

    def post(self, path: str, data: dict[str, Any], follow: bool = True, **more: Any) -> TestResponse:
        """Send a form with the token of the page that is open."""
        assert self.page is not None
        found = TOKEN.search(self.page.text)
        assert found, "the open page has no form"
        self.page = self.client.post(path, data={"csrf_token": found[1], **data}, follow_redirects=follow, **more)
        return self.page

    def sign_in(self, code: ReceiptCode | str, **more: Any) -> TestResponse:
        self.get("/followup/")
        return self.post("/followup/", {"code": code if isinstance(code, str) else code.grouped, **more})

    @property
    def source(self) -> str:
        """The open page as it came."""
        assert self.page is not None
        return self.page.text

    @property
    def text(self) -> str:
        """The words of the open page, without tags."""
        body = self.source.partition("<main")[2].partition("</main>")[0]
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)))


@pytest.fixture
def visitor(public_app: Flask) -> Visitor:
    """Somebody at the door with an empty browser."""
    return Visitor(public_app)


@pytest.fixture
def inside(visitor: Visitor, mine: Handed) -> Visitor:
    """The reporter, signed in."""
    assert visitor.sign_in(mine.code).status_code == 200
    return visitor
