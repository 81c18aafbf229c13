"""One test tells the next nothing through a server process of PostgreSQL that both use."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from tests.postgresql_reuse import Reused


def _asked(connection: Connection, question: str) -> Any:
    return connection.execute(text(question)).scalar_one()


def test_roles_settings_locks_and_temporary_tables_of_a_test_are_gone_for_the_next(reused: Reused) -> None:
    with reused.database().engine.connect() as left:
        process = _asked(left, "select pg_backend_pid()")
        left.execute(text("create temp table left_behind (word text)"))
        left.execute(text("select pg_advisory_lock(7)"))
        left.execute(text("set application_name = 'left behind'"))
        left.execute(text("set role pg_monitor"))
        left.commit()
    reused.empty()
    with reused.database().engine.connect() as found:
        assert _asked(found, "select pg_backend_pid()") == process
        assert _asked(found, "select current_user") == "postgres"
        assert _asked(found, "select current_setting('application_name')") != "left behind"
        assert _asked(found, "select count(*) from pg_locks where locktype = 'advisory'") == 0
        assert _asked(found, "select to_regclass('left_behind') is null")
    reused.empty()
