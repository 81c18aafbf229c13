from __future__ import annotations

import os
import secrets
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crypto import tree
from portal.kernel.actors import REPORTER, SYSTEM
from portal.kernel.db import Database
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, TipNumber
from portal.ledger.book import append, append_leaf
from portal.ledger.events import LetterSent, Notice
from portal.ledger.models import LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce, LedgerQueue
from portal.ledger.proofs import node_reader
from portal.ledger.sequencer import PADDED_TO, pad, sequence, tree_size

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)


def leaves(session: Session) -> list[LedgerLeaf]:
    return list(session.scalars(select(LedgerLeaf).order_by(LedgerLeaf.seq)))


def write(session: Session, count: int, now: datetime = NOW) -> list[Id]:
    return [append(session, Notice(f"entry {i}"), SYSTEM, now + timedelta(milliseconds=i)) for i in range(count)]


def test_an_entry_is_canonical_and_its_leaf_hides_it_behind_a_nonce(session: Session) -> None:
    entry = append(session, LetterSent(TipNumber("MJ-2222-2222"), "in", "ab"), REPORTER, NOW)
    assert sequence(session, NOW) == 1
    row = session.get_one(LedgerEntry, entry)
    assert row.payload == (
        b'{"actor":null,"actor_kind":"reporter","day":"2026-09-28","event":{"direction":"in","number":"MJ-2222-2222",'
        b'"sha256":"ab"},"kind":"letter-sent","subject":"MJ-2222-2222","v":1}'
    )
    nonce = session.get_one(LedgerNonce, entry).nonce
    assert [leaf.leaf for leaf in leaves(session)] == [tree.entry_leaf(nonce, row.payload)]
    assert len(nonce) == 32


def test_entries_take_their_places_in_order_of_arrival(session: Session) -> None:
    late = append(session, Notice("late"), SYSTEM, NOW)
    early = append(session, Notice("early"), SYSTEM, NOW - timedelta(seconds=3))
    leaf = secrets.token_bytes(32)
    append_leaf(session, leaf, NOW - timedelta(seconds=2))
    assert sequence(session, NOW) == 3
    assert [(row.seq, row.entry_id) for row in leaves(session)] == [(0, early), (1, None), (2, late)]
    assert leaves(session)[1].leaf == leaf
    assert session.scalar(select(func.count()).select_from(LedgerQueue)) == 0


def test_what_arrived_after_the_moment_waits(session: Session) -> None:
    append(session, Notice("later"), SYSTEM, NOW + timedelta(seconds=1))
    assert sequence(session, NOW) == 0
    assert sequence(session, NOW + timedelta(seconds=1)) == 1


def test_a_batch_has_a_limit_and_the_next_one_goes_on(session: Session) -> None:
    entries = write(session, 10)
    later = NOW + timedelta(seconds=1)
    assert [sequence(session, later, limit=4) for _ in range(4)] == [4, 4, 2, 0]
    assert [row.entry_id for row in leaves(session)] == entries


def test_stored_nodes_lead_to_the_same_root_as_all_leaves_at_once(session: Session) -> None:
    for count in (1, 2, 5, 13, 30):
        write(session, count)
        sequence(session, NOW + timedelta(hours=1))
        hashes = [tree.leaf_hash(row.leaf) for row in leaves(session)]
        assert tree.root(len(hashes), node_reader(session)) == naive_root(hashes)
    stored = session.scalar(select(func.count()).select_from(LedgerNode))
    assert stored == sum(tree_size(session) >> level for level in range(1, 20))


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, straight from its definition."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return tree.node_hash(naive_root(hashes[:k]), naive_root(hashes[k:]))


def test_padding_fills_the_tree_to_a_multiple_and_looks_like_any_leaf(session: Session) -> None:
    write(session, 3)
    append_leaf(session, secrets.token_bytes(32), NOW)
    sequence(session, NOW + timedelta(seconds=1))
    assert pad(session) == PADDED_TO - 4
    assert pad(session) == 0
    assert tree_size(session) == PADDED_TO
    assert len({row.leaf for row in leaves(session)}) == PADDED_TO
    assert {len(row.leaf) for row in leaves(session)} == {32}


def test_many_writers_and_sequencers_leave_no_gap_and_no_double(database: Database) -> None:
    written: list[Id] = []
    failures: list[BaseException] = []
    still_writing = threading.Event()
    still_writing.set()

    def write_some(number: int) -> None:
        try:
            for i in range(15):
                with transaction() as session:
                    written.append(append(session, Notice(f"{number}/{i}"), SYSTEM, NOW))
        except BaseException as error:
            failures.append(error)

    def place_some() -> None:
        try:
            while still_writing.is_set():
                with transaction() as session:
                    sequence(session, NOW, limit=7)
        except BaseException as error:
            failures.append(error)

    placing = [threading.Thread(target=place_some) for _ in range(3)]
    writing = [threading.Thread(target=write_some, args=(number,)) for number in range(4)]
    for thread in (*placing, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    still_writing.clear()
    for thread in placing:
        thread.join()
    assert failures == []
    with transaction() as session:
        while sequence(session, NOW):
            pass
        rows = leaves(session)
    assert [row.seq for row in rows] == list(range(60))
    assert sorted(row.entry_id for row in rows if row.entry_id) == sorted(written)


KILLED = textwrap.dedent(
    """
    import os, sys
    from datetime import UTC, datetime
    from sqlalchemy import event
    from sqlalchemy.orm import Session
    from portal.kernel.db import Database
    from portal.kernel.transaction import bind, transaction
    from portal.ledger import sequencer
    url, shred, step = sys.argv[1:]
    database = Database.open(url, shred)
    bind(database)
    word = {"leaves": "INTO LEDGER_LEAF", "nodes": "INTO LEDGER_NODE", "queue": "DELETE FROM LEDGER_QUEUE"}
    def watch(connection, cursor, statement, *rest):
        if step in word and word[step] in statement.upper() and not statement.upper().startswith("SELECT"):
            os._exit(9)
    event.listen(database.engine, "after_cursor_execute", watch)
    if step == "commit":
        event.listen(database.engine, "commit", lambda connection: os._exit(9))
    with transaction() as session:
        placed = sequencer.sequence(session, datetime(2026, 9, 28, 3, 0, tzinfo=UTC))
    os._exit(9 if step == "after" and placed else 0)
    """
)


@pytest.mark.parametrize("step", ["leaves", "nodes", "queue", "commit", "after"])
def test_a_writer_killed_between_any_two_steps_leaves_a_sound_book(database: Database, step: str) -> None:
    with transaction() as session:
        entries = write(session, 9)
    urls = [engine.url.render_as_string(hide_password=False) for engine in (database.engine, database.shred)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *urls, step], env={**os.environ, "PYTHONPATH": os.getcwd()}, check=False
    )
    assert killed.returncode == 9
    with transaction() as session:
        before = tree_size(session)
        assert before == (9 if step == "after" else 0)
        assert sequence(session, NOW + timedelta(hours=1)) == 9 - before
        rows = leaves(session)
        assert [row.entry_id for row in rows] == entries
        assert tree.root(9, node_reader(session)) == naive_root([tree.leaf_hash(row.leaf) for row in rows])
        assert session.scalar(select(func.count()).select_from(LedgerQueue)) == 0
