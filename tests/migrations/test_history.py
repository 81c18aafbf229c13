from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, func, insert, inspect, select, text, update

from admin.migrations import configuration, downgrade, upgrade
from portal.kernel import shred
from portal.kernel.db import Base, Database, SessionBase, make_engine
from portal.tips.models import Tip, TipEvent
from tests.migrations.samples import DAY, fill
from tests.postgresql_cluster import Cluster


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) & set(Base.metadata.tables)


def counts(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        every = {name: select(func.count()).select_from(table) for name, table in Base.metadata.tables.items()}
        return {name: connection.execute(query).scalar_one() for name, query in every.items()}


def test_down_to_nothing_and_up_again_with_data_in_every_table(database: Database) -> None:
    with database.engine.begin() as connection:
        fill(connection)
    assert set(counts(database).values()) == {1}
    downgrade(database, "base")
    assert tables(database) == set()
    upgrade(database)
    assert set(counts(database).values()) == {0}
    with database.engine.begin() as connection:
        fill(connection)
    assert set(counts(database).values()) == {1}


def test_data_lives_through_every_step_above_the_first(database: Database) -> None:
    with database.engine.begin() as connection:
        fill(connection)
    downgrade(database, "0001")
    first = tables(database)
    upgrade(database, "0002")
    upgrade(database)
    upgrade(database)  # a second time changes nothing
    assert {name: rows for name, rows in counts(database).items() if name in first} == dict.fromkeys(first, 1)


def test_a_report_that_was_decided_before_0034_has_the_month_and_the_days_of_its_last_decision(
    database: Database,
) -> None:
    with database.engine.begin() as connection:
        event = fill(connection)["tip_event"]
        for position, days in ((7, 12), (8, 40)):
            decided = {"id": uuid4(), "position": position, "action": "decide", "day": DAY + timedelta(days=days)}
            connection.execute(insert(TipEvent).values(**{**event, **decided}))
        fill(connection, salt=2)
        connection.execute(update(Tip).values(received_on=DAY, decided_month=None, decided_after=None))
    downgrade(database, "0033")
    upgrade(database)
    with database.engine.connect() as connection:
        told = {(month, after) for month, after in connection.execute(select(Tip.decided_month, Tip.decided_after))}
    assert told == {("2026-11", 40), (None, None)}


def test_alembic_finds_no_difference_between_models_and_migrations(database: Database) -> None:
    with database.engine.begin() as connection:
        command.check(configuration(connection))


def _spelled_out(index: dict[str, Any]) -> dict[str, Any]:
    """The condition of a partial index as its text: the object that the inspector gives has no stable one."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def shape(engine: Engine) -> dict[str, Any]:
    """Everything the inspector knows of our tables, in an order that does not depend on how they were made."""
    seen = inspect(engine)
    parts: list[Callable[[str], Any]] = [
        seen.get_pk_constraint,
        seen.get_foreign_keys,
        seen.get_unique_constraints,
        lambda name: [_spelled_out(dict(index)) for index in seen.get_indexes(name)],
        seen.get_check_constraints,
    ]
    return {
        name: [
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(name)),
            *(sorted(map(str, found)) if isinstance(found := part(name), list) else str(found) for part in parts),
        ]
        for name in Base.metadata.tables
    }


@pytest.fixture
def fresh_engine(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Engine:
    """An empty database of the same kind, where the models make their tables themselves."""
    if not database.is_postgresql:
        return make_engine(f"sqlite:///{tmp_path / 'models.sqlite'}")
    cluster: Cluster = request.getfixturevalue("cluster")
    cluster.drop("from_models")
    return make_engine(cluster.create("from_models"))


def test_migrations_make_what_the_models_would_make_constraints_included(
    database: Database, fresh_engine: Engine
) -> None:
    Base.metadata.create_all(fresh_engine)
    made = shape(fresh_engine)
    fresh_engine.dispose()
    assert shape(database.engine) == made


def test_shred_keys_and_sessions_stand_outside_the_history(database: Database) -> None:
    downgrade(database, "base")
    assert set(shred.metadata.tables) <= set(inspect(database.shred).get_table_names())
    assert set(SessionBase.metadata.tables) <= set(inspect(database.sessions).get_table_names())


def test_sessions_are_kept_out_of_the_write_ahead_log(postgresql_database: Database) -> None:
    with postgresql_database.sessions.connect() as connection:
        kinds = connection.execute(
            text("SELECT relname, relpersistence::text FROM pg_class WHERE relname = ANY(:names)"),
            {"names": list(SessionBase.metadata.tables)},
        ).all()
    assert {kind for _, kind in kinds} == {"u"}
    assert len(kinds) == len(SessionBase.metadata.tables)
