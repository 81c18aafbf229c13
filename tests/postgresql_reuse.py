"""The same PostgreSQL databases for one test after the other, emptied in between.

Copying a template and dropping the copy costs ten times as much as deleting the few rows that a test leaves. A test
that changed the shape (a migration, a trigger, a grant) or left a lock gets its successor new databases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import Connection
from sqlalchemy import Engine, MetaData, QueuePool
from sqlalchemy.exc import DBAPIError

from portal.kernel import shred
from portal.kernel.db import Base, Database, SessionBase, make_engine
from tests.postgresql_cluster import Cluster

PARTS = ("main", "shred")
MOST = 150
"""Tests in one pair of databases: what was deleted stays behind as dead rows."""

_SHAPE = """
select string_agg(kind || count || ':' || newest, ' ') from (
    select 'class ' kind, count(*), coalesce(sum(xmin::text::bigint), 0) newest from pg_class
     where relnamespace = 'public'::regnamespace
    union all select 'attribute ', count(*), sum(xmin::text::bigint) from pg_attribute where attrelid >= 16384
    union all select 'trigger ', count(*), sum(xmin::text::bigint) from pg_trigger
    union all select 'policy ', count(*), sum(xmin::text::bigint) from pg_policy
    union all select 'constraint ', count(*), sum(xmin::text::bigint) from pg_constraint where conrelid >= 16384
    union all select 'function ', count(*), sum(xmin::text::bigint) from pg_proc
     where pronamespace = 'public'::regnamespace
    union all select 'schema ', count(*), sum(xmin::text::bigint) from pg_namespace where nspname = 'public'
) as kinds
"""
"""How many things of each kind there are and which transactions made them: whoever changes one makes it anew."""
_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and not pid = any(%s)
"""
_AS_NEW = "reset session authorization; reset all; discard temp; unlisten *; select pg_advisory_unlock_all()"


@dataclass(slots=True)
class _Store:
    """One kept database: ours to empty it, a pool of connections for the tests, and the shape that it began with.

    A server process that has served a test knows the tables already: starting one costs ten statements.
    """

    own: Connection
    engine: Engine
    shape: str
    filled: str
    """What names every table that has a row."""

    @classmethod
    def at(cls, url: str) -> _Store:
        own = Connection.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)
        own.execute("set lock_timeout = '3s'")
        own.execute("set session_replication_role = replica")  # no triggers: the ledger refuses to lose a row
        there = {name for (name,) in own.execute("select tablename from pg_tables where schemaname = 'public'")}
        stores: list[MetaData] = [Base.metadata, SessionBase.metadata, shred.metadata]
        tables = sorted(there & {table for store in stores for table in store.tables})
        parts = ", ".join(f"case when exists (select from \"{table}\") then '{table}' end" for table in tables)
        return cls(own, make_engine(url), _asked(own, _SHAPE), f"select array_remove(array[{parts}]::text[], null)")

    def empty(self) -> bool:
        """Delete what a test left; whether the database is as it was."""
        mine = self._as_new()
        if _asked(self.own, _SHAPE) != self.shape:
            return False
        self.own.execute(_OTHERS, [mine])
        filled = _asked(self.own, self.filled)
        if filled:
            self.own.execute("; ".join(f'delete from "{table}"' for table in filled))
        return True

    def _as_new(self) -> list[int]:
        """Forget what a test told its connections; the numbers of their processes. Those that it still holds end."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        if pool.checkedout():
            self.engine.dispose()
            return []
        idle = [pool.connect() for _ in range(pool.checkedin())]
        found = []
        for each in idle:
            connection = each.driver_connection
            assert isinstance(connection, Connection)
            connection.execute(_AS_NEW)
            connection.commit()
            found.append(connection.info.backend_pid)
            each.close()
        return found

    def close(self) -> None:
        self.engine.dispose()
        self.own.close()


@dataclass(slots=True)
class Reused:
    """The databases of one process. ``templates``: the names of a migrated main database and shred store."""

    cluster: Cluster
    templates: tuple[str, str]
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _kept: dict[str, _Store] = field(default_factory=dict)
    _uses: int = 0

    def database(self) -> Database:
        """A main database and a shred store, migrated and empty. What a test hears of these engines, no other does."""
        if not self._kept:
            number, self._uses = next(self._numbers), 0
            for part, template in zip(PARTS, self.templates, strict=True):
                name = f"test_{number}_{part}"
                self._kept[name] = _Store.at(self.cluster.create(name, template))
        self._uses += 1
        main, shred_store = (store.engine.execution_options() for store in self._kept.values())
        return Database(main, shred_store, main)

    def empty(self) -> None:
        """After a test: delete what it left, or drop everything."""
        try:
            same = self._uses < MOST and all(store.empty() for store in self._kept.values())
        except (DBAPIError, psycopg.Error):
            same = False
        if not same:
            self.drop()

    def drop(self) -> None:
        """Remove the databases; the next test gets new ones."""
        for name, store in self._kept.items():
            store.close()
            self.cluster.drop(name)
        self._kept = {}


def _asked(connection: Connection, question: str) -> Any:
    """The one value that answers."""
    row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]
