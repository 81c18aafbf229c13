"""What is left on the disk of a destroyed report: no byte of its key, its nonces or its sealed words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.retention import holding
from admin.retention.backups import MOST_DAYS, back_up
from portal.kernel import shred
from portal.kernel.clock import now, today
from portal.kernel.shred import create_shred_key, shred_key, wipe_traces
from portal.kernel.site import site
from portal.kernel.transaction import bound, reading, transaction
from portal.kernel.values import new_id
from portal.ledger.models import LedgerEntry, LedgerNonce
from portal.mailbox.models import Letter
from portal.retention.states import BatchState
from portal.retention.values import HoldReason
from portal.tips.models import IdentityRecord, TipBody, TipKey, TipRecord
from tests.faults.markers import Markers, files_below
from tests.retention.conftest import Archive

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def secrets_of(archive: Archive, number: str) -> list[bytes]:
    """Every byte string that only this report has: key, sealed rows, nonces, files."""
    tip = archive.world.tip(number).id
    with bound().shred.connect() as connection:
        found = [bytes(connection.execute(select(shred_key.c.key).where(shred_key.c.id == tip)).scalar_one())]
    with reading() as session:
        for column in (TipBody.report, TipBody.manifest, TipKey.wrapped, TipRecord.sealed, Letter.sealed):
            found += session.scalars(select(column).where(column.class_.tip_id == tip)).all()
        found += session.scalars(select(IdentityRecord.sealed).where(IdentityRecord.tip_id == tip)).all()
        about = select(LedgerEntry.id).where(LedgerEntry.subject == number)
        found += session.scalars(select(LedgerNonce.nonce).where(LedgerNonce.entry_id.in_(about))).all()
    return found


def folder_of_stores() -> Path:
    return Path(bound().engine.url.database or "").parent


def left(secrets: list[bytes], *folders: Path) -> int:
    """How many of them stand in some file, whole or in their second half."""
    data = [path.read_bytes() for path in files_below(*folders)]
    assert data, "nothing was searched"
    return sum(any(secret in one or secret[len(secret) // 2 :] in one for one in data) for secret in secrets)


@one_database
def test_no_byte_of_key_nonces_or_sealed_words_is_left_in_a_file_or_its_log(archive: Archive) -> None:
    for _ in range(300):  # pages full of neighbours
        create_shred_key(new_id(), today())
    gone, kept = (archive.declined(named=True, files=[("a.png", bytes(5000))]) for _ in range(2))
    archive.later()
    with transaction() as session:
        holding.hold(session, kept, HoldReason.AUDIT, archive.head, now())
    lost, still = secrets_of(archive, gone), secrets_of(archive, kept)
    stores = folder_of_stores()
    assert left(lost, stores) == len(lost) > 15
    batch = archive.destroy_all_due()
    assert archive.batch(batch).state == BatchState.DONE
    assert left(lost, stores) == 0
    assert left(still, stores) == len(still)


@one_database
def test_while_somebody_reads_the_log_the_batch_is_not_called_done(archive: Archive) -> None:
    archive.declined()
    archive.later()
    batch = archive.approved()
    bound().shred.dispose()
    reader = shred_reader()
    assert archive.shred() == 1 and archive.batch(batch).state == BatchState.RUNNING
    reader.close()
    assert archive.shred() == 0 and archive.batch(batch).state == BatchState.DONE


def shred_reader() -> Session:
    """A reader in the middle of a read."""
    session = Session(bound().shred_reader)
    session.execute(select(shred_key)).all()
    return session


def test_wiping_says_so_where_nothing_is_in_the_way(archive: Archive) -> None:
    archive.declined()
    assert wipe_traces()


def test_after_thirty_days_no_word_and_no_key_stands_in_stores_files_or_copies(
    archive: Archive, tmp_path: Path
) -> None:
    say = Markers()
    words = {"words": say.han("words"), "target": say.letters("target"), "place": say.han("place")}
    gone = archive.declined(**words, named=True, files=[(f"{say.letters('name of a file')}.png", bytes(64))])
    archive.later()
    lost = secrets_of(archive, gone)
    copies = tmp_path / "copies"
    copies.mkdir()
    copy = back_up(copies, today())
    assert lost[0].hex().encode() in copy.read_bytes()
    archive.destroy_all_due()
    archive.clock.advance(days=MOST_DAYS)
    back_up(copies, today())
    folders = [copies, site().blob_dir]
    folders += [folder_of_stores()] if bound().shred.dialect.name == "sqlite" else []
    assert say.found_in(files_below(*folders)) == []
    data = b"".join(path.read_bytes() for path in files_below(*folders))
    assert not any(secret in data or secret.hex().encode() in data for secret in lost)
    assert list(files_below(site().blob_dir)) == []


def test_a_key_is_destroyed_once_and_its_day_stays(archive: Archive) -> None:
    record = new_id()
    create_shred_key(record, today())
    for day in (today(), today() + timedelta(days=9)):
        shred.destroy_shred_keys([record], day, "PV-19")
    with bound().shred.connect() as connection:
        assert connection.execute(select(shred.shredded)).one() == (record, today(), "PV-19")
        assert connection.execute(select(shred_key)).all() == []
