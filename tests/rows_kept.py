"""The rows of a database that was filled once, to be put into the empty database of each test that begins there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, MetaData

from portal.kernel import shred
from portal.kernel.db import Base, Database, SessionBase

STORES: tuple[MetaData, ...] = (Base.metadata, SessionBase.metadata, shred.metadata)
EMPTY = 21
"""Bytes of PostgreSQL's binary copy of a table without rows: a head and an end."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything in the stores of a database, in the database's own form."""

    stores: tuple[Any, ...]

    @classmethod
    def of(cls, database: Database) -> Rows:
        """What is there now."""
        take = _copied_out if database.is_postgresql else _backed_up
        return cls(tuple(_raw(engine, take) for engine in _engines(database)))

    def put(self, database: Database) -> None:
        """Into an empty, migrated database of the same kind. What it held before is no longer sure to be there."""
        put = _copied_in if database.is_postgresql else _restored
        for engine, kept in zip(_engines(database), self.stores, strict=True):
            _raw(engine, put, kept)


def _engines(database: Database) -> list[Engine]:
    """Each store once."""
    return list({id(e): e for e in (database.engine, database.shred, database.sessions)}.values())


def _raw(engine: Engine, use: Callable[..., Any], *given: Any) -> Any:
    connection = engine.raw_connection()
    try:
        return use(connection.driver_connection, *given)
    finally:
        connection.close()


def _backed_up(connection: sqlite3.Connection) -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    connection.backup(memory)
    return memory


def _restored(connection: sqlite3.Connection, kept: sqlite3.Connection) -> None:
    kept.backup(connection)


def _copied_out(connection: Any) -> dict[str, bytes]:
    kept = {}
    with connection.cursor() as cursor:
        for table in (table for store in STORES for table in store.tables):
            if cursor.execute("select to_regclass(%s) is not null", [table]).fetchone()[0]:
                with cursor.copy(f'copy "{table}" to stdout (format binary)') as rows:
                    kept[table] = b"".join(rows)
    connection.rollback()
    return {table: rows for table, rows in kept.items() if len(rows) > EMPTY}


def _copied_in(connection: Any, kept: dict[str, bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # the book's own triggers have seen these rows
        for table, rows in kept.items():
            with cursor.copy(f'copy "{table}" from stdin (format binary)') as into:
                into.write(rows)
    connection.commit()
