from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import CursorResult, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from admin.staff.models import KeyGrant, RecoveryCode, Staff, StaffRole
from portal.attachments.models import Attachment
from portal.jobs.models import Job
from portal.jobs.queue import enqueue
from portal.kernel.actors import REPORTER, Actor, ActorKind
from portal.kernel.capability import Capability, present
from portal.kernel.db import Database
from portal.kernel.shred import create_shred_key, drop_shred_keys, read_shred_key
from portal.kernel.transaction import transaction
from portal.kernel.values import TipNumber, new_id
from portal.ledger.book import append, append_leaf
from portal.ledger.events import Event, KeyPublished, KeyRetired, TipRead, TipReceived
from portal.ledger.models import LedgerEntry, LedgerLeaf, LedgerNonce, LedgerQueue
from portal.mailbox.models import Letter, Mailbox
from portal.tips.models import (
    Clock,
    ClockChange,
    Draft,
    IdentityRecord,
    IdentityShare,
    Proposal,
    Tip,
    TipBody,
    TipEvent,
    TipHolding,
    TipKey,
    TipRecord,
)
from tests.migrations.samples import Rows

NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
REACHED_BY_TAG = [Mailbox.id, Letter.id, Tip.id, TipBody.tip_id, Clock.id, ClockChange.id, TipHolding.id, TipEvent.id]
REACHED = [*REACHED_BY_TAG, Attachment.id, IdentityRecord.id, Draft.tag]
NEVER = [TipKey.id, IdentityShare.id, IdentityRecord.sealed, TipRecord.id, Proposal.id, Staff.id, StaffRole.id]
NEVER += [KeyGrant.id, RecoveryCode.id, Job.id, LedgerQueue.id]


def found(session: Session, column: Any) -> list[Any]:
    return list(session.scalars(select(column)))


def changed(session: Session, statement: Any) -> int:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount


def test_without_a_tag_there_is_not_one_row(theirs: Rows, public: Session) -> None:
    assert {str(column): found(public, column) for column in REACHED} == {str(column): [] for column in REACHED}


def test_a_tag_opens_one_mailbox_and_the_report_behind_it(mine: Rows, theirs: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    own = {str(column): [mine[column.class_.__tablename__][column.key]] for column in REACHED_BY_TAG}
    assert {str(column): found(public, column) for column in REACHED_BY_TAG} == own


def test_a_wrong_tag_opens_nothing(theirs: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, secrets.token_bytes(32))
    present(public, Capability.DRAFT, secrets.token_bytes(32))
    assert {str(column): found(public, column) for column in REACHED} == {str(column): [] for column in REACHED}


def test_a_tag_is_forgotten_when_the_transaction_ends(mine: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    assert found(public, Tip.id) == [mine["tip"]["id"]]
    public.rollback()
    assert found(public, Tip.id) == []


def test_a_draft_is_reached_by_its_tag_or_its_return_tag(mine: Rows, theirs: Rows, public: Session) -> None:
    for column in ("tag", "return_tag"):
        present(public, Capability.DRAFT, mine["draft"][column])
        assert found(public, Draft.tag) == [mine["draft"]["tag"]]
        assert found(public, Attachment.id) == [mine["attachment"]["id"]]


def refused(session: Session, statement: Any) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), session.begin_nested():
        session.execute(statement)


def test_some_things_the_public_process_cannot_read_at_all(mine: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    present(public, Capability.DRAFT, mine["draft"]["tag"])
    for column in NEVER:
        refused(public, select(column))


def test_another_s_rows_can_be_neither_changed_nor_removed(mine: Rows, theirs: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    present(public, Capability.DRAFT, mine["draft"]["tag"])
    other = theirs["tip"]["id"]
    assert changed(public, update(Tip).where(Tip.id == other).values(pressured=True)) == 0
    assert changed(public, update(Letter).where(Letter.tip_id == other).values(removed_by_reporter=True)) == 0
    assert changed(public, update(Draft).where(Draft.tip_id == other).values(sealed=b"")) == 0
    assert changed(public, delete(Draft).where(Draft.tip_id == other)) == 0
    assert changed(public, delete(Attachment).where(Attachment.record_id == other)) == 0
    assert changed(public, update(Mailbox).where(Mailbox.tip_id == other).values(tag=b"x")) == 0
    assert changed(public, update(Tip).values(pressured=True)) == 1
    assert changed(public, update(Letter).values(removed_by_reporter=True)) == 1
    assert changed(public, delete(Attachment)) == 1
    assert changed(public, delete(Draft)) == 1


FORBIDDEN = [
    delete(Mailbox),
    delete(Letter),
    delete(Tip),
    update(Tip).values(office_id=new_id()),
    update(Tip).values(number="MJ-2222-2222"),
    update(Letter).values(sealed=b""),
    update(TipBody).values(report=b""),
    update(TipEvent).values(code="x"),
    update(Mailbox).values(tip_id=new_id()),
    delete(Job),
    update(LedgerEntry).values(payload=b""),
    delete(LedgerEntry),
    delete(LedgerQueue),
    delete(LedgerNonce),
    insert(LedgerLeaf).values(seq=1, leaf=b""),
    text("UPDATE sealing_key SET public = ''"),
    text("UPDATE office SET superior_id = NULL"),
    text("INSERT INTO rulebook (id) VALUES (gen_random_uuid())"),
    text("UPDATE alembic_version SET version_num = '0'"),
    text("ALTER TABLE mailbox DISABLE ROW LEVEL SECURITY"),
    text("TRUNCATE draft"),
    text("CREATE TABLE mine (x int)"),
]


def test_what_only_others_may_do_is_refused(mine: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    present(public, Capability.DRAFT, mine["draft"]["tag"])
    for statement in FORBIDDEN:
        refused(public, statement)


def test_a_temporary_table_cannot_stand_in_for_the_mailboxes(theirs: Rows, public: Session) -> None:
    public.execute(text("CREATE TEMP TABLE mailbox (tip_id uuid)"))
    public.execute(text("INSERT INTO mailbox VALUES (:tip)"), {"tip": theirs["tip"]["id"]})
    assert found(public, Tip.id) == []


def test_the_owner_of_a_handed_over_code_may_move_the_mailbox_to_a_new_tag(mine: Rows, public: Session) -> None:
    old, new = mine["mailbox"]["tag"], secrets.token_bytes(32)
    present(public, Capability.MAILBOX, old)
    present(public, Capability.NEW_MAILBOX, new)
    mailbox = public.scalars(select(Mailbox).where(Mailbox.tag == old)).one()
    mailbox.tag, mailbox.first_use_only = new, False
    public.flush()
    present(public, Capability.MAILBOX, new)
    assert found(public, Letter.id) == [mine["letter"]["id"]]


def test_the_public_process_records_and_enqueues_what_it_cannot_read_again(
    postgresql_database: Database, public: Session
) -> None:
    with transaction() as session:
        entry = append(session, TipReceived(TipNumber("MJ-2222-2222"), "o", "b", "r", "00"), REPORTER, NOW)
        append_leaf(session, secrets.token_bytes(32), NOW)
        for _ in range(2):
            enqueue(session, "some.kind", {"tip": "1"}, NOW, key="once")
    assert found(public, LedgerEntry.id) == []
    assert found(public, LedgerNonce.entry_id) == []
    with Session(postgresql_database.engine) as owner:
        assert found(owner, LedgerEntry.id) == [entry]
        assert owner.scalar(select(func.count()).select_from(Job)) == 1
        assert owner.scalar(select(func.count()).select_from(LedgerQueue)) == 2


SOMEBODY = Actor(ActorKind.STAFF, new_id())
RECEIVED = TipReceived(TipNumber("MJ-2222-2222"), "o", "b", "r", "00")


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        (KeyRetired("office", str(new_id()), 1, "00"), REPORTER),
        (KeyPublished("office", str(new_id()), 9, "00"), REPORTER),
        (TipRead(TipNumber("MJ-2222-2222"), "o"), REPORTER),
        (RECEIVED, SOMEBODY),
    ],
)
def test_a_captured_public_process_writes_nothing_into_the_book_that_staff_did(
    public: Session, event: Event, actor: Actor
) -> None:
    """An entry that retires a key would be believed, and the book takes nothing back."""
    with pytest.raises(ProgrammingError, match="row-level security"), transaction() as session:
        append(session, event, actor, NOW)


def test_it_does_not_write_one_thing_beside_an_entry_and_another_into_it(public: Session) -> None:
    payload = KeyRetired("office", str(new_id()), 1, "00").payload(NOW.date(), "staff", None)
    row = {"id": new_id(), "kind": RECEIVED.kind, "day": NOW.date(), "subject": RECEIVED.subject, "actor_id": None}
    with pytest.raises(ProgrammingError, match="row-level security"):
        public.execute(insert(LedgerEntry).values(payload=payload, **row))


def test_of_the_record_it_reads_what_vouches_for_keys(
    mine: Rows, postgresql_database: Database, public: Session
) -> None:
    with postgresql_database.engine.begin() as owner:
        owner.execute(text("UPDATE sealing_key SET entry_id = :entry"), {"entry": mine["ledger_entry"]["id"]})
    assert found(public, LedgerEntry.id) == [mine["ledger_entry"]["id"]]
    assert found(public, LedgerNonce.nonce) == [mine["ledger_nonce"]["nonce"]]
    assert found(public, LedgerLeaf.leaf) == [mine["ledger_leaf"]["leaf"]]


def test_of_the_record_it_reads_the_life_of_keys_and_nothing_of_reports(
    postgresql_database: Database, public: Session
) -> None:
    with Session(postgresql_database.engine) as owner:
        published = append(owner, KeyPublished("office", str(new_id()), 2, "00"), REPORTER, NOW)
        append(owner, TipReceived(TipNumber("MJ-2222-2222"), "o", "b", "r", "00"), REPORTER, NOW)
        owner.commit()
    assert found(public, LedgerEntry.id) == [published]


def test_it_makes_and_reads_shred_keys_and_destroys_none(public: Session) -> None:
    record = new_id()
    key = create_shred_key(record, NOW.date())
    assert read_shred_key(record) == key
    with pytest.raises(ProgrammingError, match="permission denied"):
        drop_shred_keys([record])


def test_one_tag_costs_an_index_scan_not_a_walk_through_all_reports(mine: Rows, public: Session) -> None:
    present(public, Capability.MAILBOX, mine["mailbox"]["tag"])
    public.execute(text("SET LOCAL enable_seqscan = off"))
    for query in ("SELECT * FROM tip", "SELECT * FROM letter", "SELECT * FROM clock", "SELECT * FROM tip_body"):
        plan = "\n".join(public.scalars(text(f"EXPLAIN {query}")))
        assert "Seq Scan" not in plan, plan
