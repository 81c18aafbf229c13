"""The two databases that every test of the domain runs on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.kernel.clock import now, today
from portal.kernel.db import LOG_PAGES, MAIN_LOG_PAGES, Base, Database, beginning, make_engine
from portal.kernel.shred import create_shred_key, read_shred_key
from portal.kernel.transaction import session_transaction, transaction
from portal.kernel.values import new_id
from tests.conftest import StandingClock


def test_all_tables_stand_and_what_a_user_writes_is_utf_8(database: Database) -> None:
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())
    with database.reading() as session:
        assert session.execute(text("select '医保' || :words"), {"words": "基金🙂"}).scalar_one() == "医保基金🙂"


def test_what_a_test_leaves_uncommitted_is_not_there_for_the_next(session: Session) -> None:
    session.execute(text("create table left_over (id integer)"))
    assert inspect(session.connection()).has_table("left_over")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_table_made_by_one_test_is_unknown_to_the_next(database: Database, turn: str) -> None:
    with transaction() as session:
        session.execute(text(f"create table only_of_this_test (turn varchar default '{turn}')"))


def test_the_three_stores_can_be_written_at_the_same_time(database: Database) -> None:
    record = new_id()
    with transaction() as main, session_transaction() as sessions:
        assert main.execute(text("select 1")).scalar_one() == 1
        assert sessions.execute(text("select 1")).scalar_one() == 1
        key = create_shred_key(record, date(2026, 9, 28))
    assert read_shred_key(record) == key
    assert "shred_key" not in inspect(database.engine).get_table_names()


def test_the_clock_of_a_test_stands_until_it_is_moved(clock: StandingClock) -> None:
    before = now()
    assert before == now()
    clock.advance(days=1, hours=13)
    assert (now() - before).total_seconds() == 37 * 3600
    assert today() == date(2026, 9, 29)
    clock.advance(hours=2)
    assert today() == date(2026, 9, 30)


def has_begun(connection: Connection) -> bool:
    """Whether SQLite itself says that a transaction is open."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver.in_transaction


def test_on_sqlite_a_writer_takes_the_lock_at_once_a_reader_none_and_a_lone_statement_begins_nothing(
    sqlite_database: Database,
) -> None:
    with sqlite_database.engine.connect() as writer:
        writer.execute(text("select 1"))
        assert has_begun(writer)
        with sqlite_database.reader.connect() as reader, sqlite_database.at_once.connect() as lone:
            for connection, begun in ((reader, True), (lone, False)):
                connection.execute(text("select 1"))
                assert has_begun(connection) is begun
        main = str(sqlite_database.engine.url.database)
        with (
            closing(sqlite3.connect(main, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("begin immediate")


def test_a_lock_that_is_held_is_told_as_the_database_error_that_it_is(sqlite_database: Database) -> None:
    with closing(sqlite3.connect(str(sqlite_database.engine.url.database))) as stranger:
        stranger.execute("begin immediate")
        waiting = make_engine(sqlite_database.engine.url.render_as_string(), lock_timeout_s=0.05)
        with pytest.raises(OperationalError, match="locked"), waiting.connect() as writer:
            writer.execute(text("select 1"))
        with beginning(waiting, "DEFERRED").connect() as reader:
            assert reader.execute(text("select 1")).scalar() == 1
        waiting.dispose()


def test_nobody_listens_to_the_engines_of_a_site(database: Database) -> None:
    """Whoever did would be asked before and after each statement: a tenth of the time of every page."""
    stores = (database.engine, database.shred, database.sessions)
    readers = (database.reader, database.shred_reader, database.sessions_reader)
    lone = (database.at_once, database.shred_at_once, database.sessions_at_once)
    assert [engine for engine in (*stores, *readers, *lone) if engine._has_events] == []


def test_the_worker_brings_what_was_committed_into_the_file_and_committing_does_not(sqlite_database: Database) -> None:
    main = Path(str(sqlite_database.engine.url.database))
    log = main.with_name(f"{main.name}-wal")
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("create table noise (words text)"))
    for _ in range(1200):
        with sqlite_database.engine.begin() as connection:
            connection.execute(text("insert into noise values (:words)"), {"words": "字" * 1000})
    before, grown = main.stat().st_size, log.stat().st_size
    assert grown > 1000 * 4096, "it would have been folded by whoever committed"
    sqlite_database.fold_logs()
    assert main.stat().st_size > before
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("insert into noise values ('')"))
    assert log.stat().st_size == grown, "the log begins anew instead of growing"


def test_a_reader_of_the_older_state_is_not_waited_for(sqlite_database: Database) -> None:
    with sqlite_database.reader.connect() as reader:
        reader.execute(text("select count(*) from tip"))
        with sqlite_database.engine.begin() as connection:
            connection.execute(text("create table noise (words text)"))
        sqlite_database.fold_logs()
        assert not reader.execute(text("select 1 from sqlite_schema where name = 'noise'")).first()


def test_only_the_log_of_the_main_database_may_grow_long(sqlite_database: Database) -> None:
    """Keys of reports and of open sessions are in the others: what was deleted there goes soon."""
    for engine, pages in (
        (sqlite_database.engine, MAIN_LOG_PAGES),
        (sqlite_database.shred, LOG_PAGES),
        (sqlite_database.sessions, LOG_PAGES),
    ):
        with engine.connect() as connection:
            assert connection.execute(text("pragma wal_autocheckpoint")).scalar() == pages
