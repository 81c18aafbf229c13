"""What the public page says beside the checkpoints: witnesses and what they ask, counts, proofs between any two."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admin.audit import witness as keeping
from admin.audit.checkpoints import make_checkpoint
from admin.audit.cosignatures import add_cosignatures
from crypto import checkpoints, signing
from crypto.checkpoints import COSIGNATURE
from crypto.errors import CryptoError, Malformed, WrongKey
from portal.config import Settings
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import bind_site
from portal.kernel.site import site as this_site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.counts import ROUNDED_TO, Group, counts_under, group_of, shown
from portal.ledger.events import Event, Notice, TipRead, TipReceived
from portal.ledger.models import LedgerCheckpoint, LedgerCosignature
from portal.ledger.sequencer import sequence
from portal.ledger.verify import verify_book
from tests.conftest import StandingClock
from tests.ledger.test_pages import HAN, Publish, publish, visitor

__all__ = ["publish", "visitor"]
Key = tuple[str, str]
NAME = "bar.example/witness"


@pytest.fixture
def folder(tmp_path: Path, checkpoint_key: Key, public_settings: Settings) -> Path:
    """A witness that this site's settings name."""
    vkey = keeping.found(tmp_path / "w", NAME, checkpoint_key[1])
    bind_site(replace(this_site(), witnesses=(vkey,)))
    return tmp_path / "w"


def witnessed(visitor: FlaskClient, folder: Path) -> str:
    """The witness asks the site for the newest checkpoint, signs it, and the site takes the line in."""
    seen = keeping.remembered(folder)
    line = keeping.cosign(folder, visitor.get(f"/ledger/witness/{seen.size if seen else 0}").text, now())
    add(line)
    return line


def add(text: str) -> list[int]:
    here = this_site()
    with transaction() as session:
        return [size for size, _ in add_cosignatures(session, text, here.checkpoint_vkey, here.witnesses, now())]


def test_a_witness_follows_the_site_and_its_signatures_stand_under_the_checkpoints(
    visitor: FlaskClient, publish: Publish, folder: Path, checkpoint_key: Key
) -> None:
    for entries in (3, 0, 40, 200):
        publish(entries)
        line = witnessed(visitor, folder)
        note = visitor.get("/ledger/checkpoint").text
        assert note.endswith(line)
        size = checkpoints.verify(note, checkpoint_key[1]).size
        assert visitor.get(f"/ledger/checkpoint/{size}").text == note
        page = visitor.get("/ledger/").text
        assert NAME in page and line.split(" ")[2].strip() in page


def test_the_page_says_that_nobody_witnesses_or_has_not_yet(
    visitor: FlaskClient, publish: Publish, tmp_path: Path, checkpoint_key: Key
) -> None:
    publish(3)
    assert "还没有请外面的机构作见证" in visitor.get("/ledger/").text
    bind_site(replace(this_site(), witnesses=(keeping.found(tmp_path / "w", NAME, checkpoint_key[1]),)))
    assert "这一份还没有见证人签名" in visitor.get("/ledger/").text


def test_only_what_a_configured_witness_signed_of_a_published_checkpoint_is_taken_in(
    visitor: FlaskClient, publish: Publish, folder: Path, checkpoint_key: Key, clock: StandingClock, database: Database
) -> None:
    publish(3)
    asked = visitor.get("/ledger/witness/0").text
    note = visitor.get("/ledger/checkpoint").text
    newest = checkpoints.verify(note, checkpoint_key[1])
    stranger, _ = signing.generate_signer(NAME, COSIGNATURE)
    private = (folder / keeping.KEY).read_text()
    other = checkpoints.Checkpoint(newest.origin, 33, newest.root)
    seconds = int(now().timestamp())
    wrong: dict[str, type[CryptoError]] = {
        signing.cosign(newest, stranger, seconds): WrongKey,
        signing.cosign(other, private, seconds): WrongKey,
        signing.cosign(newest, private, seconds + 3600): Malformed,
        note: WrongKey,
        "": Malformed,
        "— \n": WrongKey,
    }
    for text, error in wrong.items():
        with pytest.raises(error):
            add(text)
    line = keeping.cosign(folder, asked, now())
    assert add(note + line) == [32]
    assert add(line) == [32], "a second time changes nothing"
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(LedgerCosignature)) == 1


def test_a_line_in_the_database_that_does_not_hold_is_not_shown(
    visitor: FlaskClient, publish: Publish, folder: Path, checkpoint_key: Key
) -> None:
    publish(3)
    line = signing.cosign(
        checkpoints.Checkpoint("test.example/ledger", 64, bytes(32)), (folder / keeping.KEY).read_text(), 5
    )
    with transaction() as session:
        row = session.scalars(select(LedgerCheckpoint)).one()
        session.add(LedgerCosignature(checkpoint_id=row.id, witness=NAME, line=line, added_at=now()))
    assert line not in visitor.get("/ledger/checkpoint").text
    assert "这一份还没有见证人签名" in visitor.get("/ledger/").text


@pytest.mark.parametrize("old", [1, 33, 64, 2**63, 10**30])
def test_a_witness_that_names_another_size_gets_nothing(visitor: FlaskClient, publish: Publish, old: int) -> None:
    publish(3)
    assert visitor.get(f"/ledger/witness/{old}").status_code == 404
    assert visitor.get(f"/ledger/checkpoint/{old}").status_code == 404


def test_two_published_sizes_lead_to_their_proof(visitor: FlaskClient, publish: Publish) -> None:
    for entries in (3, 40, 40):
        publish(entries)
    for older, newer in ((32, 96), (96, 160), (32, 160), (160, 160)):
        answer = visitor.get(f"/ledger/compare?older={older}&newer={newer}")
        assert answer.headers["Location"] == f"/ledger/consistency/{older}/{newer}"
        assert visitor.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "请填写行数"),
        ("older=a&newer=32", 400, "请填写行数"),
        ("older=-32&newer=32", 400, "请填写行数"),
        ("older=32&newer=33", 404, "没有公布过这个行数"),
        ("older=0&newer=32", 404, "没有公布过这个行数"),
        ("older=96&newer=32", 404, "不能比新的一份行数多"),
        ("older=99999999999999999999&newer=9223372036854775808", 400, "请填写行数"),
    ],
)
def test_other_sizes_are_told_what_is_wrong_and_stay_typed(
    visitor: FlaskClient, publish: Publish, query: str, status: int, said: str
) -> None:
    publish(3)
    publish(40)
    page = visitor.get(f"/ledger/compare?{query}")
    assert page.status_code == status
    assert said in page.text
    assert page.text.partition("<title>")[2].startswith("错误：")


def test_earlier_checkpoints_are_reached_page_by_page(visitor: FlaskClient, publish: Publish) -> None:
    for _ in range(23):
        publish(1)
    seen, address = list[int](), "/ledger/"
    while address:
        page = visitor.get(address).text
        seen += [int(size) for size in re.findall(r'href="/ledger/checkpoint/(\d+)"', page)]
        found = re.search(r'rel="next" href="([^"#]+)', page)
        address = found[1] if found else ""
    assert seen == [32 * n for n in range(23, 0, -1)]
    assert visitor.get("/ledger/?before=-1").status_code == visitor.get("/ledger/?before=x").status_code == 200


# --- counts


def test_counts_of_a_published_checkpoint_are_those_of_its_entries(
    session: Session, checkpoint_key: Key, clock: StandingClock
) -> None:
    def write(event: Event, count: int) -> None:
        for _ in range(count):
            append(session, event, SYSTEM, now())

    received = TipReceived("MJ-AAAA-AAAA", "x", "y", "z", "00")  # type: ignore[arg-type]  # a number is never parsed here
    write(received, 5)
    write(Notice("x"), 2)
    first = make_checkpoint(session, checkpoint_key[0], now(), publish=True)
    write(received, 40)
    write(TipRead("MJ-AAAA-AAAA", "x"), 1)  # type: ignore[arg-type]  # the same
    while sequence(session, now()):
        pass
    inner = make_checkpoint(session, checkpoint_key[0], now() + timedelta(hours=1), publish=False)
    second = make_checkpoint(session, checkpoint_key[0], now() + timedelta(hours=2), publish=True)
    assert first is not None and inner is not None and second is not None
    assert first.counts == {"tip-received": 5, "notice": 2}
    assert inner.counts is None
    assert second.counts == {"tip-received": 45, "notice": 2, "tip-read": 1} == counts_under(session, second.size)
    assert verify_book(session, checkpoint_key[1]).faults == []


def test_counts_are_said_in_whole_groups_only() -> None:
    counts = {"tip-received": 63, "tip-moved": 31, "tip-assigned": 1, "identity-opened": 2, "something-new": 640}
    said = shown(counts, 1024)
    assert said[Group.STEPS] == 64
    assert said[Group.IDENTITY] == 0
    assert said[Group.OTHER] == 640
    assert said[Group.NAMELESS] == 287 // ROUNDED_TO * ROUNDED_TO
    assert all(count % ROUNDED_TO == 0 for count in said.values())
    assert group_of("key-published") is Group.KEYS


@pytest.mark.parametrize("path", ["/ledger/", "/en/ledger/"])
def test_one_more_report_does_not_change_the_page_by_a_number(
    visitor: FlaskClient, publish: Publish, path: str, clock: StandingClock, checkpoint_key: Key
) -> None:
    publish(70)
    page = visitor.get(path).text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "64" in table and "70" not in table
    with transaction() as session:
        append(session, Notice("one more"), SYSTEM, now())
        make_checkpoint(session, checkpoint_key[0], now() + timedelta(hours=1), publish=True)
    again = visitor.get(path).text.partition("<tbody>")[2].partition("</tbody>")[0]
    nameless = re.compile(r"<tr>(?:(?!</tr>).)*</tr>\s*$", re.DOTALL)  # the last row: what was padded
    assert nameless.sub("", again) == nameless.sub("", table)
    if path.startswith("/en"):
        assert set(HAN.findall(page)) <= {"中文", "明镜"}


def test_changed_counts_are_a_fault(session: Session, checkpoint_key: Key, clock: StandingClock) -> None:
    append(session, Notice("x"), SYSTEM, now())
    made = make_checkpoint(session, checkpoint_key[0], now(), publish=True)
    assert made is not None
    with session.no_autoflush:
        told = LedgerCheckpoint(
            size=made.size, root=made.root, note=made.note, made_at=now(), published=True, counts={"notice": 2}
        )
        session.add(told)
    session.flush()
    faults = [str(fault) for fault in verify_book(session, checkpoint_key[1]).faults]
    assert faults == ["checkpoint over 32 leaves: its counts are not those of the entries"]


def test_the_scripts_are_served_as_text_to_be_read(visitor: FlaskClient) -> None:
    for name, file in (("verify", "check_proof.py"), ("growth", "check_growth.py")):
        page = visitor.get(f"/ledger/{name}.py")
        assert page.content_type == "text/plain; charset=utf-8"
        assert page.text == (Path("portal") / "ledger" / file).read_text("utf-8")
    assert visitor.get("/ledger/views.py").status_code == 404
