"""Sessions as each process has them: signed in as one of the roles that the migrations made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.kernel.db import Database
from portal.kernel.transaction import bind
from tests.migrations.samples import Rows, fill

AsRole = Callable[[str], Database]


@pytest.fixture
def as_role(postgresql_database: Database) -> Iterator[AsRole]:
    """``as_role("public")`` opens the database with that role's rights alone, and binds it."""
    opened: list[Database] = []

    def sign_in(kind: str) -> Database:
        urls = [
            engine.url.render_as_string(hide_password=False)
            for engine in (postgresql_database.engine, postgresql_database.shred)
        ]
        database = Database.open(*urls)
        for engine in (database.engine, database.shred):
            event.listen(engine, "connect", lambda connection, _record: _become(connection, f"mingjing_{kind}"))
        opened.append(database)
        bind(database)
        return database

    yield sign_in
    for database in opened:
        database.dispose()
    bind(postgresql_database)


def _become(connection: Any, role: str) -> None:
    connection.autocommit = True
    connection.execute(f"SET ROLE {role}")
    connection.autocommit = False


@pytest.fixture
def mine(postgresql_database: Database) -> Rows:
    """One row of everything, hanging together."""
    with postgresql_database.engine.begin() as connection:
        return fill(connection, salt=1)


@pytest.fixture
def theirs(postgresql_database: Database, mine: Rows) -> Rows:
    """One more row of everything, which shares nothing with the first."""
    with postgresql_database.engine.begin() as connection:
        return fill(connection, salt=2)


@pytest.fixture
def public(as_role: AsRole) -> Iterator[Session]:
    """A session of the public process."""
    with Session(as_role("public").engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
