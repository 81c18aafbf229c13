"""One row of every table, made from the tables themselves, so that a new table is covered by being there."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    insert,
)

from portal.kernel.db import Base, Moment

DAY, MOMENT = date(2026, 9, 28), datetime(2026, 9, 28, 2, 0, tzinfo=UTC)

Rows = dict[str, dict[str, Any]]


def fill(connection: Connection, salt: int = 1) -> Rows:
    """Insert one row into every table; rows of one salt hang together, those of two salts share nothing."""
    rows: Rows = {}
    for table in Base.metadata.sorted_tables:
        rows[table.name] = {column.name: _value(table, column, rows, salt) for column in table.columns}
        connection.execute(insert(table).values(**rows[table.name]))
    return rows


def _value(table: Table, column: Column[Any], rows: Rows, salt: int) -> Any:
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        return rows[key.column.table.name][key.column.name]
    if column.name == "tip_id":
        return rows["tip"]["id"] if "tip" in rows else uuid.UUID(int=_number("tip", "id", salt))
    if column.name == "record_id" and table.name == "attachment":
        return uuid.UUID(int=_number("tip", "id", salt))
    return _allowed(table, column) or _plain(table, column, salt)


def _allowed(table: Table, column: Column[Any]) -> str | None:
    """The first value that a check constraint names for the column."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.match(rf"{column.name} in \('([^']*)'", str(constraint.sqltext))
            if found:
                return found[1]
    return None


def _plain(table: Table, column: Column[Any], salt: int) -> Any:
    number, kind = _number(table.name, column.name, salt), column.type
    if isinstance(kind, Uuid):
        return uuid.UUID(int=number)
    if isinstance(kind, LargeBinary):
        return number.to_bytes(32, "big")
    if isinstance(kind, JSON):
        return {f"{number:032x}": salt}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, BigInteger | Integer):
        return 1 + salt  # also a legal k of a board
    if isinstance(kind, Date):
        return DAY + timedelta(days=salt)
    if isinstance(kind, Moment | DateTime):
        return MOMENT
    assert isinstance(kind, String), f"no sample for {table.name}.{column.name}"
    return f"{number:x}"[: kind.length or 12]


def _number(table: str, column: str, salt: int) -> int:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{salt} {table}.{column}").int
