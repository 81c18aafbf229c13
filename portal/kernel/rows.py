"""New rows by plain statements, in the order in which they are written down, and rows that are only looked at.

A flush works out an order and watches every attribute: worth it where a page changes what is there, not where a
report of a dozen rows comes in and none of them is looked at again, nor where a page shows twenty and changes none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Column, Connection, Insert, Select, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from portal.kernel.db import Base, SessionBase, table_of

T = TypeVar("T", bound=Base)


class New(NamedTuple):
    """A row that is written and never looked at: its table and its values, without an object that watches them."""

    table: type[Base]
    values: dict[str, Any]


def new(table: type[Base], **values: Any) -> New:
    """A row to insert, written as an object of *table* would be."""
    return New(table, values)


def insert_rows(session: Session, *rows: Base | New) -> None:
    """Insert *rows* now, one after the other, behind everything that the session still had to write.

    The session does not know them afterwards: what is changed in them later is not stored. Raises what a flush
    raises (IntegrityError).
    """
    connection = _connection(session)
    for table, alike in groupby(map(_plain, rows), itemgetter(0)):
        connection.execute(_into(table), [row.values for row in alike])


def _plain(row: Base | New) -> New:
    if isinstance(row, New):
        return row
    return New(type(row), {name: value for name, value in vars(row).items() if name[0] != "_"})


def insert_values(session: Session, table: type[Base | SessionBase], values: Sequence[Mapping[str, Any]]) -> None:
    """The same for rows of one table given as values; without RETURNING, so the right to write is enough."""
    _connection(session).execute(_into(table), values)


def columns(table: type[Base]) -> ReadOnlyColumnCollection[str, Column[Any]]:
    """The columns of *table*, for a statement of :func:`looked_at`."""
    return table_of(table).c


def looked_at(session: Session, table: type[T], statement: Select[Any], given: Mapping[str, Any]) -> tuple[T, ...]:
    """What *statement* over all :func:`columns` of *table* finds: with its attributes, and nobody watches them.

    A change to one of them is an AttributeError. What the session has not written yet is not among them.
    """
    return cast("tuple[T, ...]", tuple(session.connection().execute(statement, given)))


def _connection(session: Session) -> Connection:
    session.flush()
    return session.connection()


@cache
def _into(kind: type[Base | SessionBase]) -> Insert:
    return insert(table_of(kind))
