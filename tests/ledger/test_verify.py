from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session

from admin.audit.checkpoints import make_checkpoint
from crypto.signing import generate_signer
from portal.kernel.actors import SYSTEM
from portal.kernel.values import Id, TipNumber, new_id
from portal.ledger.book import append, append_leaf
from portal.ledger.events import Notice, ReportShredded, TipRead
from portal.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerNode, LedgerNonce, LedgerQueue
from portal.ledger.sequencer import sequence
from portal.ledger.verify import verify_book

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
Key = tuple[str, str]


@pytest.fixture
def entries(session: Session, checkpoint_key: Key) -> list[Id]:
    """A book of 40 entries and a receipt leaf, signed at 20 leaves, published over 64."""
    made = []
    for half in range(2):
        made += [append(session, Notice(f"{half}/{i}"), SYSTEM, NOW) for i in range(20)]
        sequence(session, NOW)
        make_checkpoint(session, checkpoint_key[0], NOW + timedelta(hours=half), publish=False)
    append_leaf(session, secrets.token_bytes(32), NOW)
    make_checkpoint(session, checkpoint_key[0], NOW + timedelta(hours=2), publish=True)
    return made


@pytest.fixture
def tamper(session: Session, entries: list[Id]) -> Callable[..., None]:
    """What the owner of the database can do: switch the triggers off and write what they like."""

    def run(statement: object, **values: object) -> None:
        for table in ("ledger_entry", "ledger_leaf", "ledger_node", "ledger_checkpoint", "ledger_nonce"):
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            else:
                for what in ("update", "delete", "replace"):
                    session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{what}"))
        session.execute(statement, values)  # type: ignore[call-overload]
        session.expire_all()

    return run


def faults(session: Session, key: Key) -> list[str]:
    return [str(fault) for fault in verify_book(session, key[1]).faults]


def test_a_sound_book_has_no_faults(session: Session, entries: list[Id], checkpoint_key: Key) -> None:
    report = verify_book(session, checkpoint_key[1])
    assert report.faults == []
    assert (report.leaves, report.signed, report.muted, report.foreign) == (64, 3, 0, 0)


def test_an_empty_book_is_sound(session: Session, checkpoint_key: Key) -> None:
    assert verify_book(session, checkpoint_key[1]).faults == []


def test_a_changed_payload_is_named(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    forged = Notice("something else").payload(NOW.date(), "system", None)
    tamper(update(LedgerEntry).where(LedgerEntry.id == entries[7]).values(payload=forged))
    found = faults(session, checkpoint_key)
    assert len(found) == 1
    assert str(entries[7]) in found[0]


def test_changed_columns_are_named(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    tamper(update(LedgerEntry).where(LedgerEntry.id == entries[3]).values(kind="other"))
    assert len(faults(session, checkpoint_key)) == 1


def test_a_rewritten_leaf_breaks_every_later_checkpoint(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    tamper(update(LedgerLeaf).where(LedgerLeaf.seq == 25).values(leaf=secrets.token_bytes(32)))
    found = faults(session, checkpoint_key)
    assert "checkpoint over 40 leaves: the leaves do not lead to the signed root" in found
    assert "checkpoint over 64 leaves: the leaves do not lead to the signed root" in found
    assert "checkpoint over 20 leaves: the leaves do not lead to the signed root" not in found


def test_a_history_rewritten_with_all_its_nodes_still_shows(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    """Entry, nonce, leaf and tree all fit together again; only the signed root does not."""
    tamper(delete(LedgerNode))
    session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size > 20))
    session.execute(delete(LedgerLeaf))
    session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id == entries[0]))
    session.execute(delete(LedgerEntry).where(LedgerEntry.id == entries[0]))
    for entry in entries[1:]:
        session.execute(insert(LedgerQueue).values(id=new_id(), entry_id=entry, arrived_at=NOW))
    sequence(session, NOW)
    found = faults(session, checkpoint_key)
    assert found == ["checkpoint over 20 leaves: the leaves do not lead to the signed root"]


def test_a_cut_tail_shows(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    tamper(delete(LedgerLeaf).where(LedgerLeaf.seq >= 50))
    assert any("it was cut" in fault for fault in faults(session, checkpoint_key))


def test_a_hole_shows(session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key) -> None:
    tamper(delete(LedgerLeaf).where(LedgerLeaf.seq == 5))
    assert any("gaps" in fault for fault in faults(session, checkpoint_key))


def test_a_changed_or_missing_node_is_named(
    session: Session, entries: list[Id], tamper: Callable[..., None], checkpoint_key: Key
) -> None:
    tamper(update(LedgerNode).where(LedgerNode.level == 2, LedgerNode.position == 1).values(hash=bytes(32)))
    session.execute(delete(LedgerNode).where(LedgerNode.level == 1, LedgerNode.position == 6))
    found = faults(session, checkpoint_key)
    assert "node 2/1: it was changed" in found
    assert "node 1/6: it is missing" in found


def test_an_entry_that_lost_its_leaf_is_named(session: Session, entries: list[Id], checkpoint_key: Key) -> None:
    append(session, Notice("dropped"), SYSTEM, NOW)
    session.execute(delete(LedgerQueue))
    assert any("no leaf" in fault for fault in faults(session, checkpoint_key))


def test_a_destroyed_nonce_makes_a_leaf_mute_and_is_no_fault_once_the_book_says_why(
    session: Session, entries: list[Id], checkpoint_key: Key
) -> None:
    number = TipNumber("MJ-7K3M-Q9RT")
    read = append(session, TipRead(number, "office"), SYSTEM, NOW)
    sequence(session, NOW)
    session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id == read))
    report = verify_book(session, checkpoint_key[1])
    assert (len(report.faults), report.muted) == (1, 1) and "lost its nonce" in report.faults[0].what
    append(session, ReportShredded(number, "PV-19", "batch"), SYSTEM, NOW)
    report = verify_book(session, checkpoint_key[1])
    assert (report.faults, report.muted) == ([], 1)
    session.execute(delete(LedgerNonce).where(LedgerNonce.entry_id == entries[9]))
    assert len(verify_book(session, checkpoint_key[1]).faults) == 1


def test_checkpoints_of_another_key_are_faults_unless_of_an_earlier_origin(
    session: Session, entries: list[Id], checkpoint_key: Key
) -> None:
    stranger, _ = generate_signer("test.example/before-the-restore")
    make_checkpoint(session, stranger, NOW, publish=False)
    report = verify_book(session, checkpoint_key[1])
    assert (report.faults, report.foreign) == ([], 1)
    _, other_vkey = generate_signer("test.example/ledger")
    assert len(verify_book(session, other_vkey).faults) == 3
