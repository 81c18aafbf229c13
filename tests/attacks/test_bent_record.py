"""A bureau that owns the database, and even the key of its ledger, bends the record: who finds it out, and by what.

What is changed carelessly, ``mingjing ledger verify`` names. What is rebuilt whole and signed anew holds for itself:
then it is the witness, and whoever kept a proof or an older check value, that shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from admin.audit import witness as keeping
from admin.audit.checkpoints import make_checkpoint
from admin.audit.cosignatures import add_cosignatures
from admin.audit.reports import check_reports
from crypto import checkpoints
from crypto.errors import CryptoError, Tampered
from portal.config import Settings
from portal.kernel.actors import SYSTEM
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.site import Site, bind_site
from portal.kernel.site import site as this_site
from portal.kernel.transaction import reading, transaction
from portal.kernel.values import Id, new_id
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.models import (
    LedgerCheckpoint,
    LedgerCosignature,
    LedgerEntry,
    LedgerLeaf,
    LedgerNode,
    LedgerNonce,
    LedgerQueue,
)
from portal.ledger.queries import growth, published_of_size, receipt_proof
from portal.ledger.sequencer import sequence
from portal.ledger.verify import verify_book
from portal.tips.models import Tip
from tests.admin_tips.world import World, make_world
from tests.conftest import StandingClock
from tests.ledger.scripts import run_script

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Leaves = list[tuple[Id | None, bytes]]
Bend = Callable[[Session, Leaves], Leaves]
WITNESS = "bar.example/witness"


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def visitor(world: World, public_settings: Settings, database: Database) -> FlaskClient:
    from portal.app import create_app

    return create_app(public_settings, database).test_client()


@pytest.fixture
def number(world: World, clock: StandingClock) -> str:
    """The report that somebody wants gone, among others; the record published over it."""
    numbers = [world.report() for _ in range(3)]
    publish(world, clock, 40)
    return numbers[1]


@pytest.fixture
def folder(visitor: FlaskClient, number: str, tmp_path: Path) -> Path:
    """An outside witness that has cosigned the record with that report."""
    vkey = keeping.found(tmp_path / "w", WITNESS, this_site().checkpoint_vkey)
    bind_site(replace(this_site(), witnesses=(vkey,)))
    line = keeping.cosign(tmp_path / "w", visitor.get("/ledger/witness/0").text, now())
    with transaction() as session:
        add_cosignatures(session, line, this_site().checkpoint_vkey, this_site().witnesses, now())
    return tmp_path / "w"


def publish(world: World, clock: StandingClock, entries: int) -> None:
    clock.advance(hours=1)
    with transaction() as session:
        for i in range(entries):
            append(session, Notice(str(i)), SYSTEM, now())
        make_checkpoint(session, world.signer, now(), publish=True)


def faults() -> list[str]:
    with reading() as session:
        report = verify_book(session, this_site().checkpoint_vkey)
        check_reports(session, report)
    return [str(fault) for fault in report.faults]


def unguarded(session: Session) -> None:
    for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        session.execute(text(f"DROP TRIGGER {name}"))


def entry_of(session: Session, number: str) -> Id:
    return session.scalars(
        select(LedgerEntry.id).where(LedgerEntry.subject == number, LedgerEntry.kind == "tip-received")
    ).one()


def drop_report(session: Session, number: str) -> None:
    """The report with all that hangs on it."""
    tip = session.scalars(select(Tip.id).where(Tip.number == number)).one()
    for table in Tip.metadata.sorted_tables[::-1]:
        if "tip_id" in table.c:
            session.execute(delete(table).where(table.c.tip_id == tip))
    session.execute(delete(Tip).where(Tip.id == tip))


# --- careless: the command names it


CARELESS: dict[str, tuple[Callable[[Session, str], Any], str]] = {
    "a report's row is deleted": (drop_report, "it was received and is gone"),
    "an entry is deleted": (
        lambda s, number: (
            s.execute(delete(LedgerNonce).where(LedgerNonce.entry_id == entry_of(s, number))),
            s.execute(delete(LedgerEntry).where(LedgerEntry.id == entry_of(s, number))),
        ),
        "its entry is gone",
    ),
    "an entry is edited": (
        lambda s, number: s.execute(
            update(LedgerEntry)
            .where(LedgerEntry.id == entry_of(s, number))
            .values(payload=func.replace(LedgerEntry.payload, "web", "post").op("||")(b" "))
        ),
        "was changed",
    ),
    "two entries change places": (
        lambda s, number: swapped(s, entry_of(s, number)),
        "was changed",
    ),
    "the end is cut off": (
        lambda s, number: s.execute(delete(LedgerLeaf).where(LedgerLeaf.seq >= 40)),
        "it was cut",
    ),
    "the check values are cut off with it": (
        lambda s, number: (
            s.execute(delete(LedgerLeaf).where(LedgerLeaf.seq >= 40)),
            s.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size > 32)),
        ),
        "it has no leaf and does not wait for one",
    ),
    "a nonce is exchanged": (
        lambda s, number: s.execute(
            update(LedgerNonce).where(LedgerNonce.entry_id == entry_of(s, number)).values(nonce=secrets.token_bytes(32))
        ),
        "was changed",
    ),
}  # fmt: skip


def swapped(session: Session, entry: Id) -> None:
    mine = session.scalars(select(LedgerLeaf.seq).where(LedgerLeaf.entry_id == entry)).one()
    other = session.execute(
        select(LedgerLeaf.seq, LedgerLeaf.entry_id).where(LedgerLeaf.entry_id.is_not(None), LedgerLeaf.seq != mine)
    ).first()
    assert other is not None
    for seq, value in ((other.seq, new_id()), (mine, other.entry_id), (other.seq, entry)):
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(update(LedgerLeaf).where(LedgerLeaf.seq == seq).values(entry_id=value))


@pytest.mark.parametrize("what", CARELESS)
def test_a_careless_hand_is_named(world: World, number: str, what: str) -> None:
    assert faults() == []
    bend, said = CARELESS[what]
    with transaction() as session:
        unguarded(session)
        bend(session, number)
    found = faults()
    assert any(said in fault for fault in found), found


# --- careful: everything is rebuilt and signed anew with the ledger's own key


def without(number: str) -> Bend:
    def bend(session: Session, leaves: Leaves) -> Leaves:
        """The report, its entries and its receipt's line, as if they had never been."""
        gone = set(session.scalars(select(LedgerEntry.id).where(LedgerEntry.subject == number)))
        drop_report(session, number)
        session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id.in_(gone)))
        session.execute(delete(LedgerEntry).where(LedgerEntry.id.in_(gone)))
        return [one for one in leaves if one[0] not in gone]

    return bend


def edited(number: str) -> Bend:
    def bend(session: Session, leaves: Leaves) -> Leaves:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "notice")).first()
        assert entry is not None
        forged = Notice("what never was").payload(entry.day, "system", None)
        session.execute(update(LedgerEntry).where(LedgerEntry.id == entry.id).values(payload=forged))
        return leaves

    return bend


def reordered(number: str) -> Bend:
    def bend(session: Session, leaves: Leaves) -> Leaves:
        mine = next(i for i, (entry, _) in enumerate(leaves) if entry == entry_of(session, number))
        return [*leaves[:mine], *leaves[mine + 1 :], leaves[mine]]

    return bend


CAREFUL = {"deleted": without, "edited": edited, "reordered": reordered}


def rebuild(world: World, clock: StandingClock, bend: Bend) -> None:
    """A new history out of the old one, every leaf and node made anew, and one signed root over all of it."""
    clock.advance(hours=1)
    with transaction() as session:
        unguarded(session)
        leaves: Leaves = [
            (row.entry_id, row.leaf)
            for row in session.execute(select(LedgerLeaf.entry_id, LedgerLeaf.leaf).order_by(LedgerLeaf.seq))
        ]
        kept = bend(session, leaves)
        for table in (LedgerCosignature, LedgerCheckpoint, LedgerNode, LedgerLeaf, LedgerQueue):
            session.execute(delete(table))
        for place, (entry, leaf) in enumerate(kept):
            arrived = now().replace(microsecond=place)
            row = {"id": new_id(), "entry_id": entry, "leaf": None if entry else leaf, "arrived_at": arrived}
            session.add(LedgerQueue(**row))
        session.flush()
        clock.advance(seconds=2)
        while sequence(session, now()):
            pass
        make_checkpoint(session, world.signer, now(), publish=True)


@pytest.mark.parametrize("how", CAREFUL)
def test_what_is_rebuilt_and_signed_anew_is_refused_by_the_witness(
    world: World, visitor: FlaskClient, number: str, folder: Path, clock: StandingClock, how: str
) -> None:
    seen = keeping.remembered(folder)
    assert seen is not None
    rebuild(world, clock, CAREFUL[how](number))
    assert faults() == [], "for itself it holds: that is why there is a witness"
    publish(world, clock, 40)
    answer = visitor.get(f"/ledger/witness/{seen.size}")
    if answer.status_code == 404:  # the site cannot even name the tree that the witness remembers
        answer = visitor.get("/ledger/witness/0")
    with pytest.raises(CryptoError):
        keeping.cosign(folder, answer.text, now())
    assert keeping.remembered(folder) == seen
    assert "这一份还没有见证人签名" in visitor.get("/ledger/").text


@pytest.mark.parametrize("how", CAREFUL)
def test_it_is_also_shown_by_whoever_kept_a_proof_and_a_check_value(
    world: World, visitor: FlaskClient, number: str, clock: StandingClock, tmp_path: Path, how: str
) -> None:
    vkey, leaf = this_site().checkpoint_vkey, world.mailboxes[number].leaf
    kept = visitor.get("/ledger/checkpoint").text
    size = int(kept.split("\n")[1])
    with reading() as session:
        mine = receipt_proof(session, leaf, vkey)
    assert mine is not None
    rebuild(world, clock, CAREFUL[how](number))
    publish(world, clock, 40)
    (tmp_path / "old").write_text(kept, "utf-8")
    (tmp_path / "mine").write_text(mine, "utf-8")
    held = run_script(tmp_path, "verify", str(tmp_path / "mine"), vkey, leaf.hex())
    assert held.returncode == 0, "the proof that was kept still holds"
    with reading() as session:
        fresh = receipt_proof(session, leaf, vkey)
    steps = visitor.get(f"/ledger/consistency/{size}/{visitor.get('/ledger/checkpoint').text.split(chr(10))[1]}")
    if fresh is not None:
        (tmp_path / "new").write_text(fresh, "utf-8")
        (tmp_path / "steps").write_text(steps.text if steps.status_code == 200 else "", "utf-8")
        files = [str(tmp_path / name) for name in ("new", "old", "steps")]
        grown = run_script(tmp_path, "growth", files[0], vkey, *files[1:])
        assert grown.returncode == 1 and grown.stderr.startswith("FAILED")
    else:
        assert leaf.hex() not in visitor.get("/ledger/leaves/0").text


def test_a_record_cut_back_to_an_older_check_value_is_refused_by_the_witness(
    world: World, visitor: FlaskClient, number: str, folder: Path, clock: StandingClock
) -> None:
    seen = keeping.remembered(folder)
    assert seen is not None
    with transaction() as session:
        unguarded(session)
        session.execute(delete(LedgerCosignature))
        session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size >= seen.size))
        session.execute(delete(LedgerLeaf).where(LedgerLeaf.seq >= 32))
    assert visitor.get("/ledger/checkpoint").text.split("\n")[1] == "32"
    for old in (0, 32):
        with pytest.raises(Tampered, match="cut"):
            keeping.cosign(folder, visitor.get(f"/ledger/witness/{old}").text, now())
    assert visitor.get(f"/ledger/witness/{seen.size}").status_code == 404


def test_two_faces_are_told_apart_once_they_meet(
    world: World, visitor: FlaskClient, number: str, clock: StandingClock
) -> None:
    """One root is shown to the reporter, another to the rest: the proof of growth between them cannot be made."""
    shown = visitor.get("/ledger/checkpoint").text
    size = int(shown.split("\n")[1])
    rebuild(world, clock, edited(number))
    publish(world, clock, 40)
    vkey = this_site().checkpoint_vkey
    with transaction() as session:  # the old check value is put back beside the new history
        row = {"note": shown, "size": size, "made_at": now(), "published": True}
        session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size == size))
        session.add(LedgerCheckpoint(root=checkpoints.verify(shown, vkey).root, **row))
    with reading() as session:
        newest = session.scalar(select(func.max(LedgerCheckpoint.size)))
        older, newer = published_of_size(session, vkey, size), published_of_size(session, vkey, newest or 0)
        assert older is not None and newer is not None
        with pytest.raises(Tampered):
            growth(session, older, newer)
    assert any("do not lead to the signed root" in fault for fault in faults())
