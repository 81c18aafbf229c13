"""The sealed store in a folder: made once, durable, undated to the minute."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.attachments.store import LocalStore
from portal.kernel.errors import NotFound, Unavailable
from portal.kernel.values import new_id

NOW = datetime(2026, 9, 28, 7, 41, tzinfo=UTC)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_kept_blob_reads_back_and_carries_midnight_as_its_time(tmp_path: Path) -> None:
    store, blob = LocalStore(tmp_path), new_id()
    writing = store.create(blob, NOW)
    writing.write(b"sealed bytes")
    writing.keep()
    writing.drop()  # after keep it does nothing
    with store.open(blob) as reading:
        assert reading.read() == b"sealed bytes"
    (path,) = files(tmp_path)
    assert datetime.fromtimestamp(path.stat().st_mtime, UTC) == datetime(
        2026, 9, 27, 16, tzinfo=UTC
    )  # midnight, Beijing
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.name == blob.hex and path.parent.name == blob.hex[2:4]


def test_a_store_shared_by_a_group_lets_the_group_read_files_and_remove_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    before = os.umask(0o007)
    try:
        LocalStore(tmp_path).create(new_id(), NOW).keep()
    finally:
        os.umask(before)
    (path,) = files(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640
    for folder in (path.parent, path.parent.parent):
        assert folder.stat().st_mode & 0o7777 == 0o2770


def test_a_dropped_blob_leaves_nothing(tmp_path: Path) -> None:
    store, blob = LocalStore(tmp_path), new_id()
    writing = store.create(blob, NOW)
    writing.write(b"half")
    writing.drop()
    assert files(tmp_path) == []
    with pytest.raises(NotFound):
        store.open(blob)


def test_a_name_is_used_once(tmp_path: Path) -> None:
    store, blob = LocalStore(tmp_path), new_id()
    store.create(blob, NOW).keep()
    with pytest.raises(Unavailable):
        store.create(blob, NOW)


def test_a_full_disk_is_an_answer_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    writing = store.create(new_id(), NOW)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Unavailable):
        writing.write(b"x")
    assert files(tmp_path) == []


def test_a_sync_that_fails_is_not_taken_for_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = LocalStore(tmp_path).create(new_id(), NOW)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(Unavailable):
        writing.keep()
    assert files(tmp_path) == []


def test_old_blobs_are_found_and_foreign_files_passed_over(tmp_path: Path) -> None:
    store, blob = LocalStore(tmp_path), new_id()
    store.create(blob, NOW).keep()
    stray = tmp_path / "ab" / "cd" / ("z" * 32)
    stray.parent.mkdir(parents=True)
    stray.touch()
    os.utime(stray, (0, 0))
    assert list(store.older_than(NOW)) == [blob]
    assert list(store.older_than(NOW - timedelta(days=1))) == []
    store.delete(blob)
    store.delete(blob)
    assert list(store.older_than(NOW)) == []
