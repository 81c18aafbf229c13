"""Each process in its own role: staff agree, the worker destroys without reading, the code is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from admin.retention import holding
from admin.retention.backups import back_up
from admin.retention.proposing import approve
from admin.retention.reconciling import reconcile
from portal.kernel.clock import now, today
from portal.kernel.errors import NotFound
from portal.kernel.shred import shred_key
from portal.kernel.transaction import bind, bound, reading, transaction
from portal.mailbox.models import Letter, Mailbox
from portal.retention.states import BatchState
from portal.retention.values import HoldReason
from portal.tips.models import IdentityShare, Tip, TipBody, TipKey, TipRecord
from portal.tips.reporter import find_mailbox
from tests.postgresql.conftest import AsRole, as_role
from tests.retention.conftest import Archive

__all__ = ["as_role"]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def owner(archive: Archive) -> Iterator[None]:
    """What the test looks at itself, it looks at with the owner's rights."""
    yield
    bind(archive.world.database)


def test_staff_agree_the_worker_destroys_and_none_needs_more_than_its_own_rights(
    archive: Archive, as_role: AsRole, owner: None
) -> None:
    gone, kept = (archive.declined(named=True, files=[("a.png", bytes(64))]) for _ in range(2))
    archive.later()
    _ = archive.archivist, archive.head
    as_role("staff")
    with transaction() as session:
        made = holding.hold(session, kept, HoldReason.AUDIT, archive.head, now()).id
        holding.lift(session, made, archive.head, now())
        holding.hold(session, kept, HoldReason.LITIGATION, archive.head, now())
    bind(archive.world.database)
    archive.place()
    as_role("staff")
    batch = archive.proposed()
    with transaction() as session:
        approve(session, batch, archive.head, now())
    bind(archive.world.database)
    archive.place()
    as_role("worker")
    assert archive.shred() == 1
    bind(archive.world.database)
    assert archive.batch(batch).state == BatchState.DONE
    assert not archive.opens(gone) and archive.opens(kept)


@pytest.mark.parametrize(
    "column", [TipBody.report, TipKey.wrapped, TipRecord.sealed, Letter.sealed, IdentityShare.sealed, Mailbox.tag]
)
def test_the_worker_may_delete_what_is_sealed_and_still_reads_none_of_it(
    archive: Archive, as_role: AsRole, owner: None, column: object
) -> None:
    as_role("worker")
    with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(select(column))  # type: ignore[call-overload]  # a column


def test_the_public_process_sees_the_tombstone_behind_its_own_tag_and_no_other(
    archive: Archive, as_role: AsRole, owner: None
) -> None:
    number, other = archive.declined(), archive.declined()
    archive.later()
    archive.destroy_all_due()
    as_role("public")
    mine, theirs = archive.world.mailboxes[number], archive.world.mailboxes[other]
    with reading() as session:
        found = find_mailbox(session, mine.tag)
        assert found.destroyed_on == today() and found.destroyed_by == "PV-19"
        assert session.scalars(select(Tip.number)).all() == [number]
        assert session.scalars(select(Mailbox.tag)).all() == [mine.tag]
    with reading() as session:
        assert session.scalars(select(Mailbox.tag).where(Mailbox.tag == theirs.tag)).all() == []
    with reading() as session, pytest.raises(NotFound, match="no_mailbox"):
        find_mailbox(session, bytes(32))


@pytest.mark.parametrize("table", ["retention_schedule", "retention_hold", "shred_batch", "shred_item"])
def test_the_public_process_knows_nothing_of_what_is_to_go(
    archive: Archive, as_role: AsRole, owner: None, table: str
) -> None:
    as_role("public")
    with reading() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"select * from {table}"))


def test_reconciling_needs_no_more_than_the_worker_and_copying_no_less_than_the_owner(
    archive: Archive, as_role: AsRole, owner: None, tmp_path: Path
) -> None:
    archive.declined()
    archive.later()
    archive.destroy_all_due()
    as_role("worker")
    assert reconcile(now()).lost == []
    with pytest.raises(ProgrammingError, match="permission denied"):
        back_up(tmp_path, today())


def test_no_byte_of_a_destroyed_key_is_left_in_the_file_once_the_store_is_written_anew(archive: Archive) -> None:
    number = archive.declined()
    keys = [bytes(row) for row in _keys()]
    archive.later()
    archive.destroy_all_due()
    assert not archive.has_key(number)
    engine = bound().shred.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM FULL shred_key"))
        connection.execute(text("CHECKPOINT"))
        folder = connection.execute(text("show data_directory")).scalar_one()
        place = connection.execute(text("select pg_relation_filepath('shred_key')")).scalar_one()
        size = connection.execute(text("select pg_relation_size('shred_key')")).scalar_one()
    data = (Path(folder) / place).read_bytes()
    assert len(data) == size and keys and not any(key in data for key in keys)


def _keys() -> list[bytes]:
    with bound().shred.connect() as connection:
        return list(connection.execute(select(shred_key.c.key)).scalars())
