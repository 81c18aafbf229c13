"""Backups of the shred store, and the rehearsal: what comes back after a restore, and what never does."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, insert, select, text

from admin.audit.checkpoints import make_checkpoint
from admin.audit.reports import check_reports
from admin.retention.backups import MOST_DAYS, back_up, prune, restore
from admin.retention.reconciling import reconcile
from crypto.signing import generate_signer
from portal.kernel.clock import now, today
from portal.kernel.db import Base
from portal.kernel.errors import Refused
from portal.kernel.shred import create_shred_key, drop_shred_keys, read_shred_key, shred_key, shredded
from portal.kernel.transaction import bound, reading, transaction
from portal.kernel.values import new_id
from portal.ledger.verify import verify_book
from tests.retention.conftest import Archive

Backup = dict[Table, list[dict[str, object]]]


def copy_main() -> Backup:
    """What a dump of the main database holds."""
    with bound().engine.connect() as connection:
        return {
            table: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


def put_back_main(backup: Backup) -> None:
    """Empty the main database and fill it with the dump, as an owner does; triggers are put aside meanwhile."""
    with bound().engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("set local session_replication_role = replica"))
        else:
            connection.execute(text("pragma defer_foreign_keys = on"))
            for name in (
                connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
            ):
                connection.execute(text(f"drop trigger {name}"))
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
        for table, rows in backup.items():
            if rows:
                connection.execute(insert(table), rows)


def empty_shred_store() -> None:
    with bound().shred.begin() as connection:
        connection.execute(delete(shred_key))
        connection.execute(delete(shredded))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shred-backups"
    made.mkdir()
    return made


@pytest.fixture
def disaster(archive: Archive, folder: Path) -> tuple[str, str, Backup, Path]:
    """Reports A (past its term) and B; both backed up, main database first; then A is destroyed."""
    a = archive.declined(named=True)
    archive.later()
    b = archive.world.report()
    archive.place()
    main, copy = copy_main(), back_up(folder, today())
    archive.destroy_all_due()
    assert not archive.opens(a) and archive.opens(b)
    return a, b, main, copy


def test_an_old_main_database_beside_the_shred_store_of_today_opens_what_was_not_destroyed_and_no_more(
    archive: Archive, disaster: tuple[str, str, Backup, Path]
) -> None:
    a, b, main, _ = disaster
    destroyed_on = archive.destroyed_on(a)
    put_back_main(main)
    assert archive.destroyed_on(a) is None, "the backup is older than the destruction"
    assert not archive.opens(a) and archive.opens(b), "the key is what counts"
    found = reconcile(now())
    assert (found.reports, found.lost) == ([a], [])
    assert archive.destroyed_on(a) == destroyed_on is not None and not archive.opens(a) and archive.opens(b)
    assert reconcile(now()).reports == [], "it may be repeated"


def test_the_book_of_a_restored_deployment_holds_under_its_new_origin(
    archive: Archive, disaster: tuple[str, str, Backup, Path]
) -> None:
    _, _, main, _ = disaster
    put_back_main(main)
    reconcile(now())
    archive.place()
    signer, vkey = generate_signer("test.example/ledger-2")
    with transaction() as session:
        make_checkpoint(session, signer, now(), publish=False)
    with reading() as session:
        report = verify_book(session, vkey)
        check_reports(session, report)
    assert report.faults == [] and report.foreign > 0 and report.muted > 0


def test_both_from_their_backups_bring_back_everything_as_long_as_the_copy_of_the_shred_store_is_there(
    archive: Archive, disaster: tuple[str, str, Backup, Path]
) -> None:
    a, b, main, copy = disaster
    put_back_main(main)
    empty_shred_store()
    assert restore(copy).keys == 2
    found = reconcile(now())
    assert (found.reports, found.lost) == ([], [])
    assert archive.opens(a) and archive.opens(b)


def test_thirty_days_later_no_backup_opens_what_was_destroyed_and_nothing_else_is_lost(
    archive: Archive, disaster: tuple[str, str, Backup, Path], folder: Path
) -> None:
    a, b, main, _ = disaster
    archive.clock.advance(days=MOST_DAYS)
    back_up(folder, today())
    copies = list(folder.iterdir())
    assert [path.name for path in copies] == [f"shred-{today()}.backup"]
    put_back_main(main)  # the oldest there is, from before the destruction
    empty_shred_store()
    restore(copies[0])
    assert not archive.opens(a) and archive.opens(b)
    found = reconcile(now())
    assert (found.reports, found.lost) == ([a], []) and archive.opens(b)


def test_an_older_shred_store_beside_the_main_database_of_today_is_told_what_has_to_go(
    archive: Archive, disaster: tuple[str, str, Backup, Path]
) -> None:
    a, b, _, copy = disaster
    empty_shred_store()
    restore(copy)
    assert archive.has_key(a), "the copy is older than the destruction"
    found = reconcile(now())
    assert (found.keys, found.lost) == (1, [])
    assert not archive.has_key(a) and archive.opens(b)


def test_a_report_without_a_key_is_named_and_not_passed_over(archive: Archive) -> None:
    number, other = archive.world.report(), archive.world.report()
    drop_shred_keys([archive.world.tip(number).id])
    found = reconcile(now())
    assert (found.lost, found.reports) == ([number], []) and archive.opens(other)
    assert archive.destroyed_on(number) is None, "nothing may look like a destruction that was none"


def test_a_copy_holds_every_key_and_what_was_destroyed(archive: Archive, folder: Path) -> None:
    a = archive.declined()
    archive.later()
    archive.destroy_all_due()
    b = archive.world.report()
    copy = back_up(folder, today())
    assert copy.name == f"shred-{today()}.backup" and copy.stat().st_mode & 0o777 == 0o600
    empty_shred_store()
    restore(copy)
    assert archive.opens(b) and not archive.has_key(a)
    with bound().shred.connect() as connection:
        assert connection.execute(select(shredded.c.id)).scalars().all() == [archive.world.tip(a).id]


def test_what_is_here_is_never_replaced_and_what_is_dead_stays_dead(archive: Archive, folder: Path) -> None:
    kept, dead = new_id(), new_id()
    create_shred_key(kept, today())
    create_shred_key(dead, today())
    copy = back_up(folder, today())
    drop_shred_keys([kept])
    fresh = create_shred_key(kept, today())
    with bound().shred.begin() as connection:
        connection.execute(delete(shred_key).where(shred_key.c.id == dead))
        connection.execute(insert(shredded).values(id=dead, day=today(), rule="PV-19"))
    taken = restore(copy)
    assert (taken.keys, taken.destroyed, taken.other) == (0, 1, 1)
    assert read_shred_key(kept) == fresh


@pytest.mark.parametrize("spoil", ["cut", "changed", "emptied", "nonsense"])
def test_a_copy_that_was_cut_or_altered_is_refused_whole(archive: Archive, folder: Path, spoil: str) -> None:
    for _ in range(3):
        create_shred_key(new_id(), today())
    copy = back_up(folder, today())
    data = copy.read_bytes()
    lines = data.splitlines(keepends=True)
    spoilt = {
        "cut": b"".join(lines[:-2] + lines[-1:]),
        "changed": data.replace(b'"key"', b'"kez"', 1),
        "emptied": b"",
        "nonsense": b"\xff\n{}\n",
    }
    copy.write_bytes(spoilt[spoil])
    empty_shred_store()
    with pytest.raises(Refused, match="bad_backup"):
        restore(copy)
    with bound().shred.connect() as connection:
        assert connection.execute(select(shred_key)).all() == []


@pytest.mark.parametrize(("age", "kept"), [(0, True), (MOST_DAYS - 1, True), (MOST_DAYS, False), (400, False)])
def test_no_copy_grows_older_than_thirty_days(folder: Path, age: int, kept: bool) -> None:
    day = date(2026, 9, 28)
    path = folder / f"shred-{day - timedelta(days=age)}.backup"
    strange = folder / "shred-2020-99-99.backup"
    for one in (path, strange):
        one.write_text("x")
    prune(folder, day)
    assert path.exists() is kept and strange.exists()


@pytest.mark.parametrize("days", [0, 31, 365])
def test_a_longer_term_for_copies_is_refused_before_anything_is_written(folder: Path, days: int) -> None:
    with pytest.raises(Refused, match="too_long"):
        back_up(folder, date(2026, 9, 28), days)
    assert list(folder.iterdir()) == []


def test_old_copies_go_even_when_no_new_one_can_be_made(
    folder: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = folder / "shred-2020-01-01.backup"
    old.write_text("x")
    monkeypatch.setattr("admin.retention.backups._write", _no_room)
    with pytest.raises(OSError, match="no room"):
        back_up(folder, today())
    assert not old.exists() and list(folder.glob("*.backup")) == []


def _no_room(*_: object) -> None:
    raise OSError("no room")
