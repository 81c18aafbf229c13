"""Rows that stay as they are: triggers on either database, and tables that belong to the owner's role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import context, op

from admin.migrations import roles
from admin.migrations.roles import OWNER

Keys = Sequence[str]
"""Conditions on NEW that tell which row an INSERT OR REPLACE would take the place of (SQLite)."""


def keep_rows(kept: Mapping[str, Keys], grants: Mapping[str, Mapping[str, str]]) -> None:
    """Let no row of *kept* (table → keys) be changed or removed; on PostgreSQL give *grants*, hand the tables over."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table, keys in kept.items():
            _guard_sqlite(table, keys)
        return
    for table in kept:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION mingjing_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION mingjing_refuse()"
        )
    prefix = context.config.attributes["role_prefix"]
    roles.grant(connection, prefix, grants)
    for table in grants:
        op.execute(f"ALTER TABLE {table} OWNER TO {roles.quoted(prefix, OWNER)}")


def _guard_sqlite(table: str, keys: Keys) -> None:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} BEGIN {refuse}; END")
    every = (*keys, "rowid = NEW.rowid")
    clash = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in every)  # noqa: S608 - names of ours
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {clash} BEGIN {refuse}; END")
