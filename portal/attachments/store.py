"""The sealed store: blobs under random names, made once, never changed.

A blob is on disk (file and folder synced) before the transaction that names it may commit. Its time is set to the
midnight before, so that a listing tells the day of a report and not the minute. The protocol is what an object store
can do too: create-only put, read, delete, list by age.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import BinaryIO, Protocol

from portal.kernel.clock import BEIJING, Utc, day_of
from portal.kernel.errors import NotFound, Unavailable
from portal.kernel.site import site
from portal.kernel.values import Id


class Blob(Protocol):
    """A blob being written. Exactly one of :meth:`keep` and :meth:`drop` ends it; *drop* after *keep* does nothing."""

    def write(self, data: bytes, /) -> int: ...

    def keep(self) -> None:
        """Make it durable. Raises Unavailable when the store is full or gone; the blob is then dropped."""

    def drop(self) -> None:
        """Remove it, never raising: what stays behind is swept."""


class Store(Protocol):
    """Where sealed blobs live."""

    def create(self, blob: Id, now: Utc) -> Blob:
        """Start a blob. Raises Unavailable when the store is full, gone, or has that name already."""

    def open(self, blob: Id) -> BinaryIO:
        """The sealed bytes. Raises NotFound ("no_file")."""

    def delete(self, blob: Id) -> None:
        """Remove a blob; one that is not there is no error."""

    def older_than(self, moment: Utc) -> Iterator[Id]:
        """Blobs last touched before *moment*, in no order."""


def store_unavailable() -> Unavailable:
    return Unavailable("store_unavailable", "现在不能保存文件，什么也没有存下。请稍后再试；文字部分可以先提交。")


def site_store() -> Store:
    """The store of this deployment: a folder of its own."""
    return LocalStore(site().blob_dir)


def is_gone(blob: Id) -> bool:
    """Whether the store of this deployment has no such blob, or no longer. Raises Unavailable when it cannot say."""
    try:
        site_store().open(blob).close()
    except NotFound:
        return True
    return False


class LocalStore:
    """Two-level folders under *root*: ``ab/cd/abcd…``. Files are 0600, folders 0700.

    Where the group may write to *root*, the processes that share the store have accounts of their own: then the group
    may read the files and change the folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, blob: Id, now: Utc) -> LocalBlob:
        path = self._path(blob)
        try:
            mode = self._make_folders(path)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        except OSError as error:
            raise store_unavailable() from error
        return LocalBlob(path, descriptor, now)

    def _make_folders(self, path: Path) -> int:
        """The folders of a blob; returns the mode that its file gets."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        shared = bool(self._root.stat().st_mode & stat.S_IWGRP)
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o770 if shared else 0o700, exist_ok=True)
        return 0o640 if shared else 0o600

    def open(self, blob: Id) -> BinaryIO:
        try:
            return self._path(blob).open("rb")
        except FileNotFoundError:
            raise NotFound("no_file", "没有这个文件。") from None
        except OSError as error:
            raise store_unavailable() from error

    def delete(self, blob: Id) -> None:
        self._path(blob).unlink(missing_ok=True)

    def older_than(self, moment: Utc) -> Iterator[Id]:
        limit = moment.timestamp()
        for path in self._root.glob("??/??/" + "?" * 32):
            try:
                if path.stat().st_mtime < limit:
                    yield Id(path.name)
            except (FileNotFoundError, ValueError):
                continue  # removed meanwhile, or not ours

    def _path(self, blob: Id) -> Path:
        name = blob.hex
        return self._root / name[:2] / name[2:4] / name


class LocalBlob:
    """A file being written; see :class:`Blob`."""

    def __init__(self, path: Path, descriptor: int, now: Utc) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._midnight = datetime.combine(day_of(now), time.min, BEIJING).timestamp()
        self._kept = False

    def write(self, data: bytes, /) -> int:
        if self._descriptor is None:
            raise store_unavailable()
        try:
            return os.write(self._descriptor, data)
        except OSError as error:
            self.drop()
            raise store_unavailable() from error

    def keep(self) -> None:
        if self._descriptor is None:
            raise store_unavailable()
        try:
            os.utime(self._descriptor, (self._midnight, self._midnight))
            os.fsync(self._descriptor)
            self._close()
            _sync_folder(self._path.parent)
        except OSError as error:
            self.drop()
            raise store_unavailable() from error
        self._kept = True

    def drop(self) -> None:
        if self._kept:
            return
        self._close()
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return  # the sweep finds it

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """A new name is durable only when its folders are; the two above may be new as well."""
    for path in (folder, folder.parent, folder.parent.parent):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
