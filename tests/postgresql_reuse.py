"""The same PostgreSQL databases for one test after the other, emptied in between.

Copying a template and dropping the copy costs ten times as much as deleting the few rows that a test leaves. A test
that changed the shape (a migration, a trigger, a grant) or left a lock gets its successor new databases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import Connection, MetaData, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from portal.kernel import shred
from portal.kernel.db import Base, SessionBase
from tests.postgresql_cluster import Cluster

PARTS = ("main", "shred")
MOST = 150
"""Tests in one pair of databases: what was deleted stays behind as dead rows."""

_SHAPE = """
select sum(hashtextextended(line, 0)) from (
    select concat(oid, relname, relkind, relacl, relrowsecurity) line from pg_class
     where relnamespace = 'public'::regnamespace
    union all select concat(attrelid, attname, attacl, atttypid, attnotnull) from pg_attribute where attrelid >= 16384
    union all select concat(tgname, tgenabled, tgrelid, tgfoid) from pg_trigger
    union all select concat(polname, polrelid, polroles, polcmd) from pg_policy
    union all select concat(conname, conrelid) from pg_constraint
    union all select concat(nspname, nspacl) from pg_namespace where nspname = 'public'
) as lines
"""
_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class Reused:
    """The databases of one process. ``templates``: the names of a migrated main database and shred store."""

    cluster: Cluster
    templates: tuple[str, str]
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _kept: dict[str, tuple[Connection, str]] = field(default_factory=dict)  # name -> our own connection, first shape
    _uses: int = 0

    def urls(self) -> list[str]:
        """The addresses of a main database and a shred store, migrated and empty."""
        if not self._kept:
            number, self._uses = next(self._numbers), 0
            for part, template in zip(PARTS, self.templates, strict=True):
                name = f"test_{number}_{part}"
                engine = create_engine(self.cluster.create(name, template), poolclass=NullPool)
                connection = engine.connect()
                self._kept[name] = connection, _shape(connection)
                connection.commit()
        self._uses += 1
        return [self.cluster.url(name) for name in self._kept]

    def empty(self) -> None:
        """After a test: delete what it left, or drop everything."""
        try:
            same = self._uses < MOST and all(_emptied(connection) == shape for connection, shape in self._kept.values())
        except DBAPIError:
            same = False
        if not same:
            self.drop()

    def drop(self) -> None:
        """Remove the databases; the next test gets new ones."""
        for name, (connection, _shape) in self._kept.items():
            connection.close()
            self.cluster.drop(name)
        self._kept = {}


def _shape(connection: Connection) -> str:
    return str(connection.exec_driver_sql(_SHAPE).scalar())


def _emptied(connection: Connection) -> str:
    """Without triggers: the ledger refuses to lose a row."""
    shape = _shape(connection)
    connection.exec_driver_sql(_OTHERS)
    connection.exec_driver_sql("set local session_replication_role = replica; set local lock_timeout = '3s'")
    there = set(connection.exec_driver_sql("select tablename from pg_tables where schemaname = 'public'").scalars())
    stores: list[MetaData] = [Base.metadata, SessionBase.metadata, shred.metadata]
    tables = sorted(there & {table for store in stores for table in store.tables})
    asked = connection.exec_driver_sql("select " + ", ".join(f'exists (select from "{table}")' for table in tables))
    filled = [table for table, has_rows in zip(tables, asked.one(), strict=True) if has_rows]
    if filled:
        connection.exec_driver_sql("; ".join(f'delete from "{table}"' for table in filled))
    connection.commit()
    return shape
