"""Taking the record away: JSON lines, each with a proof that holds without this site; on record that it was done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from admin.audit import export as exporting
from admin.audit.checkpoints import make_checkpoint
from admin.audit.export import Exported, export
from admin.audit.queries import Wanted
from admin.staff.roles import Role
from admin.tips import triage
from crypto import checkpoints, tree
from portal.kernel.actors import SYSTEM, Actor
from portal.kernel.clock import now
from portal.kernel.db import Database
from portal.kernel.errors import Refused
from portal.kernel.site import Site
from portal.kernel.site import site as this_site
from portal.kernel.transaction import reading, transaction
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.models import LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce
from portal.ledger.verify import verify_book
from tests.admin_tips.world import DISTRICT, World, make_world
from tests.audit.test_record import place
from tests.conftest import StandingClock
from tests.ledger.scripts import run_script
from tests.ledger.test_checkpoints import counted
from tests.postgresql.conftest import AsRole, as_role

__all__ = ["as_role"]


@pytest.fixture
def world(database: Database, site: Site, checkpoint_key: tuple[str, str], clock: StandingClock) -> World:
    return make_world(database, checkpoint_key[0])


@pytest.fixture
def auditor(world: World) -> Actor:
    return world.person(DISTRICT, Role.AUDITOR)


def sign(world: World, *, publish: bool = False) -> None:
    place()
    with transaction() as session:
        make_checkpoint(session, world.signer, now(), publish=publish)


def notices(count: int) -> None:
    with transaction() as session:
        for number in range(count):
            append(session, Notice(str(number)), SYSTEM, now())


def taken(auditor: Actor, **wanted: Any) -> Exported:
    with transaction() as session:
        return export(session, Wanted(**wanted), this_site().checkpoint_vkey, auditor, now())


def test_every_line_is_proven_by_an_independent_tree(world: World, auditor: Actor) -> None:
    """Leaf from payload and nonce as docs/formats/ledger.md says; the tree of all leaves by somebody else's code."""
    notices(70)
    sign(world)
    head, *lines = (json.loads(line) for line in taken(auditor).text.splitlines())
    signed = checkpoints.verify(head["checkpoint"], head["vkey"])
    other = pymerkle.InmemoryTree(algorithm="sha256")
    with reading() as session:
        for leaf in session.scalars(select(LedgerLeaf.leaf).order_by(LedgerLeaf.seq)):
            other.append_entry(leaf)
    assert other.get_root() == signed.root
    assert head["entries"] == len(lines) > 70 and head["next"] is None
    for line in lines:
        parts = [b"mingjing/ledger-entry", bytes.fromhex(line["nonce"]), line["payload"].encode()]
        leaf = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
        assert leaf.hex() == line["leaf"]
        proof = checkpoints.parse_proof(line["proof"])
        assert proof.index == line["line"] - 1
        theirs = other.prove_inclusion(proof.index + 1, signed.size)
        pymerkle.verify_inclusion(other.get_leaf(proof.index + 1), signed.root, theirs)
        checkpoints.verify_proof(line["proof"], tree.leaf_hash(leaf), head["vkey"])


def test_a_line_is_checked_by_the_published_script(world: World, auditor: Actor, tmp_path: Path) -> None:
    number = world.report()
    sign(world)
    head, line = (json.loads(one) for one in taken(auditor, subject=number, kind="tip-received").text.splitlines())
    assert number in line["payload"]
    (tmp_path / "file").write_text(line["proof"], "utf-8")
    for leaf, status in ((line["leaf"], 0), ("00" * 32, 1)):
        assert run_script(tmp_path, "verify", str(tmp_path / "file"), head["vkey"], leaf).returncode == status


def test_it_stands_on_the_record_with_what_was_searched_for_and_no_name(world: World, auditor: Actor) -> None:
    intake = world.person(DISTRICT, Role.INTAKE)
    number = world.report()
    with world.at(number, intake) as (session, tip, _):
        triage.record_reading(session, tip, intake, now())
    sign(world)
    made = taken(auditor, subject=number, person=intake.name, reads=True)
    assert made.lines[0]["entries"] == 1
    with reading() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "ledger-exported")).one()
    said = json.loads(entry.payload)
    assert (entry.actor_id, entry.subject) == (auditor.id, number)
    assert intake.id is not None and said["event"]["person"] == intake.id.hex
    assert (said["event"]["rows"], said["event"]["wanted"]) == (1, "reads")
    assert intake.name not in entry.payload.decode()
    place()
    assert verify_book_faults() == []


def verify_book_faults() -> list[str]:
    with reading() as session:
        return [str(fault) for fault in verify_book(session, this_site().checkpoint_vkey).faults]


def test_entries_that_no_checkpoint_covers_are_left_out(world: World, auditor: Actor) -> None:
    notices(3)
    place()
    assert taken(auditor, kind="notice").lines[0]["entries"] == 0
    sign(world)
    assert taken(auditor, kind="notice").lines[0]["entries"] == 3


def test_a_file_that_is_full_says_where_the_next_begins(
    world: World, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST", 7)
    notices(20)
    sign(world)
    seen, below = list[str](), None
    while True:
        made = taken(auditor, kind="notice", before=below)
        seen += [json.loads(line["payload"])["event"]["text"] for line in made.lines[1:]]
        below = made.next
        if below is None:
            break
    assert sorted(map(int, seen)) == list(range(20)), "of one moment: in no order, none twice, none lost"


def test_a_destroyed_nonce_leaves_the_place_proven(world: World, auditor: Actor) -> None:
    notices(1)
    sign(world)
    with transaction() as session:
        session.execute(delete(LedgerNonce))
    line = taken(auditor, kind="notice").lines[1]
    assert line["nonce"] is None
    checkpoints.verify_proof(line["proof"], tree.leaf_hash(bytes.fromhex(line["leaf"])), this_site().checkpoint_vkey)


Bend = Callable[[Session], Any]
BENT: dict[str, Bend] = {
    "payload": lambda s: s.execute(
        update(LedgerEntry)
        .where(LedgerEntry.kind == "notice")
        .values(payload=Notice("forged").payload(now().date(), "system", None))
    ),
    "leaf": lambda s: s.execute(update(LedgerLeaf).where(LedgerLeaf.seq == 4).values(leaf=bytes(32))),
    "node": lambda s: s.execute(update(LedgerNode).where(LedgerNode.level == 2).values(hash=bytes(32))),
    "nodes gone": lambda s: s.execute(delete(LedgerNode)),
}


@pytest.mark.parametrize("what", BENT)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_given_out_that_would_not_verify(world: World, auditor: Actor, what: str) -> None:
    notices(9)
    sign(world)
    with transaction() as session:
        for table in ("ledger_entry", "ledger_leaf", "ledger_node"):
            for act in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{act}"))
        BENT[what](session)
    with pytest.raises(Refused) as refused:
        taken(auditor)
    assert refused.value.code == "ledger_bent"
    with reading() as session:
        assert session.scalar(select(func.count()).where(LedgerEntry.kind == "ledger-exported")) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_thousand_proofs_are_few_statements(world: World, auditor: Actor, database: Database) -> None:
    notices(1500)
    sign(world)
    with counted(database) as statements:
        made = taken(auditor)
    assert made.lines[0]["entries"] == 1000
    assert len(statements) < 60


@pytest.fixture
def client(staff_app: Flask) -> FlaskClient:
    return staff_app.test_client()


def press(client: FlaskClient, **fields: str) -> Any:
    token = client.get("/ledger/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post("/ledger/export/", data={"csrf_token": token, **fields})


def test_the_button_gives_a_file(world: World, auditor: Actor, client: FlaskClient) -> None:
    number = world.report()
    sign(world)
    world.sign_in(client, auditor)
    assert "带证明导出" in client.get("/ledger/").text
    answer = press(client, kind="tip-received", subject=number)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [json.loads(line)["line"] for line in answer.text.splitlines()[1:]]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_staff_rights_are_enough(world: World, auditor: Actor, as_role: AsRole) -> None:
    notices(5)
    sign(world)
    as_role("staff")
    assert taken(auditor, kind="notice").lines[0]["entries"] == 5
