"""The database as the rest of the tree sees it: engines, column types and the declarative base.

Two databases are served by the same code: SQLite (embedded, WAL, ``synchronous=FULL``) and PostgreSQL 15. Three stores:
the main database, the shred store (one 32-byte key a report, with backups of at most 30 days) and the session store
(on SQLite a file of its own, so that a copy of the main file never holds an unlocked key).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib import import_module
from typing import Any, cast

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool
from sqlalchemy.schema import CreateIndex

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Tables of the main database. Ids and defaults are made by the client: nothing here needs RETURNING."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {bytes: LargeBinary, dict[str, int]: JSON}
    __mapper_args__ = {"eager_defaults": False}


class SessionBase(DeclarativeBase):
    """Tables of the session store: unlocked keys, sealed under a secret that is only in memory."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {bytes: LargeBinary}
    __mapper_args__ = {"eager_defaults": False}


def table_of(kind: type[Base | SessionBase]) -> Table:
    """The table behind a class, for statements that need no objects."""
    return cast("Table", kind.__table__)


def partial_index(name: str, *columns: str, where: str, on_postgresql: str = "", unique: bool = False) -> Index:
    """An index of the rows that meet *where*; its words may be others *on_postgresql*.

    Said as ``sqlite_where`` and ``postgresql_where`` it would load both dialects into every process: two MiB.
    """
    return Index(name, *columns, unique=unique, info={"sqlite": where, "postgresql": on_postgresql or where})


@compiles(CreateIndex)
def _with_condition(create: Any, compiler: Any, **options: Any) -> str:
    """Called by SQLAlchemy for each index that models make."""
    words = str(compiler.visit_create_index(create, **options))
    where = create.element.info.get(compiler.dialect.name)
    return f"{words} WHERE {where}" if where else words


def index_where_filled(table: str, column: str) -> Index:
    """An index of the few rows of *table* that have a value in *column*.

    With all the others in it, a database that counted its rows takes the whole table to be the shorter way.
    """
    return partial_index(f"ix_{table}_{column}", column, where=f"{column} is not null")


def insert_of(dialect: str) -> Any:
    """The ``insert`` that knows ON CONFLICT, of the dialect that is spoken; the other's is not loaded."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert


LOG_PAGES, MAIN_LOG_PAGES = 1_000, 16_000
"""On SQLite, how long the log may be before whoever commits folds it into the file: 4 MiB, and 64 of the main database,
which it has only where no worker does it (:meth:`Database.fold_logs`): no reporter waits for housekeeping."""


def make_engine(url: str, *, lock_timeout_s: float = 5.0, pool_size: int = 8, log_pages: int = LOG_PAGES) -> Engine:
    """An engine that never prints a value (``hide_parameters``) and gives up on a lock after *lock_timeout_s* s."""
    if url.startswith("sqlite"):
        memory = url in ("sqlite://", "sqlite:///:memory:")
        engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=None if memory else QueuePool,
            connect_args={"timeout": lock_timeout_s, "check_same_thread": False},
        )
        event.listen(engine, "connect", partial(_prepare_sqlite, log_pages))
        _begin_with(engine.dialect, "IMMEDIATE")
        return engine
    milliseconds = int(lock_timeout_s * 1000)
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={milliseconds} -c timezone=UTC"},
    )


def _prepare_sqlite(log_pages: int, connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: see _begin_with
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA wal_autocheckpoint={log_pages}")


def _begin_with(dialect: Dialect, mode: str) -> None:
    """On SQLite, how a transaction begins; "": not at all.

    Writers take the lock at the start: a read that later writes could otherwise fail half-way with SQLITE_BUSY. One
    statement alone needs no BEGIN: it is a transaction by itself. Said to the dialect and not by an event of the
    engine: whoever listens to one is asked before and after each statement, a tenth of a page's time.
    """

    def begin(connection: PoolProxiedConnection) -> None:
        if mode:
            connection.cursor().execute(f"BEGIN {mode}")

    # mypy forbids replacing a method for all of a class; this is one dialect beside its sisters of the same class
    dialect.do_begin = begin  # type: ignore[assignment, method-assign]  # see above


def beginning(engine: Engine, mode: str) -> Engine:
    """The same engine, whose transactions begin in another way: "DEFERRED" or "". PostgreSQL knows only one."""
    variant = engine.execution_options()
    if engine.dialect.name == "sqlite":
        engine.connect().close()  # the dialect learns from its first connection what the copy has to know
        variant.dialect = copy(engine.dialect)
        _begin_with(variant.dialect, mode)
    return variant


@dataclass(frozen=True)
class Database:
    """The stores of one deployment. ``shred`` and ``sessions`` may share the main engine's server, never its dump.

    ``reader``, ``shred_reader`` and ``sessions_reader`` are the same engines for those who only read: on SQLite they
    take no write lock. ``at_once`` and its two sisters are for one statement alone. Each is made once: an engine with
    options of its own costs more to make than a statement to run.
    """

    engine: Engine
    shred: Engine
    sessions: Engine

    @classmethod
    def open(cls, url: str, shred_url: str, sessions_url: str | None = None, **options: Any) -> Database:
        engine = make_engine(url, log_pages=MAIN_LOG_PAGES, **options)
        sessions = engine if sessions_url in (None, url) else make_engine(str(sessions_url), **options)
        return cls(engine, make_engine(shred_url, **options), sessions)

    @cached_property
    def reader(self) -> Engine:
        return beginning(self.engine, "DEFERRED")

    @cached_property
    def shred_reader(self) -> Engine:
        return beginning(self.shred, "DEFERRED")

    @cached_property
    def sessions_reader(self) -> Engine:
        return beginning(self.sessions, "DEFERRED")

    @cached_property
    def at_once(self) -> Engine:
        return beginning(self.engine, "")

    @cached_property
    def shred_at_once(self) -> Engine:
        return beginning(self.shred, "")

    @cached_property
    def sessions_at_once(self) -> Engine:
        return beginning(self.sessions, "")

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads only: on SQLite it takes no write lock; what it changes is rolled back."""
        with Session(self.reader, autoflush=False, expire_on_commit=False) as session:
            yield session
            session.expunge_all()  # what was read stays readable: a rollback would expire it
            session.rollback()

    def dispose(self) -> None:
        for engine in self._stores():
            engine.dispose()

    def fold_logs(self) -> None:
        """Bring what was committed from each store's log into its file, as far as nobody still reads the older state.

        Nobody waits for it and it waits for nobody. PostgreSQL does so by itself.
        """
        for engine in self._stores():
            if engine.dialect.name == "sqlite":
                with closing(engine.raw_connection()) as connection:
                    connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _stores(self) -> list[Engine]:
        """Each once: on PostgreSQL sessions are in the main database."""
        return list({id(engine): engine for engine in (self.engine, self.shred, self.sessions)}.values())
