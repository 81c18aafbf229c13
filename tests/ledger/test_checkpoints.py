from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from admin.audit.checkpoints import checkpoint_if_due, make_checkpoint
from crypto import checkpoints, tree
from crypto.errors import Tampered
from crypto.keys import Purpose, generate_inner
from crypto.signing import generate_signer, sign
from portal.directory.keys import publish_key
from portal.kernel.actors import SYSTEM
from portal.kernel.db import Database
from portal.kernel.values import new_id
from portal.ledger.book import append
from portal.ledger.events import Notice
from portal.ledger.hours import published_after, published_until
from portal.ledger.models import LedgerCheckpoint, LedgerLeaf
from portal.ledger.proofs import consistency, inclusion, latest_checkpoint, prove_entry
from portal.ledger.sequencer import sequence, tree_size

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
HOURS = (6, 12, 18)
Key = tuple[str, str]


def record(session: Session, count: int = 1, now: datetime = NOW) -> None:
    for i in range(count):
        append(session, Notice(str(i)), SYSTEM, now)
    while sequence(session, now):
        pass


def test_an_empty_ledger_is_not_signed(session: Session, checkpoint_key: Key) -> None:
    assert make_checkpoint(session, checkpoint_key[0], NOW, publish=True) is None


def test_a_checkpoint_is_a_note_that_the_pinned_key_verifies(session: Session, checkpoint_key: Key) -> None:
    record(session, 5)
    made = make_checkpoint(session, checkpoint_key[0], NOW, publish=False)
    assert made is not None
    assert checkpoints.verify(made.note, checkpoint_key[1]).size == 5
    signed = latest_checkpoint(session, checkpoint_key[1])
    assert signed is not None
    assert (signed.checkpoint.root, signed.made_at) == (made.root, NOW)
    assert latest_checkpoint(session, checkpoint_key[1], published=True) is None


def test_a_published_checkpoint_takes_in_what_waits_and_is_padded(session: Session, checkpoint_key: Key) -> None:
    append(session, Notice("waits"), SYSTEM, NOW)
    made = make_checkpoint(session, checkpoint_key[0], NOW, publish=True)
    assert made is not None
    assert (made.size, tree_size(session)) == (32, 32)


def test_every_entry_is_proven_and_a_changed_one_is_not(session: Session, checkpoint_key: Key) -> None:
    entries = [append(session, Notice(str(i)), SYSTEM, NOW) for i in range(7)]
    sequence(session, NOW)
    make_checkpoint(session, checkpoint_key[0], NOW, publish=False)
    signed = latest_checkpoint(session, checkpoint_key[1])
    assert signed is not None
    for entry in entries:
        assert b'"kind":"notice"' in prove_entry(session, entry, signed.checkpoint)
    later = append(session, Notice("later"), SYSTEM, NOW)
    with pytest.raises(Tampered):
        prove_entry(session, later, signed.checkpoint)
    with pytest.raises(Tampered):
        prove_entry(session, new_id(), signed.checkpoint)


def test_each_signed_tree_is_shown_to_continue_the_former(session: Session, checkpoint_key: Key) -> None:
    signed: list[checkpoints.Checkpoint] = []
    for count in (3, 1, 40):
        record(session, count)
        make_checkpoint(session, checkpoint_key[0], NOW + timedelta(hours=len(signed)), publish=count == 40)
        latest = latest_checkpoint(session, checkpoint_key[1])
        assert latest is not None
        signed.append(latest.checkpoint)
    assert [one.size for one in signed] == [3, 4, 64]
    for older, newer in ((0, 1), (1, 2), (0, 2)):
        a, b = signed[older], signed[newer]
        tree.verify_consistency(a.size, b.size, a.root, b.root, consistency(session, a, b))


def test_nothing_is_signed_that_does_not_continue_what_was_signed(session: Session, checkpoint_key: Key) -> None:
    signer, vkey = checkpoint_key
    record(session, 4)
    forged = checkpoints.Checkpoint(vkey.split("+")[0], 3, secrets.token_bytes(32))
    session.add(
        LedgerCheckpoint(
            size=3, root=forged.root, note=sign(forged, signer), made_at=NOW - timedelta(hours=1), published=False
        )
    )
    with pytest.raises(Tampered):
        make_checkpoint(session, signer, NOW, publish=False)


def test_a_cut_ledger_is_not_signed_again(session: Session, checkpoint_key: Key) -> None:
    signer, vkey = checkpoint_key
    record(session, 4)
    longer = checkpoints.Checkpoint(vkey.split("+")[0], 9, secrets.token_bytes(32))
    session.add(LedgerCheckpoint(size=9, root=longer.root, note=sign(longer, signer), made_at=NOW, published=True))
    with pytest.raises(Tampered, match="cut"):
        make_checkpoint(session, signer, NOW + timedelta(hours=1), publish=False)


def test_another_key_does_not_take_over_the_same_origin(session: Session, checkpoint_key: Key) -> None:
    record(session, 4)
    make_checkpoint(session, checkpoint_key[0], NOW, publish=False)
    impostor, _ = generate_signer("test.example/ledger")
    with pytest.raises(Tampered):
        make_checkpoint(session, impostor, NOW, publish=False)
    restored, vkey = generate_signer("test.example/ledger-2")
    assert make_checkpoint(session, restored, NOW, publish=False) is not None
    assert latest_checkpoint(session, vkey) is not None


def test_a_row_that_differs_from_its_note_is_not_believed(session: Session, checkpoint_key: Key) -> None:
    record(session, 4)
    made = make_checkpoint(session, checkpoint_key[0], NOW, publish=False)
    assert made is not None
    values = {"size": 3, "root": made.root, "note": made.note, "made_at": NOW + timedelta(hours=1), "published": True}
    session.execute(insert(LedgerCheckpoint).values(id=new_id(), **values))
    assert latest_checkpoint(session, checkpoint_key[1], published=True) is None


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-09-28T01:00", "2026-09-27T22:00"),  # 09:00 in Beijing: 06:00 that day
        ("2026-09-28T04:00", "2026-09-28T04:00"),  # exactly 12:00
        ("2026-09-27T21:59", "2026-09-27T10:00"),  # 05:59: 18:00 the day before
        ("2026-09-28T15:59", "2026-09-28T10:00"),
    ],
)
def test_publishing_hours_are_hours_in_beijing(now: str, moment: str) -> None:
    assert published_until(datetime.fromisoformat(f"{now}:00+00:00"), HOURS) == datetime.fromisoformat(
        f"{moment}:00+00:00"
    )


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-09-27T21:59", "2026-09-27T22:00"),  # 05:59 in Beijing
        ("2026-09-27T22:00", "2026-09-28T04:00"),  # 06:00: the next one is at noon
        ("2026-09-28T10:00", "2026-09-28T22:00"),  # 18:00: the next morning
    ],
)
def test_the_next_publication_is_the_first_hour_after_now(now: str, moment: str) -> None:
    assert published_after(datetime.fromisoformat(f"{now}:00+00:00"), HOURS) == datetime.fromisoformat(
        f"{moment}:00+00:00"
    )
    assert published_after(NOW, ()) is None


def test_checkpoints_are_made_when_they_are_owed_and_only_then(session: Session, checkpoint_key: Key) -> None:
    signer = checkpoint_key[0]

    def owed(now: datetime) -> tuple[int, bool] | None:
        made = checkpoint_if_due(session, signer, now, HOURS)
        return None if made is None else (made.size, made.published)

    assert owed(NOW) is None
    record(session)
    assert owed(NOW) == (32, True)
    record(session)
    assert owed(NOW + timedelta(minutes=59)) is None
    assert owed(NOW + timedelta(hours=1)) == (33, False)
    assert owed(NOW + timedelta(hours=1, minutes=59)) is None
    assert owed(NOW + timedelta(hours=2)) == (64, True)
    assert owed(NOW + timedelta(hours=3, minutes=30)) is None
    publish_key(session, new_id(), generate_inner(Purpose.OFFICE).public, SYSTEM, NOW)
    session.flush()
    sequence(session, NOW)
    assert owed(NOW + timedelta(hours=3, minutes=31)) == (65, False)  # a new key is covered at once
    assert owed(NOW + timedelta(hours=3, minutes=32)) is None


def test_a_proof_reads_few_rows_however_long_the_ledger_is(database: Database, checkpoint_key: Key) -> None:
    with Session(database.engine) as session:
        record(session, 1500)
        make_checkpoint(session, checkpoint_key[0], NOW, publish=True)
        signed = latest_checkpoint(session, checkpoint_key[1])
        assert signed is not None
        with counted(database) as statements:
            path = inclusion(session, 777, signed.checkpoint)
        assert len(path) == 11
        assert len(statements) == 2
        leaf = session.scalars(select(LedgerLeaf.leaf).where(LedgerLeaf.seq == 777)).one()
        tree.verify_inclusion(tree.leaf_hash(leaf), 777, signed.checkpoint.size, path, signed.checkpoint.root)
        session.execute(text("SELECT 1"))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)
