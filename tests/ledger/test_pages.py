from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.audit.checkpoints import make_checkpoint
from crypto import checkpoints, tree
from portal import web
from portal.config import Settings
from portal.directory.keyviews import blueprint as ledger
from portal.kernel.actors import SYSTEM
from portal.kernel.db import Database
from portal.kernel.transaction import reading, transaction
from portal.ledger import views
from portal.ledger.book import append, append_leaf
from portal.ledger.events import Notice
from portal.ledger.queries import LEAVES_A_PAGE, receipt_proof
from portal.ledger.sequencer import sequence
from portal.pages.views import blueprint as pages
from tests.conftest import StandingClock

Key = tuple[str, str]
Publish = Callable[[int], None]
HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture
def visitor(public_settings: Settings, database: Database) -> FlaskClient:
    app = Flask("portal", static_folder=None)
    web.init_app(app, public_settings.web())
    for blueprint in (pages, ledger):
        app.register_blueprint(blueprint)
    for endpoint in (
        "report.start",
        "followup.sign_in",
        "followup.proof",
        "exposures.index",
        "fund.index",
        "figures.index",
    ):  # what these pages link to
        app.add_url_rule(f"/{endpoint}/", endpoint, lambda: "")
    return app.test_client()


@pytest.fixture
def publish(visitor: FlaskClient, checkpoint_key: Key, clock: StandingClock) -> Publish:
    """Record so many entries and publish a checkpoint an hour later than the one before."""

    def run(entries: int) -> None:
        clock.advance(hours=1)
        with transaction() as session:
            for i in range(entries):
                append(session, Notice(str(i)), SYSTEM, clock())
            make_checkpoint(session, checkpoint_key[0], clock(), publish=True)

    return run


def test_before_the_first_publication_the_page_says_so(visitor: FlaskClient) -> None:
    page = visitor.get("/ledger/")
    assert page.status_code == 200
    assert "还没有公布过" in page.text
    assert visitor.get("/ledger/checkpoint").status_code == 404
    assert visitor.get("/ledger/leaves/0").status_code == 404


@pytest.mark.parametrize("path", ["/ledger/", "/en/ledger/"])
def test_the_page_shows_the_newest_checkpoint_word_for_word(visitor: FlaskClient, publish: Publish, path: str) -> None:
    publish(3)
    publish(40)
    note = visitor.get("/ledger/checkpoint").text
    page = visitor.get(path).text
    assert note.split("\n")[2] in page
    assert page.count("<h1") == 1
    if path.startswith("/en"):
        assert set(HAN.findall(page)) <= {"中文", "明镜"}


def test_what_is_published_verifies_from_outside(visitor: FlaskClient, publish: Publish, checkpoint_key: Key) -> None:
    """All that a visitor downloads is enough to check the book without trusting it."""
    publish(3)
    older = checkpoints.verify(visitor.get("/ledger/checkpoint").text, checkpoint_key[1])
    publish(70)
    newer = checkpoints.verify(visitor.get("/ledger/checkpoint").text, checkpoint_key[1])
    assert (older.size, newer.size) == (32, 128)
    lines = visitor.get("/ledger/leaves/0").text.split()
    hashes = [tree.leaf_hash(bytes.fromhex(line)) for line in lines]
    nodes = {(level, index): value for level, index, value in tree.new_nodes(0, hashes, lambda *_: b"")}
    assert len(lines) == newer.size
    assert tree.root(newer.size, lambda level, index: nodes[level, index]) == newer.root
    proof = [base64.b64decode(line) for line in visitor.get("/ledger/consistency/32/128").text.split()]
    tree.verify_consistency(32, 128, older.root, newer.root, proof)
    assert visitor.get("/ledger/checkpoint/32").text.startswith("test.example/ledger\n32\n")


def test_what_is_not_published_yet_is_not_shown(
    visitor: FlaskClient, publish: Publish, checkpoint_key: Key, clock: StandingClock
) -> None:
    publish(3)
    with transaction() as session:
        append(session, Notice("fresh"), SYSTEM, clock())
        sequence(session, clock())
        make_checkpoint(session, checkpoint_key[0], clock() + timedelta(minutes=1), publish=False)
    assert len(visitor.get("/ledger/leaves/0").text.split()) == 32
    assert visitor.get("/ledger/checkpoint/33").status_code == 404
    assert visitor.get("/ledger/consistency/32/33").status_code == 404
    assert visitor.get("/ledger/consistency/0/32").status_code == 404


def test_full_pages_of_leaves_never_change_and_say_so(visitor: FlaskClient, publish: Publish) -> None:
    publish(LEAVES_A_PAGE + 1)
    first, second = visitor.get("/ledger/leaves/0"), visitor.get("/ledger/leaves/1")
    assert "immutable" in first.headers["Cache-Control"]
    assert "immutable" not in second.headers["Cache-Control"]
    assert (len(first.text.split()), len(second.text.split())) == (1024, 32)
    assert first.content_type == "text/plain; charset=utf-8"


def test_a_long_ledger_links_to_the_first_and_the_newest_pages_and_says_how_to_reach_the_others(
    visitor: FlaskClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(100)
    monkeypatch.setattr(views, "LEAVES_A_PAGE", 4)  # 32 pages; a million lines have a thousand
    shown = visitor.get("/ledger/").text
    linked = [int(number) for number in re.findall(r'href="/ledger/leaves/(\d+)"', shown)]
    assert linked == [0, *range(13, 32)] and "0 到 31 之间" in shown
    monkeypatch.setattr(views, "LEAVES_A_PAGE", 8)
    shown = visitor.get("/ledger/").text
    assert re.findall(r'href="/ledger/leaves/(\d+)"', shown) == [str(number) for number in range(16)]
    assert "中间的" not in shown


def test_the_leaf_of_a_receipt_code_is_proven_once_it_is_published(
    visitor: FlaskClient, publish: Publish, checkpoint_key: Key, clock: StandingClock
) -> None:
    leaf = secrets.token_bytes(32)
    publish(5)
    with transaction() as session:
        append_leaf(session, leaf, clock())
    with reading() as session:
        assert receipt_proof(session, leaf, checkpoint_key[1]) is None
    publish(5)
    with reading() as session:
        proof = receipt_proof(session, leaf, checkpoint_key[1])
    assert proof is not None
    assert checkpoints.verify_proof(proof, tree.leaf_hash(leaf), checkpoint_key[1]).size == 64
    assert leaf.hex() in visitor.get("/ledger/leaves/0").text
