"""New rows by plain statements, in the order in which they are written down.

A flush works out an order and watches every attribute: worth it where a page changes what is there, not where a
report of a dozen rows comes in and none of them is looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.orm import Session

from portal.kernel.db import Base


def insert_rows(session: Session, *rows: Base) -> None:
    """Insert *rows* now, one after the other, behind everything that the session still had to write.

    The session does not know them afterwards: what is changed in them later is not stored. Raises what a flush
    raises (IntegrityError).
    """
    connection = _connection(session)
    for kind, alike in groupby(rows, type):
        connection.execute(_into(kind), [_values(row) for row in alike])


def _values(row: Base) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name[0] != "_"}


def insert_values(session: Session, table: type[Base], values: Sequence[Mapping[str, Any]]) -> None:
    """The same for rows of one table given as values; without RETURNING, so the right to write is enough."""
    _connection(session).execute(_into(table), values)


def _connection(session: Session) -> Connection:
    session.flush()
    return session.connection()


@cache
def _into(kind: type[Base]) -> Insert:
    return insert(cast("Table", kind.__table__))
