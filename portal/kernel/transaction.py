"""The one place in the tree that commits.

A view or a job says ``with transaction() as session:`` once. What must follow a commit is a job row of the same
transaction, so nothing is sent for what did not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kernel.db import Database

T = TypeVar("T")
_bound: Database | None = None


def bind(database: Database | None) -> None:
    """Make *database* the one this process works on (once at start; tests bind one each)."""
    global _bound
    _bound = database


def bound() -> Database:
    """The database of this process. Raises RuntimeError before :func:`bind`."""
    if _bound is None:
        raise RuntimeError("no database bound")
    return _bound


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing on the main database: commits when the block ends, rolls back when it raises."""
    with Session(bound().engine, expire_on_commit=False) as session:
        yield session
        session.commit()


def transacted(work: Callable[[Session], T]) -> T:
    """*work* in a transaction; once more, in a new one, when it met a unique value that was taken meanwhile.

    For what draws random values that people read (the number of a report has 39 bits: of a million two may be alike).
    Raises IntegrityError when the second time fails alike.
    """
    try:
        with transaction() as session:
            return work(session)
    except IntegrityError:
        with transaction() as session:
            return work(session)


@contextmanager
def session_transaction() -> Iterator[Session]:
    """The same on the session store."""
    with Session(bound().sessions, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """A session for reads on the main database; see :meth:`Database.reading`."""
    with bound().reading() as session:
        yield session


@contextmanager
def reading_rows() -> Iterator[Connection]:
    """For one statement that every page makes and that needs no objects: a connection without a session around it."""
    with bound().at_once.connect() as connection:
        yield connection


@contextmanager
def session_rows() -> Iterator[Connection]:
    """:func:`reading_rows` on the session store: who is signed in is asked at every page."""
    with bound().sessions_at_once.connect() as connection:
        yield connection


@contextmanager
def session_reading() -> Iterator[Session]:
    """The same on the session store: takes no write lock."""
    with Session(bound().sessions_reader, autoflush=False, expire_on_commit=False) as session:
        yield session
        session.rollback()
