"""Copies of the shred store, on either database in one form of our own, and taking them back.

A copy is the only thing that opens what was destroyed since it was made, so none grows older than
:data:`MOST_DAYS`: each call deletes those that have, whether or not it can make a new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Row, Table, delete, insert, select

from portal.kernel.errors import Refused
from portal.kernel.shred import shred_key, shredded
from portal.kernel.transaction import bound
from portal.kernel.values import Id

MOST_DAYS = 30
FORM = "mingjing/shred-backup/1"
_NAME = re.compile(r"shred-(\d{4}-\d{2}-\d{2})\.backup")
_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What came back: keys that were missing, keys that stay destroyed, keys that are other than those here."""

    keys: int
    destroyed: int
    other: int


def back_up(folder: Path, day: date, days: int = MOST_DAYS) -> Path:
    """Copy the store as it is now into a new file named by *day*, which replaces one of the same day, and delete copies
    that are *days* old or older. Refused ("too_long") for more than MOST_DAYS. Raises OSError."""
    if not 1 <= days <= MOST_DAYS:
        raise Refused("too_long", f"销毁密钥的备份最多保存 {MOST_DAYS} 天。")
    try:
        path, half = folder / f"shred-{day.isoformat()}.backup", folder / f".shred-{day.isoformat()}.half"
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            _write(out, day)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    finally:
        prune(folder, day, days)
    return path


def prune(folder: Path, day: date, days: int = MOST_DAYS) -> list[Path]:
    """Delete the copies in *folder* that are *days* old or older on *day*; returns them."""
    old = [path for path in sorted(folder.iterdir()) if (made := _made_on(path)) and made <= day - timedelta(days=days)]
    for path in old:
        path.unlink()
    _sync(folder)
    return old


def _made_on(path: Path) -> date | None:
    named = _NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:
        return None


def _write(out: BinaryIO, day: date) -> None:
    """A line that says what it is, a line a row, and a last line with their number and SHA-256."""
    digest, count = hashlib.sha256(), 0
    for line in _lines(day):
        digest.update(line)
        count += 1
        out.write(line)
    out.write(json.dumps({"lines": count, "sha256": digest.hexdigest()}).encode() + b"\n")


def _lines(day: date) -> Iterator[bytes]:
    yield json.dumps({"form": FORM, "day": day.isoformat()}).encode() + b"\n"
    with _snapshot() as connection:
        for row in _rows(connection, shred_key):
            yield json.dumps(["key", row.id.hex, row.key.hex(), row.made_on.isoformat()]).encode() + b"\n"
        for row in _rows(connection, shredded):
            yield json.dumps(["shredded", row.id.hex, row.day.isoformat(), row.rule]).encode() + b"\n"


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """The store at one moment, whatever is written meanwhile."""
    engine = bound().shred_reader
    if bound().shred.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def _rows(connection: Connection, table: Table) -> Iterator[Row[tuple[object, ...]]]:
    result = connection.execution_options(stream_results=True, yield_per=_AT_A_TIME).execute(select(table))
    yield from result


def restore(path: Path) -> Taken:
    """Take back what the store lacks of the copy at *path*, all or nothing.

    A key that is here is never replaced, and what either side says was destroyed stays so. Refused ("bad_backup") when
    the file is cut or altered.
    """
    keys: dict[Id, tuple[bytes, date]] = {}
    gone: dict[Id, tuple[date, str]] = {}
    for kind, record, *rest in _read(path):
        if kind == "key":
            keys[Id(record)] = bytes.fromhex(rest[0]), date.fromisoformat(rest[1])
        else:
            gone[Id(record)] = date.fromisoformat(rest[0]), rest[1]
    with bound().shred.begin() as connection:
        here = {row.id: bytes(row.key) for row in connection.execute(select(shred_key.c.id, shred_key.c.key))}
        known = set(connection.execute(select(shredded.c.id)).scalars())
        dead = known | set(gone)
        lacking = {record: key for record, key in keys.items() if record not in here and record not in dead}
        _insert(connection, shredded, [
            {"id": record, "day": day, "rule": rule} for record, (day, rule) in gone.items() if record not in known
        ])  # fmt: skip
        _insert(connection, shred_key, [
            {"id": record, "key": key, "made_on": day} for record, (key, day) in lacking.items()
        ])  # fmt: skip
        for record in set(here) & set(gone):
            connection.execute(delete(shred_key).where(shred_key.c.id == record))
    other = sum(record in here and here[record] != key for record, (key, _) in keys.items() if record not in dead)
    return Taken(len(lacking), len(dead & (set(keys) | set(here))), other)


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _read(path: Path) -> list[list[str]]:
    *lines, last = path.read_bytes().splitlines(keepends=True) or [b""]
    try:
        said = json.loads(last)
        whole = (said["lines"], said["sha256"]) == (len(lines), hashlib.sha256(b"".join(lines)).hexdigest())
        if not whole or json.loads(lines[0])["form"] != FORM:
            raise ValueError
        return [json.loads(line) for line in lines[1:]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Refused("bad_backup", "这不是完整的销毁密钥备份。") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
