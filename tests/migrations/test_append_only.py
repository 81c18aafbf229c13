from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import Base, Database
from tests.migrations.samples import Rows, fill

KEPT = ("ledger_entry", "ledger_leaf", "ledger_node", "ledger_checkpoint", "ledger_cosignature")
GUARDED = (*KEPT, "ledger_nonce")
PAYLOAD = {
    "ledger_entry": "payload",
    "ledger_leaf": "leaf",
    "ledger_node": "hash",
    "ledger_checkpoint": "root",
    "ledger_nonce": "nonce",
    "ledger_cosignature": "line",
}
OTHER: dict[str, bytes | str] = dict.fromkeys(PAYLOAD, b"other") | {"ledger_cosignature": "other"}


@pytest.fixture
def rows(database: Database) -> Rows:
    with database.engine.begin() as connection:
        return fill(connection)


@pytest.fixture
def connection(database: Database, rows: Rows) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("name", GUARDED)
def test_a_row_of_the_ledger_cannot_be_changed(connection: Connection, name: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        connection.execute(update(Base.metadata.tables[name]).values({PAYLOAD[name]: OTHER[name]}))


@pytest.mark.parametrize("name", KEPT)
def test_a_row_of_the_ledger_cannot_be_deleted(connection: Connection, name: str) -> None:
    if name == "ledger_entry":  # so that it is the trigger that refuses, and not the nonce's foreign key
        connection.execute(delete(Base.metadata.tables["ledger_nonce"]))
    with pytest.raises(DBAPIError, match="append-only"):
        connection.execute(delete(Base.metadata.tables[name]))


def test_a_nonce_can_be_destroyed(connection: Connection) -> None:
    nonce = Base.metadata.tables["ledger_nonce"]
    connection.execute(delete(nonce))
    assert connection.execute(select(func.count()).select_from(nonce)).scalar_one() == 0


@pytest.mark.parametrize("name", GUARDED)
def test_a_row_cannot_be_replaced_by_its_key(database: Database, rows: Rows, name: str) -> None:
    table = Base.metadata.tables[name]
    other = {**rows[name], PAYLOAD[name]: OTHER[name]}
    statement = insert(table).values(**other)
    if not database.is_postgresql:
        statement = statement.prefix_with("OR REPLACE")
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(statement)
    with database.engine.connect() as connection:
        assert connection.execute(select(table.c[PAYLOAD[name]])).scalar_one() == rows[name][PAYLOAD[name]]


@pytest.mark.parametrize("setting", ["OFF", "ON"])
@pytest.mark.parametrize("name", GUARDED)
def test_nor_by_its_hidden_row_number(sqlite_database: Database, name: str, setting: str) -> None:
    with sqlite_database.engine.begin() as connection:
        fill(connection)
    columns = [column.name for column in Base.metadata.tables[name].columns]
    fresh = [
        f"'{'e' * 32}'" if "id" in one else "77" if one in ("seq", "level", "position") else one for one in columns
    ]
    copy = f"INSERT OR REPLACE INTO {name} (rowid, {', '.join(columns)}) SELECT rowid, {', '.join(fresh)} FROM {name}"
    with sqlite_database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql(f"PRAGMA recursive_triggers={setting}")
        with pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql(copy)
        connection.rollback()


def test_a_leaf_cannot_be_replaced_by_the_entry_it_stands_for(sqlite_database: Database) -> None:
    with sqlite_database.engine.begin() as connection:
        rows = fill(connection)
    leaf = Base.metadata.tables["ledger_leaf"]
    moved = insert(leaf).prefix_with("OR REPLACE").values(**{**rows["ledger_leaf"], "seq": 99})
    with pytest.raises(DBAPIError, match="append-only"), sqlite_database.engine.begin() as connection:
        connection.execute(moved)


@pytest.mark.parametrize("name", GUARDED)
def test_the_ledger_cannot_be_truncated(postgresql_database: Database, name: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), postgresql_database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {name} CASCADE"))
