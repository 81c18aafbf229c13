"""The shred store: one random 32-byte key a report, in a database of its own with backups of at most 30 days.

Every key that opens a part of a report is derived from its sealed key and its shred key; destroying the row destroys
the report in every older backup of the main database. The row is on disk before the main transaction may commit.

A report that retention destroyed leaves its id, the day and the rule here, without a key: a main database that comes
back from an older backup is told by it what has to go again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import (
    Column,
    Date,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    insert,
    select,
)

from portal.kernel.errors import NotFound
from portal.kernel.transaction import bound
from portal.kernel.values import Id

metadata = MetaData()
shred_key = Table(
    "shred_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("made_on", Date, nullable=False),
)
shredded = Table(
    "shredded",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("day", Date, nullable=False),
    Column("rule", String(24), nullable=False),
)

_KEY = select(shred_key.c.key).where(shred_key.c.id == bindparam("record"))


def create_shred_key(record: Id, day: date) -> bytes:
    """Make, store and sync the shred key of *record*; returns its 32 bytes."""
    key = secrets.token_bytes(32)
    with bound().shred.begin() as connection:
        connection.execute(insert(shred_key).values(id=record, key=key, made_on=day))
    return key


def read_shred_key(record: Id) -> bytes:
    """The shred key of *record*. Raises NotFound ("shredded") when it was destroyed."""
    with bound().shred_at_once.connect() as connection:
        key = connection.execute(_KEY, {"record": record}).scalar()
    if key is None:
        raise NotFound("shredded", "这份材料已按规定销毁。")
    return bytes(key)


def shred_keys_made(first: date, last: date, batch: int) -> Iterator[list[Id]]:
    """The records whose keys were made from *first* to *last*, both included, *batch* at a time."""
    after: Id | None = None
    while True:
        wanted = select(shred_key.c.id).where(shred_key.c.made_on.between(first, last))
        if after is not None:
            wanted = wanted.where(shred_key.c.id > after)
        with bound().shred_reader.connect() as connection:
            ids = list(connection.execute(wanted.order_by(shred_key.c.id).limit(batch)).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]


def drop_shred_keys(records: list[Id]) -> None:
    """Destroy the keys of *records* (abandoned drafts)."""
    with bound().shred.begin() as connection:
        connection.execute(delete(shred_key).where(shred_key.c.id.in_(records)))


def destroy_shred_keys(records: Sequence[Id], day: date, rule: str) -> None:
    """Destroy the keys of reports past their term, and keep that they were: ids, *day* and *rule*. May be repeated."""
    with bound().shred.begin() as connection:
        known = set(connection.execute(select(shredded.c.id).where(shredded.c.id.in_(records))).scalars())
        fresh = [{"id": record, "day": day, "rule": rule} for record in records if record not in known]
        if fresh:
            connection.execute(insert(shredded), fresh)
        connection.execute(delete(shred_key).where(shred_key.c.id.in_(records)))


def wipe_traces() -> bool:
    """Take what was destroyed out of SQLite's write-ahead logs as well; False while a reader holds on to them.

    The files themselves are zeroed as rows go (``secure_delete``). PostgreSQL: ``mingjing shred scrub``, by the owner.
    """
    if bound().shred.dialect.name != "sqlite":
        return True
    return all(_fold(engine) for engine in (bound().shred, bound().engine))


def _fold(engine: Engine) -> bool:
    """Fold the log into the file and cut it to nothing."""
    connection = engine.raw_connection()
    try:
        busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return busy is None or busy[0] == 0
