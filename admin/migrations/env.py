"""Alembic's entry: runs the versions on the connection that :mod:`admin.migrations.upgrading` hands over."""

from __future__ import annotations

from alembic import context

from admin.migrations.models import load
from portal.kernel.db import Base

load()


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Sessions and shred keys may share the server; the upgrade command makes them, outside this history."""
    return kind != "table" or name in Base.metadata.tables


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_name=ours,
    compare_type=True,
    transactional_ddl=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
