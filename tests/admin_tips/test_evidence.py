"""Is this the file that came in? The book answers, and tells nobody else which file it was."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from admin.audit.checkpoints import make_checkpoint
from admin.staff.roles import Role
from admin.tips import conversation
from portal.attachments.models import Attachment
from portal.attachments.upload import Taken
from portal.attachments.values import FileEntry
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.shred import read_shred_key
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.events import TipReceived
from portal.ledger.models import LedgerEntry
from portal.tips.models import TipBody
from portal.tips.sealing import ReportKeys, open_body, seal_body
from tests.admin_tips.world import DISTRICT, World

CONTENT = b"\x89PNG\r\n\x1a\n" + b"a bill that half the city has seen"
SAME, WAITS, OTHER = "和记录簿一致", "等记录簿签名", "和记录簿对不上"


@pytest.fixture
def number(world: World) -> str:
    return world.report(files=[("清单.png", CONTENT)])


@pytest.fixture
def client(world: World, staff_app: Flask) -> FlaskClient:
    browser = staff_app.test_client()
    world.sign_in(browser, world.person(DISTRICT, Role.INTAKE))
    return browser


def checkpoint(world: World) -> None:
    with transaction() as session:
        make_checkpoint(session, world.signer, now(), publish=True)


def said(client: FlaskClient, number: str) -> str:
    """The page before the download of the report's only file."""
    page = client.get(f"/tips/{number}/").get_data(as_text=True)
    found = re.search(rf"/tips/{number}/files/[^/]+/", page)
    assert found
    answer = client.get(f"{found[0]}original/")
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def received(number: str) -> list[bytes]:
    with reading() as session:
        rows = select(LedgerEntry.payload).where(LedgerEntry.subject == number, LedgerEntry.kind == TipReceived.kind)
        return list(session.scalars(rows))


def changed(world: World, number: str, change: Callable[[FileEntry], FileEntry]) -> str:
    """Somebody with the report's keys and the database puts another file into the list; the new file's tag."""
    tip = world.tip(number)
    with transaction() as session:
        keys = world.keys_of(session, tip)
        report, (entry,) = open_body(session.get_one(TipBody, tip.id), keys)
        sealed = seal_body(report, [change(entry)], keys)
        session.execute(update(TipBody).where(TipBody.tip_id == tip.id).values(manifest=sealed.manifest))
        return keys.evidence_tag(change(entry))


def test_the_page_says_that_the_file_is_the_one_that_came_in_once_the_book_is_signed(
    world: World, client: FlaskClient, number: str
) -> None:
    assert WAITS in said(client, number)
    checkpoint(world)
    page = said(client, number)
    assert SAME in page and hashlib.sha256(CONTENT).hexdigest() in page


def test_the_book_does_not_show_which_file_it_was(world: World, number: str) -> None:
    """Whoever has the file and the whole book cannot find it: no hash of it, and another value for each report."""
    again = world.report(files=[("清单.png", CONTENT)])
    tags = [json.loads(payload)["event"]["files"] for one in (number, again) for payload in received(one)]
    assert [len(one) for one in tags] == [1, 1] and tags[0] != tags[1]
    with reading() as session:
        book = b"".join(session.scalars(select(LedgerEntry.payload)))
    for algorithm in ("sha256", "sha1", "md5", "sha512"):
        assert hashlib.new(algorithm, CONTENT).hexdigest().encode() not in book


def test_the_value_is_an_hmac_under_a_key_that_comes_from_the_report_key(world: World, number: str) -> None:
    tip = world.tip(number)
    with reading() as session:
        keys = world.keys_of(session, tip)
        _, (entry,) = open_body(session.get_one(TipBody, tip.id), keys)
    tag = keys.evidence_tag(entry)
    assert tag in received(number)[0].decode()
    assert ReportKeys(tip.id, bytes(32), read_shred_key(tip.id)).evidence_tag(entry) != tag
    assert ReportKeys(tip.id, keys.report_key, bytes(32)).evidence_tag(entry) != tag


def test_a_file_that_was_put_in_the_others_place_is_said_and_on_record(
    world: World, client: FlaskClient, number: str
) -> None:
    checkpoint(world)
    renamed = changed(
        world, number, lambda one: FileEntry(one.id, "b.png", one.media_type, one.size, one.sha256, one.key)
    )
    assert renamed in received(number)[0].decode() and SAME in said(client, number), "the name is not what is bound"
    changed(world, number, lambda one: replace(one, sha256="ab" * 32))
    assert "被改动过" in said(client, number), "it does not even have the hash that the list says"
    with reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject == number)).all()
    assert "seal-broken" in kinds


def test_a_list_that_the_book_does_not_know_is_not_taken_for_what_came_in(
    world: World, client: FlaskClient, number: str
) -> None:
    """A second file, sealed properly, in the place of the first; and a second entry that says it had come in so."""
    checkpoint(world)
    tip, other = world.tip(number), b"\x89PNG\r\n\x1a\n" + b"a harmless bill"
    placed = world._store(tip.id, read_shred_key(tip.id), "清单.png", other)
    tag = changed(world, number, lambda _: placed)
    assert OTHER in said(client, number)
    event = json.loads(received(number)[0])["event"]
    with transaction() as session:
        forged = TipReceived(
            event["number"], event["office"], event["board"], event["rule"], event["body_sha256"], (tag,)
        )
        append(session, forged, SYSTEM, now())
    checkpoint(world)
    assert OTHER in said(client, number), "a report comes in once"


def test_a_file_of_a_letter_is_bound_by_the_letter(world: World, client: FlaskClient) -> None:
    number, author = world.report(), world.person(DISTRICT, Role.INTAKE)
    tip = world.tip(number)
    entry = world._store(tip.id, read_shred_key(tip.id), "说明.png", CONTENT)
    with transaction() as session:
        session.execute(delete(Attachment))  # the verb enters it
    world.do(number, conversation.write, "请看附件。", by=author, files=[Taken(entry, 0)])
    assert WAITS in said(client, number)
    checkpoint(world)
    assert SAME in said(client, number)
